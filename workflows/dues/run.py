"""The monthly dues run: every open term charged once, page by page."""

import asyncio
from collections.abc import Iterable
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.deduction import DeductionActivities
    from activities.declarations.dues import DuesActivities, DuesLetterActivities
    from schemas.deduction.contracts import DeductionListsOrder
    from schemas.dues.contracts import (
        DuesOpening,
        DuesPage,
        DuesPageReport,
        DuesPeriod,
        DuesProgress,
        DuesReport,
        DuesRunOrder,
    )
    from schemas.letters.contracts import InvoiceLetters
    from schemas.names import WorkflowType
    from schemas.shared.calendar import oslo_date
    from workflows.letters.mailing import start_mailing
    from workflows.shared.calls import on_database
    from workflows.shared.orders import read_order

AT_ONCE = 2
"""Pages under way at once: they touch different members, and a database has more than one core."""


@workflow.defn(name=WorkflowType.DUES_RUN, versioning_behavior=VersioningBehavior.PINNED)
class DuesRun:
    """One month's dues for all members. Coming again charges only what is missing."""

    def __init__(self) -> None:
        self._progress = DuesProgress()

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> DuesReport:
        """Charge a month, ask the employers to deduct, bill the members, and sum it up.

        Args:
            order: ``schemas.dues.contracts.DuesRunOrder`` as JSON.

        Raises:
            ApplicationError: the order is none, or for a month nobody charges today; not retried.
        """
        period = await self._open(read_order(order, DuesRunOrder))
        await self._charge_all(period)
        lists = await self._ask_employers(period)
        letters = await self._bill_members(period)
        report = await self._sum_up(period)
        return report.model_copy(update={"lists": lists, "letters": letters})

    async def _open(self, order: DuesRunOrder) -> DuesPeriod:
        """Set the month's dates and its pages."""
        return await on_database(
            DuesActivities.open_dues_run,
            DuesOpening(
                period=order.period,
                today=oslo_date(workflow.now()),
                page_size=order.page_size,
            ),
            summary=f"open the run for {order.period}",
            heartbeat=options.PAGE_HEARTBEAT,
        )

    async def _charge_all(self, period: DuesPeriod) -> None:
        """Charge every page, a few at once."""
        self._show("Charging", pages=len(period.pages))
        coming = iter(period.pages)
        await asyncio.gather(*(self._charge(period, coming) for _ in range(AT_ONCE)))
        if period.built:
            await self._attach(period)

    async def _ask_employers(self, period: DuesPeriod) -> int:
        """Make each employer's deduction list, and begin its settlement, which delivers it."""
        self._show("Listing deductions")
        made = await on_database(
            DeductionActivities.make_deduction_lists,
            DeductionListsOrder(period_from=period.period_from, today=period.charged_on),
            summary="make the deduction lists",
            timeout=options.LIST_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        await on_database(
            DeductionActivities.start_settlements,
            f"{period.period_from:%Y-%m}",
            summary="begin their settlements",
            timeout=options.LIST_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        return made.lists

    async def _bill_members(self, period: DuesPeriod) -> int:
        """Have each invoice sent; the mailing goes on by itself."""
        self._show("Ordering letters")
        ordered = await on_database(
            DuesLetterActivities.order_invoice_letters,
            InvoiceLetters(period_from=period.period_from, today=period.charged_on),
            summary="order the invoices' letters",
            timeout=options.HALVING_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        await start_mailing(ordered.batch)
        return ordered.letters

    async def _sum_up(self, period: DuesPeriod) -> DuesReport:
        self._show("Summing up")
        return await on_database(
            DuesActivities.report_dues_run,
            period.model_copy(update={"pages": ()}),
            summary="sum up the month",
            heartbeat=options.PAGE_HEARTBEAT,
        )

    async def _charge(self, period: DuesPeriod, coming: Iterable[str]) -> None:
        """Charge one page after the other for as long as there is one."""
        for first in coming:
            page = DuesPage(run=period.model_copy(update={"pages": ()}), first=first)
            self._count(
                await on_database(
                    DuesActivities.charge_dues_page,
                    page,
                    summary=f"charge the members from {first}",
                    timeout=options.HALVING_TIMEOUT,
                    heartbeat=options.PAGE_HEARTBEAT,
                )
            )

    async def _attach(self, period: DuesPeriod) -> None:
        """Have what was built become part of the books, all at once."""
        self._show("Attaching the month")
        beside = await on_database(
            DuesActivities.attach_dues_month,
            period,
            summary="attach the month",
            timeout=options.HALVING_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        self._add(beside)

    def _show(self, doing: str, **changes: int) -> None:
        self._progress = self._progress.model_copy(update={"doing": doing, **changes})

    def _count(self, page: DuesPageReport) -> None:
        self._add(page)
        self._show(self._progress.doing, pages_done=self._progress.pages_done + 1)

    def _add(self, page: DuesPageReport) -> None:
        done = self._progress
        self._progress = done.model_copy(
            update={
                "new_charges": done.new_charges + page.charges,
                "new_invoices": done.new_invoices + page.invoices,
            }
        )

    @workflow.query(description="How far the run has come: schemas.dues.contracts.DuesProgress.")
    def progress(self) -> DuesProgress:
        """Return how far the run has come."""
        return self._progress
