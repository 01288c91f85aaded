"""`medlemsflyt export`: all members as a register, for another system or for an archive."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from activities.database.pool import patiently
from activities.register.exporting import export, first_month_elsewhere
from activities.register.private_files import NotWritten
from activities.register.writing import register_file
from activities.shared.rulebook import RulebookReader
from schemas.register.exported import ExportReport
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console, counted, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workers.temporary import temporary_folder

SHOWN = 20
"""Members who are left out that are named on a terminal."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export_register)


def export_register(
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE.xlsx|DIR", help="A workbook, or a folder for a CSV of each table."
        ),
    ] = Path("register"),
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write all members as a register that `import` and other systems read: for your eyes only.

    They stand there as of the first month that has not been charged here, with what it would be
    charged. Who has left is not among them.

    Exit code 0: all members stand in it, 1: some can't be written, 2: nothing was.
    """
    report = asyncio.run(_export(resolve_settings(data), out, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report, out)
    if report.not_exported:
        raise typer.Exit(1)


async def _export(settings: Settings, out: Path, *, quiet: bool) -> ExportReport:
    columns = (
        TextColumn("Writing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("members, {task.fields[rate]:,} a second,"),
        TimeRemainingColumn(),
    )
    with (
        temporary_folder(),
        Progress(*columns, console=console(), transient=True, disable=quiet) as bar,
    ):
        task = bar.add_task("", total=None, rate=0)

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of, rate=round(bar.tasks[task].speed or 0))

        try:
            async with database(settings) as pool, pool.acquire() as connection:
                rulebooks = RulebookReader(allow_synthetic_ids=settings.allow_synthetic_ids)
                # One moment is written, however long it takes and whatever happens meanwhile.
                moment = connection.transaction(isolation="repeatable_read", readonly=True)
                async with moment, patiently(connection):
                    book = await rulebooks.current(connection)
                    month: date = await first_month_elsewhere(connection, today())
                    with register_file(out) as write:
                        return await export(connection, book, month, today(), write, show)
        except NotWritten as error:
            raise UserError(f"Nothing was written: {error}.") from None


def _show(report: ExportReport, out: Path) -> None:
    say(
        f"{out}: {counted(report.members, 'member')} as of {report.month}, "
        f"{counted(report.employments, 'employment')}, "
        f"{counted(report.invoices, 'open invoice')}. It holds names and national ids."
    )
    if report.coming_changes:
        say(f"To be carried over by hand: {counted(report.coming_changes, 'change')} to come.")
    for one in report.not_exported[:SHOWN]:
        say(f"Not written: {one.member_number}: {one.reason}.")
    if report.not_exported[SHOWN:]:
        say(f"And {counted(len(report.not_exported[SHOWN:]), 'more member')}.")
