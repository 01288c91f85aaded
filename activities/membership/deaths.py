"""A death counts for every membership of a person, whichever it was recorded of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.membership.decision import Decision, DecisionReceipt
from schemas.shared.vocabulary import Event, Outcome

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def contradicted(
    connection: Connection, decision: Decision, before: Mapping[str, Any], *, joins: bool
) -> DecisionReceipt | None:
    """Return why a decision can't be, by what is known of the person elsewhere, or None.

    Nobody becomes a member who is recorded as dead, unless a caseworker who knew of it says so;
    and a member dies as a member, not as what the person was or applied for.

    Args:
        connection: in the decision's transaction.
        decision: not yet written.
        before: how the membership stands, locked.
        joins: it makes a member, for the first time or again.

    Source: L7, L9.
    """
    if joins:
        return await _dead(connection, decision)
    if _dies_as_member(decision, before):
        return None
    other = await _SQL.find_duplicate(connection, membership_id=decision.membership_id, person=None)
    if other is None:
        return None
    return DecisionReceipt(refused=f"the person is a member, as {other}: record the death there")


def _dies_as_member(decision: Decision, before: Mapping[str, Any]) -> bool:
    """Tell whether a decision is no death, or the one of a membership that goes on."""
    ends = decision.event is Event.MEMBERSHIP_ENDED
    if not ends or decision.standing.outcome is not Outcome.DECEASED:
        return True
    return before["member_number"] is not None and not before["had_ended"]


async def _dead(connection: Connection, decision: Decision) -> DecisionReceipt | None:
    if decision.despite_death:
        return None
    death = await _SQL.find_death(connection, membership_id=decision.membership_id)
    if death is None:
        return None
    if decision.event is Event.MEMBERSHIP_REOPENED:
        return DecisionReceipt(refused=f"the person is recorded as dead, as {death}")
    return DecisionReceipt(
        refused=f"the person is recorded as dead, as {death}: find out who applies (L7)",
        died_as=death,
    )
