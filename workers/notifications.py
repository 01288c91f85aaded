"""The worker that sends: queues ``membership-notifications``, ``-mailings``, ``-deliveries``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from activities.deduction.delivery import ListDelivery
from activities.deduction.price_notices import PriceNotices
from activities.events.activities import EventDelivery
from activities.events.posting import Poster
from activities.letters.activities import Connect, Notifications
from activities.letters.kept_connections import KeptConnections
from activities.letters.mailing import SENDERS
from activities.letters.settings import NotificationSettings, Organisation, Tls
from activities.letters.writing import Write, Writers, write_in_thread
from activities.privacy.sweeping import Sweeping
from schemas.names import DELIVERIES_QUEUE, MAILINGS_QUEUE, NOTIFICATIONS_QUEUE
from workers.database import connect_database
from workers.encryption import words_over
from workers.errors import UserError
from workers.observability.readiness import migrated
from workers.observability.traced import Lines
from workers.running import ACTIVITIES_CONVERTER, GRACE, Workers, serve
from workers.settings import Environment, Settings

AT_ONCE = 10
"""Mail servers limit connections; a membership's letters share one."""

PAGES = 2
"""Pages of mailings that a process takes: while one ends, its senders begin with the other."""

CONSUMERS = 5
"""Consumers that a process posts to at a time, each over a connection of the database's."""


@dataclass(frozen=True)
class Activities:
    """Everything that leaves the house."""

    letters: Notifications
    lists: ListDelivery
    notices: PriceNotices
    sweeping: Sweeping
    events: EventDelivery


def rooms(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    write: Write = write_in_thread,
    connect: Connect | None = None,
    poster: Poster | None = None,
) -> Activities:
    """Return the rooms over one pool.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        settings: the mail server, our addresses, our account, the folder for lists.
        write: where a mailing's letters are written.
        connect: gives an order its connection to the mail server; a new one when left out.
        poster: posts events, and is closed by whoever opened it; one to public addresses when left
            out.
    """
    return Activities(
        letters=Notifications(pool, settings, write, connect),
        lists=ListDelivery(pool, settings),
        notices=PriceNotices(pool, settings),
        sweeping=Sweeping(pool, settings.list_folder),
        events=EventDelivery(pool, poster or Poster(anywhere=False)),
    )


def worker(client: Client, at: Activities) -> Workers:
    """Return the workers with everything they run."""
    letters = Worker(
        client,
        task_queue=NOTIFICATIONS_QUEUE,
        activities=[
            at.letters.deliver_letters,
            at.letters.plan_mailing,
            at.letters.deliver_batch,  # of a mailing begun before pages had a queue of their own
            at.letters.report_unsent,
            at.lists.deliver_deduction_list,
            at.lists.remind_employer,
            at.notices.tell_employers_of_prices,
            at.sweeping.sweep_files,
        ],
        max_concurrent_activities=AT_ONCE,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
        interceptors=[Lines()],
    )
    # Each page goes to a worker that has room for it, however many workers there are.
    pages = Worker(
        client,
        task_queue=MAILINGS_QUEUE,
        activities=[at.letters.deliver_batch],
        max_concurrent_activities=PAGES,
        graceful_shutdown_timeout=GRACE,
        interceptors=[Lines()],
    )
    deliveries = Worker(
        client,
        task_queue=DELIVERIES_QUEUE,
        activities=[at.events.deliver_events, at.events.give_up_delivery],
        max_concurrent_activities=CONSUMERS,
        graceful_shutdown_timeout=GRACE,
        interceptors=[Lines()],
    )
    return Workers(letters, pages, deliveries)


def letters_of(settings: Settings, namespace: str) -> NotificationSettings:
    """Return what the notifications need of a process's settings."""
    smtp = settings.require_smtp()
    return NotificationSettings(
        host=smtp.host,
        port=smtp.port,
        tls=Tls(smtp.tls),
        username=smtp.username,
        password=smtp.password,
        sender=smtp.sender,
        sender_name=smtp.sender_name or f"{settings.union.name} medlemsservice",
        caseworkers=settings.caseworker_email,
        insurance_office=settings.insurance_email,
        ui_url=settings.ui_url,
        namespace=namespace,
        organisation=organisation_of(settings),
        list_folder=settings.list_folder,
        rules_url=settings.rules_url,
    )


def printing_of(settings: Settings) -> NotificationSettings:
    """Return what letters on paper need of a process's settings: no mail server."""
    return NotificationSettings(
        host="",
        port=0,
        sender="",
        caseworkers=settings.caseworker_email,
        insurance_office=settings.insurance_email,
        ui_url=settings.ui_url,
        organisation=organisation_of(settings),
        rules_url=settings.rules_url,
    )


def organisation_of(settings: Settings) -> Organisation:
    """Return the union as it presents itself in letters and on invoices.

    Raises:
        UserError: a number nobody could pay to.
    """
    union = settings.union
    try:
        return Organisation(
            name=union.name,
            orgnr=union.orgnr,
            address=tuple(line.strip() for line in union.address.split(",")),
            email=union.email,
            account_number=union.account_number,
            phone=union.phone,
            statutes_url=union.statutes_url,
            privacy_url=union.privacy_url,
            insurance_url=union.insurance_url,
            insurer=union.insurer,
        )
    except ValueError as error:
        raise UserError(f"MEDLEMSFLYT_UNION_*: {error}.") from None


def main(settings: Settings) -> None:
    """Run the worker until it is told to stop."""

    @asynccontextmanager
    async def opened(client: Client) -> AsyncIterator[Workers]:
        letters = letters_of(settings, client.namespace)
        size = AT_ONCE + SENDERS + CONSUMERS
        pool = await connect_database(settings, size, words_over(client))
        writers = Writers()
        poster = Poster(anywhere=settings.environment is Environment.DEVELOPMENT)
        async with pool, KeptConnections(letters) as kept, poster:
            try:
                at = rooms(pool, letters, writers.write, kept.borrow, poster)
                workers = worker(client, at)
                workers.looks["database"] = migrated(pool)
                yield workers
            finally:
                writers.close()

    asyncio.run(serve(settings, ACTIVITIES_CONVERTER, opened))
