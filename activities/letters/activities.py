"""The activities of the queue ``membership-notifications`` that send letters."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import asyncpg
from temporalio import activity

from activities.declarations.letters import MailingActivities, NotificationActivities
from activities.letters import mailing
from activities.letters.delivering import deliver
from activities.letters.errors import DeliveryFailed
from activities.letters.postbox import Postbox
from activities.letters.sending import LetterSender
from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from activities.letters.writing import Write, write_in_thread
from activities.shared.heartbeats import heartbeats
from schemas.letters.contracts import (
    LetterCursor,
    MailingCounts,
    MailingPage,
    MailingPlan,
    MailingSweep,
)
from schemas.membership.decision import Delivery, DeliveryReport

Connect = Callable[[], AbstractAsyncContextManager[Postbox]]


class Notifications(NotificationActivities, MailingActivities):
    """Sends letters.

    Args:
        pool: of connections to PostgreSQL; each order uses one, a mailing ``SENDERS``.
        settings: the mail server, our addresses, our account.
        write: where a mailing's letters are written.
        connect: gives an order its connection to the mail server; a new one when left out.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        settings: NotificationSettings,
        write: Write = write_in_thread,
        connect: Connect | None = None,
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._write = write
        self._connect: Connect = connect or partial(Postbox, settings)
        self._senders = asyncio.Semaphore(mailing.SENDERS)

    @activity.defn(name="deliver_letters")
    async def deliver_letters(self, delivery: Delivery) -> DeliveryReport:
        """Letter by letter, each in its own transaction; those to the member are marked together.

        What is sent a second time is byte for byte the same, unless the facts were corrected
        meanwhile. What an attempt did before it was cut off is in the report of the next one.

        Raises:
            DeliveryFailed: letters are still to be sent; retried. The others stay sent.
        """
        order = _order()
        async with heartbeats(), self._pool.acquire() as connection:
            store = Store(connection, delivery.membership_id, order, delivery.today)
            async with self._connect() as postbox:
                waiting = await deliver(LetterSender(store, postbox, self._settings))
            if waiting:
                raise DeliveryFailed(f"{len(waiting)} to be sent again; {'; '.join(waiting)}")
            return await store.report()

    @activity.defn(name="plan_mailing")
    async def plan_mailing(self, sweep: MailingSweep) -> MailingPlan:
        """Counted and split by the database, in the order in which they are sent."""
        return await mailing.plan(self._pool, sweep)

    @activity.defn(name="deliver_batch")
    async def deliver_batch(self, page: MailingPage) -> MailingCounts:
        """An attempt goes on where the one before last said it was.

        What that one closed is not open any more. All mailings of a process share its senders.
        """
        details = activity.info().heartbeat_details
        resume = LetterCursor.model_validate(details[0]) if details and details[0] else page.after
        round_ = mailing.PageRound(
            self._pool, self._settings, self._senders, self._write, page, _order(), resume
        )
        async with heartbeats(round_.position):
            return await round_.send()

    @activity.defn(name="report_unsent")
    async def report_unsent(self, sweep: MailingSweep) -> int:
        """The task's key is the batch."""
        return await mailing.report_unsent(self._pool, sweep)


def _order() -> str:
    """Return what all attempts at this order have in common."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}"
