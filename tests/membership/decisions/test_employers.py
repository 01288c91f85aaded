"""Another employer: STOP to the old one before START to the new (L6, A20, A28, A34)."""

from datetime import date

import pytest

from schemas.membership.notices import Employer
from schemas.shared.vocabulary import Event, LineKind, Payer, PayrollStatus, Template
from tests.builders import (
    answered,
    application,
    deadline_passed,
    employment,
    member,
    moment,
    payment,
    payroll,
    placed,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    NOW,
    OTHER_ORGNR,
    amounts,
    central,
    charges,
    insured,
    letter,
    moves,
    next_step,
    payers,
    sends,
    told,
    uninsured,
    until,
    works,
)
from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import LIFE_CHANGE
from workflows.membership.decisions.step import Refused, Step
from workflows.membership.record import MembershipRecord

DIRECT, PAYROLL = Payer.DIRECT, Payer.PAYROLL
OLD = Employer(orgnr="974760673", name="Eksempel AS")


def moved(record: MembershipRecord | None = None) -> Step:
    """Return the step of a move on 10 February, told the same day."""
    return sends(record or insured(branch="OSLO"), moves(NOW), NOW)


def test_the_letters_of_a_move():
    """E(old) STOP, E(new) START, in this order; the branch hears, and is asked about (9)."""
    step = moved()
    assert step.event is Event.EMPLOYMENT_CHANGED
    assert told(step) == [
        "E payroll_stop",
        "E payroll_start",
        "B branch_member_changed",
        "C employer_changed",
    ]
    stop = letter(step, Template.PAYROLL_STOP)
    assert stop.employer == OLD
    assert not stop.forwarded
    assert stop.figures["valid_from"] == "2027-03-01"
    start = letter(step, Template.PAYROLL_START)
    assert start.employer is None  # the present one, which is the new one
    assert amounts(start) == {
        "central_dues": 49500,
        "local_dues": 5000,
        "insurance_premium": 20000,
    }
    job = step.record.form.employment
    assert step.corrected
    assert job is not None
    assert (job.employer_orgnr, job.employer_name) == (OTHER_ORGNR, "Fjord Drift AS")


def test_every_month_has_one_payer():
    """February is the old employer's; from March direct until the new one says yes (D7)."""
    step = moved()
    assert payers(step.record)[1:] == [(DECEMBER, MARCH, PAYROLL), (MARCH, None, DIRECT)]
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    (employer,) = awaiting(stand(step, moment(NOW)))
    assert (employer.what, employer.deadline) == ("answer_payroll_request", date(2027, 3, 12))
    accepted = answered(step.record, payroll(), NOW)
    assert payers(accepted)[1:] == [(DECEMBER, None, PAYROLL)]


@pytest.mark.parametrize(
    ("answered_on", "period", "earliest"),
    [
        (NOW, "2027-02", "2027-03"),  # February has the old employer for a payer
        (NOW, "2026-12", "2027-03"),
        (date(2027, 3, 5), "2027-02", "2027-03"),  # over, and paid
        (date(2027, 4, 5), "2027-03", "2027-04"),  # March has been charged directly by now
    ],
)
def test_a_month_that_has_a_payer_already(answered_on, period, earliest):
    """The new employer's first month is one that nobody pays yet (D7, invariant 3)."""
    with pytest.raises(Refused) as refused:
        sends(moved().record, payroll(first_period=period), answered_on)
    assert str(refused.value) == (
        f"first_period: {period} is charged to the member already; the earliest is {earliest}"
    )


def test_a_move_on_the_first():
    """From 1 March, told in February: the old employer's last month is February (L6)."""
    noted = answered(insured(), moves(MARCH), NOW)
    assert noted.payroll.status is PayrollStatus.ACTIVE
    step, day = next_step(noted, LIFE_CHANGE)
    assert (day, told(step)) == (MARCH, ["E payroll_stop", "E payroll_start"])
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-03-01"
    accepted = answered(stand(step, moment(MARCH)), payroll(first_period="2027-03"), MARCH)
    assert payers(accepted)[-1] == (DECEMBER, None, PAYROLL)


def test_a_move_told_late():
    """Since January, told in February: direct from then on; STOP for this month (A31)."""
    step = sends(insured(), moves(JANUARY), NOW)
    assert payers(step.record)[1:] == [(DECEMBER, JANUARY, PAYROLL), (JANUARY, None, DIRECT)]
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-02-01"
    # Nothing costs more or less by it, so no new dues are told.
    assert told(step) == ["E payroll_stop", "E payroll_start"]


@pytest.mark.parametrize(
    ("joined", "left", "letters"),
    [
        ("OSLO", "BERGEN", ["B branch_member_left", "B branch_new_member"]),
        (None, "BERGEN", ["B branch_new_member"]),
        ("OSLO", "OSLO", ["B branch_member_changed", "C employer_changed"]),
    ],
)
def test_the_branches_of_a_move(joined, left, letters):
    """Branch old and new (M11); the same one asks whether it still is the right one."""
    step = sends(insured(branch=joined), moves(NOW, branch=left), NOW)
    assert [one for one in told(step) if one[0] in "BC"] == letters
    assert step.record.branch == left
    assert charges(step.record, MARCH)[LineKind.LOCAL_DUES] == (5000 if left == "OSLO" else 4500)
    branches = [one.figures["branch"] for one in step.letters if "branch" in one.figures]
    assert branches == [code for code in (joined, left) if code][-len(branches) :]


def test_another_branch_at_the_same_employer():
    """No STOP, but CHANGE: Bergen's 45.00 in place of Oslo's 50.00 (S4, M8)."""
    step = sends(insured(branch="OSLO"), works(NOW, branch="BERGEN"), NOW)
    assert told(step) == [
        "B branch_member_left",
        "B branch_new_member",
        "M dues_changed",
        "E payroll_change",
    ]
    assert amounts(letter(step, Template.PAYROLL_CHANGE))["local_dues"] == 4500


def test_an_employer_that_is_not_known():
    """A name without a number: STOP to the old one, and the number is asked for (A28)."""
    step = sends(insured(), works(NOW, employer_name="Nytt AS"), NOW)
    assert told(step) == ["E payroll_stop", "M work_question", "C employer_number"]
    assert step.record.payroll.status is PayrollStatus.STOPPED
    known = sends(step.record, works(NOW, employer_orgnr=OTHER_ORGNR), NOW)
    assert told(known) == ["E payroll_start"]


def test_the_first_employer_becomes_known():
    """Joined without one (A28): asked once it is named, on the same day as the hours."""
    record = uninsured(application(employment=employment(orgnr=None)))
    step = sends(record, moves(NOW), NOW)
    assert told(step) == ["E payroll_start"]
    assert step.record.payroll.status is PayrollStatus.REQUESTED


def test_a_move_to_fewer_hours():
    """Another employer and half a job in one notice: 247.50 with the START (S5)."""
    step = sends(insured(), moves(NOW, "50"), NOW)
    assert told(step) == ["E payroll_stop", "E payroll_start", "M dues_changed"]
    assert amounts(letter(step, Template.PAYROLL_START)) == {
        "central_dues": 24750,
        "insurance_premium": 20000,
    }


def test_employer_and_hours_told_apart():
    """Two notices for one day add up: one names the employer, the other the hours (ADR 13)."""
    apart = answered(answered(insured(), moves(NOW), NOW), works(NOW, "50"), NOW)
    together = answered(insured(), moves(NOW, "50"), NOW)
    assert apart.terms == together.terms
    assert apart.present == together.present


def test_back_to_the_first_employer():
    """Its old yes holds no more: asked again, direct until then (ADR 13)."""
    away = answered(moved().record, payroll(), NOW)
    step = sends(away, works(APRIL, employer_orgnr="974760673", employer_name="Eksempel AS"), APRIL)
    stop = letter(step, Template.PAYROLL_STOP)
    assert stop.employer is not None
    assert stop.employer.orgnr == OTHER_ORGNR
    assert payers(step.record)[1:] == [(DECEMBER, APRIL, PAYROLL), (APRIL, None, DIRECT)]
    assert step.record.payroll.status is PayrollStatus.REQUESTED


@pytest.mark.parametrize(
    ("before", "letters"),
    [
        pytest.param("requested", ["E payroll_stop", "E payroll_start"], id="was-asked"),
        pytest.param("refused", ["E payroll_start"], id="had-refused"),
        pytest.param("stopped", ["E payroll_start"], id="had-stopped"),
    ],
)
def test_the_old_employer_hears_only_what_it_must(before, letters):
    """STOP goes to whoever deducts or was asked to, and to nobody else (R3)."""
    record = member()
    if before == "stopped":
        record = answered(answered(record, payroll()), payroll("stopped"), DECEMBER)
    if before == "refused":
        record = answered(record, payroll("refused"))
    step = sends(record, moves(NOW), NOW)
    assert told(step) == letters
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert not step.record.payroll.unanswered


def test_a_new_request_has_its_own_time():
    """The old employer's silence is over; the new one is reminded after 14 days (A34)."""
    silent = deadline_passed(deadline_passed(uninsured(application(national_id=None))))
    step = sends(silent, moves(NOW), NOW)
    payroll_track = step.record.payroll
    assert (payroll_track.requested_on, payroll_track.reminded) == (NOW, False)


def test_the_first_payment_comes_first():
    """With A20's flag nobody is asked before the money is here, whoever the employer is."""
    record = member(book=rulebook(payroll_needs_first_payment=True))
    step = sends(record, moves(DECEMBER), DECEMBER)
    assert told(step) == []
    assert step.record.payroll.awaits_payment
    paid = sends(stand(step, moment(DECEMBER)), payment(49500, paid_on=DECEMBER), DECEMBER)
    assert told(placed(paid)) == ["E payroll_start"]


def test_an_acceptance_after_a_stop():
    """The employer that stopped may say yes again, from a month nobody pays yet (A20)."""
    stopped = answered(insured(), payroll("stopped", "2027-03"), NOW)
    assert payers(stopped)[-1] == (MARCH, None, DIRECT)
    again = answered(stopped, payroll(first_period="2027-04"), NOW)
    assert payers(again)[1:] == [
        (DECEMBER, MARCH, PAYROLL),
        (MARCH, APRIL, DIRECT),
        (APRIL, None, PAYROLL),
    ]


def test_a_move_while_the_yes_lies_ahead():
    """Accepted from April, moved in March: the old yes is worth nothing at the new one (A20)."""
    accepted = answered(member(), payroll(first_period="2027-04"), FEBRUARY)
    away = answered(accepted, moves(MARCH), MARCH)
    assert {payer for _, _, payer in payers(away)} == {DIRECT}
    assert away.payroll.status is PayrollStatus.REQUESTED


def test_a_silent_move():
    """The same employer by another name: nobody is stopped, nobody asked (R3)."""
    step = sends(
        insured(), works(NOW, employer_orgnr="974760673", employer_name="Eksempel ASA"), NOW
    )
    assert told(step) == []
    assert step.record.payroll.status is PayrollStatus.ACTIVE
    assert central(step.record, MARCH) == 49500


def test_two_moves_ahead():
    """Known in advance for two days of March: each on its day, STOP to its own employer."""
    day = date(2027, 3, 10)
    third = works(day, employer_orgnr="889640782", employer_name="Tredje AS")
    march = until(answered(answered(insured(), moves(MARCH), NOW), third, NOW), MARCH)
    assert march.present is not None
    assert march.present.deducting == OTHER_ORGNR
    step, came = next_step(march, LIFE_CHANGE)
    assert (came, told(step)) == (day, ["E payroll_stop", "E payroll_start"])
    stop = letter(step, Template.PAYROLL_STOP)
    assert stop.employer is not None
    assert stop.employer.orgnr == OTHER_ORGNR
    assert step.record.present is not None
    assert step.record.present.deducting == "889640782"
