"""A leave without dues, and the way back (L4, A20, A31)."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.shared.vocabulary import Event, LineKind, Payer, PayrollStatus, Stage, Template
from tests.builders import PEOPLE, answered, application, member, payroll, reserve
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    NOW,
    amounts,
    central,
    charges,
    insured,
    leave,
    letter,
    next_step,
    payers,
    sends,
    takes_back,
    told,
    uninsured,
    until,
    working_past_67,
)
from workflows.membership.deadlines import LIFE_CHANGE
from workflows.membership.decisions.step import Refused

CENTRAL, LOCAL, PREMIUM = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)
JUNE = date(2027, 6, 1)
ON_LEAVE = leave(NOW, date(2027, 4, 30))
"""From 10 February to 30 April: March and April are waived whole."""


def test_a_leave_on_its_day():
    """Dues are waived from the next month on; the premium is not, and is paid directly (ADR 13)."""
    step = sends(insured(branch="OSLO"), ON_LEAVE, NOW)
    assert step.record.stage is Stage.ON_LEAVE
    assert charges(step.record, FEBRUARY) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    for month in (MARCH, APRIL):
        assert charges(step.record, month) == {CENTRAL: 0, PREMIUM: 20000}
    assert charges(step.record, MAY) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    assert payers(step.record)[1:] == [
        (DECEMBER, MARCH, Payer.PAYROLL),
        (MARCH, None, Payer.DIRECT),
    ]
    assert {t.payer for t in step.record.terms if t.kind is PREMIUM and t.valid_from >= MARCH} == {
        Payer.DIRECT
    }
    assert step.event is Event.LEAVE_GRANTED
    assert (step.decided_by, step.reason) == ("ola", "Permisjon")


def test_the_letters_of_a_leave():
    """The member hears until when and what is charged; the employer stops (L4)."""
    step = sends(insured(branch="OSLO"), ON_LEAVE, NOW)
    assert told(step) == ["M leave_granted", "E payroll_stop"]
    granted = letter(step, Template.LEAVE_GRANTED)
    assert granted.figures["until_on"] == "2027-04-30"
    assert granted.figures["valid_from"] == "2027-03-01"
    assert amounts(granted) == {"central_dues": 0, "insurance_premium": 20000}
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-03-01"
    assert step.record.payroll.status is PayrollStatus.STOPPED


def test_back_from_leave():
    """The day after: dues again, the employer is asked again, the stage is back (L4)."""
    away = answered(insured(branch="OSLO"), ON_LEAVE, NOW)
    step, day = next_step(away, LIFE_CHANGE)
    assert day == MAY
    assert told(step) == ["M leave_ended", "E payroll_start"]
    assert step.record.stage is Stage.ACTIVE
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert amounts(letter(step, Template.LEAVE_ENDED)) == {
        "central_dues": 49500,
        "local_dues": 5000,
        "insurance_premium": 20000,
    }
    # An old yes holds no more: direct until the employer answers anew.
    back = until(away, MAY)
    again = answered(back, payroll(first_period="2027-05"), MAY)
    assert payers(again)[-1] == (MAY, None, Payer.PAYROLL)


def test_back_inside_a_month():
    """Until 15 April: all of April is waived, and April is nobody's to deduct (A6)."""
    away = answered(insured(), leave(NOW, date(2027, 4, 15)), NOW)
    assert [central(away, month) for month in (MARCH, APRIL, MAY)] == [0, 0, 49500]
    back = until(away, date(2027, 4, 16))
    assert back.stage is Stage.ACTIVE
    with pytest.raises(Refused, match="first_period: 2027-04 is charged to the member already"):
        sends(back, payroll(first_period="2027-04"), date(2027, 4, 20))
    assert payers(answered(back, payroll(), date(2027, 4, 20)))[-1] == (MAY, None, Payer.PAYROLL)


def test_a_leave_from_the_first():
    """From 1 March: March is waived, whenever in the month before it is granted (A6)."""
    away = answered(insured(), leave(MARCH, date(2027, 3, 31)), NOW)
    assert away.stage is Stage.ACTIVE
    assert [central(away, month) for month in (FEBRUARY, MARCH, APRIL)] == [49500, 0, 49500]
    assert away.log[-1].about == Event.CHANGE_RECORDED
    step, day = next_step(away, LIFE_CHANGE)
    assert (day, step.record.stage) == (MARCH, Stage.ON_LEAVE)
    assert told(step) == ["M leave_granted", "E payroll_stop"]
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-03-01"


def test_a_leave_taken_back():
    """Withdrawn before it began, nothing is left of it (ADR 13)."""
    record = insured()
    noted = answered(record, leave(MARCH, date(2027, 3, 31)), NOW)
    step = sends(noted, takes_back("grant_leave", MARCH), NOW)
    assert step.record.terms == record.terms
    assert told(step) == ["M change_withdrawn"]


@pytest.mark.parametrize(
    ("granted_on", "waived"),
    [
        (date(2027, 4, 10), [0, 0]),  # April - 3 months is January
        (date(2027, 5, 1), [49500, 0]),  # May - 3 months is February (A31)
        (date(2027, 6, 1), [49500, 49500]),
    ],
)
def test_a_leave_granted_afterwards(granted_on, waived):
    """For January and February, granted when it is over: at most three months back (A31)."""
    record = uninsured(application(employment=None))
    step = sends(record, leave(JANUARY, date(2027, 2, 28)), granted_on)
    assert [central(step.record, month) for month in (JANUARY, FEBRUARY)] == waived
    assert central(step.record, MARCH) == 49500
    assert step.record.stage is Stage.ACTIVE
    assert told(step) == (["M dues_changed"] if 0 in waived else [])


@pytest.mark.parametrize(
    ("until_on", "waived"),
    [(date(2027, 3, 31), [0, 49500, 49500]), (date(2027, 5, 31), [0, 0, 0])],
)
def test_the_last_word_on_a_leave(until_on, waived):
    """The same first day again corrects its end, shorter or longer (ADR 13)."""
    away = answered(insured(), ON_LEAVE, NOW)
    corrected = answered(away, leave(NOW, until_on), date(2027, 2, 20))
    assert [central(corrected, month) for month in (MARCH, APRIL, MAY)] == waived
    assert until(corrected, JUNE).stage is Stage.ACTIVE
    assert until(corrected, until_on).stage is Stage.ON_LEAVE


def test_the_letter_tells_the_corrected_end():
    """Granted until July, corrected to April before it began: the letter says April."""
    first = answered(insured(), leave(MARCH, date(2027, 7, 31)), NOW)
    corrected = answered(first, leave(MARCH, date(2027, 4, 30)), NOW)
    step, _ = next_step(corrected, LIFE_CHANGE)
    assert letter(step, Template.LEAVE_GRANTED).figures["until_on"] == "2027-04-30"


def test_each_of_two_leaves_tells_its_own_end():
    """A second leave in July is nothing to the letter of the first."""
    first = answered(insured(), leave(MARCH, date(2027, 4, 30)), NOW)
    both = answered(first, leave(date(2027, 7, 1), date(2027, 7, 31)), NOW)
    step, _ = next_step(both, LIFE_CHANGE)
    assert letter(step, Template.LEAVE_GRANTED).figures["until_on"] == "2027-04-30"


def test_a_leave_that_is_over_broke_the_deduction():
    """Known in time the employer would have been asked again: so it is asked now (ADR 13)."""
    step = sends(insured(), leave(date(2027, 1, 5), date(2027, 2, 4)), date(2027, 2, 20))
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert "E payroll_start" in told(step)
    assert payers(step.record)[1:] == [
        (DECEMBER, FEBRUARY, Payer.PAYROLL),
        (FEBRUARY, None, Payer.DIRECT),
    ]


def test_one_leave_after_another():
    """A second one that begins before the first ends: one absence, one way back."""
    away = answered(insured(), ON_LEAVE, NOW)
    longer = answered(away, leave(date(2027, 4, 20), date(2027, 5, 31)), NOW)
    assert [central(longer, month) for month in (MARCH, APRIL, MAY, JUNE)] == [0, 0, 0, 49500]
    assert until(longer, MAY).stage is Stage.ON_LEAVE
    back = until(longer, JUNE)
    assert back.stage is Stage.ACTIVE
    assert [line.about for line in back.log].count(
        Event.CHANGE_TOOK_EFFECT
    ) == 3  # 20.4., 1.5., 1.6.


def test_a_leave_inside_the_onboarding():
    """The onboarding goes on beside it; afterwards the membership is where it was."""
    away = answered(member(), leave(DECEMBER, date(2027, 1, 31)), DECEMBER)
    assert away.stage is Stage.ON_LEAVE
    assert away.payroll.status is PayrollStatus.STOPPED
    back = until(away, FEBRUARY)
    assert back.insurance.covered_from == date(2026, 12, 23)
    assert back.stage is Stage.ONBOARDING  # the employer is asked anew (A20)
    assert answered(back, payroll(), FEBRUARY).stage is Stage.ACTIVE


def test_no_answer_counts_during_a_leave():
    """The employer was told to stop: a yes to the old request finds none (L6)."""
    away = answered(member(), leave(DECEMBER, date(2027, 1, 31)), DECEMBER)
    with pytest.raises(Refused, match="no payroll request has been made"):
        sends(away, payroll(), DECEMBER)


def test_a_reservation_during_a_leave():
    """The insurance goes its own way: reserved from the next month (A21)."""
    away = answered(insured(), ON_LEAVE, NOW)
    reserved = answered(away, reserve(date(2027, 3, 5)), date(2027, 3, 5))
    assert charges(reserved, MARCH) == {CENTRAL: 0, PREMIUM: 20000}
    assert charges(reserved, APRIL) == {CENTRAL: 0}
    assert reserved.stage is Stage.ON_LEAVE


@pytest.mark.parametrize(
    ("record", "afterwards"),
    [
        pytest.param(member(PEOPLE["student"]), 30000, id="student"),
        pytest.param(member(PEOPLE["pensioner"]), 60000, id="pensioner"),
        pytest.param(member(PEOPLE["early_pensioner"]), 12375, id="early-pensioner"),
        pytest.param(member(PEOPLE["apprentice"]), 0, id="apprentice"),
        pytest.param(working_past_67(), 49500, id="working-past-67"),
    ],
)
def test_any_member_may_have_a_leave(record, afterwards):
    """Any category, for a time (L4: any → leave/waiver → back)."""
    away = answered(record, ON_LEAVE, NOW)
    assert away.stage is Stage.ON_LEAVE
    assert [central(away, month) for month in (MARCH, APRIL, MAY)] == [0, 0, afterwards]
    assert until(away, MAY).stage is not Stage.ON_LEAVE


def test_a_leave_that_ends_before_it_begins():
    """The message says so itself (L4: time-limited)."""
    with pytest.raises(ValidationError, match="until_on lies before from_on"):
        leave(MARCH, FEBRUARY)


def test_the_same_leave_again():
    """Word for word the same is refused, with the day it was recorded (invariant 6)."""
    away = answered(insured(), ON_LEAVE, NOW)
    with pytest.raises(Refused, match="is recorded already, on 2027-02-10: nothing changes"):
        sends(away, ON_LEAVE, MARCH)
