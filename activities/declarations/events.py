"""Activities on the queue ``membership-deliveries``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.events.delivery import Delivered, DeliveryEnd, DeliveryTurn


class DeliveryActivities(ABC):
    """Posting events to other systems."""

    @activity.defn(name="deliver_events")
    @abstractmethod
    async def deliver_events(self, turn: DeliveryTurn) -> Delivered:
        """Post what there is for a consumer, in order, until it fails or all is told.

        Returns:
            How it ended, in numbers; what a consumer answers fails no activity.

        Repeatable: what has been posted and not noted is posted again under the same ids.
        """

    @activity.defn(name="give_up_delivery")
    @abstractmethod
    async def give_up_delivery(self, end: DeliveryEnd) -> None:
        """Pause a consumer that has taken nothing for days, and open a task.

        Idempotent by consumer: one that is paused already stays so, and the task is one.
        """
