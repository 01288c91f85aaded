"""The dues run on PostgreSQL: what is due is read from the terms, never decided anew."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from activities.database import load_queries
from schemas.dues import (
    DuesOpening,
    DuesPage,
    DuesPageReport,
    DuesPeriod,
    DuesReport,
    DuesTotal,
    Quarantined,
)
from schemas.rulebook import Rulebook
from schemas.rules.calendar import bank_day_from, first_day_of_period

_SQL = load_queries(Path(__file__).with_name("sql") / "dues.sql")

PAGE_SIZE = 50_000
"""Member numbers a page: a few seconds' work, so that a restart repeats little."""

Connection = asyncpg.pool.PoolConnectionProxy


def due_on(charged_on: date, rulebook: Rulebook) -> date:
    """Return the due date of invoices issued on a day: a bank day. Source: section 4, A35."""
    days = rulebook.policies_on(charged_on).payment_days
    return bank_day_from(charged_on + timedelta(days=days))


async def open_run(connection: Connection, rulebook: Rulebook, opening: DuesOpening) -> DuesPeriod:
    """Set the dates of a month's run, unless it has some, and split it into pages."""
    period_from = first_day_of_period(opening.period)
    dates = await _SQL.open_run(
        connection,
        period_from=period_from,
        charged_on=opening.today,
        due_on=due_on(opening.today, rulebook),
    )
    last = await _SQL.last_member(connection)
    return DuesPeriod(
        period_from=period_from,
        charged_on=dates["charged_on"],
        due_on=dates["due_on"],
        pages=tuple(f"{first:08d}" for first in range(1, last + 1, PAGE_SIZE)),
        page_size=PAGE_SIZE,
    )


async def charge_page(connection: Connection, page: DuesPage) -> DuesPageReport:
    """Charge the members of a page; see ``DuesActivities.charge_dues_page``."""
    run = page.run
    done = await _SQL.charge_page(
        connection,
        period_from=run.period_from,
        first=page.first,
        last=f"{int(page.first) + run.page_size - 1:08d}",
        charged_on=run.charged_on,
        due_on=run.due_on,
    )
    return DuesPageReport(**done)


async def report_run(connection: Connection, run: DuesPeriod) -> DuesReport:
    """Sum up what a month has been charged with."""
    sums = await _SQL.read_sums(connection, period_from=run.period_from)
    totals = [row async for row in _SQL.read_totals(connection, period_from=run.period_from)]
    held = [row async for row in _SQL.read_quarantine(connection, period_from=run.period_from)]
    return _report(run, dict(sums), totals, held)


async def rehearse(connection: Connection, rulebook: Rulebook, opening: DuesOpening) -> DuesReport:
    """Return what a run would leave a month charged with; nothing is written."""
    period_from = first_day_of_period(opening.period)
    opened = await _SQL.find_run(connection, period_from=period_from)
    run = DuesPeriod(
        period_from=period_from,
        charged_on=opened["charged_on"] if opened else opening.today,
        due_on=opened["due_on"] if opened else due_on(opening.today, rulebook),
        page_size=PAGE_SIZE,
    )
    totals = [row async for row in _SQL.rehearse(connection, period_from=period_from)]
    held = [row async for row in _SQL.rehearse_quarantine(connection, period_from=period_from)]
    sums = dict(await _SQL.read_sums(connection, period_from=period_from))
    before = {name: sums[name] for name in ("charges", "invoices")}
    rehearsed = await _SQL.rehearse_sums(connection, period_from=period_from)
    report = _report(run, {**sums, **rehearsed}, totals, held)
    return report.model_copy(
        update={
            "new_charges": report.charges - before["charges"],
            "new_invoices": report.invoices - before["invoices"],
        }
    )


def _report(
    run: DuesPeriod,
    sums: Mapping[str, Any],
    totals: list[Mapping[str, Any]],
    held: list[Mapping[str, Any]],
) -> DuesReport:
    return DuesReport(
        period=f"{run.period_from:%Y-%m}",
        charged_on=run.charged_on,
        due_on=run.due_on,
        members=sums["members"],
        charges=sums["charges"],
        invoices=sums["invoices"],
        amount_ore=sums["amount_ore"],
        new_charges=0,
        new_invoices=0,
        previous_ore=sums["previous_ore"],
        totals=tuple(DuesTotal(**row) for row in totals),
        quarantined=tuple(Quarantined(**row) for row in held),
    )
