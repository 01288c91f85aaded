"""The connection to PostgreSQL that both kinds of activity use, and their SQL by name."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import aiosql
import asyncpg

from activities.database.named_queries import Adapter
from activities.database.pooler import TransactionPooled

# Each ends before what waits for it does, so that whoever knows the reason tells it, and nothing is
# tried again beside itself. tests/shared/test_timeouts.py holds them against each other.

LOCK_SECONDS = 20
"""A lock is held for one short transaction, or for a letter's dialogue with the mail server, which
may take 15 s; longer means that its holder hangs."""

STATEMENT_SECONDS = 25
"""The database gives up before an activity's 30 s are over, and can say why. A transaction that
waits for us is ended by then as well."""

PATIENT_SECONDS = 110
"""For a page of a run over all members; inside its activity's two minutes."""

SETTLING_SECONDS = 1_800
"""For what somebody asks for once a month, and what adds up all there ever was: nobody who books
waits for it, and no activity."""

PAGE_MEMORY = "64MB"
"""For what a page's statement keeps between its steps, which would go to the disk otherwise."""

STREAM_ROWS = 500
"""Rows of a list that the database hands over at a time."""

CONNECT_SECONDS = 10.0
"""A server that does not take a connection by then is down."""


SESSION = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
    # Our statements are short: compiling one costs more than running it.
    "jit": "off",
}
"""What holds for all our statements; a pooler in transaction mode knows no sessions."""


class PoolerInBetween(asyncpg.PostgresError):
    """A pooler does not take the settings of a session: set DATABASE_POOLING to transaction."""


class _OfOneSession(asyncpg.Connection):
    """A connection whose session is as it was whenever it is given back.

    All our settings, cursors and locks end with their transaction, which the pool sees to; telling
    the server to forget more would be a trip for each activity. tests/database holds us to it.

    Attributes:
        words: what seals texts over it.
    """

    words: object | None = None

    def get_reset_query(self) -> str:
        """Return nothing: there is nothing to put in order."""
        return ""


class _Pooled(TransactionPooled):
    settings = SESSION
    words: object | None = None


async def open_pool(
    database_url: str,
    *,
    size: int = 10,
    transaction_pooling: bool = False,
    words: object | None = None,
    told: Callable[[Any], None] | None = None,
) -> asyncpg.Pool:
    """Open a pool of connections with our settings.

    Args:
        database_url: ``postgresql://user:password@host:5432/database``, or for a Unix socket
            ``postgresql://user@/database?host=/directory/of/the/socket``.
        size: the most connections at a time.
        transaction_pooling: the URL is a pooler's in transaction mode, such as pgbouncer.
        words: what seals texts over its connections (``activities.secrecy.words``); None: nothing.
        told: is told of each statement once it is over, with what asyncpg logs of it.

    Returns:
        The pool; whoever opens it closes it. Its connections read and write ``json`` and
        ``jsonb`` as Python values.

    Raises:
        OSError, asyncpg.PostgresError: the database can't be reached.
        PoolerInBetween: it is a pooler's, and nobody said so.
    """
    pooled: dict[str, Any] = {"connection_class": _Pooled, "statement_cache_size": 0}
    direct: dict[str, Any] = {"connection_class": _OfOneSession}

    async def prepare(connection: Any) -> None:
        connection.words = words
        await _read_json(connection)
        if told is not None:
            connection.add_query_logger(told)

    try:
        return await asyncpg.create_pool(
            database_url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            init=prepare,
            server_settings={
                "application_name": "medlemsflyt",
                # Every moment is handed over with its zone; nothing depends on the server's.
                "timezone": "UTC",
                **({} if transaction_pooling else SESSION),
            },
            **(pooled if transaction_pooling else direct),
        )
    except asyncpg.ProtocolViolationError as error:
        if "startup parameter" not in str(error):
            raise
        raise PoolerInBetween(
            "a pooler stands in between and takes no settings of a session: set "
            "DATABASE_POOLING=transaction, or name the server itself in DATABASE_URL"
        ) from None


async def _read_json(connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_storable_json, decoder=json.loads
        )


@asynccontextmanager
async def json_as_text(connection: asyncpg.pool.PoolConnectionProxy) -> AsyncIterator[None]:
    """Let a connection take ``json`` and ``jsonb`` as text, which COPY does in no other way."""
    for name in ("json", "jsonb"):
        await connection.reset_type_codec(name, schema="pg_catalog")
    yield
    # Where that failed the connection is of no more use to anybody.
    await _read_json(connection)


@asynccontextmanager
async def patiently(
    connection: asyncpg.pool.PoolConnectionProxy | asyncpg.Connection,
    *,
    replan: bool = True,
    seconds: int = PATIENT_SECONDS,
) -> AsyncIterator[None]:
    """Open a transaction for statements over many members.

    Args:
        connection: outside a transaction; in one, this holds until that one ends.
        replan: plan each statement for its page: a plan that is kept for all pages would be one
            for hardly any rows, and can take minutes. It also plans each check of a foreign key
            anew: for statements that write by the hundred thousand see ``fetch_planned``.
        seconds: that a statement may take.
    """
    async with connection.transaction():
        await connection.execute(
            f"SET LOCAL statement_timeout = '{seconds}s';"
            # Between two statements Temporal may be asked for a page.
            f"SET LOCAL idle_in_transaction_session_timeout = '{PATIENT_SECONDS}s';"
            f"SET LOCAL work_mem = '{PAGE_MEMORY}'"
        )
        if replan:
            await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield


async def fetch_planned(
    connection: asyncpg.pool.PoolConnectionProxy, query: Any, **values: Any
) -> asyncpg.Record | None:
    """Run a query of ``load_queries`` that returns a row, with a plan for these values alone.

    Args:
        connection: whose functions and foreign keys keep their own plans.
        query: its parameters are declared in the order in which they first stand in it.
        values: of all of them, by name.
    """
    statement = await connection.prepare(query.sql)
    return await statement.fetchrow(*(values[name] for name in query.parameters))


async def streamed(
    connection: asyncpg.pool.PoolConnectionProxy | asyncpg.Connection, query: Any, **values: Any
) -> AsyncGenerator[asyncpg.Record, None]:
    """Yield the rows of a query of ``load_queries``, of which some hundreds are held at a time.

    Args:
        connection: in a transaction until the last row has been taken, or the iterator is closed.
        query: one that only reads.
    """
    async with connection.transaction(readonly=True):
        # Whoever reads the rows may take their time; no row is locked.
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '1h'")
        found = connection.cursor(
            query.sql,
            *(values[name] for name in query.parameters or ()),
            prefetch=STREAM_ROWS,
        )
        async for row in found:
            yield row


def storable(text: str) -> str:
    """Return a text that PostgreSQL can hold: it has no place for the character NUL.

    What somebody sends as garbage must still be kept, and never stop a membership.
    """
    return text.replace("\0", "\ufffd")


_NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped NUL, but not an escaped backslash in front of the text ``u0000``."""


def _storable_json(value: Any) -> str:
    return _NUL_ESCAPE.sub(r"\1\\ufffd", json.dumps(value))


@cache
def load_queries(path: Path) -> Any:
    """Load named SQL, once for all modules of a room.

    Args:
        path: a ``.sql`` file, or a folder of them. Each query begins with a line
            ``-- name: its_name`` and one comment line that says what it does.

    Returns:
        An object with one coroutine for each query, called as
        ``queries.its_name(connection, parameter=value)``. Untyped: the modules that use it
        wrap each query in a function of their own.
    """
    # Its declared types leave out the rows that its own adapters yield one by one.
    adapter: Any = Adapter
    loaded: Any = aiosql.from_path(path, adapter, mandatory_parameters=False)
    _named.update({getattr(loaded, name).sql: name for name in loaded.available_queries})
    return loaded


_named: dict[str, str] = {}


def named_statements() -> Mapping[str, str]:
    """Return the names of all statements that have been loaded, by their text."""
    return _named
