"""Whoever is approved and was known is that person again; a person-month is charged once."""

from datetime import date
from typing import Any

import pytest

from schemas.names import person_id
from schemas.shared.vocabulary import LineKind, Outcome, Stage
from tests.membership.making import (
    KARI,
    KARIS_ID,
    NOVEMBER,
    OLA,
    OTHER_ID,
    approval,
    decision,
    intake,
    make_member,
    order,
    standing,
    supplied,
    term,
)

AGAIN = OLA
MAY = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0003"
"""The membership that comes after Kari's."""

LATER = date(2027, 3, 10)
MARCH = date(2027, 3, 1)


async def leaves(persistence, **changed):
    """Kari was a member from 22 November on, with an invoice for that month, and has resigned."""
    await make_member(persistence, KARI, **changed)
    left = standing(Stage.ENDED, outcome=Outcome.RESIGNED)
    await persistence.record_decision(decision(3, standing=left))


async def returns(persistence, *, order_for=MARCH, **changed):
    """Somebody applies and is approved in March."""
    await persistence.receive_application(intake(AGAIN, **changed))
    return await persistence.record_decision(
        approval(
            AGAIN,
            decided_on=LATER,
            terms=(term(valid_from=order_for),),
            invoice=order(period_from=order_for),
            omits=(),
        )
    )


async def person_of(pool, membership_id):
    """Whose a membership is."""
    return await pool.fetchval(
        "SELECT person_id FROM memberships WHERE membership_id = $1", membership_id
    )


async def test_an_application_makes_a_person_of_its_own(persistence, pool):
    """An applicant only claims to be somebody: nothing known is overwritten by it."""
    await leaves(persistence)
    await persistence.receive_application(intake(AGAIN, phone="+4791234567"))
    assert await person_of(pool, KARI) == person_id(KARI)
    assert await person_of(pool, AGAIN) == person_id(AGAIN)
    assert await pool.fetchval(
        "SELECT phone FROM people WHERE person_id = $1", person_id(KARI)
    ) is (None)


Changes = dict[str, Any]

CERTAIN: dict[str, tuple[Changes, Changes]] = {
    "the same name, birth date and address": ({}, {}),
    "the same national id, whatever else": (
        {"national_id": KARIS_ID},
        {"national_id": KARIS_ID, "name": "Kari Hansen", "email": "hansen@example.org"},
    ),
    "a national id that is new": ({}, {"national_id": KARIS_ID}),
    "a name in other letters": ({}, {"name": "KARI  nordmann", "email": "KARI@example.org"}),
}


@pytest.mark.parametrize("case", CERTAIN)
async def test_who_is_certainly_known_is_that_person_again(persistence, pool, case):
    """One person, two memberships; the row that came with the application is merged into it."""
    before, now = CERTAIN[case]
    await leaves(persistence, **before)
    assert (await returns(persistence, **now)).recorded
    assert await person_of(pool, AGAIN) == await person_of(pool, KARI) == person_id(KARI)
    merged = await pool.fetchrow(
        "SELECT merged_into, merged_on FROM people WHERE person_id = $1", person_id(AGAIN)
    )
    assert tuple(merged) == (person_id(KARI), LATER)


SOMEBODY_ELSE: dict[str, tuple[Changes, Changes]] = {
    "another national id": ({"national_id": KARIS_ID}, {"national_id": OTHER_ID}),
    "another address alone": ({}, {"email": "other@example.org"}),
    "another birth date": ({}, {"birth_date": date(1986, 4, 13)}),
}


@pytest.mark.parametrize("case", SOMEBODY_ELSE)
async def test_who_is_only_possibly_the_same_stays_a_person_apart(persistence, pool, case):
    """That they are one is a caseworker's decision."""
    before, now = SOMEBODY_ELSE[case]
    await leaves(persistence, **before)
    assert (await returns(persistence, **now)).recorded
    assert await person_of(pool, AGAIN) == person_id(AGAIN)
    assert await pool.fetchval("SELECT count(*) FROM people WHERE merged_into IS NOT NULL") == 0


async def test_a_member_is_nobody_elses_application(persistence, pool):
    """While the membership lives its person is left alone: the second one is a duplicate."""
    await make_member(persistence, KARI)
    receipt = await returns(persistence, phone="+4791234567")
    assert receipt.duplicate_of == KARI
    assert await person_of(pool, AGAIN) == person_id(AGAIN)
    assert await pool.fetchval("SELECT count(*) FROM people WHERE merged_into IS NOT NULL") == 0


async def test_what_was_so_is_kept_beside_what_is(persistence, pool):
    """The application brings the person up to date; the old name and address stay readable."""
    await leaves(persistence, national_id=KARIS_ID, phone="+4791234567")
    await returns(persistence, national_id=KARIS_ID, name="Kari Hansen", email="hansen@example.org")
    who = person_id(KARI)
    person = await pool.fetchrow("SELECT name, email, phone FROM people WHERE person_id = $1", who)
    # What the application does not say stays as it was known.
    assert tuple(person) == ("Kari Hansen", "hansen@example.org", "+4791234567")
    names = await pool.fetch("SELECT person_id, name, until_on FROM earlier_names")
    assert [tuple(row) for row in names] == [(who, "Kari Nordmann", LATER)]
    contacts = await pool.fetch("SELECT person_id, email, phone, until_on FROM earlier_contacts")
    assert [tuple(row) for row in contacts] == [(who, "kari@example.org", "+4791234567", LATER)]


async def test_nothing_is_kept_twice(persistence, pool):
    """Who comes back unchanged was called nothing else, and reached nowhere else."""
    await leaves(persistence)
    await returns(persistence)
    for table in ("earlier_names", "earlier_contacts"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_the_latest_word_on_a_consent_counts(persistence, pool):
    """Terms, recruiter and newsletter, each with the day it was said."""
    await leaves(persistence, consents={"terms": True, "tell_recruiter": True})
    await returns(persistence)
    rows = await pool.fetch(
        "SELECT kind, given FROM present_consents WHERE person_id = $1", person_id(KARI)
    )
    assert dict(map(tuple, rows)) == {"terms": True, "tell_recruiter": False, "newsletter": False}
    said = await pool.fetch(
        "SELECT given FROM consents WHERE person_id = $1 AND kind = 'tell_recruiter'"
        " ORDER BY consent_id",
        person_id(KARI),
    )
    assert [row["given"] for row in said] == [True, False]


async def test_the_month_of_the_return_is_not_billed_again(persistence, pool):
    """Invariant 10: November was billed to the membership that ended in it.

    Nothing is written, so that the workflow decides again without those lines.
    """
    await leaves(persistence)
    receipt = await returns(persistence, order_for=NOVEMBER)
    assert (receipt.charged, receipt.recorded) == ((LineKind.CENTRAL_DUES,), False)
    assert await person_of(pool, AGAIN) == person_id(AGAIN)
    again = approval(AGAIN, invoice=None, omits=None)
    assert (await persistence.record_decision(again)).recorded
    assert await person_of(pool, AGAIN) == person_id(KARI)
    assert await pool.fetchval("SELECT count(*) FROM charges") == 1


async def test_a_line_that_was_not_billed_yet_is(persistence):
    """Dues of November were billed before, the premium was not."""
    await leaves(persistence)
    await persistence.receive_application(intake(AGAIN))
    premium = (LineKind.INSURANCE_PREMIUM, 20000)
    both = approval(AGAIN, invoice=order((LineKind.CENTRAL_DUES, 49500), premium), omits=())
    assert (await persistence.record_decision(both)).charged == (LineKind.CENTRAL_DUES,)
    one = approval(AGAIN, invoice=order(premium), omits=(LineKind.CENTRAL_DUES,))
    assert (await persistence.record_decision(one)).invoice is not None


async def test_who_has_left_may_join_again(persistence, pool):
    """The end of a membership frees the person; the old member number is not used again."""
    await leaves(persistence)
    assert (await returns(persistence)).recorded
    numbers = await pool.fetch("SELECT member_number FROM memberships")
    assert len({row["member_number"] for row in numbers}) == 2


async def test_a_correction_keeps_the_old_name(persistence, pool):
    """A marriage is no other person."""
    await make_member(persistence, KARI)
    corrected = supplied(name="Kari Hansen")
    await persistence.record_decision(decision(3, decided_on=LATER, **corrected))
    assert await pool.fetchval("SELECT name FROM people") == "Kari Hansen"
    assert [tuple(row) for row in await pool.fetch("SELECT name, until_on FROM earlier_names")] == [
        ("Kari Nordmann", LATER)
    ]
    assert await pool.fetchval("SELECT count(*) FROM earlier_contacts") == 0


async def test_who_was_known_under_a_members_number_is_a_duplicate(persistence, pool):
    """Two rows of one national id: who would become the former one is a member already (N8)."""
    await leaves(persistence)
    await make_member(persistence, MAY, name="Kari Lie", email="lie@example.org",
                      national_id=KARIS_ID)  # fmt: skip
    await pool.execute(
        "UPDATE people SET national_id = $2 WHERE person_id = $1", person_id(KARI), KARIS_ID
    )
    receipt = await returns(persistence)
    assert receipt.duplicate_of == MAY
    assert await person_of(pool, AGAIN) == person_id(AGAIN)
