"""What the union will charge if nobody does anything: terms reach ahead, and so do prices."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.pricing.coming_premiums import Coming, count_coming
from activities.pricing.preview import tried_out
from activities.pricing.rate_changes import Amounts, amount_in
from activities.shared.rates import read_amounts
from activities.shared.rulebook import RulebookReader
from schemas.dues.rates import MONTHS, amounts_of, rate_of
from schemas.pricing.contracts import Budget, BudgetLine, PriceChange
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import month_after
from schemas.shared.vocabulary import LineKind

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
        book = await RulebookReader(allow_synthetic_ids=False).current(connection)
        changed: Rates = {}
        after = book
        if proposed is not None:
            async with tried_out(connection, proposed, today=today, replace=True) as written:
                changed, after = written.rates.amounts, written.after
        async with patiently(connection):
            coming = await count_coming(connection, book)
            known = await read_amounts(connection)
            prices = _with_new(known, coming, book), _with_new({**known, **changed}, coming, after)
            for month in _months(start, months):
                found = _SQL.count_charged(connection, month=month)
                rows = [row async for row in found]
                lines += _lines(month, [*rows, *_premiums(coming, month)], *prices)
    return Budget(proposed=proposed, lines=tuple(lines))


def _months(start: date, count: int) -> Iterator[date]:
    month = start
    for _ in range(count):
        yield month
        month = month_after(month)


def _with_new(known: Rates, coming: Iterable[Coming], book: Rulebook) -> Rates:
    """Return what rates come to, also those that no term charges by yet."""
    new = {one.rate for one in coming} - set(known)
    return {**known, **{code: dict(amounts_of(rate_of(code), book)) for code in new}}


def _premiums(coming: Counter[Coming], month: date) -> Iterator[Mapping[str, Any]]:
    """Yield the premiums that will have come by a month, as rows of terms."""
    for one, members in coming.items():
        if one.is_for(month):
            yield {
                "kind": LineKind.INSURANCE_PREMIUM,
                "category": one.category,
                "branch": one.branch,
                "rate": one.rate,
                "amount_ore": None,
                "months": MONTHS,
                "terms": members,
            }


def _lines(
    month: date, rows: list[Mapping[str, Any]], present: Rates, proposed: Rates
) -> Iterator[BudgetLine]:
    """Yield the lines of a month in order; what charges nothing is none."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        key = (row["kind"], row["category"] or "", row["branch"] or "")
        total = sums.setdefault(key, [0, 0, 0])
        total[2] += row["terms"]
        for place, rates in enumerate((present, proposed)):
            total[place] += _charged(row, rates, month) * row["terms"]
    for (kind, category, branch), (ore, proposed_ore, members) in sorted(sums.items()):
        if ore or proposed_ore:
            yield BudgetLine.model_validate(
                {
                    "month": month,
                    "kind": kind,
                    "category": category or None,
                    "branch": branch or None,
                    "members": members,
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
