"""A death that is learned of when the membership is over for good, and no workflow hears of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.membership.decisions import record_within
from activities.shared.errors import without_values
from activities.shared.rulebook import RulebookReader
from activities.shared.tasks import open_task
from schemas.dues.plan import plan_terms
from schemas.membership.benefits import gives_funeral_contribution
from schemas.membership.decision import Decision, MembershipRow
from schemas.membership.messages.leaving import RecordDeath
from schemas.membership.notices import EndNotice
from schemas.membership.situation import Facts, owed_until
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Event, Outcome, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class NotRecorded(Exception):
    """The death was not recorded; the text says why and what to do."""


async def record_late_death(
    pool: asyncpg.Pool,
    rulebooks: RulebookReader,
    membership_id: str,
    message: RecordDeath,
    now: datetime,
) -> str:
    """Record the death of a former member whose workflow is closed, and say what was done.

    From then on the gate lets nothing automatic out, nothing that is owed is pursued, and a
    caseworker has a task for the estate. What was charged after the death comes back with the next
    dues run.

    Args:
        pool: of the database.
        rulebooks: to plan the terms by.
        membership_id: of a membership that has ended.
        message: with the member number: nobody is left who could confirm it.
        now: the business moment, aware.

    Raises:
        NotRecorded: there is no such former member, or it can't be so.

    Source: L7, M17.
    """
    today = oslo_date(now)
    async with without_values(), pool.acquire() as connection:
        row = await _SQL.read_former_member(connection, membership_id=membership_id)
        rulebook = await rulebooks.current(connection)
    _check(row, message, today)
    decision = _decision(membership_id, row, message, rulebook, now, today)
    # One transaction: sent again after a crash it would find the death, and no task beside it.
    async with without_values(), pool.acquire() as connection, connection.transaction():
        receipt = await record_within(connection, rulebooks, decision)
        if not receipt.recorded:
            raise NotRecorded(
                receipt.refused or "something else was recorded at the same moment: send it again"
            )
        await open_task(
            connection,
            key=f"estate/{membership_id}/{decision.number}",
            kind="estate",
            says="A former member has died: all automatic mail has stopped, and nothing that is "
            "owed is pursued. Write to the estate, and tell of "
            f"{_of(decision, message, rulebook)}.",
            today=today,
            membership_id=membership_id,
        )
    return f"died after the membership had ended: {row['outcome']}"


def _of(decision: Decision, message: RecordDeath, rulebook: Rulebook) -> str:
    """Return what the estate is told of: who died as a member may have had more. M17, S19."""
    assert decision.facts is not None, "a death was recorded without the facts"
    insurances = "insurances that may be paid out"
    funeral = gives_funeral_contribution(decision.facts, rulebook, message.died_on)
    return f"the funeral contribution and {insurances}" if funeral else insurances


def _check(row: Mapping[str, Any] | None, message: RecordDeath, today: date) -> None:
    """Refuse what is no death of this former member."""
    if row is None:
        raise NotRecorded("the database knows no former member under this id")
    if row["outcome"] == Outcome.DECEASED:
        raise NotRecorded("is recorded as deceased already")
    if row["is_member"]:
        raise NotRecorded("the person is a member again: record it there")
    if message.member_number is None:
        raise NotRecorded("member_number: is required once a membership is over for good")
    if message.member_number != row["member_number"]:
        raise NotRecorded("member_number: is not this member's; nothing was recorded")
    if message.died_on > today:
        raise NotRecorded("died_on: lies in the future")
    if message.died_on < row["birth_date"]:
        raise NotRecorded("died_on: lies before the birth date")


def _decision(
    membership_id: str,
    row: Mapping[str, Any],
    message: RecordDeath,
    rulebook: Rulebook,
    now: datetime,
    today: date,
) -> Decision:
    number = row["last_decision"] + 1
    facts = Facts.model_validate(row["facts"])
    end = EndNotice(
        number=number,
        kind="record_death",
        effective_on=max(min(message.died_on + timedelta(days=1), today), facts.since),
        recorded_on=today,
        decided_by="",
        outcome=Outcome.DECEASED,
        reported_on=message.died_on,
    )
    died = facts.model_copy(update={"notices": (*facts.notices, end)})
    return Decision(
        membership_id=membership_id,
        number=number,
        event=Event.MEMBERSHIP_ENDED,
        decided_at=now,
        decided_on=today,
        decided_by=message.caseworker,
        message=message.card.name,
        says=f"the member died on {message.died_on}, after the membership had ended: "
        f"{row['outcome']}",
        rules=("L7", "M17"),
        standing=MembershipRow(
            stage=Stage.ENDED,
            outcome=Outcome.DECEASED,
            category=row["category"],
            hidden=row["hidden"],
            branch=row["branch"],
            member_since=row["member_since"],
            open_until=row["open_until"],
        ),
        rulebook_version=rulebook.version,
        terms=plan_terms(died, rulebook),
        facts=died,
        given_back_from=owed_until(end, facts.since),
    )
