"""A former member applies: what the caseworker is asked, and what the approval leads to."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schemas.membership.application import Consents, Study
from schemas.membership.messages.review import SupplyInformation
from schemas.membership.notices import Employer
from schemas.membership.returning import Former
from schemas.membership.situation import Situation
from schemas.shared.vocabulary import Audience, Category, Outcome, PensionKind, Stage, Template
from tests.builders import (
    BOOK,
    EMPLOYER_ORGNR,
    TODAY,
    answered,
    application,
    decide,
    employment,
    member,
    moment,
    payroll,
    received,
    rulebook,
)
from tests.membership.decisions.lives import becomes, charges, resigns
from tests.pages import page_of
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.review import invalid
from workflows.membership.decisions.step import Refused
from workflows.membership.explanation import explain
from workflows.membership.state import state_of

DECEMBER = date(2026, 12, 1)
RETIRED = Situation(category=Category.EARLY_PENSIONER, pension=PensionKind.AFP, retired=True)
STUDIED = Situation(category=Category.STUDENT, ends_on=date(2026, 6, 15))
OLD_STUDENT = application(
    Category.STUDENT,
    birth_date=date(2004, 9, 1),
    study=Study(school="NTNU", ends_on=date(2026, 6, 15)),
    employment=employment(),
)


def former(**changes: Any) -> Former:
    """Return what is known of somebody who worked and was struck off, long ago unless told."""
    return Former(
        **{
            "membership_id": "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0009",
            "member_number": "00000009",
            "outcome": Outcome.STRUCK_OFF,
            "last_on": date(2026, 7, 19),
            "member_since": date(2019, 3, 10),
            "situation": Situation(
                category=Category.ORDINARY,
                position_percent=Decimal(100),
                employer=Employer(orgnr=EMPLOYER_ORGNR),
            ),
            "covered_until": date(2026, 8, 1),
            **changes,
        }
    )


def test_an_old_form_is_a_question_and_is_not_refused():
    """A study that has ended: the approval asks for the category, and takes it (A25, A30)."""
    record = received(OLD_STUDENT, former=former(situation=STUDIED))
    assert record.stage is Stage.UNDER_REVIEW
    with pytest.raises(Refused, match=r"category: is required.*study.ends_on: has passed"):
        answer(record, decide(), moment())
    approved = answered(record, decide(category=Category.ORDINARY))
    # At work at full time: 495.00, and no study whose end would be asked about.
    assert charges(approved, date(2026, 11, 1)) == {"central_dues": 49500}
    assert approved.present_situation.ends_on is None


def test_somebody_nobody_knows_is_refused_for_the_same_form():
    """Only who certainly was a member is asked (M2)."""
    with pytest.raises(Refused, match="has ended: invalid"):
        answer(
            received(OLD_STUDENT, faults=("study.ends_on: has passed",)).model_copy(
                update={"stage": Stage.ENDED, "outcome": Outcome.INVALID}
            ),
            decide(),
            moment(),
        )


def test_a_correction_of_the_form_is_not_refused_either():
    """Another question is answered, and the form is still an old one."""
    record = received(OLD_STUDENT, former=former(situation=STUDIED))
    informed = answered(record, SupplyInformation(information="Fagbrev", employment=None))
    assert (informed.stage, informed.form.employment) == (Stage.UNDER_REVIEW, None)


@pytest.mark.parametrize(
    ("born", "named", "expected"),
    [
        # 67 in 2022: a pensioner, though the form of the first time says ordinary (S18).
        (date(1955, 3, 8), None, Category.PENSIONER),
        (date(1955, 3, 8), Category.ORDINARY, Category.ORDINARY),
        (date(1963, 5, 17), Category.EARLY_PENSIONER, Category.EARLY_PENSIONER),
        (date(1963, 5, 17), Category.ORDINARY, Category.ORDINARY),
    ],
)
def test_who_drew_a_pension_comes_back_with_it(born, named, expected):
    """A pensioner is one again unless the caseworker says otherwise (S18, S22, A25)."""
    record = received(
        application(birth_date=born, employment=None), former=former(situation=RETIRED)
    )
    approved = answered(record, decide(category=named))
    assert approved.category is expected
    assert approved.present_situation.pension is PensionKind.AFP


def test_an_early_pensioner_is_not_taken_for_working_again():
    """The form of the first time says ordinary, the last facts say AFP: it is asked (S23, A25)."""
    record = received(application(birth_date=date(1963, 5, 17)), former=former(situation=RETIRED))
    with pytest.raises(Refused, match=r"category: is required.*is to be asked"):
        answer(record, decide(), moment())


def test_back_in_a_month_that_is_covered():
    """November stands with the old membership: the first month is December (A19, invariant 10).

    Its 495.00 is sent straight to the member with the approval, due on 7 December: 14 days on is
    Sunday the 6th (S26, A35). The employer deducts from January on at the earliest (A20).
    """
    record = received(former=former(covered_until=DECEMBER))
    step = answer(record, decide(), moment())
    assert step.invoice is not None
    invoice = step.invoice
    assert (invoice.period_from, invoice.total_ore) == (DECEMBER, 49500)
    assert invoice.due_on == date(2026, 12, 7)
    welcome = next(one for one in step.letters if one.template is Template.WELCOME)
    assert welcome.figures["terms"] == [
        {
            "kind": "central_dues",
            "amount_ore": 49500,
            "cadence": "monthly",
            "valid_from": "2026-12-01",
        }
    ]
    assert "charged from 2026-12-01" in step.says
    approved = answered(record, decide())
    assert charges(approved, date(2026, 11, 1)) == {}
    assert charges(approved, DECEMBER) == {"central_dues": 49500}
    assert approved.facts.charged_from == DECEMBER
    assert answered(approved, payroll()).payroll.first_period == "2027-01"


def test_the_year_is_paid_for():
    """A pensioner's fee of 2026 stands: the next is that of 2027, made by January's run (S18)."""
    retired = Situation(category=Category.PENSIONER, pension=PensionKind.OLD_AGE, retired=True)
    known = former(situation=retired, yearly_until=date(2027, 1, 1))
    record = received(application(Category.PENSIONER), former=known, day=date(2026, 10, 5))
    step = answer(record, decide(), moment(date(2026, 10, 5)))
    assert step.invoice is None
    assert [(term.valid_from, term.amount_ore) for term in step.record.terms] == [
        (date(2026, 10, 1), 0),
        (date(2027, 1, 1), 60000),
    ]
    welcome = next(one for one in step.letters if one.template is Template.WELCOME)
    assert welcome.figures["terms"] == [
        {
            "kind": "central_dues",
            "amount_ore": 60000,
            "cadence": "yearly",
            "valid_from": "2027-01-01",
        }
    ]
    assert "charged from 2027-01-01" in step.says


def test_a_student_again_on_the_day_of_return():
    """The 300 of 2026 stands: back as ordinary, and a student from that day on (S12).

    Known by every term of the new membership: none of 2026, and 300 from January, for a reason.
    """
    studied = Situation(category=Category.STUDENT)
    known = former(situation=studied, covered_until=DECEMBER, yearly_until=date(2027, 1, 1))
    record = answered(received(former=known), decide(category=Category.ORDINARY))
    again = answered(record, becomes(Category.STUDENT, TODAY))
    assert [(t.valid_from, t.amount_ore) for t in again.terms] == [
        (DECEMBER, 0),
        (date(2027, 1, 1), 30000),
    ]
    because = [line.because for line in explain(again).lines if line.about == "central_dues"]
    assert [cause.fact for cause in because[-1]] == ["yearly_fee"]
    rules = {rule for line in explain(again).lines for rule in line.rules}
    assert {"S12", "invariant 10"} <= rules


def test_without_a_first_invoice_the_employer_is_asked_at_once():
    """There is no first invoice whose payment could be waited for (A20)."""
    book = rulebook(payroll_needs_first_payment=True)
    ahead = received(former=former(covered_until=date(2027, 3, 1)), book=book)
    assert not answered(ahead, decide()).payroll.awaits_payment
    assert answered(received(former=former(), book=book), decide()).payroll.awaits_payment


def test_back_later_the_approvals_month_is_billed():
    """Covered until July: November is the first month, as for anybody (S26, A19)."""
    step = answer(received(former=former()), decide(), moment())
    assert step.invoice is not None
    assert (step.invoice.period_from, step.invoice.total_ore) == (date(2026, 11, 1), 49500)


@pytest.mark.parametrize(("thanked", "letters"), [(True, 0), (False, 1)])
def test_the_recruiter_is_thanked_once_for_a_person(thanked, letters):
    """Whoever comes back was recruited long ago (S28, A27)."""
    form = application(recruited_by="Per")
    form = form.model_copy(
        update={"consents": form.consents.model_copy(update={"tell_recruiter": True})}
    )
    step = answer(received(form, former=former(thanked=thanked)), decide(), moment())
    assert sum(one.template is Template.RECRUITER_THANKS for one in step.letters) == letters


def test_seniority_counts_from_the_first_membership():
    """Both are kept: since when this membership, and since when the person."""
    state = state_of(answered(received(former=former()), decide()))
    assert (state.member_since, state.first_member_since) == (TODAY, date(2019, 3, 10))
    state = state_of(answered(received(), decide()))
    assert (state.member_since, state.first_member_since) == (TODAY, TODAY)


def test_who_is_recorded_as_dead_does_not_come_back_by_routine():
    """The approval needs a reason beside it; the answer tells nobody why (L7)."""
    record = received(former=former(outcome=Outcome.DECEASED, died=True))
    with pytest.raises(Refused) as refused:
        answer(record, decide(), moment())
    assert "reason: is required" in str(refused.value)
    assert "dead" not in str(refused.value)
    approved = answer(record, decide(reason="Navnebror, sjekket"), moment())
    assert (approved.record.stage, approved.reason) == (Stage.ONBOARDING, "Navnebror, sjekket")


def test_only_the_caseworkers_page_tells_what_was_known():
    """Neither state nor search attributes know of an earlier membership before the approval."""
    known = former(owed_ore=148500, owed_months=3, paid_months=14, situation=RETIRED)
    record = received(former=known)
    page = page_of(record)
    assert "Has been a member" in page
    assert "owes 1485.00 kr for 3 months" in page
    assert "14 fully paid months" in page
    assert "draws a pension (afp)" in page
    once = page_of(received(former=former(owed_ore=49500, owed_months=1, paid_months=1)))
    assert "owes 495.00 kr for 1 month: it stays owed" in once
    assert "1 fully paid month (B2)" in once
    assert state_of(record) == state_of(received())
    assert record.log == received().log


def test_what_is_kept_is_read_back():
    """Of a former member too, and of a record that was written before there was this."""
    record = received(former=former(), book=BOOK)
    assert type(record).model_validate_json(record.model_dump_json()) == record
    older = record.model_dump_json(exclude={"former", "first_member_since", "charged_from"})
    assert type(record).model_validate_json(older).former is None


LEAVES = {"outcome": None, "resigned_on": date(2026, 11, 2), "last_on": date(2026, 12, 31)}


@pytest.mark.parametrize("day", [TODAY, date(2026, 12, 31)], ids=["", "on the last day"])
def test_within_the_notice_the_resignation_is_withdrawn(day):
    """Resigned on 2 November, a member until 31 December: the old membership is told (A29)."""
    record = received(former=former(covered_until=date(2027, 1, 1), **LEAVES))
    assert "to approve is to withdraw the resignation" in page_of(record)
    step = answer(record, decide(), moment(day))
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.DUPLICATE)
    assert step.record.member_since is None
    assert step.forwards is not None
    assert step.forwards.membership_id == former().membership_id
    sent = step.forwards.message.model_dump(mode="json")
    assert (sent["change"], sent["effective_on"]) == ("resign", "2026-11-02")
    assert {letter.audience for letter in step.letters} == {Audience.CASEWORKERS}


def test_what_is_sent_withdraws_it_without_a_gap():
    """The same message, taken by the membership it goes to: the terms are as before (A29, A31)."""
    living = member(day=date(2026, 10, 5))
    leaving = answered(living, resigns(date(2026, 11, 2)), date(2026, 11, 2))
    assert leaving.leaving is not None
    known = former(covered_until=date(2027, 1, 1), **LEAVES)
    forwarded = answer(received(former=known), decide(), moment()).forwards
    stays = answer(leaving, forwarded.message, moment())
    assert stays.record.leaving is None
    assert stays.record.terms == living.terms
    assert Template.CHANGE_WITHDRAWN in {letter.template for letter in stays.letters}


def test_after_the_last_day_it_is_a_return():
    """Decided on 1 January: the old membership is over, and January is the new one's (A19)."""
    record = received(former=former(covered_until=date(2027, 1, 1), **LEAVES))
    step = answer(record, decide(), moment(date(2027, 1, 1)))
    assert step.forwards is None
    assert step.invoice is not None
    assert step.invoice.period_from == date(2027, 1, 1)


def test_a_caseworker_may_still_refuse_it():
    """Nothing is withdrawn then."""
    record = received(former=former(**LEAVES))
    step = answer(record, decide("reject"), moment())
    assert (step.record.outcome, step.forwards) == (Outcome.REJECTED, None)


def test_who_is_refused_is_told_of_no_old_form():
    """Without the terms nobody is a member, whoever applies; of the study nothing is said (M2)."""
    form = OLD_STUDENT.model_copy(update={"consents": Consents(terms=False)})
    record = received(form, former=former(situation=STUDIED), faults=("consents.terms: ...",))
    (letter,) = [
        one
        for one in invalid(record, form).letters
        if one.template is Template.APPLICATION_REJECTED
    ]
    assert letter.figures["faults"] == [{"breach": "terms_not_accepted", "figure": ""}]
