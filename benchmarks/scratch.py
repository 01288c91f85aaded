"""A durable, migrated database that lasts as long as a measurement."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg

from activities.database.migrate import migrate
from activities.database.pool import open_pool
from workers.stack import PostgresServer


@asynccontextmanager
async def scratch_database(size: int) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Pool]]:
    """Open a database of the measurement's own.

    Args:
        size: connections of the pool.

    Returns:
        A connection that prepares and counts, and the pool that is measured, as workers have it.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = await stack.enter_async_context(PostgresServer(folder / "pg"))
        url = await postgres.create_database()
        await asyncio.to_thread(migrate, url)
        pool = await stack.enter_async_context(await open_pool(url, size=size))
        owner = await asyncpg.connect(url)
        stack.push_async_callback(owner.close)
        yield owner, pool
