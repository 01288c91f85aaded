"""The activity ``order_invoice_letters``, on PostgreSQL."""

from pathlib import Path

import asyncpg
from temporalio import activity

from activities.database.pool import load_queries
from activities.declarations.dues import DuesLetterActivities
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.ordering import order_page
from activities.shared.paging import numbers_of, pages_of_members
from activities.shared.tasks import Connection
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
    async def some(first: str, last: str) -> int:
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

    month = f"{order.period_from:%Y-%m}"
    return await order_page(
        connection,
        page,
        some,
        about=month,
        says=lambda reason: (
            f"The invoice of {month} can't be sent: {reason}. "
            "Put that right, and run the month again, or send it by hand."
        ),
        today=order.today,
    )
