"""What is measured of a process, and of the union's work, as Prometheus reads it.

No label says anything of a person, an employer or a branch: an operator sees how much waits, and
what fails.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, time

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from temporalio.client import Client
from temporalio.service import RPCError

from activities.audit.gauges import Figures, Waiting, count_wedged, read_figures, waits_since
from schemas.shared.calendar import oslo_date
from schemas.shared.schedules import ScheduleName

EVERY_SECONDS = 60.0
"""How often the union's work is looked at, however often somebody asks."""

log = structlog.stdlib.get_logger("workers")


def registry() -> CollectorRegistry:
    """Return where a process keeps its metrics: processor, memory and open files to begin with."""
    found = CollectorRegistry()
    ProcessCollector(registry=found)
    return found


class Business:
    """The gauges of the union's work, which the persistence worker keeps.

    Several such workers say the same: dashboards and rules take the greatest.

    Args:
        kept_in: the registry of the process.
    """

    def __init__(self, kept_in: CollectorRegistry) -> None:
        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"medlemsflyt_{name}", says, labels, registry=kept_in)

        self._members = gauge("memberships", "Memberships and applications, by stage.", "stage")
        self._waiting = gauge("waiting", "Cases that wait, by who is waited for.", "role", "what")
        self._waiting_since = gauge(
            "waiting_since_timestamp_seconds",
            "The day of the oldest case that waits; now: there is none.",
            "role",
            "what",
        )
        self._overdue = gauge("reviews_overdue", "Reviews that should have been raised (A33).")
        self._letters = gauge("letters_waiting", "Letters that have not gone out.", "status")
        self._letters_since = gauge(
            "letters_waiting_since_timestamp_seconds",
            "The day of the oldest letter that has not gone out; now: there is none.",
            "status",
        )
        self._suspense = gauge("suspense_ore", "Money that no invoice could be found for.", "owner")
        self._quarantined = gauge("quarantined", "Memberships that could not be charged.")
        self._held = gauge("held", "Memberships that are not charged until a finding is mended.")
        self._events = gauge("events_undelivered", "Facts that no other system can see yet.")
        self._consumers = gauge(
            "consumer_events_waiting",
            "Events that a consumer lacks, 10,000 at most.",
            "delivery",
        )
        self._consumers_since = gauge(
            "consumer_caught_up_timestamp_seconds",
            "When a consumer last had all there was; now: it has, or it is paused.",
            "delivery",
        )
        self._wedged = gauge("wedged", "Memberships whose own code fails.")
        self._succeeded = gauge(
            "schedule_last_success_timestamp_seconds",
            "When the work of a schedule was last done to its end, or it was made; 0: neither.",
            "schedule",
        )
        self._read = gauge(
            "figures_read_timestamp_seconds", "When these gauges were last brought up to date."
        )

    async def look(self, pool: asyncpg.Pool, client: Client, now: datetime) -> None:
        """Bring the gauges up to date.

        Raises:
            RPCError, OSError, asyncpg.PostgresError: one does not answer; what was known stays.
        """
        async with pool.acquire() as connection:
            figures = await read_figures(connection, oslo_date(now))
        self._show(figures, now)
        self._wedged.set(await count_wedged(client))
        for schedule in ScheduleName:
            found = await waits_since(client, schedule)
            self._succeeded.labels(schedule).set(found.timestamp() if found else 0)
        self._read.set(now.timestamp())

    def _show(self, figures: Figures, now: datetime) -> None:
        self._members.clear()
        for stage, count in figures.stages.items():
            self._members.labels(stage).set(count)
        for (role, what), waiting in figures.waiting.items():
            self._waiting.labels(role, what).set(waiting.cases)
            self._waiting_since.labels(role, what).set(_moment(waiting, now))
        self._overdue.set(figures.overdue_reviews)
        for status, waiting in figures.letters.items():
            self._letters.labels(status).set(waiting.cases)
            self._letters_since.labels(status).set(_moment(waiting, now))
        for owner, ore in figures.suspense_ore.items():
            self._suspense.labels(owner).set(ore)
        self._quarantined.set(figures.quarantined)
        self._held.set(figures.held)
        self._events.set(figures.events)
        self._consumers.clear()
        self._consumers_since.clear()
        for delivery, backlog in figures.consumers.items():
            self._consumers.labels(delivery).set(backlog.events)
            self._consumers_since.labels(delivery).set((backlog.since or now).timestamp())


def _moment(waiting: Waiting, now: datetime) -> float:
    day: date | None = waiting.since
    return datetime.combine(day, time(), UTC).timestamp() if day else now.timestamp()


@asynccontextmanager
async def measuring(business: Business, pool: asyncpg.Pool, client: Client) -> AsyncIterator[None]:
    """Bring the gauges up to date every now and then; what fails is tried again the next time.

    Args:
        business: the gauges.
        pool: connections that no decision waits for.
        client: of the namespace.
    """
    task = asyncio.create_task(_look_again_and_again(business, pool, client))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _look_again_and_again(business: Business, pool: asyncpg.Pool, client: Client) -> None:
    while True:
        try:
            # Nothing is decided by it: an operator asks how long something has waited by now.
            await business.look(pool, client, datetime.now(UTC))
        except (RPCError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("figures.not_read", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
