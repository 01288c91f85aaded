"""Onboardings a second against a no-op workflow with the same commands, in the same run.

    python -m benchmarks.onboarding [COUNT]

Server, database, mail sink, workers and client share this machine. Each side runs COUNT workflows,
IN_FLIGHT at once: start, approval, the employer's answer; done when that has been applied.
"""

import asyncio
import logging
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.database.examples import add_examples
from activities.database.migrate import migrate
from activities.database.pool import open_pool
from activities.letters.settings import NotificationSettings
from benchmarks.floor import DECISIONS, NOTIFICATIONS_QUEUE, PERSISTENCE_QUEUE, Floor, nothing
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, membership_id
from workers import notifications, persistence, versions, workflows
from workers.logging import LogFormat, configure_logging
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import MailSink, PostgresServer, TemporalServer

IN_FLIGHT = 50
DEFAULT_COUNT = 300


async def main(count: int) -> None:
    """Measure both sides and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with _stack() as client:
        await _measure(client, _floor, IN_FLIGHT)
        floor = await _measure(client, _floor, count)
        await _measure(client, _membership, IN_FLIGHT)
        onboarding = await _measure(client, _membership, count)
    print(f"workflows {count}")
    print(f"floor_per_s {floor:.1f}")
    print(f"onboarding_per_s {onboarding:.1f}")
    print(f"onboarding_ratio {onboarding / floor:.2f}")


async def _measure(client: Client, one: Callable[[Client], Awaitable[None]], count: int) -> float:
    """Return how many a second, with IN_FLIGHT under way at once."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def guarded() -> None:
        async with gate:
            await one(client)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as everybody:
        for _ in range(count):
            everybody.create_task(guarded())
    return count / (time.perf_counter() - started)


async def _floor(client: Client) -> None:
    handle = await client.start_workflow(
        Floor.run, "x" * 600, id=f"floor-{uuid.uuid4()}", task_queue="floor"
    )
    for _ in range(DECISIONS - 1):
        await handle.signal(Floor.go)
    await handle.execute_update(Floor.last)


async def _membership(client: Client) -> None:
    mark = str(uuid.uuid4())
    handle = await client.start_workflow(
        WorkflowType.MEMBERSHIP,
        _application(mark),
        id=membership_id(mark),
        task_queue=MEMBERSHIP_QUEUE,
    )
    await handle.signal("decide_application", {"decision": "approve", "caseworker": "bench"})
    answer: dict[str, Any] = await handle.execute_update(
        "answer_payroll_request", {"answer": "accepted"}
    )
    assert answer["applied"], answer


def _application(mark: str) -> dict[str, Any]:
    return {
        "applicant": {
            "name": f"Bench {mark}",
            "birth_date": "1986-04-12",
            "email": f"{mark}@example.org",
        },
        "category": "ordinary",
        "employment": {"employer_orgnr": "974760673", "position_percent": "100"},
        "consents": {"terms": True},
    }


@asynccontextmanager
async def _stack() -> AsyncIterator[Client]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        temporal = await stack.enter_async_context(
            TemporalServer(folder / "temporal.log", ui=False)
        )
        postgres = await stack.enter_async_context(PostgresServer(folder / "pg"))
        sink = await stack.enter_async_context(MailSink(folder / "mails", folder / "mail.log"))
        url = await postgres.create_database()
        await asyncio.to_thread(migrate, url)
        await add_examples(url)
        pool = await stack.enter_async_context(await open_pool(url, size=20))
        letters = NotificationSettings(
            host="127.0.0.1",
            port=sink.smtp_port,
            sender="post@example.org",
            caseworkers="caseworkers@example.org",
            insurance_office="insurance@example.org",
            ui_url="http://127.0.0.1:8233",
            list_folder=folder / "lists",
        )
        deciding = await Client.connect(temporal.address, data_converter=workflows.CONVERTER)
        acting = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        rooms = persistence.rooms(pool, acting, allow_synthetic_ids=True)
        for worker in (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(pool, letters)),
            Worker(acting, task_queue="floor", workflows=[Floor]),
            Worker(acting, task_queue=PERSISTENCE_QUEUE, activities=[nothing]),
            Worker(acting, task_queue=NOTIFICATIONS_QUEUE, activities=[nothing]),
        ):
            await stack.enter_async_context(worker)
        yield await temporal.connect()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_COUNT))
