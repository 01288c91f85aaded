"""Forgetting who paid: what a person must place money by, and nobody needs for ever."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.pricing.rulebook import Policies

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def forget_payers(
    connection: Connection, policies: Policies, *, today: date, membership_ids: Sequence[str] = ()
) -> int:
    """Forget who paid and who was paid back long ago, and of all money of some members.

    The one call for whoever is erased. What the law on bookkeeping demands stays, under the
    membership's id: the amounts, days and numbers, and the bank's file until the years are over.
    Again: nothing. A file that has been booked stays known: the identities of its money stay, and
    the trigger ``keep_all_but_payers`` lets nothing else change.

    Args:
        connection: in a transaction of the caller's.
        policies: in force today.
        today: the business date.
        membership_ids: of members who are erased.

    Returns:
        Of how many entries and refunds.

    Source: P6, R4.
    """
    return int(
        await _SQL.forget_payers(
            connection, whose=list(membership_ids), before_day=_kept_since(policies, today)
        )
    )


async def forget_long_ago(connection: Connection, policies: Policies, *, today: date) -> int:
    """Forget what is kept no longer by policy: who paid, who was paid back, and what files held.

    A file is forgotten once nobody is to be placed by it any more; that it came stays known, and
    the trigger ``keep_all_but_content`` lets nothing else change. Again: nothing.

    Args:
        connection: in a transaction of the caller's.
        policies: in force today.
        today: the business date.

    Returns:
        Of how many entries, refunds and files.

    Source: P6, R4.
    """
    people = await forget_payers(connection, policies, today=today)
    files: int = await _SQL.forget_files(
        connection,
        before_day=_kept_since(policies, today),
        refused_before=today - timedelta(days=policies.refused_file_kept_days),
    )
    return people + files


def _kept_since(policies: Policies, today: date) -> date:
    return date(today.year - policies.payer_kept_years, 1, 1)
