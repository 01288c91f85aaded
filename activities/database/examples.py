"""Fictitious branches and employers, so that a stack on one machine can be tried at once."""

import asyncpg

from activities.database.schema import EXAMPLES, ROOMS


async def add_examples(database_url: str) -> None:
    """Add the branches and employers that nobody has; never to a database of a union.

    Args:
        database_url: of a migrated database.

    Idempotent: what is there already stays as it is.
    """
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            for name in EXAMPLES:
                await connection.execute((ROOMS / name).read_text(encoding="utf-8"))
    finally:
        await connection.close()
