"""`medlemsflyt resend`, `bounces` and `post`: asked for again, come back, and to be printed."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from activities.deduction.lists import wake_settlement
from activities.letters import resending
from activities.letters.bounce_files import mails_in
from activities.letters.bounces import MAX_BYTES, Bounced, take_report
from schemas.letters.contracts import MailingOrder
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, mailing_id
from schemas.shared.base import Line
from schemas.shared.calendar import oslo_date
from workers.cli.shared import clock
from workers.cli.shared.connections import database, reach_temporal, temporal_answers
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, plain, print_json, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

if TYPE_CHECKING:
    from activities.letters.posting import Printed

EXIT_LEFT = 1

LEFT = frozenset({"stranger", "unreadable"})
"""What is left for somebody to look at."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(resend)
    app.command()(bounces)
    app.command()(post)


def resend(
    letter: Annotated[
        str,
        typer.Argument(
            metavar="LETTER",
            help="The letter's id, as `tasks`, `inbox` and `show` print it, or MEMBERSHIP/KEY; "
            "or the number of a deduction list.",
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who asks for it.")],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Send a letter again, to wherever its reader takes mail now.

    It passes the gate like any other letter, also if its membership has ended, and is logged with
    who asked. Exit code 0: ordered, 1: refused.
    """
    settings = resolve_settings(data)
    try:
        told = asyncio.run(_resent(settings, letter, _line(by)))
    except resending.NotPossible as error:
        told = {"ordered": False, "letter": letter, "reason": str(error)}
    if as_json:
        print_json(told)
    elif told["ordered"]:
        say(f"{plain(letter)} goes out again.")
    else:
        say(f"Refused: {told['reason']}.")
    if not told["ordered"]:
        sys.exit(EXIT_LEFT)


async def _resent(settings: Settings, letter: str, by: str) -> dict[str, Any]:
    client = await reach_temporal(settings)
    moment = datetime.now(UTC)
    async with database(settings) as pool:
        if resending.LIST_NUMBER.fullmatch(letter):
            period = await resending.resend_list(pool, letter)
            with temporal_answers(settings):
                await wake_settlement(client, letter, period)
            return {"ordered": True, "letter": letter}
        copy = await resending.resend(pool, letter, by=by, at=moment, today=oslo_date(moment))
    with temporal_answers(settings):
        await send_out(client, copy.batch)
    return {"ordered": True, **copy.model_dump(mode="json")}


async def send_out(client: Client, batch: str) -> None:
    """Have the letters of a batch sent; a mailing under way looks once more before it ends.

    Raises:
        UserError: another workflow stands where the mailing should.
    """
    handle = await client.start_workflow(
        WorkflowType.MAILING,
        MailingOrder(batch=batch),
        id=mailing_id(batch),
        task_queue=MEMBERSHIP_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="look_again",
    )
    found = await handle.describe()
    if found.workflow_type != WorkflowType.MAILING:
        raise UserError(
            f"What is ordered waits: another workflow ({found.workflow_type}) stands under "
            f"{handle.id}. Terminate it in the Temporal UI, and the next audit has it sent."
        )


def bounces(
    path: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="A mail, an mbox, a folder of mails.")
    ],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Read the reports of mail servers on letters that came back later.

    Each counts once, however often it is read. Exit code 0: all is in its place, 1: some mails are
    reports on nothing of ours, or none; each is a task.
    """
    found = asyncio.run(_read(resolve_settings(data), path))
    if as_json:
        print_json({"reports": [{"mail": plain(mail), **one.model_dump()} for mail, one in found]})
    else:
        for mail, one in found:
            about = f" {one.membership_id} {one.key} ({one.why})" if one.letter else ""
            say(f"{plain(mail)}: {one.outcome}{about}")
        say(f"{len(found)} read.")
    if any(one.outcome in LEFT for _, one in found):
        sys.exit(EXIT_LEFT)


async def _read(settings: Settings, path: Path) -> list[tuple[str, Bounced]]:
    today = clock.today()
    try:
        mails = list(mails_in(path, MAX_BYTES))
    except OSError as error:
        raise UserError(f"Nothing was read: {path} can't be read ({error.strerror}).") from None
    async with database(settings) as pool:
        return [(mail, await take_report(pool, content, today)) for mail, content in mails]


def _line(text: str) -> str:
    """Return one line of text as the database keeps it."""
    try:
        return TypeAdapter(Line).validate_python(text)
    except ValidationError:
        raise UserError("Nothing was sent: --by must be one line of 1 to 200 characters.") from None


def post(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the pages go, as PDF files.")
    ],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the letters of members without an e-mail address, to be posted.

    Each passes the gate like any other letter, and counts as sent once its pages are there. What
    begins with the same id goes into one envelope, in the order of its number.
    """
    settings = resolve_settings(data)
    try:
        printed = asyncio.run(_printed(settings, folder))
    except OSError as error:
        raise UserError(f"{folder} can't be written: {error.strerror}.") from None
    if as_json:
        print_json({"letters": [one.model_dump(mode="json") for one in printed]})
        return
    for one in printed:
        say(plain(", ".join(one.files)))
    say(f"{counted(len(printed), 'letter', 'letters')} to post.")


async def _printed(settings: Settings, folder: Path) -> "tuple[Printed, ...]":
    from activities.letters.posting import print_letters
    from workers.notifications import printing_of

    async with database(settings) as pool:
        return await print_letters(pool, printing_of(settings), folder, clock.today())
