"""What was so before the end and is told after it: charged as if known in time (L1, L9)."""

from datetime import date

import pytest

from schemas.membership.messages.insurance import ReserveInsurance
from schemas.shared.vocabulary import Category, Event, InsuranceStatus, LineKind, Outcome
from tests.builders import answered
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    NOW,
    becomes,
    central,
    charges,
    hides,
    insured,
    leave,
    owes,
    pension,
    resigns,
    sends,
    told,
    uninsured,
    until,
    works,
)
from tests.membership.decisions.test_returning import former
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord

JUNE, LATER = date(2027, 6, 1), date(2027, 6, 10)
"""Told on 10 June: A31 reaches back to March."""


def gone(record: MembershipRecord, outcome: Outcome = Outcome.RESIGNED) -> MembershipRecord:
    """Return a member whose last day was 30 April; its workflow still takes messages."""
    left = until(answered(record, resigns(MARCH), MARCH), MAY)
    assert left.outcome is Outcome.RESIGNED
    return left.model_copy(update={"lingers": True, "hears_late": True, "outcome": outcome})


@pytest.mark.parametrize(
    ("fact", "event", "march", "april"),
    [
        # Half from February: told in June it reaches March (A6, A31). 495.00 * 50 % = 247.50.
        (works(FEBRUARY, "40"), Event.EMPLOYMENT_CHANGED, 24750, 24750),
        # From 10 March: March was whole.
        (works(date(2027, 3, 10), "40"), Event.EMPLOYMENT_CHANGED, 49500, 24750),
        # A disability pension: a quarter, 123.75 (S21).
        (pension(APRIL), Event.PENSION_REPORTED, 49500, 12375),
        # On leave: nothing (L4).
        (leave(MARCH, date(2027, 3, 31)), Event.LEAVE_GRANTED, None, 49500),
        # An apprentice since April: free (S14).
        (becomes(Category.APPRENTICE, APRIL), Event.CATEGORY_CHANGED, 49500, 0),
    ],
)
def test_a_fact_of_before_the_end_counts_after_it(fact, event, march, april):
    """The terms of the months that A31 reaches are those of who had told in time."""
    step = sends(gone(uninsured()), fact, LATER)
    in_time = until(answered(answered(uninsured(), fact, MARCH), resigns(MARCH), MARCH), MAY)
    assert (step.event, told(step)) == (event, ["C told_late"])
    assert {"L1", "L9", "A31"} <= set(step.rules)
    for month, ore in ((MARCH, march), (APRIL, april), (MAY, None)):
        assert (central(step.record, month) or None) == (ore or None)
        assert central(step.record, month) == central(in_time, month)
    # Told late nothing older is another (A31), and nothing else of the membership is.
    assert central(step.record, FEBRUARY) == 49500
    before = gone(uninsured())
    kept = {"notices": (), "terms": ()}
    assert step.record.model_copy(update=kept) == before.model_copy(update=kept)


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (works(MAY, "40"), "effective_on: lies after the membership's end, 2027-05-01"),
        (works(date(2026, 11, 1), "40"), "effective_on: lies before the membership began"),
        (hides(APRIL), "the membership has ended: resigned"),
        (resigns(APRIL), "the membership has ended: resigned; the last day was 2027-04-30"),
    ],
)
def test_what_was_not_so_before_the_end_is_refused(fact, why):
    """With the reason: nothing is lost in silence (invariant 5)."""
    with pytest.raises(Refused, match=why):
        sends(gone(uninsured()), fact, LATER)


def test_told_twice_it_is_recorded_once():
    """As of who has not left (invariant 6)."""
    once = sends(gone(uninsured()), works(MARCH, "40"), LATER).record
    with pytest.raises(Refused, match="is recorded already"):
        sends(once, works(MARCH, "40"), LATER)


@pytest.mark.parametrize("still", [{"hears_late": False}, {"lingers": False}])
def test_who_hears_no_late_facts_refuses_them(still):
    """A run from before there was this, and a membership that is over for good (L9)."""
    with pytest.raises(Refused, match="the membership has ended"):
        sends(gone(uninsured()).model_copy(update=still), works(MARCH, "40"), LATER)


def test_what_was_merged_is_told_the_other_membership():
    """Of the one that ended as a duplicate nothing is charged any more (N9)."""
    with pytest.raises(Refused, match="the membership has ended: duplicate"):
        sends(gone(uninsured(), Outcome.DUPLICATE), works(MARCH, "40"), LATER)


def test_who_was_struck_off_had_resigned_before():
    """Resigned on 20 December, found in June: ended with January (A29).

    Struck off on 10 February, so February was charged; it is older than A31 reaches, told in June,
    and comes back told in May.
    """
    struck = answered(uninsured(), owes(4, NOW), NOW)
    gone_since = struck.model_copy(update={"lingers": True, "hears_late": True})
    for day, february in ((date(2027, 5, 2), None), (LATER, 49500)):
        step = sends(gone_since, resigns(date(2026, 12, 20)), day)
        assert told(step) == ["C told_late", "M resignation"]
        assert step.record.outcome is Outcome.RESIGNED
        assert step.record.leaving is not None
        assert step.record.leaving.effective_on == FEBRUARY
        assert (central(step.record, JANUARY), central(step.record, FEBRUARY)) == (49500, february)


def test_a_form_that_came_in_time_counts_after_the_end():
    """A21: received on 20 December, within the window, entered in June: no premium ever.

    Premiums of 200.00 were charged from January to April; they come back whole, A31 or not.
    """
    before = gone(insured())
    assert charges(before, JANUARY)[LineKind.INSURANCE_PREMIUM] == 20000
    form = ReserveInsurance(received_on=date(2026, 12, 20))
    step = sends(before, form, LATER)
    assert told(step) == ["C told_late", "M reservation_confirmed", "I insurance_status"]
    assert all(term.kind is not LineKind.INSURANCE_PREMIUM for term in step.record.terms)
    assert step.given_back_from == date(2026, 11, 1)
    assert step.record.insurance.status is InsuranceStatus.RESERVED
    with pytest.raises(Refused):
        sends(step.record, form, LATER)


def test_a_form_that_came_late_counts_by_its_day():
    """A21: received on 5 March, charged through March; entered in June April's 200.00 come back."""
    step = sends(gone(insured()), ReserveInsurance(received_on=date(2027, 3, 5)), LATER)
    assert LineKind.INSURANCE_PREMIUM in charges(step.record, MARCH)
    assert LineKind.INSURANCE_PREMIUM not in charges(step.record, APRIL)
    assert step.given_back_from is None
    with pytest.raises(Refused, match="received_on: counts from 2027-05-01, after the end"):
        sends(gone(insured()), ReserveInsurance(received_on=date(2027, 4, 5)), LATER)


def test_who_has_come_back_reads_where_to_tell_it():
    """A fact of the former membership is told to that one: the refusal names it."""
    back = uninsured()
    known = back.model_copy(update={"former": former()})
    with pytest.raises(Refused, match=f"2026-11-22; tell {former().membership_id}, the former one"):
        sends(known, works(date(2026, 10, 1), "40"), DECEMBER)
