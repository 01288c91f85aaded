"""What a database says of itself: its version, its schema's, its clock, and what it promises."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory

from activities.database.migrate import MIGRATIONS
from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


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


def newest_revision() -> str:
    """Return the revision of the schema that this code is written for."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None, "there is a migration"
    return head


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
