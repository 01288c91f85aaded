"""`medlemsflyt dues-run`: charge all members for a month, or rehearse it."""

import asyncio
import time
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from activities.dues.charging import Implausible, rehearse
from activities.persistence.rulebook import RulebookReader
from schemas.dues import DuesOpening, DuesProgress, DuesReport, DuesRunOrder
from schemas.faults import faults_of
from schemas.rules.calendar import oslo_date
from workers.cli.options import AsJson, DataDir
from workers.cli.printing import console, say
from workers.cli.reaching import database, reach_temporal, temporal_answers
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workflows.options import MEMBERSHIP_QUEUE
from workflows.view import kroner

WORKFLOW = "DuesRun"
LOOK_EVERY_SECONDS = 0.3


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
        opening = DuesOpening(period=order.period, today=_today())
        try:
            return await rehearse(connection, rulebook, opening)
        except Implausible as error:
            raise UserError(f"Nobody was charged: {error}.") from None


def _today() -> date:
    return oslo_date(datetime.now(UTC))


async def _run(settings: Settings, order: DuesRunOrder, *, quiet: bool) -> DuesReport:
    client = await reach_temporal(settings)
    with temporal_answers(settings):
        handle = await client.start_workflow(
            WORKFLOW,
            order.model_dump(mode="json"),
            id=f"dues-run-{order.period}",
            task_queue=MEMBERSHIP_QUEUE,
            # A run that is under way is joined, not started a second time.
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    watching = asyncio.create_task(_watch(handle, quiet=quiet))
    try:
        return DuesReport.model_validate(await handle.result())
    except WorkflowFailureError as error:
        raise UserError(f"The run for {order.period} ended: {error.cause}.") from None
    finally:
        watching.cancel()


async def _watch(handle: WorkflowHandle[Any, Any], *, quiet: bool) -> None:
    """Draw how far the run has come, until told to stop."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[lines]} lines"),
        TextColumn("{task.fields[rate]} a second"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(), transient=True, disable=quiet) as bar:
        task = bar.add_task("Opening", total=None, lines=0, rate=0)
        begun = time.monotonic()
        while True:
            try:
                done = DuesProgress.model_validate(await handle.query("progress"))
            except RPCError:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
                continue
            bar.update(
                task,
                description=done.doing,
                total=done.pages or None,
                completed=done.pages_done,
                lines=f"{done.new_charges:,}",
                rate=f"{done.new_charges / max(time.monotonic() - begun, 1):,.0f}",
            )
            await asyncio.sleep(LOOK_EVERY_SECONDS)


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
    would = "would be " if dry_run else ""
    change = report.amount_ore - report.previous_ore
    say(
        f"{report.members:,} members {would}charged {kroner(report.amount_ore)} "
        f"in {report.charges:,} lines and {report.invoices:,} invoices, due {report.due_on}."
    )
    say(f"{report.new_charges:,} lines and {report.new_invoices:,} invoices {would}new.")
    say(f"{kroner(change)} against the month before.")
    if not dry_run:
        say(
            f"{report.lists:,} deduction lists made, {report.letters:,} invoices on their way "
            f"(workflow mailing-dues-run-{report.period})."
        )
    for held in report.quarantined:
        say(f"Not charged: {held.membership_id}: {held.reason}.")
