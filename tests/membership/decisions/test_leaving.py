"""Resigned, struck off, deceased: who is told what, and what is charged to the end (A29-A31)."""

from datetime import date

import pytest

from schemas.shared.vocabulary import (
    Event,
    InsuranceStatus,
    LineKind,
    Outcome,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import (
    answered,
    application,
    enroll,
    member,
    moment,
    payroll,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import (
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    NOW,
    central,
    charges,
    hidden_since,
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
    takes_back,
    told,
    uninsured,
    until,
    works,
)
from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import (
    LIFE_CHANGE,
    PAYROLL_REMINDER,
    PAYROLL_TIMEOUT,
    RESERVATION_WINDOW,
    deadlines,
)
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord

APRIL = date(2027, 4, 1)
"""The first day without a membership for whoever resigns in February (A29)."""


def names(record: MembershipRecord) -> set[str]:
    """Return what the membership still waits for by itself."""
    return {deadline.name for deadline in deadlines(record)}


# Resigning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received_on", "ends"),
    [
        (date(2026, 12, 24), FEBRUARY),
        (date(2027, 1, 1), MARCH),
        (date(2027, 1, 31), MARCH),
        (date(2027, 2, 1), APRIL),
        (NOW, APRIL),
    ],
)
def test_a_resignation_ends_with_the_following_month(received_on, ends):
    """Received in February, a member and charged until the end of March (A29)."""
    record = answered(insured(branch="OSLO"), resigns(received_on), max(received_on, DECEMBER))
    assert record.leaving is not None
    assert record.leaving.effective_on == ends
    assert {t.valid_to for t in record.terms if t.valid_to and t.valid_to >= ends} == {ends}
    assert all(t.valid_to is not None for t in record.terms)
    assert central(record, ends) is None


def test_the_notice_is_a_policy():
    """The one month is configuration (A29)."""
    record = answered(uninsured(book=rulebook(notice_months=3)), resigns(NOW), NOW)
    assert record.leaving is not None
    assert record.leaving.effective_on == date(2027, 6, 1)


def test_the_letters_of_a_resignation():
    """M last date; E STOP; I cover end; B, all when it is received (M16, ADR 13)."""
    step = sends(insured(branch="OSLO"), resigns(NOW), NOW)
    assert step.event is Event.RESIGNATION_RECEIVED
    assert told(step) == [
        "M resignation",
        "E payroll_stop",
        "I insurance_status",
        "B branch_member_left",
    ]
    assert letter(step, Template.RESIGNATION).figures == {
        "last_on": "2027-03-31",
        "charged_until": "2027-03-31",
        "reported_on": "2027-02-10",
    }
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-04-01"
    assert letter(step, Template.INSURANCE_STATUS).figures == {
        "status": "ended",
        "from_on": "2027-04-01",
    }
    assert "A29" in step.rules


def test_a_member_to_the_last_day():
    """Nothing changes before the end: active, covered, deducted (A29, A35)."""
    leaving = answered(insured(branch="OSLO"), resigns(NOW), NOW)
    last = until(leaving, date(2027, 3, 31))
    assert last.stage is Stage.ACTIVE
    assert last.insurance.status is InsuranceStatus.COVERED
    assert last.payroll.status is PayrollStatus.ACTIVE
    assert awaiting(last) == ()
    step, day = next_step(last, LIFE_CHANGE)
    assert (day, step.event) == (APRIL, Event.MEMBERSHIP_ENDED)
    assert told(step) == []  # everybody has been told
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.RESIGNED)
    assert step.record.insurance.status is InsuranceStatus.ENDED
    assert step.record.payroll.status is PayrollStatus.STOPPED
    assert deadlines(stand(step, moment(APRIL))) == []


@pytest.mark.parametrize(
    ("told_on", "charged_until"),
    [
        # Received 5 December, so the last day is 31 January; known in time nothing follows.
        (date(2027, 4, 20), "2027-01-31"),  # April - 3 months: from January on may change
        (date(2027, 5, 20), "2027-01-31"),  # February is the first that may
        (date(2027, 6, 20), "2027-02-28"),  # March is: February stands (A31)
    ],
)
def test_a_resignation_that_was_forgotten(told_on, charged_until):
    """Ends at once, with the date of its receipt; charges go back three months at most (A31)."""
    step = sends(insured(branch="OSLO"), resigns(date(2026, 12, 5)), told_on)
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.RESIGNED)
    figures = letter(step, Template.RESIGNATION).figures
    assert figures["last_on"] == "2027-01-31"
    assert figures["charged_until"] == charged_until
    assert max(t.valid_to for t in step.record.terms if t.valid_to).isoformat() > charged_until
    # Nobody is asked to undo what has been deducted: STOP for this month.
    stop = letter(step, Template.PAYROLL_STOP)
    assert stop.figures["valid_from"] == told_on.replace(day=1).isoformat()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (resigns(date(2027, 2, 11)), "received_on: lies in the future"),
        (
            resigns(date(2026, 11, 21)),
            "received_on: lies before the membership began, 2026-11-22",
        ),
    ],
)
def test_a_resignation_that_can_not_be(message, reason):
    """In writing, so it has come; by a member, so not before the approval (A29)."""
    with pytest.raises(Refused) as refused:
        sends(insured(), message, NOW)
    assert str(refused.value) == reason


def test_of_two_resignations_the_earlier_counts():
    """A later one is refused with the last day; an earlier one moves it (ADR 13)."""
    leaving = answered(insured(branch="OSLO"), resigns(NOW), NOW)
    for again in (NOW, date(2027, 2, 12)):
        with pytest.raises(Refused) as refused:
            sends(leaving, resigns(again), date(2027, 2, 12))
        assert str(refused.value) == (
            "has resigned already, on 2027-02-10; the last day is 2027-03-31"
        )
    step = sends(leaving, resigns(date(2027, 1, 20)), date(2027, 2, 12))
    assert step.record.leaving is not None
    assert step.record.leaving.effective_on == MARCH
    # The branch knows; employer and insurance office hear the earlier date.
    assert told(step) == ["M resignation", "E payroll_stop", "I insurance_status"]
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-03-01"
    # The earlier one stands for both: taken back, there is none left.
    earlier = stand(step, moment(date(2027, 2, 12)))
    back = answered(earlier, takes_back("resign", date(2027, 1, 20)), date(2027, 2, 13))
    assert back.leaving is None


def test_a_resignation_taken_back():
    """Everybody who was told hears that the member stays; the terms are as before (ADR 13)."""
    record = insured(branch="OSLO")
    leaving = answered(record, resigns(NOW), NOW)
    step = sends(leaving, takes_back("resign", NOW), date(2027, 2, 20))
    assert step.event is Event.CHANGE_WITHDRAWN
    assert told(step) == [
        "M change_withdrawn",
        "E payroll_start",
        "I insurance_status",
        "B branch_new_member",
    ]
    assert letter(step, Template.INSURANCE_STATUS).figures["status"] == "covered"
    assert letter(step, Template.BRANCH_NEW_MEMBER).figures["about"] == "back"
    assert step.record.terms == record.terms
    assert step.record.leaving is None
    assert until(stand(step, moment(date(2027, 2, 20))), APRIL).stage is Stage.ACTIVE
    with pytest.raises(Refused, match="no resign for 2027-02-10 is recorded"):
        sends(step.record, takes_back("resign", NOW), date(2027, 2, 21))


def test_a_request_that_was_open():
    """Taken back by the STOP: no reminder, no yes; whoever stays has it sent again (A34)."""
    leaving = answered(member(), resigns(DECEMBER), DECEMBER)
    assert leaving.payroll.status is PayrollStatus.STOPPED
    assert not {PAYROLL_REMINDER, PAYROLL_TIMEOUT} & names(leaving)
    assert awaiting(leaving) == ()
    with pytest.raises(Refused, match="no payroll request has been made"):
        sends(leaving, payroll(), DECEMBER)
    day = date(2026, 12, 10)
    step = sends(leaving, takes_back("resign", DECEMBER), day)
    assert "E payroll_start" in told(step)
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert step.record.payroll.requested_on == day


def test_nobody_deducts_for_somebody_who_leaves():
    """A yes after a stop of the employer's own would never be stopped again (L6)."""
    stopped = answered(insured(), payroll("stopped"), FEBRUARY)
    leaving = answered(stopped, resigns(NOW), NOW)
    with pytest.raises(Refused, match="the membership ends"):
        sends(leaving, payroll(), NOW)


@pytest.mark.parametrize(
    ("message", "letters"),
    [
        pytest.param(moves(NOW, branch="BERGEN"), {"M", "E payroll_stop"}, id="employer"),
        pytest.param(hides(NOW), {"C>E payroll_stop"}, id="hidden"),
        pytest.param(leave(NOW, date(2027, 3, 20)), {"M", "E payroll_stop"}, id="leave"),
        pytest.param(pension(NOW), {"M", "I", "B branch_member_changed", "E"}, id="pension"),
    ],
)
def test_what_happens_to_somebody_who_leaves(message, letters):
    """STOP where it must be; no new employer is asked, no branch joined for the last month."""
    leaving = answered(insured(branch="OSLO"), resigns(NOW), NOW)
    step = sends(leaving, message, NOW)
    assert not {"E payroll_start", "B branch_new_member", "B branch_member_left"} & set(told(step))
    kinds = {one.partition(" ")[0] for one in told(step)} | set(told(step))
    assert letters <= kinds
    assert step.record.leaving is not None
    assert until(stand(step, moment(NOW)), APRIL).outcome is Outcome.RESIGNED


def test_an_employer_that_came_since_is_asked_when_the_member_stays():
    """Moved while leaving: START to the new one once the resignation is taken back (A20)."""
    leaving = answered(insured(), resigns(NOW), NOW)
    moved = answered(leaving, moves(NOW), NOW)
    step = sends(moved, takes_back("resign", NOW), NOW)
    assert "E payroll_start" in told(step)
    assert step.record.payroll.status is PayrollStatus.REQUESTED


def test_a_resignation_on_the_way_into_hiding():
    """Employer and branch were told already: not again, and not of a withdrawal either (S30)."""
    hiding = answered(insured(branch="OSLO"), hides(NOW), NOW)
    step = sends(hiding, resigns(NOW), NOW)
    assert told(step) == ["M resignation", "I insurance_status"]
    back = sends(stand(step, moment(NOW)), takes_back("resign", NOW), NOW)
    assert told(back) == ["M change_withdrawn", "I insurance_status"]
    assert back.record.payroll.status is PayrollStatus.STOPPED


def test_who_comes_out_of_hiding_while_leaving_is_not_announced():
    """Neither employer nor branch hear of somebody who is about to leave (S35, R3)."""
    hidden = hidden_since(FEBRUARY, branch="OSLO")
    leaving = answered(hidden, resigns(NOW), NOW)
    assert told(sends(leaving, opens(NOW), NOW)) == ["M hidden_off"]


def test_no_dues_are_told_for_after_the_end():
    """Half a job from 10 March would count from April, when nothing is charged any more."""
    leaving = answered(insured(), resigns(NOW), NOW)
    step = sends(leaving, works(date(2027, 3, 10), "50"), date(2027, 3, 10))
    assert told(step) == []
    earlier = sends(leaving, works(NOW, "50"), NOW)
    assert told(earlier) == ["M dues_changed", "E payroll_change"]
    assert central(earlier.record, MARCH) == 24750


def test_a_window_that_ends_before_the_membership():
    """Covered for the rest; the last word to the insurance office is that it ends (A21)."""
    leaving = answered(member(application(employment=None)), resigns(DECEMBER), DECEMBER)
    step, day = next_step(leaving, RESERVATION_WINDOW)
    assert day == date(2026, 12, 23)
    assert told(step) == ["M cover_begins", "I insurance_status", "I insurance_status"]
    said = [one.figures for one in step.letters if one.template is Template.INSURANCE_STATUS]
    assert said == [
        {"status": "covered", "from_on": "2026-12-23"},
        {"status": "ended", "from_on": "2027-02-01"},
    ]
    assert charges(step.record, JANUARY)[LineKind.INSURANCE_PREMIUM] == 20000


@pytest.mark.parametrize("window_days", [69, 70, 100])
def test_a_window_that_outlives_the_membership(window_days):
    """Nobody is covered from the day after the end (A29): 23 November + 69 is 31 January."""
    book = rulebook(window_days=window_days)
    record = member(application(employment=None), book=book, day=date(2026, 11, 23))
    leaving = answered(record, resigns(DECEMBER), DECEMBER)
    assert RESERVATION_WINDOW not in names(leaving)
    assert until(leaving, FEBRUARY).insurance.status is InsuranceStatus.ENDED


def test_an_enrolment_after_the_end():
    """Taken in until the end, not after it (A21, A29)."""
    leaving = answered(uninsured(), resigns(NOW), NOW)
    with pytest.raises(Refused) as refused:
        sends(leaving, enroll(APRIL), NOW)
    assert str(refused.value) == "from_on: lies after the membership's end, 2027-04-01"
    step = sends(leaving, enroll(MARCH), NOW)
    assert "ended" in {one.figures.get("status") for one in step.letters}
