"""The activities that post events to other systems."""

import asyncpg
from temporalio import activity

from activities.declarations.events import DeliveryActivities
from activities.events import consumers, delivering
from activities.events.posting import Poster
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from schemas.events.delivery import Delivered, DeliveryEnd, DeliveryTurn


class EventDelivery(DeliveryActivities):
    """Posts over connections that it keeps."""

    def __init__(self, pool: asyncpg.Pool, poster: Poster) -> None:
        """Work over these; whoever opened them closes them."""
        self._pool = pool
        self._poster = poster

    @activity.defn(name="deliver_events")
    async def deliver_events(self, turn: DeliveryTurn) -> Delivered:
        """Post over kept connections, and say meanwhile that it is at work."""
        async with without_values(), heartbeats():
            return await delivering.deliver(self._pool, self._poster, turn)

    @activity.defn(name="give_up_delivery")
    async def give_up_delivery(self, end: DeliveryEnd) -> None:
        """Write both in one transaction."""
        async with (
            without_values(),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            await consumers.give_up(connection, end)
