"""The activities of the queue ``membership-notifications`` that send letters."""

import asyncio

import asyncpg
from temporalio import activity

from activities.declarations.letters import MailingActivities, NotificationActivities
from activities.letters import mailing
from activities.letters.courier import Courier
from activities.letters.errors import DeliveryFailed
from activities.letters.postbox import Postbox
from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from activities.shared.heartbeats import heartbeats
from schemas.letters.contracts import MailingCounts, MailingPage, MailingPlan, MailingSweep, Place
from schemas.membership.decision import Delivery, DeliveryReport


class Notifications(NotificationActivities, MailingActivities):
    """Sends letters.

    Args:
        pool: of connections to PostgreSQL; each order uses one, a mailing ``COURIERS``.
        settings: the mail server, our addresses, our account.
    """

    def __init__(self, pool: asyncpg.Pool, settings: NotificationSettings) -> None:
        self._pool = pool
        self._settings = settings
        self._couriers = asyncio.Semaphore(mailing.COURIERS)

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
        order = _order()
        async with heartbeats(), self._pool.acquire() as connection:
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

    @activity.defn(name="plan_mailing")
    async def plan_mailing(self, sweep: MailingSweep) -> MailingPlan:
        """Split what is still open of a batch into pages. Reads only."""
        return await mailing.plan(self._pool, sweep)

    @activity.defn(name="deliver_batch")
    async def deliver_batch(self, page: MailingPage) -> MailingCounts:
        """Send the open letters of one page.

        Args:
            page: which letters, and the business date.

        Returns:
            What this order closed, over all its attempts.

        Raises:
            DeliveryFailed: the mail server is away, or this worker stops; retried.

        Idempotent by (membership id, letter key), as ``deliver_letters`` is. An attempt goes on
        where the one before last said it was; what that one closed is not open any more.
        """
        details = activity.info().heartbeat_details
        resume = Place.model_validate(details[0]) if details and details[0] else page.after
        round_ = mailing.PageRound(
            self._pool, self._settings, self._couriers, page, _order(), resume
        )
        async with heartbeats(round_.standing):
            return await round_.send()

    @activity.defn(name="report_unsent")
    async def report_unsent(self, sweep: MailingSweep) -> int:
        """Open a task for the letters of a batch that nobody could send. Idempotent by batch."""
        return await mailing.report_unsent(self._pool, sweep)


def _order() -> str:
    """Return what all attempts at this order have in common."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}"
