"""The daily arrears run: every unpaid invoice pursued as far as is due, page by page."""

import asyncio
from collections.abc import Iterable
from datetime import date
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.arrears import ArrearsActivities
    from schemas.arrears.contracts import (
        ArrearsDay,
        ArrearsOrder,
        ArrearsPage,
        ArrearsPlan,
        ArrearsProgress,
        ArrearsReport,
    )
    from schemas.names import WorkflowType, arrears_run_id
    from workflows.letters.mailing import start_mailing
    from workflows.shared.calls import on_database
    from workflows.shared.orders import business_day, read_order

AT_ONCE = 2
"""Pages under way at once: they touch different members, and a database has more than one core."""


@workflow.defn(name=WorkflowType.ARREARS_RUN, versioning_behavior=VersioningBehavior.PINNED)
class ArrearsRun:
    """One day's reminders, warnings and tasks; coming again adds only what is missing."""

    def __init__(self) -> None:
        self._progress = ArrearsProgress()
        self._reported = 0

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> ArrearsReport:
        """Pursue what is owed, have the letters sent, strike off, and take back who has paid.

        Args:
            order: ``schemas.arrears.contracts.ArrearsOrder`` as JSON.

        Raises:
            ApplicationError: the order is none, or for no day near today; not retried.
        """
        today = business_day(read_order(order, ArrearsOrder).today)
        plan = await on_database(
            ArrearsActivities.plan_arrears,
            ArrearsDay(today=today),
            summary=f"see who there is on {today}, and what is overdue",
        )
        await self._pursue_all(plan, today)
        await start_mailing(arrears_run_id(today), today)
        reinstated = await on_database(
            ArrearsActivities.reinstate_members,
            ArrearsDay(today=today),
            summary="take back who has paid",
        )
        return ArrearsReport(
            today=today,
            counts=self._progress.counts,
            reported=self._reported,
            reinstated=reinstated,
        )

    async def _pursue_all(self, plan: ArrearsPlan, today: date) -> None:
        self._progress = self._progress.model_copy(update={"pages": len(plan.pages)})
        pages = [
            ArrearsPage(today=today, first=first, page_size=plan.page_size) for first in plan.pages
        ]
        coming = iter(pages)
        await asyncio.gather(*(self._pursue(coming) for _ in range(AT_ONCE)))

    async def _pursue(self, coming: Iterable[ArrearsPage]) -> None:
        """Take one page after the other for as long as there is one."""
        for page in coming:
            counts = await on_database(
                ArrearsActivities.pursue_arrears,
                page,
                summary=f"pursue what the members from {page.first} owe",
                timeout=options.HALVING_TIMEOUT,
                heartbeat=options.PAGE_HEARTBEAT,
            )
            self._reported += await on_database(
                ArrearsActivities.report_arrears_to_members,
                page,
                summary=f"strike off who has been warned, from {page.first} on",
            )
            done = self._progress
            self._progress = done.model_copy(
                update={"pages_done": done.pages_done + 1, "counts": done.counts.plus(counts)}
            )

    @workflow.query(
        description="How far the run has come: schemas.arrears.contracts.ArrearsProgress."
    )
    def progress(self) -> ArrearsProgress:
        """Return how far the run has come."""
        return self._progress
