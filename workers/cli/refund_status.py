"""`medlemsflyt refund-status`: the bank's answer to a file of refunds."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from activities.payments.refund_status import take_status_report
from activities.payments.status_reports import MAX_BYTES
from activities.payments.suspense import NotPossible
from schemas.payments.refund_status import RefundStatusReport
from workers.cli.shared.clock import today
from workers.cli.shared.connections import transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, plain, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("refund-status")(refund_status)


def refund_status(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The bank's pain.002, of any version.", dir_okay=False),
    ],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take in what the bank says of a file of refunds (pain.002): accepted, waiting or rejected.

    What it rejects is owed again, with the bank's reason and a task. The same report again changes
    nothing. That a refund has left is told by the bank's debit alone.
    """
    report = asyncio.run(_taken(resolve_settings(data), _read(file)))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(
            f"Nothing was changed: the file can't be read ({error.strerror})."
        ) from None


async def _taken(settings: Settings, content: bytes) -> RefundStatusReport:
    async with transaction(settings) as connection:
        try:
            return await take_status_report(connection, content, today=today())
        except NotPossible as error:
            raise UserError(f"Nothing was changed: {error}.") from None


def _show(report: RefundStatusReport) -> None:
    say(
        plain(
            f"Of {report.original_id or 'refunds of ours'}: "
            f"{counted(len(report.accepted), 'refund')} accepted, {len(report.pending):,} waiting "
            f"in the bank, {len(report.rejected):,} rejected, {len(report.known):,} known before."
        )
    )
    for refund_id in report.rejected:
        say(f"  {refund_id} is owed again: see `refunds --all` for the bank's reason.")
    asked = len(report.asked_about) + bool(report.unknown)
    if asked:
        say(f"{counted(asked, 'task')} opened for what does not fit: see `tasks`.")
