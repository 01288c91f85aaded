"""A membership brought back from its rows alone: what the insurance is known by (A21, A39)."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from schemas.membership.state import InsuranceState
from schemas.membership.stored import LettersSince, StoredMembership
from schemas.shared.vocabulary import Category, InsuranceStatus, LineKind
from tests.builders import PEOPLE, TODAY, answered, application, member, reserve
from tests.membership.decisions.lives import (
    APRIL,
    FEBRUARY,
    MARCH,
    NOW,
    becomes,
    charges,
    insured,
    sends,
    uninsured,
)
from workflows.membership.decisions.step import Refused
from workflows.membership.keeping import TOLD_BY_ROWS
from workflows.membership.record import MembershipRecord
from workflows.membership.restoring import restored

PREMIUM = LineKind.INSURANCE_PREMIUM
ON = date(2027, 2, 11)


def from_rows(record: MembershipRecord, **rows: Any) -> MembershipRecord:
    """Return a record as its rows tell it, with the welcome that went out on 22 November."""
    stored = StoredMembership(
        membership_id=record.membership_id,
        received_at=record.received_at,
        decisions=record.decisions,
        decided_on=ON,
        stage=record.stage,
        category=record.category,
        branch=record.branch,
        member_number=record.member_number,
        member_since=record.member_since,
        insurance=InsuranceState(
            status=record.insurance.status,
            covered_from=record.insurance.covered_from,
            reserved_from=record.insurance.reserved_from,
        ),
        facts=record.facts,
        form=record.form,
        rulebook=record.book,
        letters=LettersSince(noticed_on=TODAY),
        **rows,
    )
    return restored(stored, record.version, datetime.combine(ON, time(12), UTC))


@pytest.mark.parametrize("rows", [False, True], ids=["kept", "rows alone"])
def test_a_form_that_came_in_time_counts(rows):
    """A21: received on 20 December, entered in February: no premium of 200.00 ever."""
    record = insured()
    assert charges(record, FEBRUARY)[PREMIUM] == 20000
    record = from_rows(record) if rows else record
    step = sends(record, reserve(date(2026, 12, 20)), ON)
    assert PREMIUM not in charges(step.record, FEBRUARY)
    assert step.given_back_from == date(2026, 11, 1)


@pytest.mark.parametrize("rows", [False, True], ids=["kept", "rows alone"])
def test_a_break_is_known(rows):
    """A student since 10 February: a form of December counts, and a break that was none is none."""
    covered = insured(application(employment=None))
    student = answered(covered, becomes(Category.STUDENT, NOW), NOW)
    assert student.insurance.status is InsuranceStatus.NOT_APPLICABLE
    record = from_rows(student) if rows else student
    step = sends(record, reserve(date(2026, 12, 20)), ON)
    assert (step.given_back_from, PREMIUM in charges(step.record, FEBRUARY)) == (
        date(2026, 11, 1),
        False,
    )
    # Put right in March: the cover goes on, and March's 200.00 are charged after all (A39, L1).
    goes_on = answered(record, becomes(Category.ORDINARY, NOW), date(2027, 3, 10))
    assert goes_on.insurance.status is InsuranceStatus.COVERED
    assert goes_on.insurance.covered_from == covered.insurance.covered_from
    assert [charges(goes_on, month).get(PREMIUM) for month in (FEBRUARY, MARCH, APRIL)] == [
        20000
    ] * 3


@pytest.mark.parametrize("who", ["student", "apprentice"])
def test_who_never_had_a_window_has_none(who):
    """The welcome of a student or an apprentice begins none (S8, A7)."""
    record = from_rows(member(PEOPLE[who]))
    assert (record.insurance.earlier, record.insurance.reservation_deadline) == ((), None)
    with pytest.raises(Refused, match="there is no insurance package to reserve against"):
        sends(record, reserve(date(2026, 12, 20)), ON)


def test_who_reserved_has_no_window_that_was_interrupted():
    """And is asked nothing anew: the reservation stands (A21)."""
    record = from_rows(uninsured())
    assert record.insurance.status is InsuranceStatus.RESERVED
    assert (record.insurance.earlier, record.insurance.interrupted) == ((), None)


def test_what_a_decision_keeps_has_the_insurance():
    """Beside rows the whole track is kept: windows, cover and break."""
    assert "insurance" not in TOLD_BY_ROWS
