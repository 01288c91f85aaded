"""Taking a change out of the rulebook again that was announced too late for a rise."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.pricing.rate_changes import change_rates
from activities.pricing.rulebook_change import Written, write_rows
from activities.shared.rulebook import RulebookReader
from schemas.pricing.contracts import PriceChange

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def withdraw(connection: Connection, effective_on: date, version: str, today: date) -> bool:
    """Take a change out of the rulebook, of which nobody was told in time.

    What was told of its day before goes on, and so does what has been decided for that day since.
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
    told = await _SQL.read_approved(connection, effective_on=effective_on, version=version)
    if told is None or effective_on <= today:
        return False
    change = PriceChange.model_validate(told)
    await _SQL.take_out(
        connection,
        effective_on=effective_on,
        dues={name: float(value) for name, value in change.dues.items()},
        premium_ore=change.premium_ore,
        branches=[one.model_dump(mode="json") for one in change.branches],
        coverages=[one.model_dump(mode="json") for one in change.coverages],
        categories=[one.category for one in change.benefits],
        policies=dict(change.policies),
    )
    reader = RulebookReader(allow_synthetic_ids=False)
    left = await reader.current(connection)
    announced = _SQL.list_announced(connection, effective_on=effective_on)
    for row in [row async for row in announced]:
        before = PriceChange.model_validate(row["change"])
        await write_rows(connection, before, Written(before=left, after=left), replace=True)
    await change_rates(connection, await reader.current(connection))
    return True
