"""Reading what somebody may have of the union on a day (B1, B2)."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.paid_months import months_of
from schemas.membership.benefits import Benefited, Life, benefited
from schemas.membership.help import help_limits
from schemas.membership.situation import Facts
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import InsuranceStatus

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def benefits_of_person(
    connection: Connection, membership_id: str, rulebook: Rulebook, on: date, *, today: date
) -> Benefited | None:
    """Return what somebody may have on a day, by all that is known now; None: never was a member.

    Args:
        connection: of the caller; nothing is written.
        membership_id: one of the person's.
        rulebook: with benefits and policies in force on the day.
        on: the day that is asked about, past or to come.
        today: the business date: what is owed is owed by then.
    """
    found = _SQL.memberships_of_person(connection, membership_id=membership_id)
    ids = [row["membership_id"] async for row in found]
    if not ids:
        return None
    rows = [row async for row in _SQL.read_lives(connection, membership_ids=ids)]
    # Nobody needs to look further ahead than it takes to pay for all of it from now on.
    most = max(limit for _, limit in help_limits(rulebook.policies_on(on)))
    ahead = months_before(on, -most)
    months = await months_of(connection, ids, rulebook, on, until=ahead)
    answer = benefited(
        membership_id,
        [_life(row) for row in rows],
        months,
        rulebook,
        on,
        died=any(row["died"] for row in rows),
    )
    owed = await _SQL.read_owed(connection, membership_id=membership_id, today=today)
    return answer.model_copy(update=dict(owed))


def _life(row: asyncpg.Record) -> Life:
    status = row["insurance_status"]
    return Life(
        facts=Facts.model_validate_json(row["facts"]),
        hiding=row["hiding"],
        reserved=status == InsuranceStatus.RESERVED,
        guardian=status != InsuranceStatus.NOT_APPLICABLE,
    )
