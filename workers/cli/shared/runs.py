"""Starting a run, or joining the one under way, and drawing how far it has come."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from schemas.names import MEMBERSHIP_QUEUE
from workers.cli.shared.connections import reach_temporal, temporal_answers
from workers.cli.shared.failures import tell_of_failures
from workers.cli.shared.interrupted import innermost
from workers.errors import UserError
from workers.settings import Settings

LOOK_EVERY_SECONDS = 0.3

AGAIN = "run the same command again to see its end."


@dataclass(frozen=True)
class RunRequest:
    """A run to start, or to join.

    Attributes:
        workflow: its type.
        id: its workflow id.
        order: its argument, as plain JSON.
        ended: what to say when it fails, before the reason.
    """

    workflow: str
    id: str
    order: dict[str, Any]
    ended: str


@dataclass(frozen=True)
class Shown:
    """How far a run has come.

    Attributes:
        doing: what it does now, in words.
        of: how many parts there are; None: not known yet.
        done: how many of them are done.
        more: what else is worth seeing.
    """

    doing: str
    of: int | None = None
    done: int = 0
    more: str = ""


Look = Callable[[Any], Shown]
"""Turns the answer of the ``progress`` query, plain JSON, into what is shown."""

Report = TypeVar("Report", bound=BaseModel)


async def result_of(
    settings: Settings,
    run: RunRequest,
    answer: type[Report],
    *,
    quiet: bool,
    look: Look | None = None,
    doing: str = "Waiting",
) -> Report:
    """Start a run unless it is under way, and wait for its result.

    Args:
        settings: where Temporal is.
        run: what to start or join.
        answer: the contract of its result.
        quiet: draw nothing.
        look: for a run that answers ``progress``; without it a spinner is drawn.
        doing: what the spinner says.

    Raises:
        UserError: Temporal does not answer, or the run has failed.
    """
    client = await reach_temporal(settings)
    with temporal_answers(settings):
        handle = await client.start_workflow(
            run.workflow,
            run.order,
            id=run.id,
            task_queue=MEMBERSHIP_QUEUE,
            # One that is under way is joined, not started a second time.
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        found = await handle.describe()
    if found.workflow_type != run.workflow:
        raise UserError(
            f"{run.ended}: a workflow of another type ({found.workflow_type}) stands under the id "
            f"{run.id}. Terminate it in the Temporal UI, and run the command again."
        )
    console = Console(stderr=True)
    watching = [
        asyncio.create_task(_watch(handle, look, doing, console, quiet=quiet)),
        asyncio.create_task(tell_of_failures(handle, console)),
    ]
    try:
        with temporal_answers(settings):
            return answer.model_validate(await handle.result())
    except WorkflowFailureError as error:
        raise UserError(f"{run.ended}: {innermost(error)}.") from None
    except RPCError as error:
        raise UserError(f"Temporal does not tell how {run.id} ends: {error.message}.") from None
    except UserError as error:
        raise UserError(f"{error} {run.id} goes on when Temporal is back: {AGAIN}") from None
    finally:
        for task in watching:
            task.cancel()
        # Waited for: what is cancelled and left behind is a traceback among the errors.
        await asyncio.gather(*watching, return_exceptions=True)


async def _watch(
    handle: WorkflowHandle[Any, Any],
    look: Look | None,
    doing: str,
    console: Console,
    *,
    quiet: bool,
) -> None:
    """Draw how far a run has come, until told to stop."""
    words = TextColumn("{task.description}")
    columns: tuple[ProgressColumn, ...]
    if look is None:
        columns = (SpinnerColumn(), words, TimeElapsedColumn())
    else:
        more = TextColumn("{task.fields[more]}")
        columns = (words, BarColumn(), MofNCompleteColumn(), more, TimeElapsedColumn())
    # Who reads a file or a pipe has no use for a bar.
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(doing, total=None, more="")
        while True:
            if look is not None:
                try:
                    shown = look(await handle.query("progress"))
                except (RPCError, WorkflowQueryFailedError):
                    shown = None  # a busy server is asked again
                if shown is not None:
                    bar.update(
                        task,
                        description=shown.doing,
                        total=shown.of or None,
                        completed=shown.done,
                        more=shown.more,
                    )
            await asyncio.sleep(LOOK_EVERY_SECONDS)
