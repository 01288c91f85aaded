"""Workers and commands as who they are in the database; the tests themselves as its administrator.

What a worker or a command may not do in production fails here as well.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from activities.database.pool import open_pool
from activities.database.roles import NOTIFICATIONS, PERSISTENCE, as_role
from workers.stack.postgres import ADMINISTRATOR


@asynccontextmanager
async def pools_of_workers(
    database_url: str, *, size: int = 8, transaction_pooling: bool = False
) -> AsyncIterator[tuple[asyncpg.Pool, asyncpg.Pool]]:
    """Open the connections of the persistence worker, and those of the notifications worker."""
    keeping, sending = (as_role(database_url, role) for role in (PERSISTENCE, NOTIFICATIONS))
    async with (
        await open_pool(keeping, size=size, transaction_pooling=transaction_pooling) as kept,
        await open_pool(sending, size=size, transaction_pooling=transaction_pooling) as sent,
    ):
        yield kept, sent


def as_administrator(database_url: str) -> str:
    """Return the URL of a stack's database for a test that arranges something, or looks at all."""
    return as_role(database_url, ADMINISTRATOR)
