"""The activity ``order_invoice_letters``, on PostgreSQL."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg
from temporalio import activity

from activities.database.pool import load_queries
from activities.declarations.dues import DuesLetterActivities
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.paging import (
    bounds_of,
    member_number,
    membership_of,
    numbers_of,
    pages_of_members,
)
from activities.shared.quarantine import in_halves, reason_of
from activities.shared.tasks import Connection, open_task
from schemas.letters.contracts import InvoiceLetters, OrderedLetters

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE_SIZE = 50_000
"""Member numbers a statement, each well inside the database's patience."""


class DuesLetters(DuesLetterActivities):
    """The letters that go with a dues run's invoices.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @activity.defn(name="order_invoice_letters")
    async def order_invoice_letters(self, order: InvoiceLetters) -> OrderedLetters:
        """Page by page: an attempt after one that was cut off finds the pages before ordered."""
        letters = 0
        async with heartbeats(), without_values(), self._pool.acquire() as connection:
            for first in await pages_of_members(connection, PAGE_SIZE):
                letters += await _order_page(connection, order, numbers_of(first, PAGE_SIZE))
        return OrderedLetters(batch=order.batch, letters=letters)


async def _order_page(connection: Connection, order: InvoiceLetters, page: range) -> int:
    """Order the letters of a page; one that can't be ordered is a task, and stops no other one."""

    async def some(members: Sequence[int]) -> int:
        first, last = bounds_of(members)
        return int(
            await _SQL.order_letters(
                connection,
                period_from=order.period_from,
                today=order.today,
                batch=order.batch,
                first=first,
                last=last,
            )
        )

    async def quarantine(member: int, error: asyncpg.PostgresError) -> int:
        membership_id = await membership_of(connection, member_number(member))
        if membership_id is None:
            raise error
        await open_task(
            connection,
            key=f"letter-quarantine/{membership_id}/{order.period_from:%Y-%m}",
            kind="letter_quarantine",
            says=f"The invoice of {order.period_from:%Y-%m} can't be sent: {reason_of(error)}. "
            "Put that right, and run the month again, or send it by hand.",
            today=order.today,
            membership_id=membership_id,
        )
        return 0

    return sum(await in_halves(page, some, quarantine))
