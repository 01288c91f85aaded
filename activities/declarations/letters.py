"""Activities on the queue ``membership-notifications``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.letters.contracts import MailingCounts, MailingPage, MailingPlan, MailingSweep
from schemas.membership.decision import Delivery, DeliveryReport


class NotificationActivities(ABC):
    """What leaves the house: every letter passes one gate, then SMTP."""

    @activity.defn(name="deliver_letters")
    @abstractmethod
    async def deliver_letters(self, delivery: Delivery) -> DeliveryReport:
        """Send every letter of a membership that is still pending.

        Args:
            delivery: which membership, and the business date.

        Returns:
            What became of each letter; a letter that is held back stays pending.

        Raises:
            DeliveryFailed: the mail server did not take a letter for a passing reason;
                retried. Letters sent before it stay sent.

        Idempotent by (membership id, letter key): a letter marked sent is never sent again,
        and one cut off between sending and marking goes out again under the same Message-ID.
        """


class MailingActivities(ABC):
    """Sending the letters that a run ordered for many members at once."""

    @activity.defn(name="plan_mailing")
    @abstractmethod
    async def plan_mailing(self, sweep: MailingSweep) -> MailingPlan:
        """Split what is still open of a batch into pages. Reads only."""

    @activity.defn(name="deliver_batch")
    @abstractmethod
    async def deliver_batch(self, page: MailingPage) -> MailingCounts:
        """Send the open letters of one page.

        Returns:
            What this order closed, over all its attempts.

        Raises:
            DeliveryFailed: the mail server is away, or this worker stops; retried.

        Idempotent by (membership id, letter key), as ``deliver_letters`` is.
        """

    @activity.defn(name="report_unsent")
    @abstractmethod
    async def report_unsent(self, sweep: MailingSweep) -> int:
        """Open a task for the letters of a batch that nobody could send, and count them.

        Idempotent by batch: the same matter is one task.
        """
