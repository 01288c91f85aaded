"""New prices made known: who is concerned is told, and who pays otherwise has planned anew."""

from datetime import timedelta
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.pricing import PricingActivities
    from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, price_announcement_id
    from schemas.pricing.contracts import (
        Announced,
        Announcement,
        RepricingClosing,
        RepricingOrder,
        RepricingPage,
        RepricingPageReport,
        RepricingProgress,
        RepricingReport,
    )
    from schemas.shared.calendar import oslo_date
    from workflows.letters.mailing import start_mailing
    from workflows.shared.calls import on_database
    from workflows.shared.orders import read_order

FUTILE_ROUNDS = 3
"""Rounds in a row that bring nobody further, before a caseworker is asked to look."""


@workflow.defn(name=WorkflowType.REPRICING, versioning_behavior=VersioningBehavior.PINNED)
class Repricing:
    """One change of prices. Coming again tells only those who have not planned anew."""

    def __init__(self) -> None:
        self._progress = RepricingProgress()
        self._troubled = 0
        self._rules = True

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> RepricingReport:
        """Announce what comes to something else, have who pays otherwise plan anew, and report.

        Args:
            order: ``schemas.pricing.contracts.RepricingOrder`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        change = read_order(order, RepricingOrder)
        self._note(of=await self._count(change))
        announced = await self._announce(change)
        told = left = await self._tell_everybody()
        self._note(told=told, unconfirmed=left)
        futile = 0
        while left and futile < FUTILE_ROUNDS:
            await workflow.sleep(_patience(left), summary="let the memberships plan anew")
            before, left = left, await self._tell_everybody()
            futile = futile + 1 if left >= before else 0
            self._note(unconfirmed=left)
        if left:
            await self._close(change, left)
        return RepricingReport(
            effective_on=change.effective_on,
            rulebook=change.rulebook,
            members=self._progress.members,
            told=told,
            troubled=self._troubled,
            unconfirmed=left,
            rounds=self._progress.rounds,
            letters=announced.letters if announced else 0,
            employers=announced.employers if announced else 0,
        )

    async def _announce(self, change: RepricingOrder) -> Announced | None:
        """Have everybody told for whom a rate comes to something else; runs of old told each."""
        if not workflow.patched("announced-set-by-set"):
            return None
        announcement = Announcement(order=change, today=oslo_date(workflow.now()))
        announced = await on_database(
            PricingActivities.announce_prices,
            announcement,
            summary=f"announce the prices from {change.effective_on}",
            timeout=options.ANNOUNCING_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        self._rules = announced.rules
        await start_mailing(announced.batch, announcement.today)
        await _go_on_by_itself(announcement)
        return announced

    async def _count(self, change: RepricingOrder) -> int:
        return await on_database(
            PricingActivities.open_repricing,
            change,
            summary=f"count the members for the prices from {change.effective_on}",
            timeout=options.PERSISTENCE_TIMEOUT,
        )

    async def _tell_everybody(self) -> int:
        """Look at all members, page by page, and return how many had to be told."""
        self._note(members=0)
        self._troubled = 0
        told, after = 0, ""
        while True:
            page = await self._tell(after)
            if page.last is None:
                break
            after, told = page.last, told + page.told
            self._troubled += page.troubled
            self._note(members=self._progress.members + page.members)
        self._note(rounds=self._progress.rounds + 1)
        return told

    async def _tell(self, after: str) -> RepricingPageReport:
        return await on_database(
            PricingActivities.tell_repricing_page,
            RepricingPage(after=after, today=oslo_date(workflow.now()), rules=self._rules),
            summary=f"tell the members after {after or 'none'}",
            timeout=options.REPRICING_TIMEOUT,
            heartbeat=options.REPRICING_HEARTBEAT,
        )

    async def _close(self, change: RepricingOrder, left: int) -> None:
        today = oslo_date(workflow.now())
        await on_database(
            PricingActivities.close_repricing,
            RepricingClosing(order=change, unconfirmed=left, today=today),
            summary="tell the caseworkers who did not follow",
            timeout=options.PERSISTENCE_TIMEOUT,
        )

    def _note(self, **changes: int) -> None:
        self._progress = self._progress.model_copy(update=changes)

    @workflow.query(description="How far it has come: schemas.pricing.contracts.RepricingProgress.")
    def progress(self) -> RepricingProgress:
        """Return how far it has come."""
        return self._progress


async def _go_on_by_itself(announcement: Announcement) -> None:
    """Have employers told and records brought up to date, which nothing waits for."""
    order = announcement.order
    try:
        _ = await workflow.start_child_workflow(
            WorkflowType.PRICE_ANNOUNCEMENT,
            announcement,
            id=price_announcement_id(order.effective_on, order.rulebook),
            task_queue=MEMBERSHIP_QUEUE,
            parent_close_policy=ParentClosePolicy.ABANDON,
            priority=options.LAST,
        )
    except WorkflowAlreadyStartedError:
        return  # it is under way


def _patience(told: int) -> timedelta:
    """Return how long those who were told may take: each writes to the database and to members."""
    return min(
        options.REPRICING_PAUSE + told * options.REPRICING_PAUSE_EACH,
        options.REPRICING_PAUSE_AT_MOST,
    )
