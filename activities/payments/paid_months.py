"""Counting fully paid months: of a person, over all memberships (B2)."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from schemas.membership.benefits import Month
from schemas.membership.help import PaidMonths, help_open
from schemas.membership.situation import Facts, situation_on
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import months_before

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def paid_months_of(
    connection: Connection, membership_id: str, rulebook: Rulebook, today: date
) -> PaidMonths | None:
    """Return the paid months of a person, and what help they open; None: never was a member.

    Args:
        connection: of the caller; nothing is written.
        membership_id: one of the person's.
        rulebook: with policies in force today.
        today: the business date.
    """
    found = _SQL.memberships_of_person(connection, membership_id=membership_id)
    ids = [row["membership_id"] async for row in found]
    if not ids:
        return None
    paid, months, before = await count_paid_months(connection, ids, rulebook, today)
    return PaidMonths(
        membership_id=membership_id,
        until=today,
        paid=paid,
        unpaid=months - paid,
        before=before,
        help=help_open(paid, rulebook.policies_on(today)),
    )


async def count_paid_months(
    connection: Connection, membership_ids: Sequence[str], rulebook: Rulebook, today: date
) -> tuple[int, int, int]:
    """Return how many months are fully paid, how many there are, and what another union was paid.

    A month counts once, whatever memberships it belongs to (invariant 10). Those that were paid to
    another union lie before the membership they were brought along to (L10).

    Args:
        connection: of the caller.
        membership_ids: all of one person's.
        rulebook: says whether a month counts that is free, waived or paid to another union.
        today: the last day whose month is looked at.
    """
    months = await months_of(connection, membership_ids, rulebook, today)
    states = list(months.values())
    counted = sum(state.counts for state in states)
    return counted, len(states), states.count(Month.BROUGHT_ALONG)


async def months_of(
    connection: Connection,
    membership_ids: Sequence[str],
    rulebook: Rulebook,
    today: date,
    *,
    until: date | None = None,
) -> dict[date, Month]:
    """Return each month of a person's memberships, and whether it counts as fully paid.

    Args:
        connection: of the caller.
        membership_ids: all of one person's.
        rulebook: its policies of ``today`` say what counts.
        today: the business date.
        until: the last day whose month is looked at, also one to come; the same, if left out.
    """
    rows = _SQL.list_months(connection, membership_ids=list(membership_ids), today=until or today)
    months: dict[date, Month] = {}
    async for row in rows:
        state = _state(row, rulebook, today)
        known = months.get(row["month"])
        if known is None or (state.counts and not known.counts):
            months[row["month"]] = state
    for month in await _brought_along(connection, membership_ids, rulebook, today):
        if month not in months or not months[month].counts:
            months[month] = Month.BROUGHT_ALONG
    return months


async def _brought_along(
    connection: Connection, membership_ids: Sequence[str], rulebook: Rulebook, today: date
) -> set[date]:
    """Return the months before memberships that were paid to another union. Source: L10."""
    if not rulebook.policies_on(today).transfer_counts_paid_months:
        return set()
    transfers = _SQL.list_transfers(connection, membership_ids=list(membership_ids))
    return {
        months_before(row["since"], count)
        async for row in transfers
        for count in range(1, row["paid_months"] + 1)
    }


def _state(row: Mapping[str, Any], rulebook: Rulebook, today: date) -> Month:
    """Tell whether a month is paid; of one that nothing is charged for the policies say. B2."""
    if row["paid"] is not None:
        return Month.PAID if row["paid"] else Month.UNPAID
    policies = rulebook.policies_on(today)
    if row["facts"] is None:  # an older version kept none, and nobody can tell why it was free
        return Month.FREE_NOT_COUNTED
    facts = _facts(row["facts"])
    if situation_on(facts, rulebook, max(row["month"], facts.since)).on_leave:
        return Month.WAIVED if policies.waived_month_counts else Month.WAIVED_NOT_COUNTED
    return Month.FREE if policies.free_month_counts else Month.FREE_NOT_COUNTED


@lru_cache(maxsize=16)
def _facts(text: str) -> Facts:
    return Facts.model_validate_json(text)
