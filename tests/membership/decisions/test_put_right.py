"""Whoever is told of an end is told when it is undone: every outcome, payer and cover (L9)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from schemas.membership.messages.changes import WithdrawChange
from schemas.membership.messages.leaving import Reopen
from schemas.shared.vocabulary import (
    Audience,
    InsuranceStatus,
    Outcome,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import PEOPLE, answered, member, moment, payroll, reserve, stand
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    NOW,
    central,
    dies,
    hides,
    letter,
    letters_out,
    owes,
    resigns,
    sends,
    told,
    until,
)
from workflows.membership.decisions.step import Step
from workflows.membership.record import MembershipRecord

UNDO = Reopen(caseworker="kari", reason="Feil person")

MONTHS = (DECEMBER, JANUARY, FEBRUARY, MARCH, APRIL, MAY)

WINDOW = "window_open"
COVERS = ("covered", WINDOW, "reserved", "not_applicable")
ENDS = ("resigned", "struck_off", "deceased")


def ended_on(cover: str) -> date:
    """Return the day an end is told of: the window is open until 22 December."""
    return date(2026, 12, 11) if cover == WINDOW else NOW + timedelta(days=1)


def somebody(payer: str, cover: str, *, hidden: bool) -> MembershipRecord:
    """Return a member of OSLO with a payer and a cover, the day before the end is told of."""
    day = ended_on(cover) - timedelta(days=1)
    record = member(PEOPLE["student"] if cover == "not_applicable" else None, branch="OSLO")
    if record.payroll.requested_at is not None:
        yes = payroll(first_period="2026-12") if payer == "payroll" else payroll("refused")
        record = answered(record, yes)
    if cover == "reserved":
        record = answered(record, reserve())
    record = until(record, day)
    if hidden:
        record = until(letters_out(sends(record, hides(day), day), day), day)
    assert str(record.insurance.status) == cover
    assert record.hidden is hidden
    return record


def ends(record: MembershipRecord, outcome: str, day: date) -> Step:
    """Return the step of an end."""
    words = {"resigned": resigns(day), "struck_off": owes(4, day), "deceased": dies(day)}
    return sends(record, words[outcome], day)


def rows() -> Iterator[tuple[str, str, str, bool, bool]]:
    """Yield every row: a death and a strike-off take effect when they are told."""
    for outcome in ENDS:
        for cover in COVERS:
            # Nobody deducts from a student.
            for payer in ("direct",) if cover == "not_applicable" else ("direct", "payroll"):
                for hidden in (False, True):
                    for after in (False, True) if outcome == "resigned" else (True,):
                        yield outcome, payer, cover, hidden, after


@pytest.mark.parametrize(("outcome", "payer", "cover", "hidden", "after"), list(rows()))
def test_what_an_end_told_is_put_right(outcome, payer, cover, hidden, after):
    """Nobody else hears of it; a hidden one's employer and branch hear neither (L9, S30)."""
    before = somebody(payer, cover, hidden=hidden)
    day = ended_on(cover)
    end = ends(before, outcome, day)
    deducts = payer == "payroll" and not hidden
    insured = cover != "not_applicable"
    at_the_end = {
        "resigned": ["M resignation"],
        "struck_off": ["M struck_off", "C struck_off"],
        "deceased": ["C estate"],
    }[outcome]
    at_the_end += ["E payroll_stop"] if deducts else []
    at_the_end += ["I insurance_status"] if insured else []
    at_the_end += [] if hidden else ["B branch_member_left"]
    assert told(end) == at_the_end

    record, back = stand(end, moment(day)), day + timedelta(days=3)
    if outcome == "resigned" and after:
        # The last day is that of the month after: 31 January, or 31 March.
        back = date(2027, 2, 12) if cover == WINDOW else date(2027, 4, 12)
        record = until(record, back)
    assert (record.stage is Stage.ENDED) is after
    if after:
        record = record.model_copy(update={"lingers": True})
    step = sends(record, UNDO, back)

    expected = ["M membership_reopened" if after else "M change_withdrawn"]
    expected += ["E payroll_start"] if deducts else []
    expected += ["I insurance_status"] if insured else []
    expected += [] if hidden else ["B branch_new_member"]
    assert sorted(told(step)) == sorted(expected)
    assert not any(one.audience is Audience.RECRUITER for one in step.letters)
    if after:
        asks = letter(step, Template.MEMBERSHIP_REOPENED).figures["asks"]
        assert asks == ("employer" if deducts else "nobody")
    if insured:
        _without_a_gap(end, step, cover, back)
    _nothing_owed_twice(before, step, back, deducts=deducts, after=after)


def _without_a_gap(end: Step, step: Step, cover: str, back: date) -> None:
    """The cover goes on from the day it was told to end; a window may have passed meanwhile."""
    ended = letter(end, Template.INSURANCE_STATUS).figures
    again = letter(step, Template.INSURANCE_STATUS).figures
    window_over = cover == WINDOW and back > date(2026, 12, 22)
    assert again == {
        "status": "covered" if window_over else cover,
        "from_on": ended["from_on"],
    }


def _nothing_owed_twice(
    before: MembershipRecord, step: Step, back: date, *, deducts: bool, after: bool
) -> None:
    """Every month is charged once, as for who never left, and has one payer (L9, D7)."""
    stayed, record = until(before, back), step.record
    for month in MONTHS:
        assert central(record, month) == central(stayed, month)
    assert (record.insurance.status, record.insurance.premiums) == (
        stayed.insurance.status,
        stayed.insurance.premiums,
    )
    if deducts:
        # Before its day the employer has only been told: its yes holds.
        status = PayrollStatus.REQUESTED if after else PayrollStatus.ACTIVE
        assert record.payroll.status is status


def test_a_cover_that_begins_after_the_end():
    """Told in February of a death in December: the cover began on the 23rd, not before (L9, S9)."""
    covered = until(member(branch="OSLO"), date(2026, 12, 23))
    assert covered.insurance.covered_from == date(2026, 12, 23)
    dead = stand(sends(covered, dies(date(2026, 12, 20)), NOW), moment(NOW))
    assert dead.outcome is Outcome.DECEASED
    step = sends(dead.model_copy(update={"lingers": True}), UNDO, NOW)
    assert letter(step, Template.INSURANCE_STATUS).figures == {
        "status": str(InsuranceStatus.COVERED),
        "from_on": "2026-12-23",
    }


def test_the_member_withdraws_a_resignation():
    """By the member's own word as by a caseworker's: covered on from 1 April (A29, M16)."""
    leaves = answered(somebody("payroll", "covered", hidden=False), resigns(NOW), NOW)
    word = WithdrawChange(change="resign", effective_on=NOW)
    step = sends(leaves, word, NOW + timedelta(days=3))
    assert letter(step, Template.INSURANCE_STATUS).figures["from_on"] == "2027-04-01"
