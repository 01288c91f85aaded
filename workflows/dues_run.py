"""The monthly dues run: every open term charged once, page by page."""

import asyncio
from collections.abc import Iterable
from typing import cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.declarations.dues import DuesActivities
    from schemas.dues import (
        DuesOpening,
        DuesPage,
        DuesPageReport,
        DuesPeriod,
        DuesProgress,
        DuesReport,
        DuesRunOrder,
    )
    from schemas.faults import faults_of
    from schemas.rules.calendar import oslo_date
    from workflows import options

AT_ONCE = 2
"""Pages under way at once: they touch different members, and a database has more than one core."""


@workflow.defn(name="DuesRun", versioning_behavior=VersioningBehavior.PINNED)
class DuesRun:
    """One month's dues for all members. Coming again charges only what is missing."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self._progress = DuesProgress()

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> DuesReport:
        """Charge a month, and sum it up.

        Args:
            order: ``schemas.dues.DuesRunOrder`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        opening = DuesOpening(period=_period_of(order), today=oslo_date(workflow.now()))
        period = await workflow.execute_activity_method(
            DuesActivities.open_dues_run,
            opening,
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PERSISTENCE_TIMEOUT,
            retry_policy=options.UNTIL_MENDED,
            summary=f"open the run for {opening.period}",
        )
        self._progress = self._progress.model_copy(update={"pages": len(period.pages)})
        coming = iter(period.pages)
        await asyncio.gather(*(self._charge(period, coming) for _ in range(AT_ONCE)))
        report = await workflow.execute_activity_method(
            DuesActivities.report_dues_run,
            period.model_copy(update={"pages": ()}),
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PAGE_TIMEOUT,
            retry_policy=options.UNTIL_MENDED,
            summary="sum up the month",
        )
        done = self._progress
        return report.model_copy(
            update={"new_charges": done.new_charges, "new_invoices": done.new_invoices}
        )

    async def _charge(self, period: DuesPeriod, coming: Iterable[str]) -> None:
        """Charge one page after the other for as long as there is one."""
        for first in coming:
            page = DuesPage(run=period.model_copy(update={"pages": ()}), first=first)
            self._count(
                await workflow.execute_activity_method(
                    DuesActivities.charge_dues_page,
                    page,
                    task_queue=options.PERSISTENCE_QUEUE,
                    start_to_close_timeout=options.PAGE_TIMEOUT,
                    retry_policy=options.UNTIL_MENDED,
                    summary=f"charge the members from {first}",
                )
            )

    def _count(self, page: DuesPageReport) -> None:
        done = self._progress
        self._progress = done.model_copy(
            update={
                "pages_done": done.pages_done + 1,
                "new_charges": done.new_charges + page.charges,
                "new_invoices": done.new_invoices + page.invoices,
            }
        )

    @workflow.query(description="How far the run has come: schemas.dues.DuesProgress.")
    def progress(self) -> DuesProgress:
        """Return how far the run has come."""
        return self._progress


def _period_of(order: RawValue | None) -> str:
    """Return the month that was ordered.

    Raises:
        ApplicationError: it can't be read; a wrong order ends visibly and charges nobody.
    """
    data = order.payload.data if order is not None else b""
    try:
        return DuesRunOrder.model_validate_json(data or b"{}").period
    except ValidationError as error:
        faults = "; ".join(faults_of(error))
        raise ApplicationError(faults, type="Refused", non_retryable=True) from None
