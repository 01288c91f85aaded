"""New prices made known: every membership concerned is told, until all have planned anew."""

from datetime import timedelta
from typing import cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.declarations.pricing import PricingActivities
    from schemas.faults import faults_of
    from schemas.pricing import (
        RepricingClosing,
        RepricingOrder,
        RepricingPage,
        RepricingPageReport,
        RepricingProgress,
        RepricingReport,
    )
    from schemas.rules.calendar import oslo_date
    from workflows import options

FUTILE_ROUNDS = 3
"""Rounds in a row that bring nobody further, before a caseworker is asked to look."""


@workflow.defn(name="Repricing", versioning_behavior=VersioningBehavior.PINNED)
class Repricing:
    """One change of prices. Coming again tells only those who have not planned anew."""

    def __init__(self) -> None:
        """Begin with nobody told."""
        self._progress = RepricingProgress()
        self._troubled = 0

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> RepricingReport:
        """Tell everybody, look again until nobody is left, and report.

        Args:
            order: ``schemas.pricing.RepricingOrder`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        change = _order_of(order)
        self._note(of=await self._count(change))
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
        )

    async def _count(self, change: RepricingOrder) -> int:
        return await workflow.execute_activity_method(
            PricingActivities.open_repricing,
            change,
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PERSISTENCE_TIMEOUT,
            retry_policy=options.UNTIL_MENDED,
            summary=f"count the members for the prices from {change.effective_on}",
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
        return await workflow.execute_activity_method(
            PricingActivities.tell_repricing_page,
            RepricingPage(after=after, today=oslo_date(workflow.now())),
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.REPRICING_TIMEOUT,
            heartbeat_timeout=options.REPRICING_HEARTBEAT,
            retry_policy=options.UNTIL_MENDED,
            summary=f"tell the members after {after or 'none'}",
        )

    async def _close(self, change: RepricingOrder, left: int) -> None:
        today = oslo_date(workflow.now())
        await workflow.execute_activity_method(
            PricingActivities.close_repricing,
            RepricingClosing(order=change, unconfirmed=left, today=today),
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PERSISTENCE_TIMEOUT,
            retry_policy=options.UNTIL_MENDED,
            summary="tell the caseworkers who did not follow",
        )

    def _note(self, **changes: int) -> None:
        self._progress = self._progress.model_copy(update=changes)

    @workflow.query(description="How far it has come: schemas.pricing.RepricingProgress.")
    def progress(self) -> RepricingProgress:
        """Return how far it has come."""
        return self._progress


def _patience(told: int) -> timedelta:
    """Return how long those who were told may take: each writes to the database and to members."""
    return min(
        options.REPRICING_PAUSE + told * options.REPRICING_PAUSE_EACH,
        options.REPRICING_PAUSE_AT_MOST,
    )


def _order_of(order: RawValue | None) -> RepricingOrder:
    """Return the change that was ordered.

    Raises:
        ApplicationError: it can't be read; a wrong order ends visibly and tells nobody.
    """
    data = order.payload.data if order is not None else b""
    try:
        return RepricingOrder.model_validate_json(data or b"{}")
    except ValidationError as error:
        faults = "; ".join(faults_of(error))
        raise ApplicationError(faults, type="Refused", non_retryable=True) from None
