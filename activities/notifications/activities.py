"""The activity ``deliver_letters``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from temporalio import activity

from activities.declarations.notifications import NotificationActivities
from activities.notifications.courier import Courier
from activities.notifications.errors import DeliveryFailed
from activities.notifications.postbox import Postbox
from activities.notifications.settings import NotificationSettings
from activities.notifications.store import Store
from schemas.decision import Delivery, DeliveryReport

HEARTBEAT_SECONDS = 10.0
"""Often enough that a slow mail server is not taken for a dead worker (45 s)."""


class Notifications(NotificationActivities):
    """Sends letters.

    Args:
        pool: of connections to PostgreSQL; each order uses one.
        settings: the mail server, our addresses, our account.
    """

    def __init__(self, pool: asyncpg.Pool, settings: NotificationSettings) -> None:
        self._pool = pool
        self._settings = settings

    @activity.defn(name="deliver_letters")
    async def deliver_letters(self, delivery: Delivery) -> DeliveryReport:
        """Send every letter of a membership that is still pending.

        Args:
            delivery: which membership, and the business date.

        Returns:
            What this order made of the letters, over all its attempts; a letter that is held
            back stays open.

        Raises:
            DeliveryFailed: letters are still to be sent; retried. The others stay sent.

        Idempotent by (membership id, letter key): a letter marked sent is never sent again, and
        one cut off between sending and marking goes out again under the same Message-ID, byte
        for byte the same unless its facts were corrected meanwhile. What an attempt did before it
        was cut off is in the report of the next one.
        """
        info = activity.info()
        order = f"{info.workflow_run_id}/{info.activity_id}"
        async with _heartbeats(), self._pool.acquire() as connection:
            store = Store(connection, delivery.membership_id, order, delivery.today)
            async with Postbox(self._settings) as postbox:
                courier = Courier(store, postbox, self._settings)
                waiting = [
                    f"{key}: {why}"
                    for key in await store.open_letters()
                    if (why := await courier.carry(key)) is not None
                ]
            if waiting:
                raise DeliveryFailed(f"{len(waiting)} to be sent again; {'; '.join(waiting)}")
            return await store.report()


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
