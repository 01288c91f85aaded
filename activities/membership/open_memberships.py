"""The memberships that must have a workflow, as PostgreSQL has them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE = 1_000


@dataclass(frozen=True)
class OpenMembership:
    """A membership that must have a workflow.

    Attributes:
        decisions: the number of the last one in the log.
        decided_at: when that was made.
    """

    membership_id: str
    decisions: int
    decided_at: datetime


async def every_open_membership(pool: asyncpg.Pool, today: date) -> AsyncIterator[OpenMembership]:
    """Yield all that must have a workflow, by id; no connection is held between two pages."""
    after = ""
    while True:
        async with pool.acquire() as connection:
            rows = _SQL.open_memberships(connection, after=after, most=PAGE, today=today)
            page = [_of(row) async for row in rows]
        for one in page:
            yield one
        if len(page) < PAGE:
            return
        after = page[-1].membership_id


async def named_memberships(
    pool: asyncpg.Pool, ids: Sequence[str], today: date
) -> list[OpenMembership]:
    """Return those of some that must have a workflow."""
    async with pool.acquire() as connection:
        rows = _SQL.named_memberships(connection, ids=list(ids), today=today)
        return [_of(row) async for row in rows]


def _of(row: asyncpg.Record) -> OpenMembership:
    return OpenMembership(row["membership_id"], row["last_decision"], row["decided_at"])
