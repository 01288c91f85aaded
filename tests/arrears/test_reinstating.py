"""Who was struck off and has paid applies anew, as what was known last."""

import json
from datetime import date
from decimal import Decimal

import pytest

from activities.arrears import reinstating
from schemas.membership.application import Application, Employment, Study
from schemas.membership.eligibility import faults_in
from schemas.membership.returning import application_anew
from schemas.shared.vocabulary import Category, Event, Outcome, PensionKind, Stage
from tests.arrears.making import kid_of
from tests.builders import BOOK, PEOPLE, application, employment, rulebook
from tests.dues.lives import A, B, becomes, draws, ends, hides, job, life, works
from tests.letters.making import pay
from tests.membership.making import KARI, TODAY, approval, decision, intake, standing

BACK = date(2027, 9, 1)
GONE = ends(date(2027, 6, 10), Outcome.STRUCK_OFF)
MARCH = date(2027, 3, 1)
STUDIES = Study(school="NTNU", ends_on=date(2027, 6, 15))
STUDENT = application(Category.STUDENT, study=STUDIES)


@pytest.mark.parametrize(
    ("first", "facts", "expected"),
    [
        # Another employer and half the work since: not what the first form said (S5).
        (
            PEOPLE["ordinary"],
            life(works(MARCH, "40", employer=B), GONE),
            (Category.ORDINARY, B, Decimal(40), None),
        ),
        # An early pension since: no 495 (S21).
        (
            PEOPLE["ordinary"],
            life(draws(MARCH, kind=PensionKind.DISABILITY), GONE),
            (Category.EARLY_PENSIONER, None, None, PensionKind.DISABILITY),
        ),
        # 67 since the first form, with a pension: a pensioner (S18).
        (
            application(birth_date=date(1960, 5, 5)),
            life(draws(MARCH), GONE, born=date(1960, 5, 5)),
            (Category.PENSIONER, None, None, PensionKind.AFP),
        ),
        # The student who began to work is ordinary: nobody asks for a study (S17).
        (
            STUDENT,
            life(becomes(MARCH, Category.ORDINARY), works(MARCH, "100", employer=B), GONE),
            (Category.ORDINARY, B, Decimal(100), None),
        ),
    ],
    ids=["other-work", "early-pension", "pensioner", "student-at-work"],
)
def test_the_application_says_what_was_known_last(first, facts, expected):
    """And breaks no rule; nobody recruits a member who comes back (A30, A27)."""
    form = application_anew(first, facts, BOOK, BACK)
    job, pension = form.employment, form.pension
    assert (
        form.category,
        job and job.employer_orgnr,
        job and job.position_percent,
        pension and pension.kind,
    ) == expected
    assert faults_in(form, BOOK, BACK) == ()
    assert (form.recruited_by, form.consents.tell_recruiter) == (None, False)
    assert Application.model_validate_json(form.model_dump_json()) == form


def test_what_is_kept_of_the_form():
    """Who it is, and where they work if that is still so; nobody is thanked again (A27)."""
    first = application(employment=employment("100"), recruited_by="Per")
    form = application_anew(first, life(hides(MARCH), GONE), BOOK, BACK)
    assert form.applicant == first.applicant
    assert form.employment == first.employment
    assert form.hidden
    assert form.recruited_by is None


def test_a_study_that_has_ended_is_left_for_the_caseworker():
    """The form keeps it: whoever comes back is asked about it and not refused (A25)."""
    facts = life(GONE, category=Category.STUDENT, ends_on=STUDIES.ends_on, employer=None)
    form = application_anew(STUDENT, facts, BOOK, BACK)
    assert form.study == STUDIES
    assert [str(fault) for fault in faults_in(form, BOOK, BACK)] == ["study.ends_on: has passed"]


async def test_the_person_applies_as_known_now(persistence, pool):
    """The address is the present one, the work that of the last facts, once for a payment (A30)."""
    await persistence.receive_application(intake(KARI))
    await persistence.record_decision(approval(KARI))
    facts = life(works(date(2026, 12, 1), "40", employer=B), GONE, since=TODAY)
    await persistence.record_decision(
        decision(
            3,
            KARI,
            event=Event.CHANGE_TOOK_EFFECT,
            standing=standing(Stage.ENDED, outcome=Outcome.STRUCK_OFF),
            facts=facts,
        )
    )
    await pool.execute("UPDATE people SET email = 'ny@example.org', email_key = 'ny@example.org'")
    number = await pool.fetchval("SELECT number FROM invoices")
    await pay(pool, await kid_of(pool, number), 49500)
    async with pool.acquire() as connection:
        (policies,) = BOOK.policies
        assert await reinstating.open_reinstatements(connection, BACK, policies) == 1
        assert await reinstating.open_reinstatements(connection, BACK, policies) == 0
    ((new_id, plain),) = await reinstating.unstarted(pool, BOOK, BACK)
    assert new_id == await pool.fetchval("SELECT new_membership_id FROM reinstatements")
    form = Application.model_validate_json(json.dumps(plain))
    assert form.applicant.email == "ny@example.org"
    assert form.employment == Employment(employer_orgnr=B, position_percent=Decimal(40))


@pytest.mark.parametrize(
    ("by_policy", "open_until", "again"),
    [(True, BACK, True), (True, date(2027, 8, 31), False), (False, BACK, False)],
    ids=["by-policy", "too-late", "not-by-policy"],
)
async def test_a_payment_takes_up_again_what_can_be(
    persistence, pool, by_policy, open_until, again
):
    """By policy, and as long as the end can be undone; else a caseworker decides (A30, L9)."""
    await persistence.receive_application(intake(KARI))
    await persistence.record_decision(approval(KARI))
    await persistence.record_decision(
        decision(
            3,
            KARI,
            event=Event.CHANGE_TOOK_EFFECT,
            standing=standing(Stage.ENDED, outcome=Outcome.STRUCK_OFF),
            facts=life(GONE, since=TODAY),
        )
    )
    await pool.execute("UPDATE memberships SET open_until = $1", open_until)
    await pay(pool, await kid_of(pool, await pool.fetchval("SELECT number FROM invoices")), 49500)
    (policies,) = rulebook(reinstate_on_payment=by_policy).policies
    async with pool.acquire() as connection:
        assert await reinstating.open_reinstatements(connection, BACK, policies) == 1
    assert await reinstating.to_be_reopened(pool, BACK) == ([KARI] if again else [])
    assert len(await reinstating.unstarted(pool, BOOK, BACK)) == (0 if again else 1)
    tasks = await pool.fetchval("SELECT count(*) FROM tasks WHERE kind = 'reinstatement'")
    assert tasks == (0 if again else 1)


def test_several_jobs_come_back_each_by_itself():
    """60 % and 40 %, not 100 % and 40 %: each with the number it had (A5)."""
    first = application(employment=employment("60", A), other_employments=(employment("40", B),))
    facts = life(GONE, percent="60", employer=A, further=(job("2", "30", B),))
    form = application_anew(first, facts, BOOK, BACK)
    (other,) = form.other_employments
    assert (form.employment.employer_orgnr, form.employment.position_percent) == (A, Decimal(60))
    assert (other.employer_orgnr, other.position_percent) == (B, Decimal(30))
    # One of them has ended: no second job is made up from the form of the first time.
    alone = application_anew(first, life(GONE, percent="60", employer=A), BOOK, BACK)
    assert alone.other_employments == ()


async def test_a_second_strike_off_is_made_good_as_the_first(persistence, pool):
    """Taken up again by policy, struck off again, paid again: taken up again (A30, L9)."""
    await persistence.receive_application(intake(KARI))
    await persistence.record_decision(approval(KARI))
    (policies,) = rulebook(reinstate_on_payment=True).policies
    await pay(pool, await kid_of(pool, await pool.fetchval("SELECT number FROM invoices")), 49500)
    for number in (3, 5):
        gone = GONE.model_copy(update={"number": number})
        facts = life(GONE, since=TODAY).model_copy(update={"notices": (gone,)})
        await persistence.record_decision(
            decision(
                number,
                KARI,
                event=Event.CHANGE_TOOK_EFFECT,
                standing=standing(Stage.ENDED, outcome=Outcome.STRUCK_OFF, open_until=BACK),
                facts=facts,
            )
        )
        # Not by the word that took up the first one.
        assert await reinstating.to_be_reopened(pool, BACK) == []
        async with pool.acquire() as connection:
            assert await reinstating.open_reinstatements(connection, BACK, policies) == 1
            assert await reinstating.open_reinstatements(connection, BACK, policies) == 0
        assert await reinstating.to_be_reopened(pool, BACK) == [KARI]
        back = decision(number + 1, KARI, event=Event.MEMBERSHIP_REOPENED, facts=life(since=TODAY))
        await persistence.record_decision(back)
