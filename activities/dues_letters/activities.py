"""The activity ``order_invoice_letters``, on PostgreSQL."""

from pathlib import Path

import asyncpg
from temporalio import activity

from activities.database import load_queries
from activities.declarations.dues_letters import DuesLetterActivities
from activities.heartbeats import heartbeats
from activities.persistence.errors import without_values
from schemas.mailing import InvoiceLetters, OrderedLetters

_SQL = load_queries(Path(__file__).with_name("sql") / "dues_letters.sql")

PAGE_SIZE = 50_000
"""Member numbers a statement, each well inside the database's patience."""


class DuesLetters(DuesLetterActivities):
    """The letters that go with a dues run's invoices.

    Args:
        pool: from ``activities.database.open_pool``; whoever opened it closes it.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @activity.defn(name="order_invoice_letters")
    async def order_invoice_letters(self, order: InvoiceLetters) -> OrderedLetters:
        """Order one letter for each invoice that the run of a month issued.

        Args:
            order: the month, and the business date.

        Returns:
            The batch they are in, and how many are new.

        Idempotent by invoice: what has been ordered is left as it is.
        """
        letters = 0
        async with heartbeats(), without_values(), self._pool.acquire() as connection:
            last = await _SQL.last_member(connection)
            for first in range(1, last + 1, PAGE_SIZE):
                letters += await _SQL.order_letters(
                    connection,
                    period_from=order.period_from,
                    today=order.today,
                    batch=order.batch,
                    first=f"{first:08d}",
                    last=f"{first + PAGE_SIZE - 1:08d}",
                )
        return OrderedLetters(batch=order.batch, letters=letters)
