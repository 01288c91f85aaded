"""Two people who are one become one by a decision, which can be undone (N9)."""

from datetime import date

import asyncpg
import pytest

from activities.persons.merging import MergeOrder, merge, plan_merge, unmerge
from activities.persons.views import view_person
from schemas.names import person_id
from schemas.persons.merging import Living, MergeRefused, which_goes_on
from schemas.shared.vocabulary import Event, Outcome, Stage
from tests.life import application, synthetic_id
from tests.membership.making import (
    KARI,
    KARIS_ID,
    OLA,
    OTHER_ID,
    TODAY,
    approval,
    decision,
    intake,
    make_member,
    standing,
)

LINA = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0003"
SAYS = {"caseworker": "ola", "reason": "Samme person"}


def living(key, *, hidden=False, covered=False):
    """A living membership of a person of its own."""
    return Living(
        membership_id=key,
        person_id=f"person-{key}",
        member_number="00000001",
        hidden=hidden,
        covered=covered,
    )


REFUSED = {
    "neither is said to stay": (living("a"), living("b"), None, "say which one stays"),
    "one that is neither": (living("a"), living("b"), "c", "no living membership of either"),
    "the hidden one would end": (living("a"), living("b", hidden=True), "a", "is hidden"),
    "the cover would end": (living("a"), living("b", covered=True), "a", "insurance package"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_must_not_be_lost_by_a_merge(case):
    """Neither silence nor cover, and nothing is guessed (N9, S30)."""
    one, other, keep, says = REFUSED[case]
    with pytest.raises(MergeRefused, match=says):
        which_goes_on((one, other), keep)


def test_of_two_living_one_goes_on():
    """The one the caseworker names; with one alive there is nothing to say."""
    one, other = living("a", covered=True, hidden=True), living("b")
    assert which_goes_on((other, one), "a") == (one, other)
    assert which_goes_on((one,), None) == (None, None)


async def merged(pool, person, other, keep=None):
    """Merge two persons, as the command does."""
    said = MergeOrder(person, other, keep, TODAY)
    async with pool.acquire() as connection, connection.transaction():
        return await merge(connection, said, **SAYS)


async def undone(pool, wanted, today=TODAY):
    """Undo a merge, as the command does."""
    async with pool.acquire() as connection, connection.transaction():
        return await unmerge(connection, wanted, today=today, **SAYS)


async def former_and_member(persistence):
    """Let one person have been a member as Kari, and be one as Kari Hansen."""
    await make_member(persistence)
    left = standing(Stage.ENDED, outcome=Outcome.RESIGNED)
    await persistence.record_decision(decision(3, standing=left))
    await make_member(persistence, OLA, name="Kari Hansen", national_id=KARIS_ID)


async def everything(pool):
    """Return whose each membership is, who is whom, and who is a member now."""
    queries = (
        "SELECT membership_id, person_id FROM memberships ORDER BY 1",
        "SELECT person_id, national_id, merged_into FROM people ORDER BY 1",
        "SELECT * FROM members ORDER BY 1",
    )
    return [[tuple(row) for row in await pool.fetch(query)] for query in queries]


async def test_one_person_has_all_memberships(persistence, pool):
    """The former and the present one; a number that only one of the two had is the person's."""
    await former_and_member(persistence)
    plan = await merged(pool, KARI, OLA)
    assert (plan.moved, plan.ends, plan.two_national_ids) == ((OLA,), None, False)
    async with pool.acquire() as connection:
        seen = await view_person(connection, OLA, TODAY)
    assert seen.person_id == person_id(KARI)
    assert [own.membership_id for own in seen.memberships] == [KARI, OLA]
    assert (seen.national_id, seen.names) == (KARIS_ID, ("Kari Nordmann", "Kari Hansen"))
    kept = await pool.fetchrow(
        "SELECT person_id, number_print = fingerprint_of_number($1),"
        " person_print = fingerprint_of_person('kari nordmann', '1986-04-12', 'kari@example.org')"
        " FROM members",
        KARIS_ID,
    )
    assert tuple(kept) == (person_id(KARI), True, True)


async def test_merged_again_it_is_the_same_merge(persistence, pool):
    """A decision that is sent twice is made once, in either form of the ids."""
    await former_and_member(persistence)
    first = await merged(pool, KARI, OLA)
    again = await merged(pool, person_id(KARI), person_id(OLA))
    assert again.merge_id == first.merge_id
    assert await pool.fetchval("SELECT count(*) FROM merges") == 1
    with pytest.raises(MergeRefused, match="one person already"):
        await merged(pool, KARI, KARI)


async def test_a_plan_changes_nothing(persistence, pool):
    """What would follow can be looked at first."""
    await former_and_member(persistence)
    before = await everything(pool)
    async with pool.acquire() as connection, connection.transaction():
        plan = await plan_merge(connection, MergeOrder(KARI, OLA, None, TODAY))
    assert (plan.merge_id, plan.moved) == (None, (OLA,))
    assert await everything(pool) == before


async def test_undone_all_stands_as_before(persistence, pool):
    """Memberships, numbers and who is a member; the log keeps both decisions."""
    await former_and_member(persistence)
    before = await everything(pool)
    made = await merged(pool, KARI, OLA)
    assert (await undone(pool, OLA)).merge_id == made.merge_id
    assert await everything(pool) == before
    with pytest.raises(MergeRefused, match="no merge"):
        await undone(pool, OLA)
    log = await pool.fetchrow("SELECT decided_by, reason FROM merge_undoings")
    assert tuple(log) == ("ola", "Samme person")
    again = await merged(pool, KARI, OLA)
    assert again.merge_id != made.merge_id


async def test_a_merge_is_undone_for_a_time(persistence, pool):
    """`merge_undo_days` is 30: merged on 22 November, it can be undone until 22 December."""
    await former_and_member(persistence)
    await merged(pool, KARI, OLA)
    with pytest.raises(MergeRefused, match="until 2026-12-22"):
        await undone(pool, OLA, date(2026, 12, 23))
    assert (await undone(pool, OLA, date(2026, 12, 22))).moved == ()
    await pool.execute("UPDATE policies SET value = $1 WHERE name = 'merge_undo_days'", 5)
    await merged(pool, KARI, OLA)
    with pytest.raises(MergeRefused, match="until 2026-11-27"):
        await undone(pool, OLA, date(2026, 11, 28))


async def test_of_two_members_one_is_a_member(persistence, pool):
    """The other one's end is still to come; until then it is nobody's second membership."""
    await make_member(persistence, national_id=KARIS_ID)
    await make_member(persistence, OLA, name="Kari Normann", email="k@example.org")
    plan = await merged(pool, KARI, OLA, keep=OLA)
    assert (plan.goes_on, plan.ends, plan.quiet) == (OLA, KARI, False)
    rows = await pool.fetch(
        "SELECT membership_id, person_id, number_print = fingerprint_of_number($1) FROM members",
        KARIS_ID,
    )
    assert [tuple(row) for row in rows] == [(OLA, person_id(KARI), True)]
    await undone(pool, OLA)
    assert await pool.fetchval("SELECT count(*) FROM members") == 2


async def test_given_again_a_merge_is_as_quiet_as_its_member_has_become(persistence, pool):
    """Hidden since, or about to be: nothing about the end leaves by itself (invariant 12)."""
    await make_member(persistence, national_id=KARIS_ID)
    await make_member(persistence, OLA, name="Kari Normann", email="k@example.org")
    assert not (await merged(pool, KARI, OLA, keep=OLA)).quiet
    await pool.execute("UPDATE memberships SET hiding = true WHERE membership_id = $1", OLA)
    assert (await merged(pool, KARI, OLA, keep=OLA)).quiet


async def test_who_has_asked_to_be_hidden_is_hidden(persistence, pool):
    """From the answer to the wish on: to whoever looks at the person, and to a merge."""
    await make_member(persistence, national_id=KARIS_ID)
    await make_member(persistence, OLA, name="Kari Normann", email="k@example.org")
    await pool.execute("UPDATE memberships SET hiding = true WHERE membership_id = $1", KARI)
    with pytest.raises(MergeRefused, match="is hidden"):
        await merged(pool, KARI, OLA, keep=OLA)
    assert (await merged(pool, KARI, OLA, keep=KARI)).quiet
    async with pool.acquire() as connection:
        seen = await view_person(connection, KARI, TODAY)
    assert {own.membership_id: own.hidden for own in seen.memberships} == {KARI: True, OLA: False}


async def test_two_national_ids_are_pointed_out(persistence, pool):
    """They may well be two people: the caseworker sees it before deciding."""
    await make_member(persistence, national_id=KARIS_ID)
    await persistence.receive_application(intake(OLA, national_id=OTHER_ID))
    async with pool.acquire() as connection, connection.transaction():
        plan = await plan_merge(connection, MergeOrder(KARI, OLA, None, TODAY))
    assert plan.two_national_ids


async def test_an_application_of_a_member_by_merge_is_a_duplicate(persistence, pool):
    """Approved after the merge, however the names differ: nobody is a member twice."""
    await make_member(persistence)
    await persistence.receive_application(intake(OLA, name="Karin Nordmann", email="k@example.org"))
    await merged(pool, KARI, OLA)
    receipt = await persistence.record_decision(approval(OLA))
    assert (receipt.recorded, receipt.duplicate_of) == (False, KARI)


async def test_whoever_was_merged_is_still_found(persistence, pool):
    """By the name of the row that was merged, through a second merge as well (N8)."""
    await former_and_member(persistence)
    await persistence.receive_application(intake(LINA, name="Kari Berg", email="b@example.org"))
    await merged(pool, KARI, OLA)
    await merged(pool, LINA, KARI)
    receipt = await persistence.receive_application(
        intake("membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0009", name="Kari Hansen")
    )
    assert {kin.membership_id for kin in receipt.kin} == {KARI, OLA, LINA}


@pytest.mark.parametrize("table", ["merges", "merged_memberships"])
async def test_what_was_merged_stays_written(persistence, pool, table):
    """Nobody can change or take away the record of a merge."""
    await former_and_member(persistence)
    await merged(pool, KARI, OLA)
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute(f"DELETE FROM {table}")


async def test_no_membership_ends_but_by_a_merge(persistence, pool):
    """Whoever sends the message: it takes effect only where a merge says so (N9)."""
    await make_member(persistence)
    await make_member(persistence, OLA, name="Kari Normann", email="k@example.org")
    over = decision(
        3,
        KARI,
        event=Event.MEMBERSHIP_ENDED,
        standing=standing(Stage.ENDED, outcome=Outcome.DUPLICATE),
    )
    receipt = await persistence.record_decision(over)
    assert (receipt.recorded, receipt.refused) == (
        False,
        "no merge says that this membership is a duplicate (N9)",
    )
    await merged(pool, OLA, KARI, keep=OLA)
    assert (await persistence.record_decision(over)).recorded


async def test_two_members_become_one(cli, apply):
    """By one command, sent twice: one ends, its employer stops, the other goes on; and undone."""
    known = application(applicant={"national_id": synthetic_id()})
    stays, goes = await apply(application()), await apply(known)
    for life in (stays, goes):
        await life.approve()
    order = ("merge", stays.id, goes.id, "--keep", stays.id, "--caseworker", "ola")
    for _ in range(2):
        ran = await cli(*order, "--reason", "Samme person", "--json")
        assert (ran.code, ran.json["ends"]) == (0, goes.id)
    assert (await goes.state())["outcome"] == "duplicate"
    told = await goes.letters()
    for letter in (
        ("employer", "payroll_stop", "sent"),
        ("member", "memberships_merged", "sent"),
        ("insurance_office", "insurance_merged", "sent"),
    ):
        assert told.count(letter) == 1
    assert not {"memberships_merged", "payroll_stop"} & {one[1] for one in await stays.letters()}
    assert (await stays.state())["stage"] == "onboarding"
    seen = (await cli("person", goes.id, "--json")).json
    assert {own["membership_id"] for own in seen["memberships"]} == {stays.id, goes.id}
    ran = await cli("unmerge", goes.id, "--caseworker", "ola", "--reason", "De er to")
    assert (ran.code, ran.err) == (0, "")
    assert (await goes.state())["stage"] == "onboarding"
    assert ("member", "membership_reopened", "sent") in await goes.letters()
    assert len((await cli("person", goes.id, "--json")).json["memberships"]) == 1
