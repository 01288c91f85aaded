"""Tasks: what a caseworker must look at, once for each matter."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class OpenTask(Contract):
    """A task as the command line lists it. No personal data."""

    task_id: int
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
    return [OpenTask(**row) async for row in _SQL.list_tasks(connection)]


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
