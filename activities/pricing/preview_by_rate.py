"""What new prices come to where nobody pays by another rate: a query over the terms."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.pricing.planning import LARGEST, Sums
from activities.pricing.rate_changes import Amounts, RateChanges, amount_in
from activities.shared.rates import read_amounts
from schemas.dues.rates import MONTHS
from schemas.pricing.contracts import Amounts as Charged
from schemas.pricing.contracts import LargestChange, PriceTotal
from schemas.shared.calendar import month_after
from schemas.shared.vocabulary import Category

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def sums_by_rate(
    connection: asyncpg.pool.PoolConnectionProxy, changes: RateChanges, effective_on: date
) -> Sums:
    """Return what a change comes to, by the terms that are kept and what rates come to.

    Args:
        connection: that no longer sees the change, which has been tried out.
        changes: what it makes of the rates.
        effective_on: when the new prices begin.

    Source: A2, A13, A26, as ``schemas.pricing.repricing.repriced`` says it of one member's facts.
    """
    months = _months(effective_on)
    sums = Sums()
    async with patiently(connection):
        before = await read_amounts(connection)
        priced = list(_priced(before, {**before, **changes.amounts}, months))
        async for row in _SQL.preview(
            connection,
            changes=changes.as_json,
            priced=priced,
            start=effective_on,
            until=months[-1],
            january=next(month for month in months if month.month == 1),
            largest=LARGEST,
        ):
            _add(sums, row)
    return sums


def _months(start: date) -> list[date]:
    """Return the months of a year from one on, and the one after them."""
    found = [start]
    for _ in range(MONTHS):
        found.append(month_after(found[-1]))
    return found


def _priced(
    before: Mapping[str, Amounts], after: Mapping[str, Amounts], months: list[date]
) -> Iterator[dict[str, Any]]:
    """Yield what each rate comes to in each month, and in all months before that."""
    for code in before:
        sums = [0, 0]
        for month in months:
            amounts = [amount_in(side[code], month) for side in (before, after)]
            yield {
                "code": code,
                "month": month.isoformat(),
                "before_ore": amounts[0],
                "after_ore": amounts[1],
                "before_sum": sums[0],
                "after_sum": sums[1],
            }
            sums = [total + ore for total, ore in zip(sums, amounts, strict=True)]


def _add(sums: Sums, row: Mapping[str, Any]) -> None:
    """Add a row of the answer: a category's totals, or one of the largest changes."""
    category = Category(row["category"])
    if row["membership_id"] is not None:
        sums.largest.append(
            LargestChange(
                membership_id=row["membership_id"],
                category=category,
                before_ore=row["year_before"],
                after_ore=row["year_after"],
            )
        )
        return
    sums.members += row["members"]
    sums.categories[category] = PriceTotal(
        category=category,
        members=row["members"],
        changing=row["changing"],
        through_payroll=row["through_payroll"],
        before=Charged(month_ore=row["month_before"], year_ore=row["year_before"]),
        after=Charged(month_ore=row["month_after"], year_ore=row["year_after"]),
    )
