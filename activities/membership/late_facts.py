"""What is told of a membership after its end, whose person has another one since."""

from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.dues.plan import plan_terms
from schemas.membership.decision import Decision, DecisionReceipt
from schemas.membership.returning import coverage
from schemas.membership.situation import Facts
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import Event, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

OF_THE_END = frozenset({Event.MEMBERSHIP_ENDED, Event.MEMBERSHIP_REOPENED})
"""What else may plan the terms of a membership that has ended anew."""


def is_late(decision: Decision, *, had_ended: bool) -> bool:
    """Tell whether a decision takes in what was so before the end."""
    planned = decision.terms is not None and decision.facts is not None
    over = had_ended and decision.standing.stage is Stage.ENDED
    return planned and over and decision.event not in OF_THE_END


async def unsettles_a_return(
    connection: Connection, rulebook: Rulebook, decision: Decision
) -> DecisionReceipt | None:
    """Refuse what changes which months, or whose fee of a year, a later membership began after.

    That one was planned by it (A19, S12, invariant 10), and would charge too much or nothing. All
    else is charged by the former membership as if it had been known in time (L1); so is an earlier
    end, where the return came after a break either way.
    """
    row = await _SQL.find_later(connection, membership_id=decision.membership_id)
    if row is None or decision.facts is None:
        return None
    was, becomes = (
        coverage([(facts, plan_terms(facts, rulebook))], rulebook).settles_for(row["since"])
        for facts in (Facts.model_validate_json(row["facts"]), decision.facts)
    )
    if was == becomes:
        return None
    return DecisionReceipt(
        refused=f"the person is a member again, as {row['later']}, charged by what was known of "
        "this one: settle by hand what it comes to otherwise (refund, write-off)"
    )
