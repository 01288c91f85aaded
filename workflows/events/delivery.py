"""The delivery of events to one consumer: turn after turn, until it is paused."""

from datetime import datetime, timedelta
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.events import DeliveryActivities
    from schemas.events.delivery import (
        Delivered,
        DeliveryEnd,
        DeliveryOrder,
        DeliveryTurn,
        Verdict,
    )
    from schemas.names import WorkflowType, events_delivery_id
    from schemas.shared.calendar import oslo_date
    from workflows.shared.calls import on_deliveries
    from workflows.shared.orders import read_order


@workflow.defn(name=WorkflowType.EVENT_DELIVERY, versioning_behavior=VersioningBehavior.PINNED)
class EventDelivery:
    """Has events posted to a consumer, and waits longer each time it does not take them."""

    def __init__(self) -> None:
        self._looks = False
        self._failures = 0
        self._failing_since: datetime | None = None

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> None:
        """Deliver until somebody, or three days without success, pauses the consumer.

        Args:
            order: ``schemas.events.delivery.DeliveryOrder`` as JSON.

        Raises:
            ApplicationError: the order is none, or another consumer's; not retried.
        """
        asked = read_order(order, DeliveryOrder)
        if workflow.info().workflow_id != events_delivery_id(asked.consumer):
            says = "a consumer's events are delivered under the id made of its name only"
            raise ApplicationError(says, type="Refused", non_retryable=True)
        self._failures, self._failing_since = asked.failures, asked.failing_since
        while True:
            self._looks = False
            turn = await self._turn(asked)
            if turn.verdict is Verdict.FAILED:
                pause = await self._failed(asked, turn)
            else:
                self._failures, self._failing_since = 0, None
                pause = options.EVENTS_PAUSE if turn.verdict is Verdict.DONE else timedelta(0)
            if turn.verdict is Verdict.PAUSED or pause is None:
                if not self._looks:
                    return
                continue
            await self._pause(pause, turn)
            self._renew_if_long(asked)

    async def _turn(self, asked: DeliveryOrder) -> Delivered:
        return await on_deliveries(
            DeliveryActivities.deliver_events,
            DeliveryTurn(consumer=asked.consumer, at=workflow.now()),
            summary="post what there is",
        )

    async def _failed(self, asked: DeliveryOrder, turn: Delivered) -> timedelta | None:
        """Return how long to wait before the next attempt; None: there is none."""
        now = workflow.now()
        self._failures += 1
        self._failing_since = self._failing_since or now
        if now - self._failing_since >= options.EVENTS_GIVE_UP_AFTER:
            await on_deliveries(
                DeliveryActivities.give_up_delivery,
                DeliveryEnd(
                    consumer=asked.consumer,
                    at=now,
                    today=oslo_date(now),
                    failures=self._failures,
                    trouble=turn.trouble,
                    status=turn.status,
                ),
                summary="pause the consumer, and ask a caseworker",
            )
            self._failures, self._failing_since = 0, None
            return None
        if turn.wait_seconds is not None:
            return timedelta(seconds=turn.wait_seconds)
        doublings = min(self._failures - 1, options.EVENTS_DOUBLINGS)
        wait = min(options.EVENTS_RETRY * (1 << doublings), options.EVENTS_RETRY_AT_MOST)
        spread: float = workflow.random().uniform(0.8, 1.2)
        return wait * spread

    def _renew_if_long(self, asked: DeliveryOrder) -> None:
        """Go on in a new run before the history gets long."""
        if workflow.info().get_current_history_length() > options.RENEW_RUN_AFTER_EVENTS:
            carried = {"failures": self._failures, "failing_since": self._failing_since}
            workflow.continue_as_new(asked.model_copy(update=carried))

    async def _pause(self, pause: timedelta, turn: Delivered) -> None:
        """Wait, unless somebody has changed something of the consumer."""
        if not pause:
            return
        says = "it was not taken" if turn.trouble is not None else "all is told"
        try:
            await workflow.wait_condition(lambda: self._looks, timeout=pause, timeout_summary=says)
        except TimeoutError:
            return
        self._failures, self._failing_since = 0, None

    @workflow.signal(description="Something of the consumer has changed: look at once.")
    def look_again(self, _raw: RawValue = cast(RawValue, None)) -> None:
        """Take a turn now, and count its failures anew."""
        self._looks = True
