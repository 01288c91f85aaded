"""What is found of somebody who applies and was a member before: in the database."""

from datetime import date

import pytest

from activities.persons.views import view_person
from schemas.dues.plan import plan_terms
from schemas.shared.vocabulary import Category, Event, Outcome, Stage, Template
from tests.builders import BOOK
from tests.dues.lives import ends, life
from tests.letters.making import pay
from tests.membership.making import (
    AT,
    JANUARY,
    KARI,
    KARIS_ID,
    OLA,
    OTHER_ID,
    TODAY,
    approval,
    decision,
    intake,
    letter,
    standing,
    supplied,
)

ANEW = date(2027, 1, 10)
"""In the middle of the month after the first membership has ended."""


async def leave(persistence, outcome=Outcome.STRUCK_OFF, **changed):
    """Let Kari join on 22 November and leave on 10 December, with the first invoice unpaid."""
    await persistence.receive_application(intake(KARI, national_id=KARIS_ID, **changed))
    await persistence.record_decision(approval(KARI))
    gone = ends(date(2026, 12, 10), outcome)
    facts = life(gone, since=TODAY)
    await persistence.record_decision(
        decision(
            3,
            KARI,
            # Not the event that ends it, which the books would have to bear out (A30).
            event=Event.CHANGE_TOOK_EFFECT,
            standing=standing(Stage.ENDED, outcome=outcome),
            terms=plan_terms(facts, BOOK),
            facts=facts,
        )
    )


def again(**changed):
    """Return the application that comes on 10 January, as another membership."""
    form = intake(OLA, **changed)
    task = letter("0001-caseworker_task", Template.CASEWORKER_TASK)
    task = task.model_copy(update={"figures": {"task": "review", "detail": None}})
    return form.model_copy(update={"received_on": ANEW, "letters": (*form.letters, task)})


@pytest.mark.parametrize(
    "who",
    [
        {"national_id": KARIS_ID, "name": "Kari Hansen", "email": "ny@example.org"},
        {"name": "KARI  nordmann", "email": "Kari@Example.org"},
    ],
    ids=["national-id", "name-birth-date-email"],
)
async def test_a_former_member_is_known_by_what_is_certain(persistence, pool, who):
    """Known are the number, the end, what is owed, and until when all is covered (A29, A30)."""
    await leave(persistence)
    receipt = await persistence.receive_application(again(**who))
    known = receipt.former
    assert known is not None
    assert (known.membership_id, known.outcome, known.last_on, known.member_since) == (
        KARI,
        Outcome.STRUCK_OFF,
        date(2026, 12, 9),
        TODAY,
    )
    # November, 495.00, is the one invoice; December ends the membership and is covered by it.
    assert (known.owed_ore, known.owed_months, known.covered_until) == (49500, 1, JANUARY)
    assert known.situation.category is Category.ORDINARY
    assert (known.thanked, known.died, known.resigned_on) == (False, False, None)
    detail = await pool.fetchval(
        "SELECT figures ->> 'detail' FROM letters WHERE membership_id = $1 "
        "AND template = 'caseworker_task'",
        OLA,
    )
    assert "owes 495.00 kr for 1 month" in detail
    figures = await pool.fetchval(
        "SELECT figures::text FROM letters WHERE membership_id = $1 "
        "AND template = 'application_received'",
        OLA,
    )
    assert figures == "{}"
    assert await persistence.receive_application(again(**who)) == receipt


async def test_what_has_been_paid_is_not_owed(persistence, pool):
    """Paid since: nothing is owed any more."""
    await leave(persistence)
    await pay(pool, await pool.fetchval("SELECT kid FROM invoices"), 49500)
    known = (await persistence.receive_application(again(national_id=KARIS_ID))).former
    assert (known.owed_ore, known.owed_months) == (0, 0)


@pytest.mark.parametrize(
    ("paid", "owed", "months"),
    # 495.00 - 200.00 = 295.00 of one month; 295.01 more than pays it
    [([20000], 29500, 1), ([20000, 29501], 0, 0)],
)
async def test_what_is_owed_is_net_of_what_waits(persistence, pool, paid, owed, months):
    """A29, A30: of what nobody has placed too; a caseworker sees the same with `person`."""
    await leave(persistence)
    for ore in paid:
        await pay(pool, await pool.fetchval("SELECT kid FROM invoices"), ore, placed=False)
    known = (await persistence.receive_application(again(national_id=KARIS_ID))).former
    assert (known.owed_ore, known.owed_months) == (owed, months)
    async with pool.acquire() as connection:
        seen = await view_person(connection, KARI, ANEW)
    assert (seen.owed_ore, seen.owed_months) == (owed, months)


@pytest.mark.parametrize(
    "who",
    [
        {"email": "an@example.org"},
        {"national_id": OTHER_ID},
        {"name": "Kari Nordmann-Berg"},
    ],
    ids=["another-address", "another-number", "another-name"],
)
async def test_who_may_be_somebody_else_is_no_former_member(persistence, who):
    """What is only possible is a caseworker's to find out: nothing is told."""
    await leave(persistence)
    assert (await persistence.receive_application(again(**who))).former is None


async def test_a_member_who_goes_on_is_a_duplicate_and_no_former_one(persistence):
    """As today: one whose end nobody knows is a member."""
    await persistence.receive_application(intake(KARI, national_id=KARIS_ID))
    await persistence.record_decision(approval(KARI, facts=life(since=TODAY)))
    receipt = await persistence.receive_application(again(national_id=KARIS_ID))
    assert receipt.former is None
    assert [kin.membership_id for kin in receipt.kin] == [KARI]


async def test_a_member_within_the_notice_is_known_with_the_day_of_the_resignation(persistence):
    """Resigned on 1 December and a member until 31 January: that can be withdrawn (A29)."""
    await persistence.receive_application(intake(KARI, national_id=KARIS_ID))
    facts = life(ends(date(2027, 2, 1)), since=TODAY)
    await persistence.record_decision(approval(KARI, facts=facts, terms=plan_terms(facts, BOOK)))
    known = (await persistence.receive_application(again(national_id=KARIS_ID))).former
    assert (known.outcome, known.resigned_on) == (None, date(2027, 2, 1))
    assert known.leaves_after(ANEW)
    assert not known.leaves_after(date(2027, 2, 1))


async def test_an_old_form_is_kept_for_review(persistence, pool):
    """The same form that anybody else is refused for (A25, M2)."""
    old = {
        "category": Category.STUDENT,
        "national_id": KARIS_ID,
    }
    await leave(persistence)
    receipt = await persistence.receive_application(again(**old))
    assert receipt.faults == ()
    assert await pool.fetchval("SELECT stage FROM memberships WHERE membership_id = $1", OLA) == (
        "under_review"
    )
    stranger = again(category=Category.STUDENT, name="Per", email="per@example.org")
    stranger = stranger.model_copy(update={"membership_id": KARI[:-1] + "9"})
    assert (await persistence.receive_application(stranger)).faults == (
        "study: is required for category student",
    )


async def test_who_says_a_national_id_later_is_known_then(persistence):
    """The correction is answered with what is known since: as an application is."""
    await leave(persistence)
    await persistence.receive_application(again(name="Kari Hansen", email="ny@example.org"))
    known = supplied(name="Kari Hansen", email="ny@example.org", national_id=KARIS_ID)
    receipt = await persistence.record_decision(
        decision(
            2,
            OLA,
            event=Event.INFORMATION_SUPPLIED,
            standing=standing(Stage.UNDER_REVIEW, member_since=None),
            **known,
            decided_at=AT,
            decided_on=ANEW,
        )
    )
    assert receipt.sought
    assert receipt.former.membership_id == KARI
