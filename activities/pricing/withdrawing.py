"""Taking a change out of the rulebook again that was announced too late for a rise."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.pricing.rate_changes import change_rates
from activities.shared.rulebook import RulebookReader

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

Rows = Mapping[tuple[str, str], Mapping[str, Any]]
"""The rows of the rulebook that begin on one day, by their table and what they are about."""


async def rows_of_day(connection: Connection, day: date) -> Rows:
    """Read what the rulebook has laid down for a day."""
    found = _SQL.read_rows_of_day(connection, effective_on=day)
    return {(row["laid_in"], row["key"]): row["row"] async for row in found}


def laid_down(before: Rows, after: Rows) -> list[dict[str, Any]]:
    """Return which rows a change wrote, and what each stands in the place of."""
    return [
        {"laid_in": laid_in, "key": key, "was": before.get((laid_in, key)), "is": row}
        for (laid_in, key), row in after.items()
        if before.get((laid_in, key)) != row
    ]


async def withdraw(connection: Connection, effective_on: date, version: str, today: date) -> bool:
    """Take a change out of the rulebook, of which nobody was told in time.

    What it stood in the place of stands again, and what has been decided for that day since stays.
    Again: nothing.

    Args:
        connection: in a transaction of the caller's.
        effective_on: of the change.
        version: the rulebook with the change in it.
        today: the business date.

    Returns:
        Whether it is out; a change that has begun is not: what was charged by it stands.

    Source: A41.
    """
    await _SQL.lock_rulebook(connection)
    out = await _SQL.take_out(connection, effective_on=effective_on, version=version, today=today)
    if out:
        left = await RulebookReader(allow_synthetic_ids=False).current(connection)
        await change_rates(connection, left)
    return bool(out)
