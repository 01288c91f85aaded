"""Tasks: what a caseworker must look at, once for each matter."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

PAGE = 1000
"""Rows of a list that are read at a time."""


class OpenTask(Contract):
    """A task as the command line lists it. No personal data."""

    task_id: int
    key: str
    kind: str
    says: str
    membership_id: str | None
    opened_on: date


async def open_task(
    connection: Connection,
    *,
    key: str,
    kind: str,
    says: str,
    today: date,
    membership_id: str | None = None,
) -> bool:
    """Open a task within the caller's transaction; the same matter is one task.

    One that was over (``close_task_of``) and comes again is open again; one that a caseworker
    closed meanwhile stays closed.

    Args:
        connection: of the caller.
        key: names the matter, opaque: ``suspense/<reference>``.
        kind: groups tasks: ``suspense``.
        says: what is the matter and what to do; no personal data.
        today: the business date.
        membership_id: whom it is about, if that is known.

    Returns:
        Whether the task is new, or open again.
    """
    return bool(
        await _SQL.open_task(
            connection, key=key, kind=kind, says=says, membership_id=membership_id, opened_on=today
        )
    )


async def list_tasks(connection: Connection) -> list[OpenTask]:
    """Return the open tasks, the oldest first."""
    return [task async for task in tasks_in_order(connection)]


async def tasks_in_order(
    connection: Connection, *, kind: str | None = None, after: int | None = None
) -> AsyncIterator[OpenTask]:
    """Yield the open tasks, the oldest first, and hold a page of them at a time.

    Args:
        connection: of any kind; nothing is written.
        kind: only these; None: all.
        after: only those behind this task, which may have been closed since.
    """
    while True:
        found = _SQL.list_tasks(connection, kind=kind, after=after, most=PAGE)
        tasks = [OpenTask(**row) async for row in found]
        for task in tasks:
            yield task
        if len(tasks) < PAGE:
            return
        after = tasks[-1].task_id


async def count_tasks(connection: Connection) -> dict[str, int]:
    """Return how many tasks of each kind are open, the most first."""
    return {row["kind"]: row["open"] async for row in _SQL.count_tasks(connection)}


async def whose_task(connection: Connection, task_id: int) -> str | None:
    """Return the membership that a task is about; None: nobody in particular."""
    found: str | None = await _SQL.read_whose_task(connection, task_id=task_id)
    return found


async def close_task(
    connection: Connection, task_id: int, *, today: date, by: str, note: str | None
) -> bool:
    """Close a task; False when it does not exist or is closed already."""
    return bool(
        await _SQL.close_task(connection, task_id=task_id, closed_on=today, closed_by=by, note=note)
    )


async def close_task_of(
    connection: Connection, key: str, *, today: date, by: str, note: str | None = None
) -> None:
    """Close the task of a matter that is over: if it comes again, the task is open again."""
    await _SQL.close_task_of(connection, key=key, closed_on=today, closed_by=by, note=note)
