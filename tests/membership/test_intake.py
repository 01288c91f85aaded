"""Keeping applications, and finding who may be the same person."""

import asyncio
from datetime import date

import pytest

from schemas.membership.decision import Intake
from schemas.names import person_id
from schemas.shared.vocabulary import Outcome, Stage
from tests.membership.making import (
    AT,
    KARI,
    KARIS_ID,
    OLA,
    OTHER_ID,
    TODAY,
    decision,
    intake,
    make_member,
    standing,
)

LINA = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0003"


async def counts(pool):
    """The rows of every table an application can reach."""
    tables = (
        "memberships", "people", "applications", "consents", "rejected_intakes", "decisions",
        "letters",
    )  # fmt: skip
    return {name: await pool.fetchval(f"SELECT count(*) FROM {name}") for name in tables}


async def test_application_is_kept_as_decision_one_with_its_letters(persistence, pool):
    """A readable application becomes a membership under review, a person, a log entry, a letter."""
    receipt = await persistence.receive_application(intake())
    assert receipt.faults == ()
    assert receipt.kin == ()
    row = await pool.fetchrow("SELECT * FROM memberships")
    assert (row["stage"], row["hidden"], row["received_on"], row["last_decision"]) == (
        "under_review",
        False,
        TODAY,
        1,
    )
    entry = await pool.fetchrow("SELECT * FROM decisions")
    assert (entry["number"], entry["event"], entry["decided_at"], entry["rules"]) == (
        1,
        "application_received",
        AT,
        ["S29"],
    )
    person = await pool.fetchrow("SELECT * FROM people")
    assert (person["name_key"], row["employer_orgnr"]) == ("kari nordmann", "974760673")
    assert person["person_id"] == row["person_id"] == person_id(KARI)
    kept = await pool.fetchval("SELECT content FROM applications")
    assert kept["consents"]["terms"] is True
    said = await pool.fetch("SELECT kind, given, stated_on, how FROM present_consents")
    assert {tuple(one) for one in said} == {
        ("terms", True, TODAY, "application"),
        ("tell_recruiter", False, TODAY, "application"),
        ("newsletter", False, TODAY, "application"),
    }
    waiting = await pool.fetchrow("SELECT * FROM letters")
    assert (waiting["key"], waiting["status"]) == ("0001-application_received", "pending")
    assert KARI not in waiting["message_id"]


async def test_receiving_again_answers_the_same_and_adds_nothing(persistence, pool):
    """A retry answers from what was kept, even when another application has come meanwhile."""
    first = await persistence.receive_application(intake())
    await persistence.receive_application(intake(OLA))
    before = await counts(pool)
    assert await persistence.receive_application(intake()) == first
    assert await counts(pool) == before


async def test_two_attempts_at_once_keep_one_application(persistence, pool):
    """A zombie attempt beside its retry writes nothing twice, and both get the same answer."""
    answers = await asyncio.gather(*(persistence.receive_application(intake()) for _ in range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert await counts(pool) == {
        "memberships": 1,
        "people": 1,
        "applications": 1,
        "consents": 3,
        "rejected_intakes": 0,
        "decisions": 1,
        "letters": 1,
    }


async def test_other_application_under_a_kept_id_is_told_so(persistence, pool):
    """An id that is used again for somebody else is not answered with the first one's facts."""
    await persistence.receive_application(intake())
    receipt = await persistence.receive_application(intake(name="Ola Nordmann"))
    assert (receipt.taken, receipt.kin, receipt.faults) == (True, (), ())
    assert await pool.fetchval("SELECT array_agg(name) FROM people") == ["Kari Nordmann"]


async def test_application_that_breaks_a_rule_is_rejected_with_every_fault(persistence, pool):
    """Somebody too young who refuses the terms ends as invalid; no letter promises a review."""
    receipt = await persistence.receive_application(
        intake(birth_date=date(2015, 1, 1), consents={"terms": False})
    )
    assert [fault.split(":")[0] for fault in receipt.faults] == [
        "applicant.birth_date",
        "consents.terms",
    ]
    row = await pool.fetchrow("SELECT * FROM memberships")
    assert (row["stage"], row["outcome"]) == ("ended", "invalid")
    assert await pool.fetchval("SELECT faults FROM rejected_intakes") == list(receipt.faults)
    assert await counts(pool) == {
        "memberships": 1,
        "people": 1,
        "applications": 1,
        "consents": 3,
        "rejected_intakes": 1,
        "decisions": 1,
        "letters": 0,
    }


@pytest.mark.parametrize(
    "name", ["\u200b", "\u3164", "Kari\ufffe", "Kari \u202egnusnaH"], ids=ascii
)
async def test_a_name_that_hides_what_it_says_is_a_fault(persistence, pool, name):
    """It ends as invalid, is kept for a caseworker to see, and reaches no list."""
    receipt = await persistence.receive_application(intake(name=name))
    (fault,) = receipt.faults
    assert fault.startswith("applicant.name: holds ")
    assert name not in fault
    row = await pool.fetchrow("SELECT stage, outcome FROM memberships")
    assert tuple(row) == ("ended", "invalid")


async def test_faulty_application_is_answered_by_decision_two(persistence, pool):
    """The workflow's own decision about a faulty application follows the one that kept it."""
    await persistence.receive_application(intake(consents={"terms": False}))
    await persistence.record_decision(
        decision(standing=standing(Stage.ENDED, outcome=Outcome.INVALID, member_since=None))
    )
    assert await pool.fetchval("SELECT count(*) FROM decisions") == 2


async def test_garbage_is_kept_even_when_postgresql_has_no_place_for_it(persistence, pool):
    """What can't be read is kept with its faults; the character NUL does not wedge anything."""
    garbage = Intake(
        membership_id=KARI,
        received_at=AT,
        received_on=TODAY,
        application=None,
        text='{"a\0b": 1}',
        faults=("a\0b: is not a known field",),
    )
    receipt = await persistence.receive_application(garbage)
    assert receipt.faults == ()
    assert await persistence.receive_application(garbage) == receipt
    row = await pool.fetchrow(
        "SELECT * FROM rejected_intakes JOIN memberships USING (membership_id)"
        " JOIN remarks USING (membership_id)"
    )
    assert row["content"] == '{"a\ufffdb": 1}'
    assert row["faults"] == ["a\ufffdb: is not a known field"]
    assert (row["hidden"], row["category"]) == (True, None)


@pytest.mark.parametrize(
    ("kept", "applying", "certain"),
    [
        pytest.param({}, {}, True, id="same name, birth date and e-mail"),
        pytest.param(
            {}, {"name": "KARI  nordmann", "email": "Kari@Example.org"}, True, id="but for case"
        ),
        pytest.param({}, {"name": "\ufeffKari Nord\u200bmann"}, True, id="but for the unseen"),
        pytest.param({}, {"email": "other@example.org"}, False, id="another e-mail"),
        pytest.param(
            {"national_id": KARIS_ID}, {}, True, id="a missing national id contradicts none"
        ),
        pytest.param(
            {"national_id": KARIS_ID}, {"national_id": OTHER_ID}, False, id="two national ids"
        ),
        pytest.param(
            {"national_id": KARIS_ID},
            {"national_id": KARIS_ID, "name": "Kari Hansen", "email": "new@example.org"},
            True,
            id="same national id under a new name",
        ),
    ],
)
async def test_kin_is_found_and_weighed(persistence, kept, applying, certain):
    """Another live application of what may be the same person is told, and how sure that is."""
    await persistence.receive_application(intake(KARI, **kept))
    receipt = await persistence.receive_application(intake(OLA, **applying))
    [kin] = receipt.kin
    assert (kin.membership_id, kin.stage, kin.certain) == (KARI, Stage.UNDER_REVIEW, certain)


async def test_strangers_and_the_ended_are_no_kin(persistence):
    """Nobody is shown an unrelated person, or an application that has ended (N8)."""
    stranger = {"name": "Per Hansen", "birth_date": date(1971, 1, 9)}
    await persistence.receive_application(intake(KARI, **stranger))
    await persistence.receive_application(intake(LINA))
    await persistence.record_decision(
        decision(
            membership_id=LINA,
            standing=standing(Stage.ENDED, outcome=Outcome.WITHDRAWN, member_since=None),
        )
    )
    assert (await persistence.receive_application(intake(OLA))).kin == ()


async def test_member_is_kin_with_the_member_number(persistence):
    """A member who applies again is shown to the caseworker with the number they have."""
    number = (await make_member(persistence)).member_number
    [kin] = (await persistence.receive_application(intake(OLA))).kin
    assert (kin.stage, kin.member_number) == (Stage.ONBOARDING, number)
