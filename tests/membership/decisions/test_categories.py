"""What another category does to dues and insurance, and late words on the package (S8, S17)."""

from datetime import date

import pytest

from schemas.shared.vocabulary import (
    Category,
    InsuranceStatus,
    LineKind,
    PensionKind,
    Stage,
    Template,
)
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    application,
    enroll,
    member,
    moment,
    notice,
    reserve,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    NOW,
    becomes,
    charges,
    insured,
    letter,
    pension,
    sends,
    told,
    uninsured,
    until,
    works,
)

CENTRAL, LOCAL, PREMIUM = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)
STUDENT, ORDINARY = Category.STUDENT, Category.ORDINARY
JUNE = date(2027, 6, 1)


def test_an_ordinary_member_becomes_a_student():
    """300 a year, no package, no deduction; afterwards the package is offered anew (S8, S12)."""
    step = sends(insured(branch="OSLO"), becomes(STUDENT, NOW, ends_on=date(2028, 6, 15)), NOW)
    assert "became student" in step.says
    assert {"S12", "L2"} <= set(step.rules)
    assert told(step) == ["M category_changed", "E payroll_stop", "I insurance_status"]
    assert letter(step, Template.INSURANCE_STATUS).figures["status"] == "ended"
    assert charges(step.record, MARCH) == {CENTRAL: 30000}
    assert step.record.insurance.status is InsuranceStatus.NOT_APPLICABLE
    back = sends(stand(step, moment(NOW)), becomes(ORDINARY, MAY), MAY)
    assert back.record.insurance.status is InsuranceStatus.WINDOW_OPEN
    assert charges(back.record, MAY) == {CENTRAL: 49500, LOCAL: 5000}
    assert told(back) == [
        "M category_changed",
        "E payroll_start",
        "M insurance_window",
        "I insurance_new_member",
    ]


def test_a_new_window_after_a_break():
    """Noticed on 1 May, silent until the 31st: covered and charged from June, not before (A39)."""
    student = answered(insured(application(employment=None)), becomes(STUDENT, NOW), NOW)
    back = answered(answered(student, becomes(ORDINARY, MAY), MAY), notice(on=MAY), MAY)
    assert back.insurance.reservation_deadline == date(2027, 5, 31)
    covered = until(back, JUNE)
    assert covered.insurance.status is InsuranceStatus.COVERED
    assert covered.insurance.covered_from == JUNE
    # January and February of the first cover; a student from 10 February, so not March.
    paid = [
        month
        for month in (JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE)
        if PREMIUM in charges(covered, month)
    ]
    assert paid == [JANUARY, FEBRUARY, JUNE]
    reserved = sends(back, reserve(date(2027, 5, 20)), date(2027, 5, 20))
    assert reserved.record.insurance.reserved_from == MAY
    assert [PREMIUM in charges(reserved.record, month) for month in (FEBRUARY, JUNE)] == [
        True,
        False,
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the return first"])
def test_a_break_that_is_told_when_it_is_over(order):
    """A student from 15 April to July, told on 10 September: asked anew all the same (A39)."""
    told_on = date(2027, 9, 10)
    news = [becomes(STUDENT, date(2027, 4, 15)), becomes(ORDINARY, date(2027, 8, 1))]
    record = insured(application(employment=None))
    for place in order:
        record = answered(record, news[place], told_on)
    assert record.insurance.status is InsuranceStatus.WINDOW_OPEN
    assert record.insurance.opened_on == told_on
    # September - 3 months is June: May was charged too long ago (A31), August waits for the window.
    months = [date(2027, month, 1) for month in range(1, 13)]
    assert [m.month for m in months if PREMIUM in charges(record, m)] == [1, 2, 3, 4, 5]


def test_a_covered_member_who_becomes_an_apprentice_later():
    """An apprentice opts in (A7), also after a break: the old cover does not come back (A39)."""
    student = answered(insured(application(employment=None)), becomes(STUDENT, NOW), NOW)
    step = sends(student, becomes(Category.APPRENTICE, MAY), MAY)
    assert step.record.insurance.status is InsuranceStatus.NOT_APPLICABLE
    assert PREMIUM not in charges(step.record, JUNE)


@pytest.mark.parametrize(
    ("policy", "status", "premium"),
    [
        ("opt_in", InsuranceStatus.NOT_APPLICABLE, None),
        ("opt_out", InsuranceStatus.COVERED, 20000),
        ("excluded", InsuranceStatus.NOT_APPLICABLE, None),
    ],
)
def test_no_window_closes_over_an_apprentice_by_silence(policy, status, premium):
    """Approved on 22 November, an apprentice from 1 December, nothing returned by 22 December.

    A7: who learns a trade opts in, so 0.00 and no premium; at work from May a window opens anew.
    """
    record = member(book=rulebook(apprentice_insurance=policy))
    step = sends(record, becomes(Category.APPRENTICE, DECEMBER), DECEMBER)
    told_so = letter(step, Template.CATEGORY_CHANGED).figures.get("opts_in", False)
    assert told_so is (premium is None)
    learns = until(stand(step, moment(DECEMBER)), FEBRUARY)
    assert learns.insurance.status is status
    assert charges(learns, FEBRUARY).get(PREMIUM) == premium
    if policy == "opt_in":
        taken_in = answered(learns, enroll(MARCH), FEBRUARY)
        assert charges(taken_in, MARCH)[PREMIUM] == 20000
        works_then = answered(learns, becomes(ORDINARY, MAY), MAY)
        assert works_then.insurance.status is InsuranceStatus.WINDOW_OPEN
        # A form of 20 December came in time for the first window: it holds for whatever follows.
        reserved = answered(works_then, reserve(date(2026, 12, 20)), date(2027, 5, 5))
        assert reserved.insurance.status is InsuranceStatus.RESERVED


def test_who_is_covered_stays_so_as_an_apprentice():
    """A7 is how an apprentice comes to the package; no cover ends but by a break or a form."""
    learns = answered(insured(), becomes(Category.APPRENTICE, MARCH), MARCH)
    assert charges(learns, MARCH) == {LineKind.CENTRAL_DUES: 0, PREMIUM: 20000}
    out = sends(learns, reserve(date(2027, 4, 5)), date(2027, 4, 5)).record
    assert [PREMIUM in charges(out, month) for month in (APRIL, MAY)] == [True, False]


@pytest.mark.parametrize(
    ("day", "unpaid"),
    [
        (date(2027, 2, 20), []),
        # April - 3 months is January: March was to be without, and is charged after all.
        (date(2027, 4, 20), []),
        # September - 3 months is June: what is further back is not charged any more (A31).
        (date(2027, 9, 20), [3, 4, 5]),
    ],
)
def test_a_break_that_was_none(day, unpaid):
    """A study that is put right ended no cover: it goes on without a gap (A39, L1)."""
    covered = insured(application(employment=None))
    student = answered(covered, becomes(STUDENT, NOW), NOW)
    step = sends(student, becomes(ORDINARY, NOW), day)
    insurance = step.record.insurance
    assert insurance.status is InsuranceStatus.COVERED
    assert insurance.covered_from == covered.insurance.covered_from
    assert letter(step, Template.INSURANCE_STATUS).figures == {
        "status": "covered",
        "from_on": str(covered.insurance.covered_from),
    }
    months = [date(2027, month, 1) for month in range(1, 13)]
    assert [m.month for m in months if PREMIUM not in charges(step.record, m)] == unpaid


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["study first", "pension first"])
def test_a_study_and_a_pension_on_one_day(order):
    """An early pensioner was no student for a day: covered as before, told in any order (L1)."""
    news = [becomes(STUDENT, NOW), pension(NOW, PensionKind.AFP)]
    born = date(1963, 5, 17)
    record = covered = insured(application(birth_date=born, employment=None))
    for place in order:
        record = answered(record, news[place], NOW)
    assert record.category is Category.EARLY_PENSIONER
    assert record.insurance == covered.insurance


def test_that_a_break_ends_a_cover_is_a_policy():
    """Else the old cover goes on as it was decided (A39)."""
    book = rulebook(new_window_after_break=False)
    student = answered(insured(book=book, branch="OSLO"), becomes(STUDENT, NOW), NOW)
    back = sends(student, becomes(ORDINARY, MAY), MAY)
    assert back.record.insurance.status is InsuranceStatus.COVERED
    assert charges(back.record, MAY) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    assert told(back) == ["M category_changed", "E payroll_start", "I insurance_status"]
    assert letter(back, Template.INSURANCE_STATUS).figures["status"] == "covered"


def test_a_reservation_outlives_a_study():
    """Whoever had reserved has reserved afterwards (ADR 13)."""
    step = sends(uninsured(), becomes(STUDENT, NOW), NOW)
    assert told(step) == ["M category_changed", "E payroll_stop"]  # there was no cover to end
    student = stand(step, moment(NOW))
    back = answered(student, becomes(ORDINARY, MAY), MAY)
    assert back.insurance.status is InsuranceStatus.RESERVED
    assert PREMIUM not in charges(back, MAY)


def test_an_open_window_opens_anew_after_a_study():
    """Nothing had been decided: the full window again, from then on (S17, A21)."""
    student = answered(member(), becomes(STUDENT, DECEMBER), DECEMBER)
    assert student.insurance.reservation_deadline is None
    assert student.stage is Stage.ACTIVE
    back = answered(student, becomes(ORDINARY, NOW), NOW)
    assert back.insurance.status is InsuranceStatus.WINDOW_OPEN
    assert back.insurance.opened_on == NOW
    noticed = answered(back, notice(on=NOW), NOW)
    assert noticed.insurance.reservation_deadline == date(2027, 3, 12)
    assert answered(noticed, reserve(MARCH), MARCH).insurance.reserved_from == NOW


@pytest.mark.parametrize("at_once", [True, False])
def test_the_premium_of_a_new_window(at_once):
    """Only with A18's flag is it charged before the window has passed (S17, A18)."""
    record = member(PEOPLE["student"], book=rulebook(premium_at_once=at_once))
    graduate = answered(record, becomes(ORDINARY, NOW), NOW)
    assert charges(graduate, MARCH) == (
        {CENTRAL: 49500, PREMIUM: 20000} if at_once else {CENTRAL: 49500}
    )


def test_a_window_charged_at_once_is_still_a_window_after_a_study():
    """Nobody is covered by having been charged: the window opens anew, at the old price (A18)."""
    record = member(book=rulebook(premium_at_once=True))
    student = answered(record, becomes(STUDENT, DECEMBER), DECEMBER)
    back = answered(student, becomes(ORDINARY, NOW), NOW)
    assert back.insurance.status is InsuranceStatus.WINDOW_OPEN
    assert len(back.insurance.premiums) == 1
    months = [
        month for month in (DECEMBER, JANUARY, FEBRUARY, MARCH) if PREMIUM in charges(back, month)
    ]
    assert months == [MARCH]


@pytest.mark.parametrize(
    ("from_on", "told_on", "premium_from"),
    [
        (date(2027, 1, 15), NOW, FEBRUARY),  # the first month that is covered whole
        (JANUARY, date(2027, 4, 30), JANUARY),
        (JANUARY, date(2027, 5, 1), FEBRUARY),  # May - 3 months (A31)
        (DECEMBER, date(2027, 7, 31), APRIL),
    ],
)
def test_an_enrolment_told_late(from_on, told_on, premium_from):
    """Covered from the day named; charged three months back at most (A21, A31)."""
    record = answered(uninsured(), enroll(from_on), told_on)
    assert record.insurance.covered_from == from_on
    first = min(t.valid_from for t in record.terms if t.kind is PREMIUM)
    assert first == premium_from


@pytest.mark.parametrize(
    ("received_on", "told_on", "reserved_from", "paid"),
    [
        # Received on 20 December, inside the window: as if there had never been cover.
        (date(2026, 12, 20), date(2027, 4, 30), TODAY, []),
        (date(2026, 12, 20), date(2027, 6, 30), TODAY, []),
        # Received on 30 December, after it: from January, and charged longer ago is not paid back.
        (date(2026, 12, 30), date(2027, 4, 30), JANUARY, []),
        (date(2026, 12, 30), date(2027, 5, 1), FEBRUARY, [JANUARY]),
        (date(2026, 12, 30), date(2027, 6, 30), MARCH, [JANUARY, FEBRUARY]),
    ],
)
def test_a_reservation_told_late(received_on, told_on, reserved_from, paid):
    """In time it counts from the start; later paid months longer ago stay cover (A21, A31)."""
    record = insured(application(employment=None))
    reserved = answered(record, reserve(received_on), told_on)
    assert reserved.insurance.reserved_from == reserved_from
    months = [m for m in (JANUARY, FEBRUARY, MARCH, APRIL) if PREMIUM in charges(reserved, m)]
    assert months == paid


@pytest.mark.parametrize(
    ("retires", "premium"), [(date(2027, 8, 20), None), (date(2027, 9, 20), 20000)]
)
def test_no_window_closes_over_a_pensioner_by_silence(retires, premium):
    """Born on 5 May 1960, approved on 2 August 2027 at work, retired in the window or after it.

    S19: a pensioner has no package, so no premium; A17: who was covered keeps it through 2027.
    """
    approved, back = date(2027, 8, 2), date(2027, 11, 5)
    born = application(birth_date=date(1960, 5, 5))
    record = member(born, day=approved, category=ORDINARY)
    record = answered(until(record, retires), pension(retires), retires)
    retired = until(record, back)
    assert retired.category is Category.PENSIONER
    assert charges(retired, date(2027, 11, 1)).get(PREMIUM) == premium
    if premium is None:
        assert retired.insurance.status is InsuranceStatus.NOT_APPLICABLE
        assert (
            answered(retired, works(back, "80"), back).insurance.status
            is InsuranceStatus.WINDOW_OPEN
        )
