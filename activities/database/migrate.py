"""Brings a database to the newest revision."""

import asyncio
import threading
import time
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from activities.database.inspecting import MIGRATIONS

WAIT_SECONDS = 30.0
"""A database that starts together with us recovers from a crash within this."""

POLL_SECONDS = 0.25

_ALEMBIC = threading.Lock()
"""Alembic keeps its context in a global of the process: one migration at a time in each."""


class DatabaseUnreachable(Exception):
    """The database can't be reached, or refuses us; the message says what to look at."""


def migrate(database_url: str, *, wait_seconds: float = WAIT_SECONDS) -> list[str]:
    """Apply every migration that is still missing, and grant the rights: all of it or nothing.

    Not to be called from a running event loop: use ``asyncio.to_thread`` there.

    Args:
        database_url: as for ``activities.database.pool.open_pool``.
        wait_seconds: how long to wait for a database that is starting.

    Returns:
        The revisions applied, oldest first; empty when nothing was missing.

    Raises:
        DatabaseUnreachable: there is no database at that address, or it refuses us.
        RolesMissing: the server lacks the roles, or we may not act as the owner.

    Idempotent by Alembic's version table, and under a lock: of two that run at once, the second
    waits and finds nothing to do.
    """
    with _ALEMBIC:
        return asyncio.run(_migrate(database_url, wait_seconds))


async def _migrate(database_url: str, wait_seconds: float) -> list[str]:
    await _until_it_answers(database_url, wait_seconds)
    applied: list[str] = []
    # asyncpg reads the URL itself, so that it means the same here as for the workers.
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(database_url),
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, applied)
    finally:
        await engine.dispose()
    return applied


def _upgrade(connection: Connection, applied: list[str]) -> None:
    def note(*, step: Any, **_: Any) -> None:
        applied.append(step.up_revision_id)

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["on_version_apply"] = note
    command.upgrade(config, "head")


async def _until_it_answers(database_url: str, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection = await asyncpg.connect(database_url, timeout=max(wait_seconds, 1))
        except (
            asyncpg.InvalidAuthorizationSpecificationError,
            asyncpg.InvalidCatalogNameError,
            asyncpg.ClientConfigurationError,
        ) as error:
            raise DatabaseUnreachable(
                f"The database refuses us ({error}): see DATABASE_URL."
            ) from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if time.monotonic() >= deadline:
                raise DatabaseUnreachable(
                    f"The database does not answer ({str(error) or type(error).__name__}): "
                    f"is it running at the address in DATABASE_URL?"
                ) from None
            await asyncio.sleep(POLL_SECONDS)
        else:
            await connection.close()
            return
