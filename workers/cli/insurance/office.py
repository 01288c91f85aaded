"""`medlemsflyt insurance-file`: what the insurance office is told of a month."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from activities.insurance.filing import NotMade, make_file
from activities.register.private_files import NotWritten, private_file
from activities.shared.rulebook import RulebookReader
from schemas.insurance.columns import called, cover_called
from schemas.insurance.contracts import FileReport, OfficeFile
from schemas.shared.amounts import in_kroner, kroner
from schemas.shared.calendar import first_day_of_period
from workers.cli.insurance.files import csv_file, xlsx_file
from workers.cli.shared.clock import today
from workers.cli.shared.connections import trying
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_table, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

Period = Annotated[str, typer.Argument(metavar="YYYY-MM", help="The month.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing: only show.")]


def insurance_file(
    period: Period,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write it there as CSV.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Write it there as a workbook.")
    ] = None,
    dry_run: DryRun = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell the insurance office who came in, went out, reserved or has another cover.

    The file of a month is made once; asked for again it is the same. What comes to be known later
    stands in the next one, back-dated. It holds numbers, birth dates and covers, and no names.
    """
    settings = resolve_settings(data)
    file, report = asyncio.run(_made(settings, period, dry_run=dry_run))
    orgnr = settings.union.orgnr
    if csv is not None:
        write_once(csv, csv_file(file, orgnr))
    if xlsx is not None:
        write_once(xlsx, xlsx_file(file, orgnr))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(file, report, dry_run=dry_run)


async def _made(settings: Settings, period: str, *, dry_run: bool) -> tuple[OfficeFile, FileReport]:
    first = month_of(period)
    async with trying(settings, keep=not dry_run) as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        try:
            return await make_file(connection, first, rulebook, today())
        except NotMade as error:
            raise UserError(f"No file was made: {error}.") from None


def month_of(period: str) -> date:
    """Return the first day of a month that is typed as 2027-01.

    Raises:
        UserError: it is none.
    """
    try:
        return first_day_of_period(period)
    except ValueError:
        raise UserError(f"Nothing was done: {period} is no month, as 2027-01.") from None


def write_once(path: Path, content: bytes) -> None:
    """Write a file for its owner only; one with other content is left alone.

    Raises:
        UserError: it can't be written, or something else lies there.
    """
    try:
        if path.exists():
            if path.read_bytes() == content:
                return
            raise UserError(f"{path.name} is there already, and is another file: name a new one.")
        with private_file(path) as file:
            file.write(content)
    except (NotWritten, OSError) as error:
        raise UserError(f"{path.name} can't be written: {error}.") from None


def _show(file: OfficeFile, report: FileReport, *, dry_run: bool) -> None:
    made = "would be made" if dry_run else f"of {report.made_on}"
    told = ", ".join(f"{count:,} {change}" for change, count in report.lines.items()) or "nothing"
    say(f"The file of {report.period}, {made}: {counted(len(file.lines), 'line')} ({told}).")
    print_table(
        "Covered in the month, in kroner",
        ("Cover", "Members", "Premium expected"),
        [
            (cover_called(total.coverages), f"{total.members:,}", in_kroner(total.premium_ore))
            for total in report.totals
        ],
    )
    for name in file.coverages:
        having = sum(total.members for total in report.totals if name in total.coverages)
        say(f"{called(name)}: {counted(having, 'member')}.")
    say(f"In all {counted(report.members, 'member')} and {kroner(report.premium_ore)}.")
