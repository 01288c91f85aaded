"""`medlemsflyt apply`: send applications; each starts a membership."""

import asyncio
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from schemas.names import MEMBERSHIP_QUEUE
from workers.cli.shared import connections
from workers.cli.shared.connections import (
    PREFIX,
    as_it_is,
    membership_id,
    page_url,
    reach_temporal,
    temporal_answers,
)
from workers.cli.shared.options import AsJson, DataDir, JsonFile, Timeout
from workers.cli.shared.printing import print_json, say
from workers.cli.shared.reading import read_many
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workflows.membership.start import is_ours
from workflows.membership.workflow import Membership

AT_ONCE = 20
"""Starts under way at once: enough to keep the server busy, too few to flood it."""

POLL_SECONDS = 0.2

Json = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(apply)


def apply(
    file: JsonFile,
    given_id: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="UUID", help="The membership's id; starting it twice is harmless."
        ),
    ] = None,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Until it is under review, or has ended with its faults."),
    ] = False,
    timeout: Timeout = 60,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Send an application, or several: a JSON array, or one JSON value a line.

    The JSON is sent as it is, and the membership judges it. Prints the membership's id and its
    page in the Temporal UI; with --json one object a line.

    Exit code 0: all sent, and with --wait none invalid, 1: otherwise, 2: not done.
    """
    documents = read_many(file)
    if given_id is not None and len(documents) > 1:
        raise UserError(f"--id names one membership, but {file} holds {len(documents)}.")
    ids = [_own_form(given_id) if given_id else f"{PREFIX}{uuid.uuid4()}" for _ in documents]
    office = Office(resolve_settings(data), timeout if wait else None, as_json=as_json)
    applications = list(zip(ids, documents, strict=True))
    if not asyncio.run(office.send(applications)):
        sys.exit(1)


def _own_form(given: str) -> str:
    """Return the id to start a membership under.

    Raises:
        UserError: it is no UUID; such a membership would end as invalid.
    """
    name = membership_id(given)
    if not is_ours(name):
        raise UserError(
            "--id takes a UUID in lower case, with or without membership- before it; without --id "
            "one is made and printed."
        )
    return name


@dataclass
class Office:
    """Sends applications and tells of each.

    Attributes:
        wait_seconds: how long to wait for a membership to judge its application; None: not at all.
        good: whether all has gone well so far.
    """

    settings: Settings
    wait_seconds: float | None
    as_json: bool
    good: bool = True

    async def send(self, applications: list[tuple[str, bytes]]) -> bool:
        """Send every application, some at a time; tell whether all were taken.

        Raises:
            UserError: Temporal, or a worker, does not answer; what was sent has been told.
        """
        client = await reach_temporal(self.settings)
        waiting = iter(applications)
        with _bar(len(applications)) as bar:
            task = bar.add_task("Applications", total=len(applications))

            async def work(queue: Iterator[tuple[str, bytes]]) -> None:
                for name, document in queue:
                    self._tell(await self._one(client, name, document))
                    bar.advance(task)

            await asyncio.gather(*(work(waiting) for _ in range(AT_ONCE)))
        return self.good

    async def _one(self, client: Client, name: str, document: bytes) -> Json:
        told: Json = {
            "id": name,
            "started": True,
            "ui_url": page_url(self.settings, client, name),
        }
        try:
            with temporal_answers(self.settings):
                await client.start_workflow(
                    Membership.run,
                    as_it_is(document),
                    id=name,
                    task_queue=MEMBERSHIP_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                )
        except WorkflowAlreadyStartedError:
            told["started"] = False
        except RPCError as error:
            return told | {"started": False, "error": error.message}
        if self.wait_seconds is not None:
            told |= await self._judged(client, name, self.wait_seconds)
        return told

    async def _judged(self, client: Client, name: str, seconds: float) -> Json:
        """Return where the membership stands once its application has been judged.

        Raises:
            UserError: it takes too long.
        """
        handle, patience = client.get_workflow_handle(name), time.monotonic() + seconds
        while True:
            state: Json = {"stage": "received"}
            # The run that was asked may just have made way for the next, and be deleted.
            with suppress(RPCError), temporal_answers(self.settings):
                state = await handle.query("state", rpc_timeout=connections.QUERY_TIMEOUT)
            if state["stage"] != "received":
                return {key: state[key] for key in ("stage", "outcome", "faults")}
            if time.monotonic() > patience:
                raise UserError(
                    f"{name} was sent and is safe, but has not been judged within {seconds:g} s: "
                    f"start `medlemsflyt worker persistence`, or look with "
                    f"`medlemsflyt show {name}`."
                )
            await asyncio.sleep(POLL_SECONDS)

    def _tell(self, told: Json) -> None:
        if told.get("faults") or "error" in told:
            self.good = False
        if self.as_json:
            print_json(told)
            return
        say(_sentence(told))
        for fault in told.get("faults", ()):
            say(f"  {fault}")


def _sentence(told: Json) -> str:
    if "error" in told:
        return f"{told['id']}  not sent: {told['error']}"
    if told["started"]:
        what = told.get("outcome") or told.get("stage") or "started"
    else:
        now = told.get("outcome") or told.get("stage")
        what = "was started before, so nothing was sent" + (f"; it is {now}" if now else "")
    return f"{told['id']}  {what}  {told['ui_url']}"


def _bar(total: int) -> Progress:
    """A bar for several applications, on a terminal only, beside the lines on standard output."""
    err = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=total < 2 or not err.is_terminal,
        # Rich would send our lines to where the bar is, past a pipe.
        redirect_stdout=sys.stdout.isatty(),
    )
