"""What a signed message asks of another membership: on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.membership.decision import Forwarding


class ForwardingActivities(ABC):
    """Telling one membership what another was told, which needs a key that no workflow holds."""

    @activity.defn(name="forward_message")
    @abstractmethod
    async def forward_message(self, forwarding: Forwarding) -> str | None:
        """Tell another membership, in the name of who has signed a message to this one.

        Returns:
            Why not; None: it was told.

        Repeating it tells it once more: its receiver refuses what has been applied.
        """
