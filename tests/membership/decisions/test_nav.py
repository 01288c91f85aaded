"""NAV deducts from benefits as an employer does from wages: asked, listed, stopped (A36, A20)."""

from datetime import date

import pytest

from schemas.membership.messages.changes import GrantLeave, WithdrawChange
from schemas.shared.vocabulary import (
    LineKind,
    Payer,
    PayrollStatus,
    Template,
    WaiverKind,
    WaiverShare,
)
from tests.builders import (
    EMPLOYER_ORGNR,
    PEOPLE,
    answered,
    application,
    employment,
    member,
    moment,
    payroll,
    reserve,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    MARCH,
    NOW,
    OTHER_ORGNR,
    amounts,
    charges,
    hides,
    insured,
    letter,
    letters_out,
    next_step,
    payers,
    resigns,
    sends,
    told,
    uninsured,
    until,
    works,
)
from workflows.membership.deadlines import RESERVATION_WINDOW
from workflows.membership.decisions.step import Refused
from workflows.membership.explanation import explain
from workflows.membership.recording import decision_of

NAV = "889640782"
JULY, AUGUST, SEPTEMBER = date(2027, 7, 1), date(2027, 8, 1), date(2027, 9, 1)
AUGUST_31, MARCH_10 = date(2027, 8, 31), date(2027, 3, 10)
UNEMPLOYED, LAID_OFF, BENEFITS = WaiverKind.UNEMPLOYED, WaiverKind.LAID_OFF, WaiverKind.BENEFITS


def from_benefits(on: date = MARCH, last: date = AUGUST_31, kind=BENEFITS, **fields) -> GrantLeave:
    """Return what caseworker ola grants somebody whom NAV pays, and NAV is to deduct."""
    fields = {"documentation": "Vedtak", "nav_deducts": True, **fields}
    return GrantLeave(from_on=on, until_on=last, kind=kind, caseworker="ola", **fields)


def deducted_by(record):
    """Return through whom the central dues go: from, to, organisation number; None is directly."""
    return [
        (term.valid_from, term.valid_to, term.employer_orgnr)
        for term in sorted(record.terms, key=lambda term: term.valid_from)
        if term.kind is LineKind.CENTRAL_DUES and term.valid_from >= FEBRUARY
    ]


def on_benefits(record=None):
    """Return a member on benefits from March to August whose dues NAV deducts from April on."""
    granted = answered(record or uninsured(), from_benefits(), NOW)
    return answered(until(granted, MARCH_10), payroll(first_period="2027-04"), MARCH_10)


@pytest.mark.parametrize("kind", [UNEMPLOYED, LAID_OFF, BENEFITS])
def test_nav_is_asked_when_the_benefits_begin(kind):
    """STOP to the employer before START to NAV, which carries NAV's number (A36, L6)."""
    step = sends(uninsured(), from_benefits(MARCH, kind=kind), MARCH)
    assert told(step) == ["M leave_granted", "E payroll_stop", "E payroll_start"]
    assert letter(step, Template.PAYROLL_STOP).employer.orgnr == EMPLOYER_ORGNR
    start = letter(step, Template.PAYROLL_START)
    assert (start.employer.orgnr, start.employer.name) == (NAV, "NAV")
    # 495.00 x 25 % = 123.75
    assert amounts(start) == {"central_dues": 12375}
    assert start.figures["nav"] is letter(step, Template.LEAVE_GRANTED).figures["nav"] is True
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert "NAV is asked to deduct" in step.says


def test_every_month_has_one_payer():
    """The employer until February, March directly, NAV from April, September directly (D7)."""
    record = on_benefits()
    assert deducted_by(record) == [
        (MARCH, APRIL, None),
        (APRIL, SEPTEMBER, NAV),
        (SEPTEMBER, None, None),
    ]
    assert payers(record)[1:3] == [(DECEMBER, MARCH, Payer.PAYROLL), (MARCH, APRIL, Payer.DIRECT)]
    for month in (MARCH, APRIL, AUGUST):
        assert charges(record, month) == {LineKind.CENTRAL_DUES: 12375}


def test_when_the_benefits_end_the_employer_is_asked_again():
    """On 1 September: STOP to NAV, START to the employer, and its yes is a new one (L6)."""
    before = until(on_benefits(), AUGUST_31)
    step = sends(before, works(SEPTEMBER, "100"), SEPTEMBER)
    assert letter(step, Template.PAYROLL_STOP).employer.orgnr == NAV
    start = letter(step, Template.PAYROLL_START)
    assert start.employer is None
    assert "nav" not in start.figures
    back = answered(stand(step, moment(SEPTEMBER)), payroll(first_period="2027-10"), SEPTEMBER)
    assert deducted_by(back)[-2:] == [
        (SEPTEMBER, date(2027, 10, 1), None),
        (date(2027, 10, 1), None, EMPLOYER_ORGNR),
    ]


def test_nav_may_say_no():
    """The member pays directly; no employer is ruled out by it (A20, A5)."""
    asked = until(answered(uninsured(), from_benefits(), NOW), MARCH_10)
    step = sends(asked, payroll("refused"), MARCH_10)
    assert told(step) == ["M deduction_not_possible"]
    assert letter(step, Template.DEDUCTION_NOT_POSSIBLE).figures["nav"] is True
    assert {payer for _, _, payer in deducted_by(step.record)} == {None}
    after = until(stand(step, moment(MARCH_10)), SEPTEMBER)
    assert after.payroll.status is PayrollStatus.REQUESTED
    assert after.present.deducting == EMPLOYER_ORGNR


def test_nav_hears_of_what_becomes_of_the_amounts_and_of_the_end():
    """A reservation comes back and a CHANGE goes to NAV; a resignation, and it stops (M8, M16)."""
    record = on_benefits(insured())
    assert charges(record, APRIL) == {
        LineKind.CENTRAL_DUES: 12375,
        LineKind.INSURANCE_PREMIUM: 20000,
    }
    april = date(2027, 4, 10)
    step = sends(record, reserve(april), april)
    assert letter(step, Template.PAYROLL_CHANGE).employer.orgnr == NAV
    step = sends(record, resigns(april), april)
    assert letter(step, Template.PAYROLL_STOP).employer.orgnr == NAV


def test_nav_is_not_asked_for_nothing():
    """Free of dues and no package: STOP to the employer alone, and no promise (A36)."""
    free = from_benefits(share=WaiverShare.FREE)
    step = sends(uninsured(), free, MARCH)
    assert told(step) == ["M leave_granted", "E payroll_stop"]
    assert letter(step, Template.LEAVE_GRANTED).figures["nav"] is False
    # With the package there is a premium of 200.00 to deduct.
    start = letter(sends(insured(), free, MARCH), Template.PAYROLL_START)
    assert amounts(start)["insurance_premium"] == 20000
    # A quarter of the dues after all: it is asked then.
    again = sends(stand(step, moment(MARCH)), from_benefits(), MARCH_10)
    assert letter(again, Template.PAYROLL_START).employer.orgnr == NAV
    # A resignation that is withdrawn asks nobody either.
    left = answered(stand(step, moment(MARCH)), resigns(MARCH_10), MARCH_10)
    stays = sends(left, WithdrawChange(change="resign", effective_on=MARCH_10), MARCH_10)
    assert "E payroll_start" not in told(stays)


def test_nav_is_asked_once_there_is_a_premium():
    """On 22 December the window is over: NAV, not asked for 0 kr, deducts from January on (M8)."""
    december = date(2026, 12, 10)
    record = answered(
        answered(member(), payroll(first_period="2026-12"), DECEMBER),
        from_benefits(DECEMBER, FEBRUARY, share=WaiverShare.FREE),
        december,
    )
    assert record.payroll.status is PayrollStatus.STOPPED
    step, day = next_step(record, RESERVATION_WINDOW)
    assert day == date(2026, 12, 23)
    start = letter(step, Template.PAYROLL_START)
    assert (start.employer.orgnr, amounts(start)["insurance_premium"]) == (NAV, 20000)
    assert step.record.payroll.status is PayrollStatus.REQUESTED


def test_without_the_caseworkers_word_nav_is_not_asked():
    """Whoever is on benefits is invoiced, as before (A36)."""
    step = sends(uninsured(), from_benefits(nav_deducts=None), MARCH)
    assert told(step) == ["M leave_granted", "E payroll_stop"]
    assert letter(step, Template.LEAVE_GRANTED).figures["nav"] is False


def test_it_replaces_what_was_granted_for_the_day():
    """Sent again with NAV: it is asked then, and the dues stay what they are."""
    record = answered(uninsured(), from_benefits(nav_deducts=None), MARCH)
    step = sends(record, from_benefits(), MARCH_10)
    assert letter(step, Template.PAYROLL_START).employer.orgnr == NAV


@pytest.mark.parametrize(
    ("record", "message", "says"),
    [
        (uninsured(), from_benefits(kind=WaiverKind.UNPAID_LEAVE), "goes with kind benefits"),
        (uninsured(), from_benefits(kind=None), "goes with kind benefits"),
        (
            uninsured(application(hidden=True)),
            from_benefits(),
            "this member pays by invoice only (A23)",
        ),
        (
            uninsured(book=rulebook(nav_orgnr=0)),
            from_benefits(),
            "NAV is not asked, by the policy nav_orgnr",
        ),
    ],
    ids=["unpaid-leave", "a-leave", "hidden", "policy"],
)
def test_who_has_no_dues_deducted_by_nav(record, message, says):
    """NAV pays nothing, must not know, or is not asked: the caseworker is told which (A36, A23)."""
    with pytest.raises(Refused) as caught:
        sends(record, message, NOW)
    assert f"nav_deducts: {says}" in str(caught.value)
    assert caught.value.confidential is record.hidden


def test_who_hides_meanwhile_is_deducted_by_nobody():
    """STOP to NAV by way of the caseworkers, as to an employer; invoices from then on (L5, A23)."""
    step = sends(on_benefits(), hides(date(2027, 4, 10)), date(2027, 4, 10))
    stop = letter(step, Template.PAYROLL_STOP)
    assert (stop.employer.orgnr, stop.forwarded) == (NAV, True)
    # April is deducted already; the flag is set when the STOP has gone out.
    hidden = letters_out(step, date(2027, 4, 10))
    assert deducted_by(until(hidden, date(2027, 5, 2)))[1:3] == [
        (APRIL, date(2027, 5, 1), NAV),
        (date(2027, 5, 1), SEPTEMBER, None),
    ]


def test_explain_says_who_deducts():
    """Through NAV while it does, through the employer before (A36)."""
    says = [line.says for line in explain(on_benefits()).lines if line.about == "central_dues"]
    assert [text.rpartition("paid ")[2] for text in says] == [
        "directly",
        "through the employer",
        "directly",
        "through NAV",
        "directly",
    ]


def test_two_jobs_and_benefits():
    """Of two employers the deducting one is stopped, NAV deducts, and then the first again (A5)."""
    two = uninsured(application(employment=employment("60")))
    two = answered(two, works(NOW, "40", employment="new", employer_orgnr=OTHER_ORGNR), NOW)
    record = on_benefits(two)
    assert deducted_by(record)[-2:] == [(APRIL, SEPTEMBER, NAV), (SEPTEMBER, None, None)]
    assert until(record, SEPTEMBER).present.deducting == EMPLOYER_ORGNR


def test_the_row_says_who_deducts_at_present():
    """By it the gate knows whom a letter may go to (D3)."""
    before = uninsured()
    step = sends(before, from_benefits(MARCH), MARCH)
    assert decision_of(step, before, moment(MARCH)).standing.deductor_orgnr == NAV
    assert (
        decision_of(
            sends(before, works(NOW, "80"), NOW), before, moment(NOW)
        ).standing.deductor_orgnr
        is None
    )


def test_nav_is_for_ordinary_members_alone():
    """A pensioner's waiver reduces nothing, and NAV is asked for nothing (A36, A20)."""
    step = sends(member(PEOPLE["early_pensioner"]), from_benefits(MARCH), MARCH)
    assert "E payroll_start" not in told(step)
    assert step.says.startswith("reduces nothing")
    assert step.record.present.deducting is None
