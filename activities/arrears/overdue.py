"""The list of what is overdue: a run looks at what is open, and not at all that was ever paid."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import fetch_planned, load_queries, patiently

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


@dataclass(frozen=True)
class Watch:
    """How far the list goes.

    Attributes:
        listed_before: whatever fell due before this day, and is open, stands in it.
        added_before: what is issued with an earlier due date is listed as it is issued
            (``list_issued_late``), and what is owed again as it is taken back
            (``list_owed_again``).
    """

    listed_before: date
    added_before: date


async def read_watch(connection: Connection) -> Watch:
    """Return how far the list goes."""
    return Watch(**await _SQL.read_watch(connection))


async def list_overdue(connection: Connection, today: date) -> None:
    """List what has fallen due and is open, and take off what has been paid.

    Args:
        connection: outside a transaction.
        today: the business date. What falls due on it is not overdue yet.
    """
    # On its own: all that was issued before it is seen by what follows, all that comes after it
    # is listed as it is issued.
    await _SQL.watch_until(connection, today=today)
    async with patiently(connection, replan=False):
        watch = await read_watch(connection)
        since, until = watch.listed_before, watch.added_before
        await fetch_planned(connection, _SQL.list_overdue, since=since, until=until)
        await _SQL.listed_until(connection, until=until)
        settled = [row["number"] async for row in _SQL.lock_settled(connection)]
        await _SQL.unlist_settled(connection, numbers=settled)
