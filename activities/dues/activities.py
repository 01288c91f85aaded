"""The dues run's activities, on PostgreSQL."""

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.declarations.dues import DuesActivities
from activities.dues import charging
from activities.dues.counting import note_month
from activities.shared.begun_runs import begin_run, end_run
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.rulebook import RulebookReader
from schemas.dues.contracts import DuesOpening, DuesPage, DuesPageReport, DuesPeriod, DuesReport
from schemas.names import WorkflowType, dues_run_id


class Dues(DuesActivities):
    """Charging all members for a month, set by set.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._rulebooks = RulebookReader(allow_synthetic_ids=False)

    @activity.defn(name="open_dues_run")
    async def open_dues_run(self, opening: DuesOpening) -> DuesPeriod:
        """The month's dates are written down; the pages follow from the highest member number."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            try:
                run = await charging.open_run(connection, rulebook, opening)
            except charging.Implausible as error:
                raise ApplicationError(str(error), type="Refused", non_retryable=True) from None
            await begin_run(
                connection, dues_run_id(opening.period), WorkflowType.DUES_RUN, opening.today
            )
            return run

    @activity.defn(name="charge_dues_page")
    async def charge_dues_page(self, page: DuesPage) -> DuesPageReport:
        """In one statement, and so in one transaction.

        A page that the database refuses is tried in halves, down to who can't be charged.
        """
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return await charging.charge_page(connection, page)

    @activity.defn(name="attach_dues_month")
    async def attach_dues_month(self, run: DuesPeriod) -> DuesPageReport:
        """In one transaction; who could not be built is charged row by row after it."""
        async with without_values(), heartbeats():
            return await charging.attach_run(self._pool, run)

    @activity.defn(name="report_dues_run")
    async def report_dues_run(self, run: DuesPeriod) -> DuesReport:
        """From what the month holds, whichever run or attempt put it there."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            report = await charging.report_run(connection, run)
            await note_month(connection, run, report)
            await end_run(connection, dues_run_id(f"{run.period_from:%Y-%m}"))
            return report
