"""Activities on the queue ``membership-notifications``."""

from abc import ABC, abstractmethod

from temporalio import activity

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
