"""Databases that one test leaves and the next one takes, once they are as a copy would be.

Copying the template writes a thousand files. Most tests leave rows in a few tables, and nothing
else: those are emptied, down to their files, and filled as they were, so that rows lie as in a new
table. A database keeps the connections of its tests: each new one would read all definitions anew.
"""

import asyncio
import io
import time
from collections.abc import Collection, Mapping
from typing import Any

import asyncpg

from activities.database.pool import open_pool

LEAVING_SECONDS = 0.5
"""Whoever has been told to go is gone by then; only then does the server know what they wrote."""

ENDED = (
    *(asyncpg.PostgresError, asyncpg.InterfaceError, OSError),
    # What the server says last comes when nothing was asked.
    asyncpg.InternalClientError,
)
"""What asking a connection comes to that the server has ended."""

OTHERS = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()
                 AND backend_type = 'client backend' AND pid <> ALL ($1::integer[]))
"""

FORGET_THE_TEST = """
RESET ALL;
DISCARD TEMP;
UNLISTEN *;
SELECT pg_advisory_unlock_all(), pg_stat_force_next_flush()
"""
"""What a connection holds of a session; what it has written is counted at once."""

CATALOGS = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger"),
    *("pg_proc", "pg_rewrite", "pg_statistic_ext", "pg_policy", "pg_type"),
    *("pg_db_role_setting", "pg_inherits"),
    # Those for temporary tables stay, when the tables have gone with their connection.
    "pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'",
)
"""Where PostgreSQL keeps definitions: each change gives a row another ``xmin``."""

_CHANGES = ", ".join(
    f"(SELECT concat_ws(' ', count(*), sum(xmin::text::bigint)) FROM {name})" for name in CATALOGS
)

SHAPE = f"SELECT ARRAY[{_CHANGES}]"

# Counted also where it was rolled back.
WRITTEN_TO = """
SELECT relid::regclass::text FROM pg_stat_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""

WITH_ROWS = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND oid >= 16384 AND pg_relation_size(oid) > 0
"""

EMPTIED = """
SELECT bool_and(pg_relation_size(name::regclass) = 0) FROM unnest($1::text[]) AS name
"""

KNOWN = """
SELECT relname AS name, relpages AS pages, reltuples AS rows FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'i', 'I')
"""

FORGET = """
SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
FROM pg_stats WHERE schemaname = 'public'
"""

RECALL = """
SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', name, 'relpages', pages,
                                 'reltuples', rows, 'relallvisible', 0)
FROM unnest($1::text[], $2::integer[], $3::real[]) AS known (name, pages, rows)
"""

SEQUENCES = """
SELECT seqrelid::regclass::text AS name, pg_sequence_last_value(seqrelid) AS reached
FROM pg_sequence
"""

RESTART = """
SELECT setval(name::regclass, coalesce(reached, seqstart), reached IS NOT NULL)
FROM unnest($1::text[], $2::bigint[]) AS sequence (name, reached)
JOIN pg_sequence ON seqrelid = name::regclass
"""


class Shelf:
    """Databases that are as new; see ``opened``."""

    def __init__(
        self,
        rows: Mapping[str, bytes],
        known: Mapping[str, tuple[int, float]],
        sequences: Mapping[str, int | None],
        shape: list[str],
    ) -> None:
        self._rows = rows
        self._known = known
        self._sequences = sequences
        self._shape = shape
        self._as_new: dict[str, list[str]] = {}
        self._pools: dict[str, asyncpg.Pool] = {}
        self._keepers: dict[str, asyncpg.Connection] = {}

    @classmethod
    async def opened(cls, template: str) -> "Shelf":
        """Return an empty shelf for copies of a database.

        Args:
            template: its URL.
        """
        connection = await asyncpg.connect(template)
        try:
            rows = {}
            for (name,) in await connection.fetch(WITH_ROWS):
                written = io.BytesIO()
                await connection.copy_from_table(name, output=written)
                rows[name] = written.getvalue()
            return cls(
                rows,
                await _known(connection),
                await _reached(connection),
                await connection.fetchval(SHAPE),
            )
        finally:
            await connection.close()

    def take(self) -> tuple[str, list[str]] | None:
        """Take a database: its URL, and what it is like but for its rows."""
        return self._as_new.popitem() if self._as_new else None

    async def pool_of(self, url: str) -> asyncpg.Pool:
        """Return connections to a database, opened as the workers open them."""
        if url not in self._pools:
            self._pools[url] = await open_pool(url, size=8)
        return self._pools[url]

    async def close(self) -> None:
        """Close all connections."""
        for url in self._pools.keys() | self._keepers.keys():
            await self._close(url)

    async def _close(self, url: str) -> None:
        if found := self._pools.pop(url, None):
            await found.close()
        if keeper := self._keepers.pop(url, None):
            await keeper.close()

    async def _keeper(self, url: str) -> asyncpg.Connection:
        """Return the connection that makes a database as new; a new one would read all anew."""
        kept = self._keepers.get(url)
        if kept is None or kept.is_closed():
            kept = self._keepers[url] = await asyncpg.connect(url)
            # Neither triggers nor foreign keys look at what goes and comes.
            await kept.execute("SET session_replication_role = replica")
        return kept

    async def put_back(self, url: str, shape: list[str] | None) -> bool:
        """Make a database as new and keep it for the next test; tell whether that can be done.

        It can't where a test has changed anything but rows and sequences, or somebody still works
        in it.

        Args:
            url: of the database, which its test is through with.
            shape: what it was like before the test; None: a copy.
        """
        at_rest = await _at_rest(self._pools[url]) if url in self._pools else ()
        as_new = at_rest is not None and await self._as_before(url, shape, at_rest)
        if not as_new:
            await self._close(url)
        return as_new

    async def _as_before(self, url: str, shape: list[str] | None, ours: Collection[int]) -> bool:
        try:
            keeper = await self._keeper(url)
            alone = await _alone(keeper, ours)
        except ENDED:  # the test has taken it away
            return False
        as_new = (
            alone
            and await keeper.fetchval(SHAPE) == (shape or self._shape)
            and await self._renew(keeper)
        )
        if as_new:
            self._as_new[url] = await keeper.fetchval(SHAPE)
        return as_new

    async def _renew(self, connection: asyncpg.Connection) -> bool:
        written = [name for (name,) in await connection.fetch(WRITTEN_TO)]
        if written:
            await connection.execute(";".join(f"DELETE FROM ONLY {name}" for name in written))
            await connection.execute(f"VACUUM (INDEX_CLEANUP ON) {', '.join(written)}")
            if not await connection.fetchval(EMPTIED, written):
                return False
        await connection.execute(FORGET)
        now = await _known(connection)
        other = [name for name, known in self._known.items() if now[name] != known]
        pages = [self._known[name][0] for name in other]
        await connection.execute(RECALL, other, pages, [self._known[name][1] for name in other])
        for name in self._rows.keys() & written:
            await connection.copy_to_table(name, source=io.BytesIO(self._rows[name]))
        reached = await _reached(connection)
        moved = [name for name, value in reached.items() if value != self._sequences[name]]
        await connection.execute(RESTART, moved, [self._sequences[name] for name in moved])
        await connection.execute("SELECT pg_stat_reset()")
        return True


async def _known(connection: asyncpg.Connection) -> dict[str, tuple[int, float]]:
    """Return what the planner knows of each table and index: its pages and rows."""
    found = await connection.fetch(KNOWN)
    return {row["name"]: (row["pages"], row["rows"]) for row in found}


async def _reached(connection: asyncpg.Connection) -> dict[str, int | None]:
    """Return how far each sequence has counted."""
    return {row["name"]: row["reached"] for row in await connection.fetch(SEQUENCES)}


async def _at_rest(pool: Any) -> tuple[int, ...] | None:
    """Let the connections of a test forget it; return their processes.

    Returns:
        None: somebody has kept one of them, or has closed them all.
    """
    found = []
    for holder in pool._holders:
        connection = holder._con
        if holder._in_use is not None or pool.is_closing():
            return None
        if connection is not None and not connection.is_closed():
            try:
                await connection.execute(FORGET_THE_TEST)
            except ENDED:
                return None
            # The next test plans each statement for rows of its own.
            connection._stmt_cache.clear()
            found.append(connection.get_server_pid())
    return tuple(found)


async def _alone(connection: asyncpg.Connection, ours: Collection[int]) -> bool:
    """Tell whether nobody else is in a database, or will be in a moment."""
    until = time.monotonic() + LEAVING_SECONDS
    while await connection.fetchval(OTHERS, ours):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.005)  # a connection that ends tells nobody
    return True
