"""What a database says of itself: its version, its schema's, its clock, and what it promises."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_REVISION = re.compile(r'^revision = "(.+)"$', re.MULTILINE)
_FOLLOWED = re.compile(r'^down_revision = "(.+)"$', re.MULTILINE)

MIGRATIONS = Path(__file__).with_name("migrations")


@dataclass(frozen=True)
class Inspection:
    """A database as it is.

    Attributes:
        version: the server's, for people.
        revision: of the schema; None: it was never migrated.
        clock: the server's time, in UTC; None: it does not tell.
        volatile: settings that are off, and without which what was answered as kept may be lost.
        numbers_held: whether no number is given until somebody says what was restored (ADR 102).
    """

    version: str
    revision: str | None
    clock: datetime | None
    volatile: tuple[str, ...]
    numbers_held: bool


@cache
def newest_revision() -> str:
    """Return the revision of the schema that this code is written for.

    It is read off the files of the migrations: no worker loads Alembic, which is 20 MB.
    """
    texts = [path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("*.py")]
    made = {found[1] for text in texts if (found := _REVISION.search(text))}
    followed = {found[1] for text in texts if (found := _FOLLOWED.search(text))}
    (newest,) = made - followed
    return newest


async def read_revision(connection: asyncpg.pool.PoolConnectionProxy) -> str | None:
    """Return the revision that the schema has; None: it was never migrated.

    Raises:
        asyncpg.PostgresError: it refuses us, or stops answering.
    """
    found: str | None = await _SQL.read_revision(connection)
    return found


async def inspect_database(connection: asyncpg.pool.PoolConnectionProxy) -> Inspection:
    """Ask a database how it is.

    Raises:
        asyncpg.PostgresError: it refuses us, or stops answering.
    """
    plain = await _SQL.read_server(connection)
    if not plain["is_migrated"]:
        return Inspection(plain["version"], None, plain["clock"], tuple(plain["volatile"]), False)
    ours = await _SQL.read_schema(connection)
    return Inspection(
        version=plain["version"],
        revision=ours["revision"],
        clock=plain["clock"],
        volatile=tuple(plain["volatile"]),
        numbers_held=ours["numbers_held"],
    )
