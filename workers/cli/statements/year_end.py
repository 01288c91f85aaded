"""`medlemsflyt year-end` and `tax-cap`: what members paid in a year, and what is deductible."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from activities.database.pool import patiently
from activities.register.private_files import NotWritten
from activities.statements import yearly
from schemas.names import WorkflowType, year_end_id
from schemas.shared.amounts import kroner
from schemas.statements.contracts import YearEndProgress, YearEndReport
from schemas.statements.tax import TaxCap, UnknownCap
from workers.cli.shared.amounts import ore_of
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_json, say
from workers.cli.shared.runs import RunRequest, Shown, result_of
from workers.cli.statements.tax_report import write_report
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

Year = Annotated[int, typer.Argument(metavar="YEAR", min=1900, max=2200, help="The income year.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("year-end")(year_end)
    app.command("tax-cap")(tax_cap)


def year_end(
    year: Year,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="List what is to be reported, to look at."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would come to, and make nothing.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make each member's statement for a year that is over, and have them sent.

    Run again, it makes only what is missing, and a correction of what has come out otherwise.
    """
    if dry_run and csv is not None:
        raise UserError("A rehearsal reports nothing to anybody: leave out --csv or --dry-run.")
    settings = resolve_settings(data)
    if dry_run:
        report = asyncio.run(_rehearsed(settings, year))
    else:
        report = asyncio.run(_run(settings, year, quiet=as_json))
    lines = asyncio.run(_reported(settings, year, csv)) if csv is not None else None
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report, dry_run=dry_run)
        if lines is not None:
            say(f"What is to be reported: {csv}, with {counted(lines, 'member')}.")


def tax_cap(
    year: Year,
    amount: Annotated[str, typer.Argument(metavar="KR", help="As 8250.00.")],
    confirmed: Annotated[
        bool,
        typer.Option("--confirmed/--unconfirmed", help="Unconfirmed, statements say so."),
    ] = False,
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where it stands.")] = "set by hand",
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of one that was confirmed.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set the most that is deductible of a year's dues."""
    cap_ore = ore_of(amount, "KR")
    if cap_ore < 0:
        raise UserError("KR: a cap is not less than nothing.")
    cap = TaxCap(year=year, cap_ore=cap_ore, confirmed=confirmed, source=source)
    asyncio.run(_set(resolve_settings(data), cap, replace=replace))
    if as_json:
        print_json(cap.model_dump())
        return
    say(f"Of the dues of {year}, {kroner(cap_ore)} are deductible{_unsure(cap)}.")


async def _set(settings: Settings, cap: TaxCap, *, replace: bool) -> None:
    async with database(settings) as pool, pool.acquire() as connection:
        try:
            await yearly.write_cap(connection, cap, replace=replace)
        except yearly.CapConfirmed as error:
            raise UserError(f"Nothing was changed: {error}.") from None


async def _rehearsed(settings: Settings, year: int) -> YearEndReport:
    async with database(settings) as pool, pool.acquire() as connection, patiently(connection):
        try:
            return await yearly.rehearse(connection, year)
        except UnknownCap as error:
            raise UserError(f"No statements can be made: {error}.") from None


async def _reported(settings: Settings, year: int, path: Path) -> int:
    """List what is to be reported, log who is in it, and return how many that are."""
    async with database(settings) as pool, pool.acquire() as connection, patiently(connection):
        rows = await yearly.read_report(connection, year)
        # Logged before the file is there: what nobody logged is never handed over.
        await yearly.log_report(connection, year, rows, today())
    try:
        write_report(path, year, rows)
    except NotWritten as error:
        raise UserError(f"The report can't be written: {error}.") from None
    return len(rows)


async def _run(settings: Settings, year: int, *, quiet: bool) -> YearEndReport:
    run = RunRequest(
        workflow=WorkflowType.YEAR_END_STATEMENTS,
        id=year_end_id(year),
        order={"year": year},
        ended="No statements were made",
    )

    def look(answer: Any) -> Shown:
        done = YearEndProgress.model_validate(answer)
        made = f"{done.statements + done.corrections:,} statements"
        return Shown("Summing up", done.pages, done.pages_done, made)

    return await result_of(settings, run, YearEndReport, quiet=quiet, look=look, doing="Summing up")


def _show(report: YearEndReport, *, dry_run: bool) -> None:
    would = "would stand" if dry_run else "made"
    cap = report.cap
    say(
        f"{counted(report.statements, 'statement')} for {report.year} {would}: "
        f"{kroner(report.paid_ore)} paid, {kroner(report.deductible_ore)} deductible; "
        f"{report.capped:,} paid more than counts of the {kroner(cap.cap_ore)}, which are for "
        f"twelve months, and {report.part_year:,} had fewer."
    )
    say(
        f"Straight to the union {kroner(report.direct_ore)}, by employers "
        f"{kroner(report.paid_ore - report.direct_ore)}. The tax authority is told "
        f"{kroner(report.reported_ore)}, and nothing of "
        f"{kroner(report.direct_ore - report.reported_ore)}."
    )
    if report.without_deduction:
        say(f"Students and pensioners, who can deduct nothing: {report.without_deduction:,}.")
    if report.objecting:
        say(f"Not reported, as they wish: {report.objecting:,}.")
    say(
        f"{report.new:,} new, {counted(report.corrections, 'correction')}, "
        f"{counted(report.letters, 'letter')} "
        f"{'would be ordered' if dry_run else 'ordered; Mailing sends them'}."
    )
    if not cap.confirmed:
        say(
            f"Take care: the cap of {report.year} is not confirmed, and the statements say so. "
            f"`medlemsflyt tax-cap {report.year} AMOUNT --confirmed` settles it."
        )
    if report.without_national_id:
        say(
            f"Without a national id, and not reported: {report.without_national_id:,}; each is a "
            f"task."
        )
    if report.deceased:
        say(f"Deceased: {report.deceased:,}; the statement for each estate is a task.")


def _unsure(cap: TaxCap) -> str:
    return "" if cap.confirmed else ", unconfirmed"
