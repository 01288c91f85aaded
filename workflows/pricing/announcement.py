"""What follows a change of prices in its own time: employers told, sleeping records refreshed."""

from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.deduction import PriceNoticeActivities
    from activities.declarations.pricing import PricingActivities
    from schemas.names import WorkflowType
    from schemas.pricing.contracts import Announcement, NoticesLeft, RefreshPage
    from workflows.shared.calls import on_database, on_notifications
    from workflows.shared.orders import read_order


@workflow.defn(name=WorkflowType.PRICE_ANNOUNCEMENT, versioning_behavior=VersioningBehavior.PINNED)
class PriceAnnouncement:
    """One change of prices, after its letters have been ordered. Nothing waits for it."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> NoticesLeft:
        """Tell each employer once of all its members, then let the records know the prices.

        Args:
            order: ``schemas.pricing.contracts.Announcement`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        asked = read_order(order, Announcement)
        left = await self._tell_employers(asked)
        await self._refresh(asked)
        return left

    async def _tell_employers(self, asked: Announcement) -> NoticesLeft:
        """Try until each employer has been told, or a caseworker has been asked."""
        told, sweeps = 0, 0
        while True:
            left = await on_notifications(
                PriceNoticeActivities.tell_employers_of_prices,
                asked.model_copy(update={"last": sweeps >= options.MAILING_SWEEPS}),
                summary="tell the employers",
                timeout=options.MAILING_TIMEOUT,
                heartbeat=options.MAILING_HEARTBEAT,
            )
            told += left.told
            if not left.waiting:
                return left.model_copy(update={"told": told})
            pause = min(options.MAILING_PAUSE * 2**sweeps, options.MAILING_PAUSE_AT_MOST)
            sweeps += 1
            await workflow.sleep(pause, summary="not all employers could be told")

    async def _refresh(self, asked: Announcement) -> None:
        """Go over the records page by page, at a rate that holds nobody up."""
        after = ""
        while True:
            page = await on_database(
                PricingActivities.refresh_records,
                RefreshPage(order=asked.order, after=after),
                summary=f"refresh the records after {after or 'none'}",
                timeout=options.REPRICING_TIMEOUT,
                heartbeat=options.REPRICING_HEARTBEAT,
                priority=options.LAST,
            )
            if page.last is None:
                return
            after = page.last
            await workflow.sleep(options.REFRESH_PAUSE, summary="let the others pass")
