"""Activities of mailings, on the queue ``membership-notifications``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.letters.contracts import MailingCounts, MailingPage, MailingPlan, MailingSweep


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
