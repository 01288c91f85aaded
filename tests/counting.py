"""What an answer costs, counted and not timed: a busy machine counts as a quiet one does.

Calls of Python's functions, and how often a statement calls a function of the database.
"""

import cProfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions are called by some work, those of the interpreter among them."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return sum(entry.callcount for entry in profile.getstats())


class Calls:
    """Functions that are counted on a connection.

    Args:
        connection: in a transaction, which must not end before the count is read.
    """

    def __init__(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        self._connection = connection

    async def of(self, function: str) -> int:
        """Return how often a function has been called in the transaction."""
        calls = await self._connection.fetchval(
            "SELECT coalesce(sum(pg_stat_get_xact_function_calls(oid)), 0)::integer FROM pg_proc"
            " WHERE proname = $1",
            function,
        )
        assert isinstance(calls, int)
        return calls


@asynccontextmanager
async def counted(
    pool: asyncpg.Pool,
) -> AsyncIterator[tuple[asyncpg.pool.PoolConnectionProxy, Calls]]:
    """Yield a connection in a transaction that counts calls; nothing of it is kept."""
    async with pool.acquire() as connection:
        # What was counted before goes to the server, and is counted here no more.
        await connection.execute("SELECT pg_stat_force_next_flush()")
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("SET LOCAL track_functions = 'all'")
            yield connection, Calls(connection)
        finally:
            await transaction.rollback()
