"""How members have chosen to pay what is not deducted from pay (P9)."""

from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.membership.decision import Decision

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def choose_payment(connection: Connection, decision: Decision, way: str) -> None:
    """Keep a choice, in the transaction that records its decision; the latest counts."""
    await _SQL.choose_payment(
        connection,
        membership_id=decision.membership_id,
        decision=decision.number,
        way=way,
        chosen_on=decision.decided_on,
    )
