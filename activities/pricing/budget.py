"""What the union will charge if nobody does anything: terms reach ahead, and so do prices."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.pricing.preview import tried_out
from activities.pricing.rate_changes import Amounts, amount_in
from activities.shared.rates import read_amounts
from schemas.dues.rates import MONTHS
from schemas.pricing.contracts import Budget, BudgetLine, PriceChange
from schemas.shared.calendar import month_after

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Rates = Mapping[str, Amounts]


class NotByRate(Exception):
    """The change makes some pay by other rates: only a preview plans each of them."""


async def budget(
    pool: asyncpg.Pool,
    *,
    start: date,
    months: int,
    today: date,
    proposed: PriceChange | None = None,
) -> Budget:
    """Return what runs charge from a month on, if nobody does anything.

    Args:
        pool: of connections; one is used.
        start: the first day of the first month.
        months: how many.
        today: the business date.
        proposed: prices to set beside the present ones; nothing of them is written.

    Raises:
        NotByRate: rules would change as well.
        NotChanged: it could not be approved either.
    """
    if proposed is not None and proposed.changes_rules:
        raise NotByRate
    lines: list[BudgetLine] = []
    async with pool.acquire() as connection:
        changed: Rates = {}
        if proposed is not None:
            async with tried_out(connection, proposed, today=today, replace=True) as written:
                changed = written.rates.amounts
        async with patiently(connection):
            present: Rates = await read_amounts(connection)
            for month in _months(start, months):
                found = _SQL.count_charged(connection, month=month)
                rows = [row async for row in found]
                lines += _lines(month, rows, present, {**present, **changed})
    return Budget(proposed=proposed, lines=tuple(lines))


def _months(start: date, count: int) -> Iterator[date]:
    month = start
    for _ in range(count):
        yield month
        month = month_after(month)


def _lines(
    month: date, rows: list[Mapping[str, Any]], present: Rates, proposed: Rates
) -> Iterator[BudgetLine]:
    """Yield the lines of a month in order; what charges nothing is none."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        key = (row["kind"], row["category"] or "", row["branch"] or "")
        total = sums.setdefault(key, [0, 0])
        for place, rates in enumerate((present, proposed)):
            total[place] += _charged(row, rates, month) * row["terms"]
    for (kind, category, branch), (ore, proposed_ore) in sorted(sums.items()):
        if ore or proposed_ore:
            yield BudgetLine.model_validate(
                {
                    "month": month,
                    "kind": kind,
                    "category": category or None,
                    "branch": branch or None,
                    "ore": ore,
                    "proposed_ore": proposed_ore,
                }
            )


def _charged(row: Mapping[str, Any], rates: Rates, month: date) -> int:
    """Return what one of the terms of a row is charged, as ``terms_due`` says it. Source: A13."""
    ore = row["amount_ore"]
    if ore is None:
        ore = amount_in(rates.get(row["rate"], {}), month)
    return int(ore) * int(row["months"]) // MONTHS
