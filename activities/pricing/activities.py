"""The activities of a repricing, on PostgreSQL and Temporal."""

from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.database.pool import load_queries
from activities.declarations.pricing import PricingActivities
from activities.pricing.announcing import tell_page
from activities.pricing.letters import announce
from activities.pricing.notice import ShortNotice
from activities.pricing.refreshing import refresh_page
from activities.pricing.withdrawing import withdraw
from activities.shared.begun_runs import begin_run, end_run
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.rulebook import RulebookReader
from activities.shared.tasks import open_task
from schemas.names import WorkflowType, price_announcement_id, repricing_id
from schemas.pricing.contracts import (
    Announced,
    Announcement,
    RefreshPage,
    RepricingClosing,
    RepricingOrder,
    RepricingPage,
    RepricingPageReport,
)

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

_TAKEN_OUT = (
    "They are out of the rulebook again, and what held before goes on. Decide them for a later day"
)
_BEGUN = "They hold since then: what is charged by them stands. Decide what is to be given back"


class Pricing(PricingActivities):
    """Making new prices known to the memberships.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        client: to tell memberships.
    """

    def __init__(self, pool: asyncpg.Pool, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._rulebooks = RulebookReader(allow_synthetic_ids=False)

    @activity.defn(name="open_repricing")
    async def open_repricing(self, order: RepricingOrder) -> int:  # noqa: ARG002 - shown in history
        """One count; the order is there for whoever reads the history."""
        async with without_values(), self._pool.acquire() as connection:
            return int(await _SQL.count_members(connection))

    @activity.defn(name="announce_prices")
    async def announce_prices(self, announcement: Announcement) -> Announced:
        """Page by page: an attempt after one that was cut off finds the pages before ordered.

        Raises:
            ApplicationError: it is too late to announce a rise; not retried.
            DatabaseRefused: PostgreSQL refused a statement; retried.
        """
        async with heartbeats(), without_values(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            order = announcement.order
            try:
                announced = await announce(connection, announcement, rulebook)
            except ShortNotice as late:
                says = await self._take_out(connection, announcement, late)
                raise ApplicationError(says, type="Refused", non_retryable=True) from None
            await begin_run(
                connection,
                price_announcement_id(order.effective_on, order.rulebook),
                WorkflowType.PRICE_ANNOUNCEMENT,
                announcement.today,
            )
            return announced

    async def _take_out(
        self, connection: "PoolConnectionProxy", announcement: Announcement, late: ShortNotice
    ) -> str:
        """Let what is announced too late not apply, and return what the caseworkers are told."""
        order, today = announcement.order, announcement.today
        async with connection.transaction():
            out = await withdraw(connection, order.effective_on, order.rulebook, today)
            says = f"{late}. {_TAKEN_OUT if out else _BEGUN}"
            await open_task(
                connection,
                key=f"repricing/{order.effective_on}/{order.rulebook}/late",
                kind="repricing",
                says=says,
                today=today,
            )
            await end_run(connection, repricing_id(order.effective_on, order.rulebook))
        return says

    @activity.defn(name="refresh_records")
    async def refresh_records(self, page: RefreshPage) -> RepricingPageReport:
        """An attempt after one that was cut off goes on where that one's heartbeat says.

        Raises:
            DatabaseRefused: PostgreSQL refused a statement; retried.
            RPCError: Temporal does not answer; retried.
        """
        async with without_values():
            done = await refresh_page(self._pool, self._client, page)
            if done.last is None:
                order = page.order
                async with self._pool.acquire() as connection:
                    await end_run(
                        connection, price_announcement_id(order.effective_on, order.rulebook)
                    )
            return done

    @activity.defn(name="tell_repricing_page")
    async def tell_repricing_page(self, page: RepricingPage) -> RepricingPageReport:
        """An attempt after one that was cut off goes on where that one's heartbeat says.

        Raises:
            DatabaseRefused: PostgreSQL refused a statement; retried.
            RPCError: Temporal does not answer; retried.
        """
        async with without_values():
            async with self._pool.acquire() as connection:
                rulebook = await self._rulebooks.current(connection)
            return await tell_page(self._pool, self._client, rulebook, page)

    @activity.defn(name="close_repricing")
    async def close_repricing(self, closing: RepricingClosing) -> None:
        """The task's key is made of the rulebook, its day and today: it may come up again."""
        order = closing.order
        async with without_values(), self._pool.acquire() as connection:
            await open_task(
                connection,
                key=f"repricing/{order.effective_on}/{order.rulebook}/{closing.today}",
                kind="repricing",
                says=f"{closing.unconfirmed} memberships have not taken up the prices from "
                f"{order.effective_on}: look at the workflows that fail, then run the same "
                f"reprice command again",
                today=closing.today,
            )
