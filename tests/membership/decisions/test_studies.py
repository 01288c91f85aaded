"""The end of a study or an apprenticeship, and a student's year (S17, A9, M14)."""

from datetime import date, timedelta

import pytest

from schemas.shared.vocabulary import (
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    PayrollStatus,
    Role,
    Template,
)
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    member,
    moment,
    received,
    reserve,
    rulebook,
    stand,
    welcomed,
)
from tests.membership.decisions.lives import (
    NOW,
    becomes,
    central,
    charges,
    last_day,
    letter,
    letters_out,
    moves,
    next_step,
    pension,
    sends,
    told,
    uninsured,
    until,
    waits_for,
)
from workflows.membership.deadlines import (
    STUDENT_CHECK,
    STUDY_OVER,
    STUDY_QUESTION,
)

ORDINARY, STUDENT = Category.ORDINARY, Category.STUDENT


@pytest.mark.parametrize(
    ("kind", "asked_on", "ends_on", "task", "dues"),
    [
        # 15 June 2028 - 90 days = 17 March 2028; 31 August 2028 - 90 = 2 June 2028.
        ("student", date(2028, 3, 17), date(2028, 6, 15), "C study_over", 30000),
        ("apprentice", date(2028, 6, 2), date(2028, 8, 31), "C apprenticeship_over", 0),
    ],
)
def test_the_end_of_a_study(kind, asked_on, ends_on, task, dues):
    """Asked 90 days before, offered at the end, and never converted silently (S17, A9)."""
    record = until(member(PEOPLE[kind]), asked_on - timedelta(days=1))
    step, day = next_step(record, STUDY_QUESTION)
    assert (day, told(step)) == (asked_on, ["M study_question"])
    assert letter(step, Template.STUDY_QUESTION).figures == {
        "category": kind,
        "ends_on": ends_on.isoformat(),
        # S2, S5: what the membership that is offered costs.
        "full_ore": 49500,
        "half_ore": 24750,
        "half_percent": "50",
    }
    asked = until(record, asked_on)
    assert waits_for(asked) == [(Role.APPLICANT, "change_category", ends_on)]
    step, day = next_step(asked, STUDY_OVER)
    assert day == ends_on + timedelta(days=1)
    assert told(step) == ["M study_over", task]
    over = until(asked, day)
    assert waits_for(over) == [(Role.CASEWORKER, "change_category", None)]
    # Ten years of silence later: still what it was, at the same dues.
    later = until(over, date(2038, 1, 1))
    assert later.category == kind
    assert central(later, date(2038, 1, 1)) == dues
    assert later.insurance.status is InsuranceStatus.NOT_APPLICABLE
    assert waits_for(later) == [(Role.CASEWORKER, "change_category", None)]


def test_the_time_before_a_study_ends_is_a_policy():
    """The 90 days are configuration (G4)."""
    record = member(PEOPLE["student"], book=rulebook(study_question_days=30))
    assert last_day(record, STUDY_QUESTION) == date(2028, 5, 15)  # 16 May begins the question


@pytest.mark.parametrize("answer", [becomes(ORDINARY, date(2028, 7, 1)), pension(date(2028, 7, 1))])
def test_an_offer_accepted_for_later_ends_the_wait(answer):
    """From 1 July, told in April: no wait, no task when the study is over in June (S17)."""
    asked = until(member(PEOPLE["student"]), date(2028, 3, 17))
    accepted = answered(asked, answer, date(2028, 4, 1))
    assert waits_for(accepted) == []
    assert last_day(accepted, STUDY_OVER) is None
    arrived = until(accepted, date(2028, 7, 1))
    assert arrived.category is not STUDENT


def test_a_study_that_goes_on():
    """Prolonged by the member: asked again before its new end (S17)."""
    asked = until(member(PEOPLE["student"]), date(2028, 3, 17))
    longer = becomes(STUDENT, date(2028, 4, 1), ends_on=date(2029, 6, 15))
    prolonged = answered(asked, longer, date(2028, 4, 1))
    assert waits_for(prolonged) == []
    assert last_day(prolonged, STUDY_QUESTION) == date(2029, 3, 16)  # - 90 days: 17 March 2029
    assert prolonged.category is STUDENT


def test_an_accepted_offer():
    """300 a year until June, 495 from July; only now the insurance stage, with window (S17)."""
    over = until(member(PEOPLE["student"]), date(2028, 6, 20))
    accepted_on = date(2028, 6, 20)
    step = sends(over, becomes(ORDINARY, accepted_on, evidence="Stilling som leder"), accepted_on)
    assert step.event is Event.CATEGORY_CHANGED
    assert step.reason == "Stilling som leder"
    assert told(step) == ["M category_changed", "M insurance_window", "I insurance_new_member"]
    assert charges(step.record, date(2028, 6, 1)) == {LineKind.CENTRAL_DUES: 30000}
    assert charges(step.record, date(2028, 7, 1)) == {LineKind.CENTRAL_DUES: 49500}
    changed = letter(step, Template.CATEGORY_CHANGED).figures
    assert (changed["category"], changed["was"]) == ("ordinary", "student")
    assert letter(step, Template.INSURANCE_WINDOW).figures == {
        "premium_ore": 20000,
        "reservation_window_days": 30,
        "coverages": [
            {"name": "life", "until": "2071-12-31"},
            {"name": "disability", "until": "2064-02-02"},
            {"name": "critical_illness", "until": "2071-02-02"},
        ],
    }
    insurance = step.record.insurance
    assert insurance.status is InsuranceStatus.WINDOW_OPEN
    assert (insurance.opened_on, insurance.reservation_deadline) == (accepted_on, None)
    # The window waits for the proof that the notice was sent (A21).
    unproven = stand(step, moment(accepted_on))
    assert (Role.INSURANCE_OFFICE, "record_insurance_notice", None) in waits_for(unproven)
    proven = letters_out(step, accepted_on)
    assert proven.insurance.reservation_deadline == date(2028, 7, 20)  # 20 June + 30 days
    covered = until(proven, date(2028, 7, 21))
    assert covered.insurance.covered_from == date(2028, 7, 21)
    assert charges(covered, date(2028, 8, 1))[LineKind.INSURANCE_PREMIUM] == 20000
    assert LineKind.INSURANCE_PREMIUM not in charges(covered, date(2028, 7, 1))


def test_a_reservation_after_an_accepted_offer():
    """Within the window: from the start of the insurance stage, not of the membership (A21)."""
    on = date(2028, 6, 20)
    step = sends(until(member(PEOPLE["student"]), on), becomes(ORDINARY, on), on)
    reserved = answered(letters_out(step, on), reserve(date(2028, 7, 20)), date(2028, 7, 20))
    assert reserved.insurance.reserved_from == on
    assert LineKind.INSURANCE_PREMIUM not in {t.kind for t in reserved.terms}


def test_the_employer_of_a_former_student_is_asked():
    """Once the work is known; a student with a job of record is asked at once (A20, A28)."""
    on = date(2028, 6, 20)
    graduate = answered(until(member(PEOPLE["student"]), on), becomes(ORDINARY, on), on)
    assert graduate.payroll.status is PayrollStatus.NOT_APPLICABLE
    step = sends(graduate, moves(on, "100"), on)
    assert "E payroll_start" in told(step)
    assert step.record.payroll.status is PayrollStatus.REQUESTED


def test_an_apprentice_passes_the_exam():
    """0 to 495 from the next month, and the window opens (A9, S14, A7)."""
    record = member(PEOPLE["apprentice"])
    step = sends(record, becomes(ORDINARY, NOW, evidence="Fagbrev"), NOW)
    assert [central(step.record, date(2027, m, 1)) for m in (2, 3)] == [0, 49500]
    assert step.record.insurance.status is InsuranceStatus.WINDOW_OPEN
    assert told(step)[:2] == ["M category_changed", "M insurance_window"]


# A student's year -----------------------------------------------------------------------------


def test_a_student_is_checked_each_year():
    """Every 1 January of the study, and no year after it (M14)."""
    record = member(PEOPLE["student"])  # until 15 June 2028
    checks = []
    for year in (2027, 2028):
        step, day = next_step(record, STUDENT_CHECK)
        assert told(step) == ["M student_check"]
        checks.append(day)
        record = until(record, date(year, 1, 1))
    assert checks == [date(2027, 1, 1), date(2028, 1, 1)]
    assert last_day(record, STUDENT_CHECK) is None


def test_a_change_ahead_does_not_spare_a_student_the_check():
    """Ordinary from July 2028: the study still goes on in 2027 and 2028 (M14)."""
    record = answered(member(PEOPLE["student"]), becomes(ORDINARY, date(2028, 7, 1)), TODAY)
    assert last_day(record, STUDENT_CHECK) == date(2026, 12, 31)


def test_a_later_student_is_checked_from_the_next_year_on():
    """Became a student in February 2027: asked in January 2028 (M14)."""
    record = answered(uninsured(), becomes(STUDENT, NOW, ends_on=date(2030, 6, 15)), NOW)
    assert last_day(record, STUDENT_CHECK) == date(2027, 12, 31)


def test_an_apprentice_is_not_checked():
    """The contract's end is known, and nothing is charged (A9, S14)."""
    assert last_day(member(PEOPLE["apprentice"]), STUDENT_CHECK) is None


def test_a_student_without_a_known_end_is_checked_all_the_same():
    """Became a student without a last day: only the yearly question is left (M14)."""
    record = answered(uninsured(), becomes(STUDENT, NOW), NOW)
    assert last_day(record, STUDENT_CHECK) == date(2027, 12, 31)
    assert last_day(record, STUDY_QUESTION) is None
    assert last_day(record, STUDY_OVER) is None


def test_an_old_student_stays_one():
    """67 changes nothing for whoever studies: the caseworker decided the category (A25)."""
    day = date(2026, 11, 22)
    form = application(STUDENT, birth_date=date(1960, 1, 20))
    record = answered(received(form, day=day), decide(category=STUDENT), day)
    later = until(welcomed(record, day), date(2027, 3, 1))
    assert later.category is STUDENT
    assert central(later, date(2027, 3, 1)) == 30000
    # Nor does any other news bring up the birthday.
    assert told(sends(later, moves(date(2027, 3, 1), "20"), date(2027, 3, 1))) == []
