"""What a caseworker decides about a debt: a hold on reminders, or a plan to pay it (A30)."""

from datetime import date, timedelta
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.secrecy.words import words_of
from schemas.arrears.plans import Instalment, instalments
from schemas.pricing.rulebook import Policies

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class NotPossible(Exception):
    """What a caseworker asked for can't be done; the text says why."""


async def hold_reminders(
    connection: Connection,
    membership_id: str,
    policies: Policies,
    *,
    until_on: date,
    today: date,
    by: str,
    reason: str,
) -> None:
    """Have nobody reminded, warned or struck off before a day; today ends an earlier hold.

    Args:
        connection: in a transaction of the caller's.
        membership_id: whose.
        policies: in force today.
        until_on: the first day on which what is owed is pursued again.
        today: the business date.
        by: who decides.
        reason: why.

    Raises:
        NotPossible: there is no such member, or the day has passed or lies too far ahead.

    Source: A30.
    """
    await _check_member(connection, membership_id)
    latest = today + timedelta(days=policies.hold_at_most_days)
    if not today <= until_on <= latest:
        raise NotPossible(
            f"until: must be from {today} to {latest}, {policies.hold_at_most_days} days ahead "
            "(policy hold_at_most_days)"
        )
    await _SQL.hold_reminders(
        connection,
        membership_id=membership_id,
        until_on=until_on,
        today=today,
        by=by,
        reason=await words_of(connection).seal(
            reason,
            membership_id,
            "reminder_holds.reason",
            {"membership_id": membership_id, "decided_on": today, "until_on": until_on},
        ),
    )


async def make_plan(
    connection: Connection,
    membership_id: str,
    policies: Policies,
    *,
    first_on: date,
    months: int,
    today: date,
    by: str,
    reason: str,
) -> tuple[Instalment, ...]:
    """Agree on instalments for all that has been invoiced and is not paid.

    Args:
        connection: in a transaction of the caller's.
        membership_id: whose.
        policies: in force today.
        first_on: the day of the first instalment.
        months: how many there are, one a month.
        today: the business date.
        by: who decides.
        reason: why.

    Returns:
        The instalments.

    Raises:
        NotPossible: there is no such member, nothing is owed, a plan stands, or the days and
            months are not possible.

    Source: A30.
    """
    await _check_member(connection, membership_id)
    if not 1 <= months <= policies.plan_at_most_months:
        raise NotPossible(
            f"months: must be from 1 to {policies.plan_at_most_months} (policy plan_at_most_months)"
        )
    if not today <= first_on <= today + timedelta(days=policies.hold_at_most_days):
        raise NotPossible(
            f"first: must be from today on, at most {policies.hold_at_most_days} days ahead "
            "(policy hold_at_most_days)"
        )
    if await _SQL.find_plan(connection, membership_id=membership_id) is not None:
        raise NotPossible("a payment plan stands; withdraw it first")
    owed: int = await _SQL.read_net_owed(connection, membership_id=membership_id, today=today)
    if owed < months:
        raise NotPossible("nothing is owed, net of what is in suspense or in credit")
    plan = instalments(owed, first_on, months)
    await _SQL.make_plan(
        connection,
        membership_id=membership_id,
        owed_ore=owed,
        today=today,
        by=by,
        reason=await words_of(connection).seal(
            reason,
            membership_id,
            "payment_plans.reason",
            {"membership_id": membership_id, "decided_on": today},
        ),
        days=[one.due_on for one in plan],
        amounts=[one.amount_ore for one in plan],
    )
    return plan


async def withdraw_plan(
    connection: Connection, membership_id: str, *, today: date, by: str, reason: str
) -> None:
    """End a payment plan: what is owed is pursued again.

    Raises:
        NotPossible: there is no such member, or no plan stands.
    """
    await _check_member(connection, membership_id)
    plan_id = await _SQL.find_plan(connection, membership_id=membership_id)
    if plan_id is None:
        raise NotPossible("no payment plan stands")
    why = await words_of(connection).seal(
        reason, membership_id, "payment_plan_ends.reason", {"plan_id": plan_id}
    )
    await _SQL.end_plan(connection, plan_id=plan_id, today=today, by=by, reason=why)


async def _check_member(connection: Connection, membership_id: str) -> None:
    """Lock a membership: of two decisions about its debt one comes after the other."""
    if await _SQL.find_member(connection, membership_id=membership_id) is None:
        raise NotPossible(f"there is no member {membership_id}")
