"""Has letters sent beside everything else a membership does."""

from collections import deque
from collections.abc import Callable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.declarations.letters import NotificationActivities
    from schemas.membership.decision import Delivery, DeliveryReport
    from schemas.shared.calendar import oslo_date
    from workflows.shared import options
    from workflows.shared.calls import on_notifications


class Outbox:
    """Sends what waits in the outbox whenever a decision has ordered letters.

    Attributes:
        reports: what became of them, to be taken in by the membership.
    """

    def __init__(self, membership_id: Callable[[], str]) -> None:
        """Begin with nothing to send.

        Args:
            membership_id: tells whose letters they are.
        """
        self._membership_id = membership_id
        self.reports: deque[DeliveryReport] = deque()
        self._ordered = False
        self._delivering = False
        self._left = False

    @property
    def busy(self) -> bool:
        """Whether letters wait or are being delivered; not those that are left to the next run."""
        return self._delivering or (self._ordered and not self._left)

    @property
    def left(self) -> bool:
        """Whether letters are left to the next run."""
        return self._ordered and self._left

    def leave(self) -> None:
        """Leave what has not begun to be sent to the next run, which is about to begin."""
        self._left = True

    def order(self, letters: bool) -> None:
        """Have the letters of a decision sent, if it has any."""
        self._ordered = self._ordered or letters

    async def work(self) -> None:
        """Send letters as they are ordered, for as long as the run lasts."""
        while True:
            await workflow.wait_condition(lambda: self._ordered and not self._left)
            self._ordered, self._delivering = False, True
            report = await on_notifications(
                NotificationActivities.deliver_letters,
                Delivery(membership_id=self._membership_id(), today=oslo_date(workflow.now())),
                summary="send the letters that wait",
                timeout=options.DELIVERY_TIMEOUT,
                heartbeat=options.DELIVERY_HEARTBEAT,
            )
            self.reports.append(report)
            self._delivering = False
