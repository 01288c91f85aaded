"""A Temporal server of its own for mailings, and what is asked of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from temporalio import workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.letters.settings import NotificationSettings
from schemas.letters.contracts import MailingProgress
from tests.letters.making import make_membership, order_batch
from tests.life import PATIENCE_SECONDS
from workers import notifications, versions, workflows
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer
from workflows.letters.mailing import start_mailing


@workflow.defn(name="Ordering")
class Ordering:
    """Stands for a run that has ordered letters."""

    @workflow.run
    async def run(self, batch: str) -> None:
        """Have the batch sent."""
        await start_mailing(batch)


@dataclass
class PostOffice:
    """A Temporal server with a workflows worker; the tests bring the notifications workers."""

    client: Client
    address: str

    async def mail(self, *arguments: Any, batch: str) -> Any:
        """Start a mailing as another system would."""
        return await self.client.start_workflow(
            "Mailing",
            args=list(arguments) or [{"batch": batch}],
            id=f"mailing-{batch}",
            task_queue="membership",
        )

    @asynccontextmanager
    async def worker(
        self, pool: asyncpg.Pool, settings: NotificationSettings
    ) -> AsyncIterator[None]:
        """Run a notifications worker in this process."""
        acting = await Client.connect(self.address, data_converter=pydantic_data_converter)
        async with notifications.worker(acting, notifications.rooms(pool, settings)):
            yield


@asynccontextmanager
async def post_office(log: Path) -> AsyncIterator[PostOffice]:
    """Open a server whose queues nobody else uses.

    Args:
        log: Where the server writes its log.
    """
    async with TemporalServer(log, time_skipping=True, ui=False) as it:
        deciding = await Client.connect(it.address, data_converter=workflows.CONVERTER)
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        ordering = Worker(
            deciding,
            task_queue="ordering",
            workflows=[Ordering],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with workflows.worker(deciding), ordering:
            yield PostOffice(await it.connect(), it.address)


async def outcome(handle: Any) -> MailingProgress:
    """Return what a mailing ended with."""
    return MailingProgress.model_validate(await asyncio.wait_for(handle.result(), PATIENCE_SECONDS))


async def batch_of(pool: asyncpg.Pool, batch: str, count: int) -> list[str]:
    """Order a letter for so many members, each with an address of their own."""
    members = [await make_membership(pool, email=f"m{n}@example.org") for n in range(count)]
    await order_batch(pool, members, batch=batch)
    return members
