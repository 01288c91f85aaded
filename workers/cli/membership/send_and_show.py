"""`medlemsflyt send` and `show`: tell a membership something, and see where it stands."""

import asyncio
import difflib
import sys
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from temporalio.client import (
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.letters.lost_letters import LostLetter, list_lost_letters
from activities.membership.kept import GONE, kept_state
from activities.membership.late_death import NotRecorded, record_late_death
from activities.shared.rulebook import RulebookReader
from schemas.membership.messages import MESSAGES, Answer
from schemas.membership.messages.leaving import RecordDeath
from schemas.membership.state import Explanation, MembershipState
from schemas.shared.faults import faults_of
from schemas.shared.vocabulary import Stage
from workers.cli.membership.priced import ask_by_prices
from workers.cli.membership.show_view import explanation, render_state
from workers.cli.shared.connections import (
    as_it_is,
    database,
    membership_id,
    reach_temporal,
    temporal_answers,
)
from workers.cli.shared.interrupted import innermost
from workers.cli.shared.options import AsJson, DataDir, JsonFile, MembershipId, Timeout
from workers.cli.shared.printing import console, print_json, say
from workers.cli.shared.queries import ask, unknown
from workers.cli.shared.reading import read_one
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

EXIT_REFUSED = 1

Handle = WorkflowHandle[Any, Any]

NAMES = "\n\n".join(f"* {name}  {message.card.example}" for name, message in MESSAGES.items())


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=f"Names, each with an example:\n\n{NAMES}")(send)
    app.command()(show)


class Ended(Exception):
    """The membership has ended and takes no messages; the text says so."""


def _names_like(incomplete: str) -> list[str]:
    return [name for name in MESSAGES if name.startswith(incomplete)]


def send(
    id_: MembershipId,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="The message's name, see below.", autocompletion=_names_like
        ),
    ],
    file: JsonFile,
    signal: Annotated[
        bool, typer.Option("--signal", help="Send only; whether it is applied, `show` will tell.")
    ] = False,
    update_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Sent again under the same id, it counts once."),
    ] = None,
    timeout: Timeout = 30,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Send a message to a membership, and print its answer.

    Exit code 0: applied (with --signal: sent), 1: refused, 2: not done.
    """
    if name not in MESSAGES:
        near = difflib.get_close_matches(name, MESSAGES, n=1)
        meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(MESSAGES)}."
        raise UserError(f"There is no message {name}: {meant}")
    if signal and update_id:
        raise UserError("--update-id goes with updates: leave out --signal.")
    settings, message = resolve_settings(data), read_one(file)
    target = membership_id(id_)
    told: dict[str, Any] = {"id": target, "name": name}
    try:
        if signal:
            asyncio.run(_signal(settings, target, name, message))
            told |= {"sent": True}
        else:
            sent_as = update_id or str(uuid.uuid4())
            answer = asyncio.run(_answer(settings, target, name, message, sent_as, timeout))
            told |= {"update_id": sent_as, **answer.model_dump(mode="json")}
    except (WorkflowUpdateFailedError, Ended) as error:
        told |= {"applied": False, "reason": innermost(error)}
    _tell(told, as_json=as_json)
    if told.get("applied") is False:
        sys.exit(EXIT_REFUSED)


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    elif "sent" in told:
        say(f"Sent {told['name']}. Whether it is applied: medlemsflyt show {told['id']}")
    elif told["applied"]:
        say(f"Applied: {told['says']}. Stage: {told['stage']}.")
    else:
        say(f"Refused: {told['reason']}")


async def _signal(settings: Settings, target: str, name: str, message: bytes) -> None:
    client = await reach_temporal(settings)
    handle = client.get_workflow_handle(target)
    try:
        with temporal_answers(settings):
            await handle.signal(name, as_it_is(message))
    except RPCError as error:
        raise await _missing(settings, handle, error) from None


async def _answer(
    settings: Settings,
    target: str,
    name: str,
    message: bytes,
    update_id: str,
    seconds: float,
) -> Answer:
    """Return the answer to an update; a death is recorded however long a membership is over.

    Raises:
        Ended: the membership has ended, or the death was not recorded.
    """
    try:
        return await update_membership(settings, target, name, message, update_id, seconds)
    except Ended:
        if name != RecordDeath.card.name:
            raise
    return await _died_afterwards(settings, target, message)


async def _died_afterwards(settings: Settings, target: str, message: bytes) -> Answer:
    """Record in the database the death of somebody whose workflow is closed. Source: L7."""
    rulebooks = RulebookReader(allow_synthetic_ids=settings.allow_synthetic_ids)
    now = datetime.now(UTC)
    try:
        death = RecordDeath.model_validate_json(message)
        async with database(settings) as pool:
            says = await record_late_death(pool, rulebooks, target, death, now)
    except ValidationError as error:
        raise Ended("; ".join(faults_of(error))) from None
    except NotRecorded as why:
        raise Ended(str(why)) from None
    return Answer(applied=True, stage=Stage.ENDED, says=says)


async def update_membership(
    settings: Settings,
    target: str,
    name: str,
    message: bytes,
    update_id: str,
    seconds: float,
) -> Answer:
    """Return the answer to an update.

    Raises:
        WorkflowUpdateFailedError: it was refused.
        Ended: the membership has ended.
        UserError: there is no such membership, or no answer in time.
    """
    client = await reach_temporal(settings)
    handle = client.get_workflow_handle(target)
    try:
        async with asyncio.timeout(seconds):
            with temporal_answers(settings):
                answer: Answer = await handle.execute_update(
                    name, as_it_is(message), id=update_id, result_type=Answer
                )
                return answer
    except RPCError as error:
        raise await _missing(settings, handle, error) from None
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        raise UserError(
            f"No answer within {seconds:g} s, so it is not known whether {name} was applied. See "
            f"that the workers run, and ask again with --update-id {update_id}: it counts once."
        ) from None


async def _missing(settings: Settings, handle: Handle, error: RPCError) -> Exception:
    """Return what it means that Temporal has no running workflow of an id."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        return UserError(f"Temporal does not take it: {error.message}.")
    try:
        with temporal_answers(settings):
            await handle.describe()
    except RPCError:
        try:
            async with database(settings) as pool, pool.acquire() as connection:
                kept = await kept_state(connection, handle.id)
        except UserError:
            kept = None
        if kept is None:
            return unknown(handle.id)
        if kept.erased_on is not None:
            return Ended(f"{handle.id} {GONE}")
    return Ended(f"{handle.id} has ended, and takes no messages any more")


def show(
    id_: MembershipId,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Why this amount, why waiting, who decided, by which rule."),
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show where a membership stands, ended ones as well, and which letters did not arrive.

    With --json exactly what its query `state` answers, with --explain its query `explain`.
    """
    settings, target = resolve_settings(data), membership_id(id_)
    query = "explain" if explain else "state"
    if as_json:
        typer.echo(asyncio.run(ask(settings, target, query))[0])
        return
    answer = asyncio.run(ask_by_prices(settings, target, query))
    if explain:
        why = Explanation.model_validate_json(answer.text)
        console().print(explanation(why, settings.rules_url, asleep=answer.asleep))
    else:
        lost = asyncio.run(_lost_letters(settings, target))
        state = MembershipState.model_validate_json(answer.text)
        console().print(render_state(state, answer.page, lost, asleep=answer.asleep))


async def _lost_letters(settings: Settings, target: str) -> tuple[LostLetter, ...]:
    """Return the letters of a membership that did not arrive; none where no database answers."""
    try:
        async with database(settings) as pool, pool.acquire() as connection:
            return await list_lost_letters(connection, target)
    except UserError:
        return ()
