"""Whether a process can do its work now: each part it needs is looked at when somebody asks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.database.inspecting import newest_revision, read_revision
from activities.secrecy.errors import KeysUnavailable
from workers.pollers import pollers

PATIENCE_SECONDS = 5.0
"""For all looks together; the containers' checks wait longer."""

REMEMBERED_SECONDS = 1.0
"""Whoever asks again sooner gets the same answer: asking often costs the database nothing."""

POLLED_WITHIN_SECONDS = 120.0
"""A worker that waits for work asks again within about a minute."""

READY = "ready"
STARTING = "is not there yet"

AWAY = (
    RPCError,
    RuntimeError,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)


class NotReady(Exception):
    """A part can't be worked with; the text says why, and names nobody."""


Look = Callable[[], Awaitable[None]]
"""Looks at one part; raises ``NotReady``, or what the part's own library raises."""


class Readiness:
    """The parts that a process needs; for one event loop.

    Args:
        expected: parts that are not there yet, without which it is not ready.
    """

    def __init__(self, *expected: str) -> None:
        self._looks: dict[str, Look | None] = dict.fromkeys(expected)
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._found: dict[str, str] = {}

    def watch(self, part: str, look: Look) -> None:
        """Have a part looked at from now on."""
        self._looks[part] = look
        self._looked_at = float("-inf")

    def end(self, part: str) -> None:
        """Say that a part is given up: the process is ready no more."""
        self._looks[part] = None
        self._looked_at = float("-inf")

    async def parts(self) -> dict[str, str]:
        """Return for each part ``ready``, or what is wrong with it."""
        async with self._looking:
            now = time.monotonic()
            if now - self._looked_at >= REMEMBERED_SECONDS:
                looks = list(self._looks.items())
                said = await asyncio.gather(*(_said(look) for _, look in looks))
                self._found = dict(zip((part for part, _ in looks), said, strict=True))
                self._looked_at = now
            return self._found


async def _said(look: Look | None) -> str:
    if look is None:
        return STARTING
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await look()
    except NotReady as error:
        return str(error)
    except KeysUnavailable:
        return "no key can be had"
    except AWAY as error:
        return f"does not answer ({type(error).__name__})"
    return READY


def reached(client: Client) -> Look:
    """Return the look at the Temporal server of a client."""

    async def look() -> None:
        await client.workflow_service.get_system_info(GetSystemInfoRequest())

    return look


def migrated(pool: asyncpg.Pool) -> Look:
    """Return the look at a database: a connection is free, and its schema is that of this code."""
    wanted = newest_revision()

    async def look() -> None:
        async with pool.acquire() as connection:
            found = await read_revision(connection)
        if found != wanted:
            raise NotReady(f"has schema {found}, and this version needs {wanted}: migrate")

    return look


def polling(client: Client, workers: Sequence[Worker]) -> Look:
    """Return the look at workers: they run, and the server has seen each ask for work."""

    async def look() -> None:
        since = time.time() - POLLED_WITHIN_SECONDS
        for one in workers:
            if not one.is_running:
                raise NotReady("does not run")
            seen = await pollers(client, one.task_queue, since)
            if client.identity not in {poller.identity for poller in seen}:
                raise NotReady(f"has not asked {one.task_queue} for work")

    return look
