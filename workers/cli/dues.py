"""`medlemsflyt dues-run`: charge all members for a month, or rehearse it."""

import asyncio
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.table import Table

from activities.dues.charging import Implausible, rehearse
from activities.shared.rulebook import RulebookReader
from schemas.dues.contracts import DuesOpening, DuesProgress, DuesReport, DuesRunOrder
from schemas.names import WorkflowType, dues_run_id, mailing_id
from schemas.shared.amounts import kroner
from schemas.shared.faults import faults_of
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console, counted, say
from workers.cli.shared.runs import RunRequest, Shown, result_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dues-run")(dues_run)


def dues_run(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="The month, YYYY-MM.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be charged, and charge nobody.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Charge every member once for a month; run again, it charges only what is missing.

    A run that was interrupted goes on where it stopped. With --json the report alone.
    """
    try:
        order = DuesRunOrder(period=period)
    except ValidationError as error:
        raise UserError(f"Nobody was charged: {'; '.join(faults_of(error))}.") from None
    settings = resolve_settings(data)
    if dry_run:
        report = asyncio.run(_rehearsed(settings, order))
    else:
        report = asyncio.run(_run(settings, order, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report, dry_run=dry_run)


async def _rehearsed(settings: Settings, order: DuesRunOrder) -> DuesReport:
    async with database(settings) as pool, pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        opening = DuesOpening(period=order.period, today=today())
        try:
            return await rehearse(connection, rulebook, opening)
        except Implausible as error:
            raise UserError(f"Nobody was charged: {error}.") from None


async def _run(settings: Settings, order: DuesRunOrder, *, quiet: bool) -> DuesReport:
    run = RunRequest(
        workflow=WorkflowType.DUES_RUN,
        id=dues_run_id(order.period),
        order=order.model_dump(mode="json"),
        ended=f"The run for {order.period} ended",
    )
    begun = time.monotonic()

    def look(answer: Any) -> Shown:
        done = DuesProgress.model_validate(answer)
        rate = done.new_charges / max(time.monotonic() - begun, 1)
        lines = f"{counted(done.new_charges, 'line')}, {rate:,.0f} a second"
        return Shown(done.doing, done.pages, done.pages_done, lines)

    return await result_of(settings, run, DuesReport, quiet=quiet, look=look, doing="Opening")


def _show(report: DuesReport, *, dry_run: bool) -> None:
    table = Table("Category", "Branch", "Paid", "What", title=f"Dues for {report.period}")
    for name in ("Lines", "Kroner", "Month before", "Difference"):
        table.add_column(name, justify="right")
    for total in report.totals:
        table.add_row(
            str(total.category or "").replace("_", " "),
            total.branch or "–",
            str(total.payer),
            str(total.kind).replace("_", " "),
            f"{total.charges:,}",
            kroner(total.amount_ore),
            kroner(total.previous_ore),
            kroner(total.amount_ore - total.previous_ore),
        )
    console().print(table)
    for line in _sums(report, dry_run=dry_run):
        say(line)
    for held in report.quarantined:
        say(f"Not charged: {held.membership_id}: {held.reason}.")


def _sums(report: DuesReport, *, dry_run: bool) -> Iterator[str]:
    """Yield what the month comes to, and what this run adds to what it was charged with before."""
    added = "nothing"
    if report.new_charges or report.new_invoices:
        new = _lines_and_invoices(report.new_charges, report.new_invoices)
        added = f"{new}, due {report.due_on}"
    whole = (
        f"{counted(report.members, 'member')} charged {kroner(report.amount_ore)} in "
        f"{_lines_and_invoices(report.charges, report.invoices)}"
    )
    if not dry_run:
        yield f"{whole}. New: {added}."
    else:
        yield f"The run would add {added}, and leave {whole}."
    yield f"{kroner(report.amount_ore - report.previous_ore)} against the month before."
    if not dry_run:
        yield (
            f"{counted(report.lists, 'deduction list')} made, "
            f"{counted(report.letters, 'invoice')} on their way "
            f"(workflow {mailing_id(dues_run_id(report.period))})."
        )


def _lines_and_invoices(lines: int, invoices: int) -> str:
    return f"{counted(lines, 'line')} and {counted(invoices, 'invoice')}"
