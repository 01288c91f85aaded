"""The worker that keeps PostgreSQL: task queue ``membership-persistence``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from activities.database import open_pool
from activities.dues.activities import Dues
from activities.persistence.activities import Persistence
from workers.running import GRACE, serve
from workers.settings import Settings
from workflows.options import PERSISTENCE_QUEUE

AT_ONCE = 10
"""Transactions under way at once: as many as the pool has connections."""


def worker(client: Client, persistence: Persistence, dues: Dues) -> Worker:
    """Return the worker with everything it runs."""
    return Worker(
        client,
        task_queue=PERSISTENCE_QUEUE,
        activities=[
            persistence.receive_application,
            persistence.record_decision,
            persistence.read_rulebook,
            dues.open_dues_run,
            dues.charge_dues_page,
            dues.report_dues_run,
        ],
        max_concurrent_activities=AT_ONCE,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
    )


def main(settings: Settings) -> None:
    """Run the worker until it is told to stop."""

    @asynccontextmanager
    async def opened(client: Client) -> AsyncIterator[Worker]:
        pool = await open_pool(settings.require_database_url(), size=AT_ONCE)
        async with pool:
            synthetic = settings.allow_synthetic_ids
            yield worker(client, Persistence(pool, allow_synthetic_ids=synthetic), Dues(pool))

    asyncio.run(serve(settings, pydantic_data_converter, opened))
