"""The data keys as PostgreSQL keeps them: wrapped, by their id and by their owner."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.secrecy.errors import KeysUnavailable
from activities.secrecy.masters import Wrapped

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Acquire = Callable[[], AbstractAsyncContextManager[Any]]
"""Lends a connection: a pool's, or one of its own where a command asks once."""


@dataclass(frozen=True)
class StoredKey:
    """A row: a data key under its master key.

    Attributes:
        wrapped: None: it was destroyed.
    """

    key_id: str
    owner: str
    generation: int
    wrapped: Wrapped | None
    created_at: datetime


class KeyStore:
    """The rows of the schema ``keys``.

    Every method raises ``KeysUnavailable`` where the database does not answer or refuses.

    Args:
        acquire: lends a connection whose role sees that schema.
    """

    def __init__(self, acquire: Acquire) -> None:
        self._acquire = acquire

    async def read(self, key_id: str) -> StoredKey | None:
        """Return the key of an id."""
        async with self._connection() as connection:
            return _stored(await _SQL.read_key(connection, key_id=key_id))

    async def newest(self, owner: str) -> StoredKey | None:
        """Return the key that encrypts for an owner."""
        async with self._connection() as connection:
            return _stored(await _SQL.newest_key(connection, owner=owner))

    async def add(
        self, key_id: str, owner: str, generation: int, wrapped: Wrapped, at: datetime
    ) -> StoredKey:
        """Keep a new key and return it, or the owner's newest where somebody was faster.

        Idempotent by owner and generation: two that make the same generation share one key.
        """
        async with self._connection() as connection:
            row = await _SQL.add_key(
                connection,
                key_id=key_id,
                owner=owner,
                generation=generation,
                wrapped=wrapped.data,
                master=wrapped.master,
                at=at,
            )
            found = _stored(row or await _SQL.newest_key(connection, owner=owner))
        assert found is not None, "a row that was just written is gone"
        return found

    async def destroy(self, owner: str, at: datetime) -> int:
        """Destroy every key of an owner for good; return how many there were."""
        async with self._connection() as connection:
            return int(await _SQL.destroy_keys(connection, owner=owner, at=at))

    async def count_by_master(self) -> dict[str, int]:
        """Return how many keys each master key wraps."""
        async with self._connection() as connection:
            return {row["master"]: row["keys"] async for row in _SQL.count_by_master(connection)}

    async def wrapped_otherwise(
        self, master: str, after: str, size: int
    ) -> list[tuple[str, Wrapped]]:
        """Return some keys that another master key wraps, by id, from one on."""
        async with self._connection() as connection:
            found = _SQL.wrapped_otherwise(connection, master=master, after=after, size=size)
            return [(row["key_id"], Wrapped(row["wrapped"], row["master"])) async for row in found]

    async def rewrap(self, key_id: str, before: Wrapped, now: Wrapped) -> None:
        """Keep a key under another master key; one that changed meanwhile stays as it is."""
        async with self._connection() as connection:
            await _SQL.rewrap_key(
                connection,
                key_id=key_id,
                before=before.data,
                wrapped=now.data,
                master=now.master,
            )

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        try:
            async with self._acquire() as connection:
                yield connection
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise KeysUnavailable(
                f"the database of the keys does not answer ({type(error).__name__}): see that "
                "PostgreSQL runs, and MEDLEMSFLYT_KEYS_DATABASE_URL or else DATABASE_URL"
            ) from None


def _stored(row: Any) -> StoredKey | None:
    if row is None:
        return None
    wrapped = None if row["wrapped"] is None else Wrapped(row["wrapped"], row["master"])
    return StoredKey(row["key_id"], row["owner"], row["generation"], wrapped, row["created_at"])
