"""Runs that were begun, and whether they have done all of it: none that stops is forgotten."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def begin_run(
    connection: Connection, workflow_id: str, workflow_type: str, today: date
) -> None:
    """Note that a run has been begun; one that is begun again has yet to end."""
    await _SQL.begin_run(
        connection, workflow_id=workflow_id, workflow_type=workflow_type, begun_on=today
    )


async def end_run(connection: Connection, workflow_id: str) -> None:
    """Note that a run has done all of it."""
    await _SQL.end_run(connection, workflow_id=workflow_id)
