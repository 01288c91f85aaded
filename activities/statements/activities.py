"""The activities of the year end, on PostgreSQL."""

import asyncpg
from temporalio import activity

from activities.database.pool import patiently
from activities.declarations.statements import StatementActivities
from activities.shared.begun_runs import begin_run, end_run
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.statements import yearly
from schemas.names import WorkflowType, year_end_id
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
        """The pages follow from the highest member number."""
        async with without_values(), self._pool.acquire() as connection:
            period = await yearly.open_year(connection, opening)
            if period.refused is None:
                await begin_run(
                    connection,
                    year_end_id(period.year),
                    WorkflowType.YEAR_END_STATEMENTS,
                    opening.today,
                )
            return period

    @activity.defn(name="make_year_end_page")
    async def make_year_end_page(self, page: YearEndPage) -> YearEndPageReport:
        """A page that the database refuses is tried in halves.

        Whoever it refuses alone is a task, and keeps no other one back.
        """
        async with heartbeats(), without_values(), self._pool.acquire() as connection:
            return await yearly.make_page(connection, page)

    @activity.defn(name="report_year_end")
    async def report_year_end(self, period: YearEndPeriod) -> YearEndReport:
        """From the statements as they stand, whichever attempt made them."""
        assert period.cap is not None, "a year without a cap is refused before"
        async with (
            heartbeats(),
            without_values(),
            self._pool.acquire() as connection,
            patiently(connection),
        ):
            report = await yearly.report_year(connection, period.year, period.cap)
            await yearly.ask_for_report(connection, period.year, period.today)
            await yearly.ask_about_late(connection, period.year, period.today)
            await end_run(connection, year_end_id(period.year))
            return report
