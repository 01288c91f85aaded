"""What new prices are announced with: members' letters and employers' notices, set by set."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.pricing.announcing import Outdated, is_outdated
from activities.pricing.notice import refuse_late_news
from activities.shared.ordering import order_page
from activities.shared.paging import bounds_of, numbers_of, pages_of_members
from activities.shared.tasks import Connection
from schemas.membership.situation import whole_month
from schemas.names import repricing_id
from schemas.pricing.contracts import Announced, Announcement, PriceChange
from schemas.pricing.rulebook import Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PooledConnection = asyncpg.pool.PoolConnectionProxy

PAGE_SIZE = 25_000
"""Member numbers a statement, each well inside the database's patience."""


async def announce(
    connection: PooledConnection, announcement: Announcement, rulebook: Rulebook
) -> Announced:
    """Order what new prices are announced with; see ``PricingActivities.announce_prices``.

    Whoever is to pay by another rate, since rules have changed too, hears of both from the
    membership itself.

    Raises:
        ShortNotice: it makes something dearer too soon after today.
    """
    order = announcement.order
    await refuse_late_news(connection, order.effective_on, order.rulebook, announcement.today)
    found = await _SQL.read_repricing(
        connection, effective_on=order.effective_on, version=order.rulebook
    )
    # Nobody approved it here: all that can be told is whose terms are others.
    rules = found is None or PriceChange.model_validate(found["change"]).changes_rules
    letters = 0
    for first in await pages_of_members(connection, PAGE_SIZE):
        page = numbers_of(first, PAGE_SIZE)
        left_out = await _planned_otherwise(connection, page, rulebook) if rules else []
        letters += await _order_page(connection, announcement, page, left_out)
    await _SQL.note_announced(
        connection,
        effective_on=order.effective_on,
        version=order.rulebook,
        today=announcement.today,
    )
    employers = await _SQL.count_notices(
        connection, effective_on=order.effective_on, version=order.rulebook
    )
    return Announced(
        batch=repricing_id(order.effective_on, order.rulebook),
        letters=letters,
        employers=employers,
        rules=rules,
    )


async def _planned_otherwise(connection: Connection, page: range, rulebook: Rulebook) -> list[str]:
    """Return the members of a page who are to pay by other rates."""
    first, last = bounds_of(page)
    rows = [row async for row in _SQL.read_page(connection, first=first, last=last)]
    return await asyncio.to_thread(_outdated, rows, rulebook)


def _outdated(rows: Sequence[Mapping[str, Any]], rulebook: Rulebook) -> list[str]:
    found = []
    for row in rows:
        try:
            if is_outdated(row["facts"], row["terms"], rulebook):
                found.append(row["membership_id"])
        except Outdated:
            continue  # charged by the rates that are kept, at the new prices
    return found


async def _order_page(
    connection: PooledConnection, announcement: Announcement, page: range, left_out: list[str]
) -> int:
    order = announcement.order

    async def some(first: str, last: str) -> int:
        async with patiently(connection):
            return int(
                await _SQL.announce(
                    connection,
                    effective_on=order.effective_on,
                    version=order.rulebook,
                    batch=repricing_id(order.effective_on, order.rulebook),
                    today=announcement.today,
                    coming=whole_month(announcement.today),
                    first=first,
                    last=last,
                    left_out=left_out,
                )
            )

    return await order_page(
        connection,
        page,
        some,
        about=f"price-{order.effective_on}",
        says=lambda reason: (
            f"The prices from {order.effective_on} can't be announced: {reason}. "
            "Put that right, and run the same reprice command again, or write by hand."
        ),
        today=announcement.today,
    )
