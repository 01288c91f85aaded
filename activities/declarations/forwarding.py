"""What is asked about who has signed a message: on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.membership.decision import Forwarding, SenderCheck


class ForwardingActivities(ABC):
    """What needs keys that no workflow holds: who has sent a message, and passing it on."""

    @activity.defn(name="check_sender")
    @abstractmethod
    async def check_sender(self, check: SenderCheck) -> str | None:
        """Look into the stamp of a message of which nothing will be recorded.

        Returns:
            Why it is not believed; None: it is. Writes nothing.
        """

    @activity.defn(name="forward_message")
    @abstractmethod
    async def forward_message(self, forwarding: Forwarding) -> str | None:
        """Tell another membership, in the name of who has signed a message to this one.

        Returns:
            Why not; None: it was told.

        Repeating it tells it once more: its receiver refuses what has been applied.
        """
