"""Birthdays: the 60th, the 67th and the end of the year of 67 (A12, A14, A15, A17, A32)."""

from datetime import date, timedelta

import pytest

from schemas.membership.messages.review import ApplicantCorrection, SupplyInformation
from schemas.shared.vocabulary import (
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    PayrollStatus,
    PensionKind,
    Stage,
    Template,
)
from tests.builders import (
    DISABILITY,
    PEOPLE,
    answered,
    application,
    employment,
    member,
    moment,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import (
    NOW,
    amounts,
    central,
    charges,
    hidden_since,
    insured,
    leave,
    letter,
    next_step,
    pension,
    sends,
    told,
    uninsured,
    until,
    works,
)
from workflows.membership.deadlines import LIFE_CHANGE, deadlines
from workflows.membership.decisions.step import Refused, Step
from workflows.membership.record import MembershipRecord

CENTRAL, LOCAL, PREMIUM = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)
BORN = date(1960, 6, 15)
TURNS_67 = date(2027, 6, 15)
JULY = date(2027, 7, 1)


def on_the_day(record: MembershipRecord, day: date) -> Step:
    """Return the step that the morning of a day brings, after all before it."""
    step, came = next_step(until(record, day - timedelta(days=1)), LIFE_CHANGE)
    assert came == day
    return step


def test_an_ordinary_member_turns_67():
    """Silence: full dues go on, the employer goes on; M outcome, I age limits (A14, S22, 9)."""
    step = on_the_day(insured(application(birth_date=BORN), branch="OSLO"), TURNS_67)
    assert step.event is Event.RETIREMENT_AGE_REACHED
    assert told(step) == ["M retirement_age", "M coverage_ended", "I insurance_status"]
    outcome = letter(step, Template.RETIREMENT_AGE)
    assert (outcome.figures["category"], outcome.figures["was"]) == ("ordinary", "ordinary")
    assert amounts(outcome) == {
        "central_dues": 49500,
        "local_dues": 5000,
        "insurance_premium": 20000,
    }
    assert step.record.category is Category.ORDINARY
    assert charges(step.record, JULY) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    assert step.record.payroll.status is PayrollStatus.ACTIVE
    # Critical illness ends on the birthday, life with the year (A17).
    status = letter(step, Template.INSURANCE_STATUS).figures
    assert status["status"] == "coverage_ended"
    assert status["coverages"] == [{"name": "critical_illness"}]
    assert status["left"] == [{"name": "life"}]
    assert status["from_on"] == "2027-06-15"
    assert {"S18", "S22", "A12", "A14", "A17"} <= set(step.rules)


def test_an_early_pensioner_turns_67():
    """Becomes a pensioner on the day, by itself; 600 a year from the next month (A12, S18)."""
    record = answered(insured(application(birth_date=BORN), branch="OSLO"), pension(NOW), NOW)
    step = on_the_day(record, TURNS_67)
    assert step.event is Event.RETIREMENT_AGE_REACHED
    assert step.record.category is Category.PENSIONER
    june = date(2027, 6, 1)
    assert charges(step.record, june) == {CENTRAL: 12375, PREMIUM: 20000}
    assert charges(step.record, JULY) == {CENTRAL: 60000, PREMIUM: 20000}  # life holds (A17)
    assert told(step) == ["M retirement_age", "M coverage_ended", "I insurance_status"]
    outcome = letter(step, Template.RETIREMENT_AGE)
    assert (outcome.figures["category"], outcome.figures["was"]) == ("pensioner", "early_pensioner")
    assert outcome.figures["valid_from"] == "2027-07-01"
    assert charges(step.record, date(2028, 1, 1)) == {CENTRAL: 60000}


@pytest.mark.parametrize(
    ("born", "day", "priced_from"),
    [
        (date(1960, 4, 1), date(2027, 4, 1), date(2027, 4, 1)),  # on the first: that month
        (date(1960, 3, 2), date(2027, 3, 2), date(2027, 4, 1)),
        (date(1960, 3, 31), date(2027, 3, 31), date(2027, 4, 1)),
        (date(1960, 12, 15), date(2027, 12, 15), date(2028, 1, 1)),
        (date(1964, 2, 29), date(2031, 3, 1), date(2031, 3, 1)),  # A32
    ],
)
def test_category_on_the_birthday_price_from_the_first(born, day, priced_from):
    """The category on the 67th birthday, the price from the first of the next month (A12, A32)."""
    record = answered(uninsured(application(birth_date=born)), pension(NOW), NOW)
    assert until(record, day - timedelta(days=1)).category is Category.EARLY_PENSIONER
    assert until(record, day).category is Category.PENSIONER
    assert central(record, priced_from) == 60000
    assert central(record, priced_from - timedelta(days=1)) == 12375


def test_half_a_job_past_67():
    """Full dues past 67 at any percentage: M and E hear the new amount (S22, A15)."""
    form = application(birth_date=BORN, employment=employment("50"))
    step = on_the_day(insured(form, branch="BERGEN"), TURNS_67)
    assert told(step)[0] == "M retirement_age"
    assert told(step)[-1] == "E payroll_change"
    assert "M dues_changed" not in told(step)  # the outcome letter tells the dues
    change = letter(step, Template.PAYROLL_CHANGE)
    assert change.figures["valid_from"] == "2027-07-01"
    # 495.00, and 45.00 that half dues had halved (A3).
    assert amounts(change) == {
        "central_dues": 49500,
        "local_dues": 4500,
        "insurance_premium": 20000,
    }


def test_half_a_job_past_67_by_the_other_policy():
    """With the flag at half nothing changes, so the employer hears nothing (A15)."""
    form = application(birth_date=BORN, employment=employment("50"))
    step = on_the_day(insured(form, book=rulebook(half_past_67=True)), TURNS_67)
    assert central(step.record, JULY) == 24750
    assert "E payroll_change" not in told(step)


def test_a_pension_from_the_birthday():
    """Reported for the day: an outcome and a receipt, STOP, 600 a year (S18, M13)."""
    record = insured(application(birth_date=BORN), branch="OSLO")
    waiting = answered(record, pension(TURNS_67, PensionKind.OLD_AGE), NOW)
    step = on_the_day(waiting, TURNS_67)
    assert step.record.category is Category.PENSIONER
    assert {
        "M retirement_age",
        "M pension_reported",
        "I insurance_status",
        "B branch_member_changed",
        "E payroll_stop",
    } <= set(told(step))
    assert charges(step.record, JULY) == {CENTRAL: 60000, PREMIUM: 20000}


def test_a_hidden_member_turns_67():
    """The same, and nothing outward (S30)."""
    step = on_the_day(hidden_since(NOW, form=application(birth_date=BORN)), TURNS_67)
    assert told(step) == ["M retirement_age", "M coverage_ended", "I insurance_status"]


def test_67_on_leave():
    """The leave goes on; full dues wait behind it (A14)."""
    record = answered(uninsured(application(birth_date=BORN)), leave(NOW, date(2027, 12, 31)), NOW)
    step = on_the_day(record, TURNS_67)
    assert (step.record.stage, step.record.category) == (Stage.ON_LEAVE, Category.ORDINARY)
    assert [central(step.record, d) for d in (JULY, date(2028, 1, 1))] == [0, 49500]


def test_the_retirement_age_is_a_policy():
    """The 67 is configuration (G4)."""
    record = answered(
        uninsured(application(birth_date=BORN), book=rulebook(retirement_age=68)), pension(NOW), NOW
    )
    assert until(record, TURNS_67).category is Category.EARLY_PENSIONER
    assert until(record, date(2028, 6, 15)).category is Category.PENSIONER


# The ends of cover ----------------------------------------------------------------------------


def test_disability_ends_at_60():
    """Born in 1967: one part of the package ends, the premium stays (A17)."""
    record = insured(application(birth_date=date(1967, 8, 20)))
    step = on_the_day(record, date(2027, 8, 20))
    assert step.event is Event.COVERAGE_ENDED
    assert told(step) == ["M coverage_ended", "I insurance_status"]
    figures = letter(step, Template.COVERAGE_ENDED).figures
    assert figures["coverages"] == [{"name": "disability"}]
    assert figures["left"] == [{"name": "life"}, {"name": "critical_illness"}]
    assert step.record.insurance.status is InsuranceStatus.COVERED
    assert charges(step.record, date(2027, 9, 1))[PREMIUM] == 20000


@pytest.mark.parametrize("works_on", [True, False])
def test_the_package_ends_with_the_year_of_67(works_on):
    """Life ends on 31 December: no premium from January; who deducts it hears CHANGE (A17, 9)."""
    record = insured(application(birth_date=BORN))
    if not works_on:
        record = answered(record, pension(NOW), NOW)
    step = on_the_day(record, date(2028, 1, 1))
    assert step.record.insurance.status is InsuranceStatus.ENDED
    assert letter(step, Template.COVERAGE_ENDED).figures["left"] == []
    assert PREMIUM in charges(step.record, date(2027, 12, 1))
    assert PREMIUM not in charges(step.record, date(2028, 1, 1))
    expected = ["M coverage_ended", "I insurance_status", "M dues_changed"]
    assert told(step) == expected + (["E payroll_change"] if works_on else [])
    dues = letter(step, Template.DUES_CHANGED)
    assert dues.figures["valid_from"] == "2028-01-01"
    assert amounts(dues) == {"central_dues": 49500 if works_on else 60000}
    if works_on:
        change = letter(step, Template.PAYROLL_CHANGE)
        assert change.figures["valid_from"] == "2028-01-01"
        assert amounts(change) == {"central_dues": 49500}


def test_nobody_hears_of_a_cover_they_never_had():
    """Reserved: no part of the package ends at 60 or with the year of 67 (A17)."""
    record = uninsured(application(birth_date=date(1967, 8, 20)))
    days = [d.last_day for d in deadlines(record) if d.name == LIFE_CHANGE]
    assert days == [date(2034, 8, 19)]  # the 67th birthday comes next


def test_other_news_tells_of_no_cover():
    """Neither of one that was never had, nor of one that has been told of (A17)."""
    form, day = application(birth_date=date(1967, 8, 20)), date(2027, 8, 20)
    assert told(sends(uninsured(form), works(day, "50"), day)) == [
        "M dues_changed",
        "E payroll_change",
    ]
    turned = until(insured(form), day)
    assert turned.log[-1].about == Event.COVERAGE_ENDED
    assert told(sends(turned, works(day, "50"), day)) == ["M dues_changed", "E payroll_change"]


def test_the_ages_are_the_rulebooks():
    """Each coverage says itself when it ends (A17)."""
    only = (DISABILITY.model_copy(update={"ends": "end_of_year"}),)
    record = insured(application(birth_date=date(1967, 8, 20)), book=rulebook(coverages=only))
    step = on_the_day(record, date(2028, 1, 1))
    assert step.record.insurance.status is InsuranceStatus.ENDED


def test_a_student_keeps_no_dates():
    """67 and the ends of cover mean nothing to whoever studies (S8)."""
    student = member(PEOPLE["student"])
    assert not [d for d in deadlines(student) if d.name == LIFE_CHANGE]


# Another birth date ---------------------------------------------------------------------------


def corrected(born: date) -> SupplyInformation:
    """Return the correction of a birth date."""
    applicant = ApplicantCorrection(birth_date=born, national_id=None)
    return SupplyInformation(information="Feil fødselsdato", applicant=applicant)


def test_a_birth_date_corrected_into_the_past():
    """An early pensioner who turned 67 in fact is a pensioner at once (A12, S18)."""
    record = answered(uninsured(application(birth_date=BORN)), pension(NOW), NOW)
    step = sends(record, corrected(date(1960, 1, 15)), date(2027, 3, 10))
    assert step.record.category is Category.PENSIONER
    assert central(step.record, date(2027, 4, 1)) == 60000
    assert told(step)[0] == "C information_supplied"
    assert "M category_changed" in told(step)
    after = stand(step, moment(date(2027, 3, 10)))
    assert not [d for d in deadlines(after) if d.name == LIFE_CHANGE]


def test_a_birth_date_corrected_into_the_future():
    """A pensioner who is not 67 yet is an early pensioner; the birthday comes (S21)."""
    record = answered(uninsured(application(birth_date=date(1959, 12, 20))), pension(NOW), NOW)
    assert record.category is Category.PENSIONER
    step = sends(record, corrected(BORN), date(2027, 3, 10))
    assert step.record.category is Category.EARLY_PENSIONER
    assert [d.last_day for d in deadlines(step.record) if d.name == LIFE_CHANGE] == [
        TURNS_67 - timedelta(days=1)
    ]


def test_a_correction_of_whoever_changed_category_since():
    """Approved as a pensioner, works again: the approval's category rules the correction (S18)."""
    record = answered(member(PEOPLE["pensioner"]), works(NOW, "100"), NOW)
    fine = sends(record, corrected(date(1955, 4, 8)), NOW)
    assert fine.record.category is Category.ORDINARY
    assert told(fine) == ["C information_supplied"]
    with pytest.raises(Refused, match="pensioner is from 67; the member was approved as pensioner"):
        sends(record, corrected(date(1965, 4, 8)), NOW)


def test_a_name_corrected_touches_nothing():
    """A student who became ordinary corrects the name: no terms, no letters but the task."""
    record = answered(uninsured(), works(NOW, "50"), NOW)
    message = SupplyInformation(
        information="Nytt navn", applicant=ApplicantCorrection(name="Kari Berg")
    )
    step = sends(record, message, NOW)
    assert step.record.terms == record.terms
    assert told(step) == ["C information_supplied"]
    assert step.record.form.employment == record.form.employment
