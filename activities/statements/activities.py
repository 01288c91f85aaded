"""The activities of the year end, on PostgreSQL."""

import asyncpg
from temporalio import activity

from activities.database.pool import patiently
from activities.declarations.statements import StatementActivities
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.statements import yearly
from schemas.statements.contracts import (
    YearEndOpening,
    YearEndPage,
    YearEndPageReport,
    YearEndPeriod,
    YearEndReport,
)


class Statements(StatementActivities):
    """What each member paid in a year, set by set.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @activity.defn(name="open_year_end")
    async def open_year_end(self, opening: YearEndOpening) -> YearEndPeriod:
        """Return the cap and the pages of a year, or why there can be no statements.

        Reads only, so repeating it is harmless.
        """
        async with without_values(), self._pool.acquire() as connection:
            return await yearly.open_year(connection, opening)

    @activity.defn(name="make_year_end_page")
    async def make_year_end_page(self, page: YearEndPage) -> YearEndPageReport:
        """Make the statements of one page with their letters and tasks, in one transaction.

        Whoever the database refuses a statement is a task, and keeps no other one back.
        Idempotent by (member, year): a statement that would say the same is not made again.
        """
        async with heartbeats(), without_values(), self._pool.acquire() as connection:
            return await yearly.make_page(connection, page)

    @activity.defn(name="report_year_end")
    async def report_year_end(self, period: YearEndPeriod) -> YearEndReport:
        """Sum up a year's statements. Reads only, so repeating it is harmless."""
        assert period.cap is not None, "a year without a cap is refused before"
        async with (
            heartbeats(),
            without_values(),
            self._pool.acquire() as connection,
            patiently(connection),
        ):
            return await yearly.report_year(connection, period.year, period.cap)
