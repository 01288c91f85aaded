"""Whether a rise of prices is told early enough, and until when it may still be announced."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.pricing.planning import read_pages, work_out_all
from activities.pricing.rate_changes import RateChanges, first_rise
from schemas.dues.rates import Paid, Rate, amounts_of, rate_of
from schemas.pricing.contracts import PriceChange
from schemas.pricing.notice import announced_by, earliest_rise
from schemas.pricing.rulebook import Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

CENTRAL = (Paid.FULL, Paid.HALF, Paid.QUARTER, Paid.STUDENT, Paid.PENSIONER, Paid.PREMIUM)
LOCAL = frozenset({Paid.LOCAL, Paid.LOCAL_HALF})


class ShortNotice(Exception):
    """A rise begins too early, or is announced too late; its text says what would do."""


async def dearer_from(
    connection: Connection,
    change: PriceChange,
    rates: RateChanges,
    *,
    before: Rulebook,
    after: Rulebook,
    today: date,
) -> date | None:
    """Return the first month in which somebody pays more by a change; None: nobody does.

    Whom rules make pay more is only looked for where the change begins too early for a rise:
    everybody has to be planned for it.

    Args:
        connection: within the transaction that writes the change.
        change: what was decided.
        rates: what comes to something else by it.
        before, after: the rulebook without and with it.
        today: the business date.

    Raises:
        ShortNotice: that month comes too early.

    Source: A41.
    """
    policies = before.policies_on(today)
    free = LOCAL if policies.branch_price_notice == "none" else frozenset()
    found = [month for rate, month in _rises(rates, before, after) if rate.paid not in free]
    months = policies.price_notice_months
    if change.changes_rules and today > announced_by(change.effective_on, months):
        sums = await work_out_all(
            read_pages(connection),
            before,
            after,
            change.effective_on,
            members=await _SQL.count_members(connection),
        )
        found += [sums.dearer_from] if sums.dearer_from else []
    if not found:
        return None
    if today > announced_by(min(found), months):
        raise ShortNotice(
            f"a rise is told {_months(months)} before it begins (A41): told on {today} it begins "
            f"with {earliest_rise(today, months)} at the earliest, and this one with {min(found)}"
        )
    return min(found)


def _rises(rates: RateChanges, before: Rulebook, after: Rulebook) -> Iterator[tuple[Rate, date]]:
    """Yield the rates that are dearer and from when, also those that nobody pays by yet."""
    for code, dearer in rates.rises.items():
        yield rate_of(code), dearer
    locals_ = (Rate(Paid.LOCAL, branch.code) for branch in before.branches if branch.rates)
    for rate in (*map(Rate, CENTRAL), *locals_):
        if rate.code not in rates.amounts:
            priced = dict(amounts_of(rate, before))
            month = first_rise(priced, dict(amounts_of(rate, after)))
            # What had no price before costs nobody more.
            if month is not None and month >= min(priced, default=date.max):
                yield rate, month


def _months(count: int) -> str:
    return "a month" if count == 1 else f"{count} months"


async def refuse_late_news(
    connection: Connection, effective_on: date, version: str, today: date
) -> None:
    """Refuse to announce a rise when it is too late for it, unless it has been announced.

    Raises:
        ShortNotice: it is.

    Source: A41.
    """
    last = await _SQL.find_last_day_to_announce(
        connection, effective_on=effective_on, version=version
    )
    if last is not None and last < today:
        raise ShortNotice(
            f"the prices from {effective_on} were to be announced by {last} (A41), and nobody has "
            f"been told on {today}"
        )
