"""The year's end: every member's statement for the tax return, made once and sent."""

import asyncio
from collections.abc import Iterable
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.statements import StatementActivities
    from schemas.names import WorkflowType, year_end_id
    from schemas.shared.calendar import oslo_date
    from schemas.statements.contracts import (
        YearEndOpening,
        YearEndOrder,
        YearEndPage,
        YearEndPageReport,
        YearEndPeriod,
        YearEndProgress,
        YearEndReport,
    )
    from workflows.letters.mailing import start_mailing
    from workflows.shared.calls import on_database
    from workflows.shared.orders import read_order

AT_ONCE = 2
"""Pages under way at once: they touch different members, and a database has more than one core."""


@workflow.defn(name=WorkflowType.YEAR_END_STATEMENTS, versioning_behavior=VersioningBehavior.PINNED)
class YearEndStatements:
    """One year's statements. Coming again makes only what is missing or has come out otherwise."""

    def __init__(self) -> None:
        self._progress = YearEndProgress()

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> YearEndReport:
        """Make the statements page by page, have them sent, and sum up.

        Args:
            order: ``schemas.statements.contracts.YearEndOrder`` as JSON; nothing: the year that
                is over.

        Raises:
            ApplicationError: the order is none, the year is not over or has no cap; not retried.
        """
        today = oslo_date(workflow.now())
        opening = YearEndOpening(
            year=read_order(order, YearEndOrder).year or today.year - 1, today=today
        )
        period = await self._open(opening)
        coming = iter(period.pages)
        at_once = AT_ONCE if workflow.patched("pages-at-once") else 1
        await asyncio.gather(*(self._make_pages(period, coming) for _ in range(at_once)))
        if self._progress.letters:
            # It takes its time: a year's letters to everybody, at a bounded rate.
            await start_mailing(year_end_id(period.year))
        return await self._report(period)

    async def _open(self, opening: YearEndOpening) -> YearEndPeriod:
        period = await on_database(
            StatementActivities.open_year_end,
            opening,
            summary=f"read the cap of {opening.year}",
            timeout=options.PERSISTENCE_TIMEOUT,
        )
        if period.refused is not None:
            raise ApplicationError(period.refused, type="Refused", non_retryable=True)
        self._progress = YearEndProgress(pages=len(period.pages))
        return period

    async def _make_pages(self, period: YearEndPeriod, coming: Iterable[str]) -> None:
        """Make one page after the other for as long as there is one."""
        for first in coming:
            self._count(await self._make(period, first))

    async def _make(self, period: YearEndPeriod, first: str) -> YearEndPageReport:
        assert period.cap is not None, "a year without a cap is refused before"
        return await on_database(
            StatementActivities.make_year_end_page,
            YearEndPage(
                year=period.year,
                today=period.today,
                cap=period.cap,
                first=first,
                page_size=period.page_size,
            ),
            summary=f"make the statements of the members from {first}",
            timeout=options.HALVING_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )

    def _count(self, page: YearEndPageReport) -> None:
        done = self._progress
        self._progress = done.model_copy(
            update={
                "pages_done": done.pages_done + 1,
                "statements": done.statements + page.statements,
                "corrections": done.corrections + page.corrections,
                "letters": done.letters + page.letters,
            }
        )

    async def _report(self, period: YearEndPeriod) -> YearEndReport:
        report = await on_database(
            StatementActivities.report_year_end,
            period.model_copy(update={"pages": ()}),
            summary="sum up the year",
            heartbeat=options.PAGE_HEARTBEAT,
        )
        done = self._progress
        return report.model_copy(
            update={
                "new": done.statements,
                "corrections": done.corrections,
                "letters": done.letters,
            }
        )

    @workflow.query(
        description="How far it has come: schemas.statements.contracts.YearEndProgress."
    )
    def progress(self) -> YearEndProgress:
        """Return how far it has come."""
        return self._progress
