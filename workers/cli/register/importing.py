"""`medlemsflyt import`: a register of another system, tried out before it is carried over."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from schemas.register.rehearsed import RehearsedImport
from schemas.register.report import ImportReport
from schemas.shared.calendar import first_of_month, month_after
from workers.cli.register.carrying import carried_over, show_carried
from workers.cli.register.rehearsing import rehearsed, show_rehearsed
from workers.cli.shared.clock import today
from workers.cli.shared.options import AsJson, DataDir
from workers.errors import UserError
from workers.settings import resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_register)


def import_register(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A workbook with the sheets members, employments and invoices; a folder with a "
            "CSV for each; or the CSV of the members.",
        ),
    ],
    month: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM", help="The first month that is charged here. Default: the next one."
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what is wrong in it, and what the month would come to; carry nothing over.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="With --dry-run: write every fault, charge and sum there, as CSV for your eyes "
            "only.",
        ),
    ] = None,
    skip_faulty: Annotated[
        bool,
        typer.Option(
            "--skip-faulty",
            help="Carry over all but those with faults; else one is enough to stop.",
        ),
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Carry a register of another system over; with --dry-run, compare before anything moves.

    The same command again goes on where one was stopped, and does nothing twice.

    Which columns there are, and how two systems go side by side for a month: docs/importing.md.

    Exit code 0: every member is good, 1: some have faults or were refused, 2: not done.
    """
    settings, first = resolve_settings(data), first_month(month, today())
    found: RehearsedImport | ImportReport
    if dry_run:
        found = asyncio.run(rehearsed(settings, file, first, out, quiet=as_json))
        good = not found.faults
    else:
        found = asyncio.run(
            carried_over(settings, file, first, skip_faulty=skip_faulty, quiet=as_json)
        )
        good = not (found.faulty or found.refused)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    elif isinstance(found, ImportReport):
        show_carried(found)
    else:
        show_rehearsed(found, out)
    if not good:
        raise typer.Exit(1)


def first_month(typed: str | None, now: date) -> date:
    """Return the first day of the first month that is charged here.

    Raises:
        UserError: it is none, or one that is over.
    """
    if typed is None:
        return month_after(now)
    try:
        month = date.fromisoformat(f"{typed}-01")
    except ValueError:
        raise UserError("Nothing was done: --month must be a month, as 2027-01.") from None
    if month < first_of_month(now):
        raise UserError(f"Nothing was done: {typed} is over; its dues were charged there.")
    return month
