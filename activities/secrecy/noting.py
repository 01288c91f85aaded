"""Noting runs to be deleted, with what has been kept of what they hold."""

from datetime import date
from pathlib import Path
from typing import Any

from activities.database.pool import load_queries, storable
from activities.shared.tasks import Connection
from schemas.secrecy.contracts import RunsToDelete

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


def run_row(runs: RunsToDelete | None) -> dict[str, Any]:
    """Return what a statement is told that notes runs beside what else it writes."""
    if runs is None:
        return {"workflow_id": None, "run_ids": []}
    return {"workflow_id": storable(runs.workflow_id), "run_ids": list(runs.run_ids)}


async def note_runs(connection: Connection, runs: RunsToDelete | None, today: date) -> None:
    """Note runs in the caller's transaction; noted twice they stand once."""
    if runs is not None:
        await _SQL.note_runs(connection, **run_row(runs), today=today)
