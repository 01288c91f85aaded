"""The review: reject, ask, supply, withdraw, lapse, invalid, duplicate."""

from datetime import date, timedelta

import pytest

from schemas.membership.application import Address, Apprenticeship, Consents, Study
from schemas.membership.corrections import corrected
from schemas.membership.eligibility import faults_in
from schemas.membership.messages.review import (
    ApplicantCorrection,
    SupplyInformation,
    WithdrawApplication,
)
from schemas.shared.vocabulary import (
    Audience,
    Category,
    Event,
    LineKind,
    Outcome,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import (
    BOOK,
    BORN,
    PEOPLE,
    TODAY,
    answered,
    application,
    awaiting_information,
    deadline_passed,
    decide,
    employment,
    enroll,
    member,
    moment,
    national_id,
    received,
)
from workflows.membership.decisions import dispatch, review
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused, Step

MEMBER, CASEWORKERS = Audience.MEMBER, Audience.CASEWORKERS
TASK = (CASEWORKERS, Template.CASEWORKER_TASK)


def told(step: Step) -> list[tuple[Audience, Template]]:
    """Return who is told what, in order."""
    return [(letter.audience, letter.template) for letter in step.letters]


def supply(**fields) -> SupplyInformation:
    """Return information from the applicant."""
    return SupplyInformation(information="Se vedlagt attest", **fields)


def test_a_rejection():
    """The application ends, applicant and caseworkers hear why (M2)."""
    step = answer(received(), decide("reject", reason="Ikke leder"), moment())
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.REJECTED)
    assert (step.decided_by, step.reason) == ("ola", "Ikke leder")
    assert told(step) == [(MEMBER, Template.APPLICATION_REJECTED), TASK]
    assert step.letters[0].figures == {"quotes": 2, "faults": []}
    assert step.invoice is None
    assert step.record.terms == ()


def test_a_question():
    """The applicant has 30 days to answer and hears the last one (A33)."""
    step = answer(received(), decide("request_information"), moment())
    assert step.record.stage is Stage.AWAITING_INFORMATION
    assert step.record.review.asked
    assert told(step) == [(MEMBER, Template.INFORMATION_REQUESTED), TASK]
    assert step.reason == "Attesten mangler"
    assert step.letters[0].figures == {"quotes": 2, "deadline": "2026-12-22"}


def test_a_second_question_starts_the_time_again():
    """Asked again on 1 December: until 31 December (A33)."""
    day = date(2026, 12, 1)
    step = answer(
        awaiting_information(), decide("request_information", reason="Alder?"), moment(day)
    )
    assert step.letters[0].figures["deadline"] == "2026-12-31"
    assert step.record.review.asked


def test_an_answer_brings_the_review_back():
    """The caseworkers' turn begins anew and they get a task (A33)."""
    day = date(2026, 12, 1)
    step = answer(awaiting_information(), supply(), moment(day))
    assert step.record.stage is Stage.UNDER_REVIEW
    assert step.record.review.since == moment(day).at
    assert not step.record.review.asked
    assert (step.decided_by, step.reason) == ("applicant", "Se vedlagt attest")
    assert step.corrected
    assert told(step) == [TASK]


def test_corrected_fields_replace_those_sent():
    """What is absent stays, what is sent replaces, null removes (contract).

    The record knows what rules need of it; the values are handed on to where they are kept.
    """
    step = answer(
        awaiting_information(),
        supply(
            applicant=ApplicantCorrection(name="Kari Hansen", phone=None),
            employment=employment("40"),
            additional_information="Begynte i mai",
        ),
        moment(),
    )
    assert step.record.form.employment.position_percent == 40
    assert step.record.form.applicant == received().form.applicant
    assert (step.supplied or {})["applicant"] == {"name": "Kari Hansen", "phone": None}
    form = corrected(application(), step.supplied or {})
    assert (form.applicant.name, form.applicant.phone) == ("Kari Hansen", None)
    assert form.applicant.email == "kari@example.org"
    assert form.employment == employment("40")
    assert form.additional_information == "Begynte i mai"


def test_a_corrected_category_comes_with_what_it_needs():
    """An apprentice after all: the category of the record follows the form."""
    contract = Apprenticeship(ends_on=date(2028, 8, 31))
    learns = answered(received(), supply(category=Category.APPRENTICE, apprenticeship=contract))
    assert learns.category is Category.APPRENTICE
    back = answered(learns, supply(category=Category.ORDINARY, apprenticeship=None))
    assert (back.category, back.form.apprenticeship) == (Category.ORDINARY, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"category": Category.APPRENTICE}, "apprenticeship: is required for category apprentice"),
        (
            {"study": Study(school="F", ends_on=date(2028, 1, 1))},
            "study: does not go with category ordinary",
        ),
        ({"category": None}, "category: can't be removed"),
        (
            {"applicant": ApplicantCorrection(name=None, language=None)},
            "applicant.language: can't be removed; applicant.name: can't be removed",
        ),
        (
            {"applicant": ApplicantCorrection(email=None, address=None)},
            "applicant: email is required, or a postal address in its place",
        ),
        (
            {"applicant": ApplicantCorrection(birth_date=None)},
            "applicant.birth_date: can't be removed",
        ),
        ({"applicant": ApplicantCorrection(language=None)}, "applicant.language: can't be removed"),
        (
            {"applicant": ApplicantCorrection(birth_date=date(1987, 1, 1))},
            "applicant.national_id: does not agree with birth_date",
        ),
        (
            {"applicant": ApplicantCorrection(birth_date=date(2020, 1, 1), national_id=None)},
            "applicant.birth_date: a member must be 15 or older",
        ),
    ],
)
def test_a_correction_that_breaks_a_rule(fields, reason):
    """It is refused with every fault named, and the application stays as it was."""
    with pytest.raises(Refused) as refused:
        answer(awaiting_information(), supply(**fields), moment())
    assert str(refused.value) == reason


@pytest.mark.parametrize("known", [True, False])
def test_a_birth_date_is_held_against_a_number_that_nobody_has_in_hand(known):
    """It agreed with the birth date before, and so with no other day (N1)."""
    record = received(application(national_id=national_id(BORN) if known else None))
    day_after = ApplicantCorrection(birth_date=BORN + timedelta(days=1))
    if not known:
        assert answered(record, supply(applicant=day_after)).birth_date == day_after.birth_date
        return
    with pytest.raises(Refused) as refused:
        answer(record, supply(applicant=day_after), moment())
    assert str(refused.value) == "applicant.national_id: does not agree with birth_date"


def test_a_member_asks_for_letters_by_post():
    """The e-mail address is taken back; the postal one stays (M20)."""
    there = ApplicantCorrection(email=None, address=Address(**ABROAD))
    step = answer(member(), supply(applicant=there), moment())
    person = step.record.form.applicant
    assert (person.has_email, person.has_address) == (False, True)
    assert (step.supplied or {})["applicant"]["address"]["country"] == "SE"


ABROAD = {"line1": "Storgatan 1", "postcode": "411 05", "city": "Göteborg", "country": "SE"}


def test_a_member_supplies_a_national_id():
    """A person without a number may join; it arrives later (N3)."""
    record = member(application(national_id=None))
    step = answer(
        record, supply(applicant=ApplicantCorrection(national_id=national_id(BORN))), moment()
    )
    assert step.record.form.applicant.has_national_id
    assert step.supplied == {"applicant": {"national_id": national_id(BORN)}}
    assert step.record.stage is record.stage
    assert step.record.terms == record.terms
    assert step.rules == ("N3",)
    assert step.corrected


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"category": Category.STUDENT}, "category: can't be corrected after approval"),
        (
            {"employment": None, "additional_information": "x"},
            (
                "additional_information: can't be corrected after approval; "
                "employment: can't be corrected after approval"
            ),
        ),
    ],
)
def test_what_a_member_can_not_correct(fields, reason):
    """The rest has messages of its own (contract: change_category, change_employment)."""
    with pytest.raises(Refused) as refused:
        answer(member(), supply(**fields), moment())
    assert str(refused.value) == reason


def test_a_corrected_birth_date_changes_what_depends_on_it():
    """Born 1959 and not 1986: the premium ends with the year of 67, at once (A17, invariant 6)."""
    covered = answered(member(), enroll(date(2026, 12, 1)))
    older = ApplicantCorrection(birth_date=date(1959, 12, 5), national_id=None)
    step = answer(covered, supply(applicant=older), moment())
    (premium,) = [t for t in step.record.terms if t.kind is LineKind.INSURANCE_PREMIUM]
    assert premium.valid_to == date(2027, 1, 1)
    assert step.priced


def test_a_corrected_birth_date_must_fit_the_members_category():
    """A member approved as early pensioner can't turn out to be 70 (S21)."""
    older = ApplicantCorrection(birth_date=date(1956, 1, 1), national_id=None)
    with pytest.raises(Refused) as refused:
        answer(member(PEOPLE["early_pensioner"]), supply(applicant=older), moment())
    assert str(refused.value) == (
        "category: early_pensioner is for those under 67; "
        "the member was approved as early_pensioner"
    )


@pytest.mark.parametrize("asked", [False, True])
def test_a_withdrawal(asked):
    """The applicant changes their mind before the decision, and hears it is done (M2)."""
    record = awaiting_information() if asked else received()
    step = answer(record, WithdrawApplication(reason="Ombestemt meg"), moment())
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.WITHDRAWN)
    assert step.reason == "Ombestemt meg"
    assert told(step) == [(MEMBER, Template.APPLICATION_WITHDRAWN), TASK]


def test_a_question_without_an_answer_lapses():
    """After 30 days the application ends; applicant and caseworkers hear (A33, M2)."""
    lapsed = deadline_passed(awaiting_information())
    assert (lapsed.stage, lapsed.outcome) == (Stage.ENDED, Outcome.LAPSED)
    step = review.lapse(awaiting_information(), moment())
    assert told(step) == [(MEMBER, Template.APPLICATION_LAPSED), TASK]


def test_a_review_is_reminded_and_escalated_once():
    """Two tasks, and then the review simply waits (A33)."""
    reminded = deadline_passed(received())
    escalated = deadline_passed(reminded)
    assert [line.about for line in escalated.log] == [
        Event.APPLICATION_RECEIVED,
        Event.REVIEW_REMINDED,
        Event.REVIEW_ESCALATED,
    ]
    assert escalated.stage is Stage.UNDER_REVIEW
    assert told(review.remind(received(), moment())) == [TASK]
    assert told(review.escalate(reminded, moment())) == [TASK]


def test_an_invalid_application():
    """It ends with every fault named to applicant and caseworkers (contract)."""
    form = application(birth_date=date(2014, 1, 1), consents=Consents(terms=False))
    faults = tuple(map(str, faults_in(form, BOOK, TODAY)))
    step = review.invalid(received(form, faults=faults), form)
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.INVALID)
    assert told(step) == [(MEMBER, Template.APPLICATION_REJECTED), TASK]
    assert step.letters[0].figures == {
        "reason": None,
        "faults": [
            {"breach": "too_young", "figure": "15"},
            {"breach": "terms_not_accepted", "figure": ""},
        ],
    }
    assert all(fault in step.says for fault in faults)


def test_an_unreadable_application_has_nobody_to_write_to():
    """The caseworkers alone are told: there is no address."""
    record = received(faults=("the message is not valid JSON",))
    record = record.model_copy(update={"application": None})
    assert told(review.invalid(record, None)) == [TASK]


def test_a_duplicate():
    """Never two memberships; only the caseworkers read which the other is."""
    step = review.duplicate(received(), "ola", "membership-other")
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.DUPLICATE)
    assert told(step) == [TASK]
    assert step.letters[0].figures["detail"] == "membership-other"
    assert "membership-other" not in step.says


def test_a_correction_that_names_another_member_is_set_aside():
    """It changes nothing, says what it would have said, and becomes a task."""
    record = member()
    message = supply(applicant=ApplicantCorrection(name="Kari Hansen"))
    taken = dispatch.answer(record, message, moment())
    step = review.hold_correction(record, taken, "membership-other")
    assert (step.record, step.corrected, step.says) == (record, False, taken.says)
    assert told(step) == [TASK]
    assert step.letters[0].figures["detail"] == "membership-other"


def test_a_correction_leaves_the_open_request_alone():
    """A new address of a member changes neither terms nor tracks."""
    record = member()
    moved = answered(record, supply(applicant=ApplicantCorrection(name="Kari Hansen")))
    assert moved.payroll.status is PayrollStatus.REQUESTED
    assert (moved.terms, moved.insurance, moved.member_since) == (
        record.terms,
        record.insurance,
        TODAY,
    )


def test_a_word_nobody_asked_for_gives_no_more_time():
    """Under review, unsolicited information leaves the caseworkers' deadline where it is (A33)."""
    later = moment(date(2026, 11, 30))
    step = answer(received(), SupplyInformation(information="Hei"), later)
    assert step.record.review == received().review
    asked = answer(awaiting_information(), SupplyInformation(information="Hei"), later)
    assert asked.record.review.since == later.at
