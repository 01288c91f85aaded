"""Forgetting who paid: what a person must place money by, and nobody needs for ever."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.pricing.rulebook import Policies

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def forget_payers(
    connection: Connection, policies: Policies, *, today: date, membership_ids: Sequence[str] = ()
) -> int:
    """Forget who paid long ago, and who paid all money of some members.

    Again: nothing. A file that has been booked stays known: the identities of its money stay, and
    the trigger ``keep_all_but_payers`` lets nothing else change.

    Args:
        connection: in a transaction of the caller's.
        policies: in force today.
        today: the business date.
        membership_ids: of members who are erased.

    Returns:
        Of how many entries.

    Source: P6.
    """
    first_day = date(today.year - policies.payer_kept_years, 1, 1)
    return int(
        await _SQL.forget_payers(connection, whose=list(membership_ids), before_day=first_day)
    )
