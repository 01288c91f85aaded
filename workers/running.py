"""What the three worker processes share: connecting, running until told to stop, a calm end."""

import asyncio
import dataclasses
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from prometheus_client import CollectorRegistry
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime
from temporalio.worker import Worker

from workers import connecting
from workers.encryption import converter_for, opened
from workers.logging import log_failed_tasks
from workers.observability.core import Core, page_of
from workers.observability.listener import listening
from workers.observability.metrics import registry
from workers.observability.readiness import Look, Readiness, polling, reached
from workers.observability.traced import end_traces
from workers.settings import Settings
from workers.temporary import temporary_folder
from workflows.shared.redacting import RedactingFailureConverter

ACTIVITIES_CONVERTER = dataclasses.replace(
    pydantic_data_converter, failure_converter_class=RedactingFailureConverter
)
"""Of the two workers whose activities meet rows and addresses."""

GRACE = timedelta(seconds=8)
"""What is under way may finish before a worker stops; the default of 0 burns an attempt."""

RETRY_SECONDS = 1.0

log = structlog.stdlib.get_logger("workers")


class Workers:
    """Workers of one process, each with a task queue of its own, that start and stop together."""

    def __init__(self, *each: Worker) -> None:
        self._each = each
        self.looks: dict[str, Look] = {}
        """By the parts that they need, beside Temporal: how each is looked at."""

    @property
    def each(self) -> Sequence[Worker]:
        """The workers."""
        return self._each

    @property
    def task_queue(self) -> str:
        """What they ask for work."""
        return ", ".join(one.task_queue for one in self._each)

    async def __aenter__(self) -> Self:
        """Start asking for work."""
        for one in self._each:
            await one.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let what is under way finish, all within one grace."""
        await asyncio.gather(*(one.__aexit__(kind, error, traceback) for one in self._each))


WorkerOf = Callable[[Client], AbstractAsyncContextManager[Workers]]


async def connect(
    settings: Settings, converter: DataConverter, runtime: Runtime | None = None
) -> Client:
    """Return a client, waiting for a Temporal server that is still starting.

    Args:
        settings: where the server is.
        converter: what turns values into payloads and back.
        runtime: of Temporal's core; None: the one that all have.

    Raises:
        UserError: the settings can't be those of a server.
    """
    waited = False
    while True:
        try:
            return await connecting.connect(settings, converter, runtime)
        except RuntimeError:
            if not waited:
                log.warning("temporal.awaited")
            waited = True
            await asyncio.sleep(RETRY_SECONDS)


async def nothing(_client: Client) -> None:
    """Do nothing before a worker starts."""


async def serve(
    settings: Settings,
    converter: DataConverter,
    worker_of: WorkerOf,
    before: Callable[[Client], Awaitable[None]] = nothing,
    kept_in: CollectorRegistry | None = None,
) -> None:
    """Run one worker until SIGTERM or SIGINT.

    Args:
        settings: of this process.
        converter: of this worker's payloads.
        worker_of: opens what the worker needs and yields it, not yet running.
        before: what the server must be told before the worker starts.
        kept_in: where what it measures itself is kept; None: it measures nothing of its own.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    log_failed_tasks(loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    readiness = Readiness("temporal", "worker")
    measured = kept_in or registry()
    core = Core() if settings.health_listen is not None else None
    runtime = core.runtime if core is not None else None
    async with (
        listening(settings.health_listen, readiness, page_of(measured, core)),
        opened(settings) as encryption,
    ):
        if encryption is not None:
            readiness.watch("keys", encryption.ring.reach)

        async def ready() -> Client:
            client = await connect(settings, converter_for(converter, encryption), runtime)
            await before(client)
            return client

        client = await _unless(stop, ready())
        if client is None:
            return
        with temporary_folder():
            await _work(client, worker_of, stop, readiness)
    # The process is ended in a way that nothing else would send the last ones.
    await asyncio.to_thread(end_traces)


async def _work(
    client: Client, worker_of: WorkerOf, stop: asyncio.Event, readiness: Readiness
) -> None:
    readiness.watch("temporal", reached(client))
    async with worker_of(client) as worker:
        for part, look in worker.looks.items():
            readiness.watch(part, look)
        async with worker:
            set_aside()
            readiness.watch("worker", polling(client, worker.each))
            log.info("worker.started", task_queue=worker.task_queue)
            await stop.wait()
            readiness.end("worker")
            log.info("worker.stopping", task_queue=worker.task_queue)


def set_aside() -> None:
    """Leave out of every later search for garbage what has been loaded, which stays (ADR 89)."""
    gc.collect()
    gc.freeze()


async def _unless(stop: asyncio.Event, wanted: Awaitable[Client]) -> Client | None:
    """Return what is wanted, or None when the process is told to stop first."""
    working, stopping = asyncio.ensure_future(wanted), asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    return None


@asynccontextmanager
async def just(worker: Worker) -> AsyncIterator[Workers]:
    """Yield a worker that needs nothing opened."""
    yield Workers(worker)
