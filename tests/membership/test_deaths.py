"""A death counts for every membership of a person, whichever it was recorded of (L7, M17)."""

from datetime import UTC, date, datetime

import pytest

from activities.arrears.reinstating import open_reinstatements
from activities.letters.store import Store
from activities.membership import late_death
from activities.persons.merging import MergeOrder, plan_merge
from activities.shared.errors import DatabaseRefused
from activities.shared.rulebook import RulebookReader
from schemas.dues.plan import plan_terms
from schemas.membership.messages.leaving import RecordDeath
from schemas.persons.merging import MergeRefused
from schemas.shared.vocabulary import Event, Outcome, Stage
from tests.builders import BOOK
from tests.dues.lives import life
from tests.letters.making import pay
from tests.membership.making import (
    KARI,
    KARIS_ID,
    OLA,
    TODAY,
    approval,
    decision,
    intake,
    standing,
)
from tests.membership.test_former import ANEW, again, leave

THIRD = OLA[:-1] + "3"
DEATH = RecordDeath(died_on=date(2026, 12, 20), caseworker="ola", member_number=None)


def rulebooks():
    """Return what reads the rulebook of the database."""
    return RulebookReader(allow_synthetic_ids=True)


async def record_late(pool, membership_id=KARI, on=ANEW):
    """Record a death long after the end, as the command line does."""
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", membership_id
    )
    death = DEATH.model_copy(update={"member_number": number})
    now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return await late_death.record_late_death(pool, rulebooks(), membership_id, death, now)


async def died(persistence, number, membership_id=KARI, **changed):
    """Record in a workflow's name that somebody died."""
    stands = standing(Stage.ENDED, outcome=Outcome.DECEASED, **changed)
    return await persistence.record_decision(
        decision(number, membership_id, event=Event.MEMBERSHIP_ENDED, standing=stands)
    )


async def test_a_late_death_and_its_task_are_one(persistence, pool):
    """Where the task can't be opened nothing stands; what is sent again does both (M17)."""
    await leave(persistence)
    await pool.execute("ALTER TABLE tasks RENAME TO out_of_reach")
    with pytest.raises(DatabaseRefused):
        await record_late(pool)
    assert await pool.fetchval("SELECT outcome FROM memberships") == "struck_off"
    await pool.execute("ALTER TABLE out_of_reach RENAME TO tasks")
    assert await record_late(pool) == "died after the membership had ended: struck_off"
    with pytest.raises(late_death.NotRecorded, match="deceased already"):
        await record_late(pool)
    (task,) = await pool.fetch("SELECT says FROM tasks WHERE kind = 'estate'")
    # Died after the end, and so as no member: no funeral contribution (S19).
    assert task["says"].endswith("and tell of insurances that may be paid out.")


@pytest.mark.parametrize("reason", [None, "Ringte"])
async def test_nobody_who_died_during_the_review_is_approved(persistence, pool, reason):
    """Whatever reason was given before it was known; who knows of it answers for it (L7)."""
    await leave(persistence)
    await persistence.receive_application(again(national_id=KARIS_ID))
    await record_late(pool)
    anew = {"decided_on": ANEW, "terms": (), "invoice": None, "letters": ()}
    refused = await persistence.record_decision(approval(OLA, reason=reason, **anew))
    assert (refused.recorded, refused.died_as) == (False, KARI)
    assert f"recorded as dead, as {KARI}" in refused.refused
    knowing = approval(OLA, reason="Lever", despite_death=True, **anew)
    assert (await persistence.record_decision(knowing)).recorded
    # Who is a member by a caseworker's word lives, whatever the old membership says.
    assert not await pool.fetchval("SELECT bool_or(has_died(person_id)) FROM memberships")


async def test_a_member_dies_as_a_member(persistence, pool):
    """A death of what the person was, or applies for, is refused and names the place (L7)."""
    await leave(persistence)
    await persistence.receive_application(again(national_id=KARIS_ID))
    anew = {"decided_on": ANEW, "terms": (), "invoice": None, "letters": ()}
    await persistence.record_decision(approval(OLA, **anew))
    with pytest.raises(late_death.NotRecorded, match="a member again"):
        await record_late(pool)
    assert (await died(persistence, 4)).refused == (
        f"the person is a member, as {OLA}: record the death there"
    )
    third = again(national_id=KARIS_ID).model_copy(update={"membership_id": THIRD})
    await persistence.receive_application(third)
    assert f"as {OLA}" in (await died(persistence, 2, THIRD, member_since=None)).refused
    assert (await died(persistence, 3, OLA)).recorded
    assert (await died(persistence, 2, THIRD, member_since=None)).recorded


async def test_the_dead_are_not_taken_up_again(persistence, pool):
    """Neither by a reopening nor by a payment of what they owed (L9, A30)."""
    await leave(persistence)
    await pay(pool, await pool.fetchval("SELECT kid FROM invoices"), 49500)
    await persistence.receive_application(again(national_id=KARIS_ID))
    assert (await died(persistence, 2, OLA, member_since=None)).recorded
    async with pool.acquire() as connection:
        assert await open_reinstatements(connection, ANEW, BOOK.policies_on(ANEW)) == 0
    facts = life(since=TODAY)
    reopened = decision(
        4, KARI, event=Event.MEMBERSHIP_REOPENED, terms=plan_terms(facts, BOOK), facts=facts
    )
    assert (await persistence.record_decision(reopened)).refused == (
        f"the person is recorded as dead, as {OLA}"
    )


AT_ONCE = """
    SELECT membership_id, has_died(person_id),
           person_id IN (SELECT person_id FROM members_who_died())
    FROM memberships WHERE member_number IS NOT NULL ORDER BY membership_id
"""


async def test_the_dead_are_the_same_one_by_one_and_at_once(persistence, pool):
    """Dead as a member, as an applicant, and not once a caseworker knows that they live (L7)."""
    await leave(persistence)
    found = [[tuple(row) for row in await pool.fetch(AT_ONCE)]]
    await persistence.receive_application(again(national_id=KARIS_ID))
    assert (await died(persistence, 2, OLA, member_since=None)).recorded
    found.append([tuple(row) for row in await pool.fetch(AT_ONCE)])
    third = again(national_id=KARIS_ID).model_copy(update={"membership_id": THIRD})
    await persistence.receive_application(third)
    anew = {"decided_on": ANEW, "terms": (), "invoice": None, "letters": ()}
    knowing = approval(THIRD, reason="Lever", despite_death=True, **anew)
    assert (await persistence.record_decision(knowing)).recorded
    found.append([tuple(row) for row in await pool.fetch(AT_ONCE)])
    assert found == [
        [(KARI, False, False)],
        # By the application of the same person, which never came to be a membership.
        [(KARI, True, True)],
        # One person with both, who is a member.
        [(KARI, False, False), (THIRD, False, False)],
    ]


DEAD = "SELECT count(*) FILTER (WHERE has_died(person_id)), count(*) FROM memberships"


async def dead_mail(pool, membership_id):
    """Return whether a membership's mail has stopped."""
    async with pool.acquire() as connection, connection.transaction():
        return (await Store(connection, membership_id, "order", TODAY).lock_case()).dead


@pytest.mark.parametrize("outcome", [Outcome.RESIGNED, Outcome.STRUCK_OFF])
async def test_mail_stops_for_all_that_the_person_was_and_applied_for(persistence, pool, outcome):
    """Of an application as of the former membership; who applies afterwards is answered (L7)."""
    await leave(persistence, outcome)
    await persistence.receive_application(again(national_id=KARIS_ID))
    assert [await dead_mail(pool, one) for one in (KARI, OLA)] == [False, False]
    await record_late(pool)
    assert [await dead_mail(pool, one) for one in (KARI, OLA)] == [True, True]
    assert tuple(await pool.fetchrow(DEAD)) == (2, 2)
    late = again(national_id=KARIS_ID).model_copy(
        update={"membership_id": THIRD, "received_at": datetime(2027, 1, 11, 9, tzinfo=UTC)}
    )
    await persistence.receive_application(late)
    assert not await dead_mail(pool, THIRD)


async def test_the_dead_and_the_living_are_not_merged(persistence, pool):
    """One of the two is wrong: a caseworker says which before they are one (N9, L7)."""
    await leave(persistence)
    await persistence.receive_application(intake(OLA, name="Kari Hansen"))
    await persistence.record_decision(approval(OLA, terms=(), invoice=None, letters=()))
    await record_late(pool)
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(MergeRefused, match=f"recorded as dead, and {OLA} goes on"):
            await plan_merge(connection, MergeOrder(KARI, OLA, None, ANEW))
