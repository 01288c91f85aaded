"""The one way to the database that the settings name, for workers and commands alike."""

import asyncpg

from activities.database.pool import open_pool
from activities.database.roles import OPERATOR, OWNER, holds_too_much
from activities.secrecy.words import PLAIN, Words
from workers.errors import UserError
from workers.observability.traced import statements_of
from workers.settings import Environment, Settings


async def connect_database(settings: Settings, size: int, words: Words = PLAIN) -> asyncpg.Pool:
    """Open connections; whoever opened them closes them.

    Args:
        settings: where the database is.
        size: the most connections at a time.
        words: what seals the texts that people write.

    Raises:
        UserError: it is not named; or production would work as who may do everything there.
        OSError, asyncpg.PostgresError: it can't be reached, or refuses us.
    """
    pool = await open_pool(
        settings.require_database_url(),
        size=size,
        transaction_pooling=settings.transaction_pooling,
        words=words,
        told=statements_of(settings),
    )
    if settings.environment is Environment.PRODUCTION:
        async with pool.acquire() as connection:
            mighty = await holds_too_much(connection)
        if mighty:
            pool.terminate()
            raise UserError(
                f"DATABASE_URL names a superuser or {OWNER}, as whom only `medlemsflyt migrate` "
                f"works: name the worker's own role, or {OPERATOR} for commands, which production "
                "insists on."
            )
    return pool
