"""A reservation form that came back before a break, or before the package ended. A21, A31, A39."""

from datetime import date

import pytest

from schemas.membership.messages.insurance import ReserveInsurance
from schemas.shared.vocabulary import Category, InsuranceStatus, LineKind
from tests.builders import TODAY, answered, application, member, moment, notice, stand
from tests.membership.decisions.lives import (
    DECEMBER,
    becomes,
    charges,
    insured,
    sends,
    told,
    until,
)
from workflows.membership.decisions.step import Refused

BREAK = date(2027, 4, 20)
"""A study begins: covered until then, and charged for January to April."""


def studies(record):
    """Return a member who has begun to study on the day of the break."""
    return stand(sends(record, becomes(Category.STUDENT, BREAK), BREAK), moment(BREAK))


def after_the_break(then):
    """Return somebody whose cover a study ended, and the day a form is entered."""
    record = studies(insured())
    if then == "studies still":
        return record, date(2027, 5, 10)
    back_on = date(2027, 8, 1)
    record = stand(sends(record, becomes(Category.ORDINARY, back_on), back_on), moment(back_on))
    if then == "new window":
        return record, date(2027, 8, 10)
    noticed = answered(record, notice(on=back_on), back_on)
    return until(noticed, date(2028, 2, 10)), date(2028, 2, 10)


@pytest.mark.parametrize("then", ["studies still", "new window", "covered anew"])
def test_a_form_that_came_in_time_counts_after_a_break(then):
    """A21: received on 20 December, in the first window, entered once a study has ended the cover.

    Whenever it is entered it counts from the start: 4 x 200.00 of January to April come back, and
    what a second window (A39) has led to, since a reservation stays one.
    """
    record, today = after_the_break(then)
    assert charges(record, date(2027, 4, 1))[LineKind.INSURANCE_PREMIUM] == 20000
    step = sends(record, ReserveInsurance(received_on=date(2026, 12, 20)), today)
    assert told(step)[:2] == ["M reservation_confirmed", "I insurance_status"]
    assert step.given_back_from == date(2026, 11, 1)
    assert all(term.kind is not LineKind.INSURANCE_PREMIUM for term in step.record.terms)
    assert step.record.insurance.reserved_from == TODAY
    with pytest.raises(Refused, match="is reserved already"):
        sends(step.record, ReserveInsurance(received_on=date(2026, 12, 20)), today)


def test_who_had_reserved_before_a_break_is_asked_no_second_time():
    """The form is entered during the study: back at work nothing but the reservation stands."""
    record, today = after_the_break("studies still")
    form = ReserveInsurance(received_on=date(2026, 12, 20))
    record = stand(sends(record, form, today), moment(today))
    assert record.insurance.status is InsuranceStatus.NOT_APPLICABLE
    back_on = date(2027, 8, 1)
    step = sends(record, becomes(Category.ORDINARY, back_on), back_on)
    assert step.record.insurance.status is InsuranceStatus.RESERVED


def test_a_form_that_came_late_counts_after_a_break():
    """A21, A31: received on 5 March, entered on 10 May in the study: April's 200.00 come back."""
    record, today = after_the_break("studies still")
    step = sends(record, ReserveInsurance(received_on=date(2027, 3, 5)), today)
    assert step.given_back_from is None
    paid = [t.valid_to for t in step.record.terms if t.kind is LineKind.INSURANCE_PREMIUM]
    assert paid == [date(2027, 4, 1)]
    # Received in the study itself there is nothing to reserve against (S8).
    with pytest.raises(Refused, match="S8"):
        sends(record, ReserveInsurance(received_on=date(2027, 5, 5)), today)


def test_a_window_that_a_study_interrupts_is_one_in_which_a_form_came():
    """Asked on 22 November, a student from 1 December, the form of the 28th entered on the 10th."""
    record = answered(member(), becomes(Category.STUDENT, DECEMBER), DECEMBER)
    step = sends(record, ReserveInsurance(received_on=date(2026, 11, 28)), date(2026, 12, 10))
    assert step.record.insurance.reserved_from == TODAY


def test_a_form_that_came_in_time_counts_once_the_package_has_ended_by_age():
    """A17, A21: born in 1960, the last cover ended with 2027; entered in 2028, all comes back."""
    record = until(insured(application(birth_date=date(1960, 3, 2))), date(2028, 2, 5))
    assert record.insurance.status is InsuranceStatus.ENDED
    step = sends(record, ReserveInsurance(received_on=date(2026, 12, 20)), date(2028, 2, 5))
    assert step.given_back_from == date(2026, 11, 1)
    assert all(term.kind is not LineKind.INSURANCE_PREMIUM for term in step.record.terms)
