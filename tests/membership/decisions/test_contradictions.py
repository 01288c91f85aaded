"""Notices told twice, contradicting, late or in any order; and corrections (ADR 13, A31)."""

from datetime import date
from itertools import permutations

import pytest

from schemas.membership.messages.review import ApplicantCorrection, SupplyInformation
from schemas.shared.vocabulary import (
    Category,
    LineKind,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import (
    answered,
    application,
    member,
    national_id,
)
from tests.membership.decisions.lives import (
    APRIL,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    NOW,
    amounts,
    becomes,
    central,
    hides,
    insured,
    leave,
    letter,
    moves,
    next_step,
    opens,
    pension,
    resigns,
    sends,
    told,
    uninsured,
    until,
    works,
)
from workflows.membership.deadlines import LIFE_CHANGE
from workflows.membership.decisions.step import Refused

CENTRAL, LOCAL, PREMIUM = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)
STUDENT, ORDINARY = Category.STUDENT, Category.ORDINARY


@pytest.mark.parametrize(
    "message",
    [
        works(NOW, "50"),
        moves(APRIL),
        becomes(STUDENT, NOW),
        pension(NOW),
        hides(NOW),
        leave(NOW, MAY),
        opens(NOW),
    ],
    ids=lambda message: type(message).__name__,
)
def test_word_for_word_the_same_again(message):
    """Refused as recorded already, whoever sends it and whenever (invariant 6)."""
    once = answered(insured(), message, NOW)
    with pytest.raises(Refused) as refused:
        sends(once, message, date(2027, 2, 20))
    assert str(refused.value) == "is recorded already, on 2027-02-10: nothing changes"


def test_of_two_contradictions_the_later_one_counts():
    """Half from February, no: full from February: nothing is left but the record (ADR 13)."""
    record = uninsured()
    half = answered(record, works(FEBRUARY, "50"), FEBRUARY)
    assert central(half, FEBRUARY) == 24750
    step = sends(half, works(FEBRUARY, "100"), NOW)
    assert step.record.terms == record.terms
    assert told(step) == ["M dues_changed", "E payroll_change"]


def test_any_order_gives_the_same_terms():
    """Five notices in all 120 orders, told within three months (L1, invariant 6)."""
    notices = [
        works(date(2026, 12, 10), "50", branch="BERGEN"),
        leave(date(2027, 1, 5), date(2027, 2, 4)),
        works(FEBRUARY, "100"),
        pension(date(2027, 2, 15), working="60"),
        works(date(2027, 2, 25), "0"),
    ]
    start = uninsured(application(employment=None))
    day = date(2027, 3, 3)
    found = set()
    for order in permutations(notices):
        record = start
        for message in order:
            record = answered(record, message, day)
        found.add((record.terms, record.category, record.branch, record.stage))
    assert len(found) == 1
    ((terms, category, branch, stage),) = found
    assert (category, branch, stage) == (Category.EARLY_PENSIONER, "BERGEN", Stage.ACTIVE)
    dues = [(t.valid_from, t.amount_ore) for t in terms if t.kind is CENTRAL]
    # Half from January; the leave holds on 1 February; from March no work, so a quarter.
    assert dues[:4] == [
        (date(2026, 11, 1), 49500),
        (JANUARY, 24750),
        (FEBRUARY, 0),
        (MARCH, 12375),
    ]


def test_told_late_as_if_told_in_time():
    """The same months and amounts, whether told on the day or weeks later (L1)."""
    changes = [works(date(2026, 12, 10), "50"), pension(date(2027, 1, 20))]
    start = uninsured(application(employment=None))
    in_time, late = start, start
    for message, on in zip(changes, (date(2026, 12, 10), date(2027, 1, 20)), strict=True):
        in_time = answered(in_time, message, on)
        late = answered(late, message, date(2027, 3, 30))
    assert in_time.terms == late.terms
    assert in_time.present == late.present


# Corrections ----------------------------------------------------------------------------------


def test_a_national_id_after_a_change_of_category():
    """Approved as a student, ordinary now: the number may still come (N3)."""
    student = member(application(STUDENT, national_id=None))
    graduate = answered(student, becomes(ORDINARY, NOW), NOW)
    number = national_id(graduate.birth_date)
    message = SupplyInformation(
        information="Fødselsnummer", applicant=ApplicantCorrection(national_id=number)
    )
    step = sends(graduate, message, MARCH)
    assert step.record.category is ORDINARY
    assert step.record.terms == graduate.terms
    assert step.record.form.applicant.has_national_id
    assert step.supplied == {"applicant": {"national_id": number}}
    assert told(step) == ["C information_supplied"]


def test_a_correction_does_not_undo_a_move():
    """What was reported since the application stays: employer, flag, hours (ADR 13)."""
    moved = answered(insured(), moves(NOW, "60"), NOW)
    message = SupplyInformation(
        information="Ny adresse", applicant=ApplicantCorrection(phone="+4791234568")
    )
    corrected = answered(moved, message, MARCH)
    assert corrected.form.employment == moved.form.employment
    assert corrected.present == moved.present


def test_a_change_while_leaving_must_come_before_the_end():
    """Received in February: the membership's last day is 31 March (A29)."""
    leaving = answered(insured(), resigns(NOW), NOW)
    with pytest.raises(Refused) as refused:
        sends(leaving, works(APRIL, "50"), NOW)
    assert str(refused.value) == "effective_on: lies after the membership's end, 2027-04-01"
    noted = answered(leaving, works(date(2027, 3, 31), "50"), NOW)
    assert until(noted, APRIL).stage is Stage.ENDED


def test_two_changes_on_one_morning():
    """A leave that ends and half a job that begins: one decision, told once (M8)."""
    away = answered(insured(), leave(NOW, date(2027, 3, 31)), NOW)
    both = answered(away, works(APRIL, "50"), NOW)
    step, day = next_step(both, LIFE_CHANGE)
    assert day == APRIL
    assert told(step) == ["M leave_ended", "E payroll_start"]
    assert amounts(letter(step, Template.LEAVE_ENDED))["central_dues"] == 24750
    assert step.record.payroll.status is PayrollStatus.REQUESTED
