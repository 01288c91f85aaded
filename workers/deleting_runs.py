"""Has runs deleted that hold what somebody wrote, for as long as the persistence worker runs.

Not by a schedule: it would leave two histories of its own for each look, and a minute counts here.
What a worker does not come to, the nightly audit does.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from activities.secrecy.deleting import delete_runs

EVERY_SECONDS = 20.0

log = structlog.stdlib.get_logger("workers")


@asynccontextmanager
async def deleting_runs(pool: asyncpg.Pool, client: Client) -> AsyncIterator[None]:
    """Delete what is noted every now and then; what fails is tried again the next time.

    Args:
        pool: connections that no decision waits for.
        client: of the namespace whose runs are noted.
    """
    task = asyncio.create_task(_look_again_and_again(pool, client))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _look_again_and_again(pool: asyncpg.Pool, client: Client) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            gone, kept = await delete_runs(pool, client)
        except (RPCError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("runs.not_deleted", error=type(error).__name__)
        else:
            if gone:
                log.info("runs.deleted", gone=gone, kept=kept)
