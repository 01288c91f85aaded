"""Hidden from the employer, and no longer: whoever knows is told before the flag (S30-S35)."""

from datetime import date

import pytest

from schemas.membership.application import Consents
from schemas.membership.decision import DeliveryReport
from schemas.membership.messages.changes import SetHidden
from schemas.shared.vocabulary import (
    Category,
    Event,
    LineKind,
    Payer,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    member,
    moment,
    payroll,
    received,
    stand,
)
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    MARCH,
    MAY,
    NOW,
    amounts,
    becomes,
    charges,
    dies,
    hidden_since,
    hides,
    insured,
    leave,
    letter,
    letters_out,
    moves,
    next_step,
    opens,
    payers,
    pension,
    resigns,
    sends,
    takes_back,
    told,
    uninsured,
    until,
    works,
)
from workflows.membership.deadlines import LIFE_CHANGE, deadlines
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Refused, Step
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import decision_of

CENTRAL, LOCAL, PREMIUM = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)


def open_member() -> MembershipRecord:
    """Return a member of Oslo, covered and deducted."""
    return insured(branch="OSLO")


def test_stop_and_branch_come_before_the_flag():
    """The first decision tells employer and branch; the flag waits for their letters (3)."""
    step = sends(open_member(), hides(NOW), NOW)
    assert step.event is Event.HIDING_PREPARED
    assert told(step) == ["C>E payroll_stop", "B branch_member_left"]  # M15: by caseworkers
    assert step.record.hidden is False
    assert step.record.branch == "OSLO"
    assert step.record.payroll.status is PayrollStatus.STOPPED
    assert step.record.hiding is not None
    assert step.record.hiding.letters == tuple(one.key for one in step.letters)
    stop = letter(step, Template.PAYROLL_STOP)
    assert stop.figures["valid_from"] == "2027-03-01"
    assert {"S30", "A23", "L5"} <= set(step.rules)


def test_the_flag_is_set_once_the_letters_have_gone_out():
    """The second decision, at once: no employer, no branch, no local dues (S30, S33, A23)."""
    out = letters_out(sends(open_member(), hides(NOW), NOW), NOW)
    step, day = next_step(out, LIFE_CHANGE)
    assert day == NOW
    assert step.event is Event.HIDDEN_CHANGED
    assert told(step) == ["M hidden_on"]
    assert amounts(letter(step, Template.HIDDEN_ON)) == {
        "central_dues": 49500,
        "insurance_premium": 20000,
    }
    assert step.record.hidden is True
    assert step.record.branch is None
    assert step.corrected
    assert step.record.form.hidden
    assert charges(step.record, FEBRUARY) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    assert charges(step.record, MARCH) == {CENTRAL: 49500, PREMIUM: 20000}
    assert payers(step.record)[1:] == [
        (DECEMBER, MARCH, Payer.PAYROLL),
        (MARCH, None, Payer.DIRECT),
    ]
    assert {"S30", "S31", "S32", "S33", "A23"} <= set(step.rules)


@pytest.mark.parametrize("fate", ["sent", "bounced", "held", "suppressed"])
def test_a_letter_is_dealt_with_whatever_became_of_it(fate):
    """A letter that comes back does not keep the member in the open for ever (S30)."""
    step = sends(open_member(), hides(NOW), NOW)
    report = DeliveryReport.model_validate({fate: tuple(one.key for one in step.letters)})
    out = dispatch.delivered(stand(step, moment(NOW)), report, moment(NOW))
    assert out.hiding is not None
    assert out.hiding.told


def test_half_of_the_letters_is_not_enough():
    """While one is on its way the flag waits, whatever else has gone out (L5)."""
    step = sends(open_member(), hides(NOW), NOW)
    record = stand(step, moment(NOW))
    for sent in (("0001-welcome",), (step.letters[0].key,), (step.letters[1].key,)):
        report = DeliveryReport(sent=sent)
        out = dispatch.delivered(record, report, moment(NOW))
        assert out.hiding is not None
        assert not out.hiding.told
        assert until(out, APRIL).hidden is False


def test_letters_that_go_out_one_after_the_other():
    """Two reports of one letter each are as good as one of both (L5)."""
    step = sends(open_member(), hides(NOW), NOW)
    record = stand(step, moment(NOW))
    for one in step.letters:
        assert not record.hiding.told
        record = dispatch.delivered(record, DeliveryReport(sent=(one.key,)), moment(NOW))
    assert record.hiding.told
    assert until(record, NOW).hidden


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(member(application(employment=None)), id="no-employer"),
        pytest.param(answered(member(), payroll("refused")), id="refused"),
        pytest.param(member(PEOPLE["student"]), id="student"),
    ],
)
def test_nobody_to_tell(record):
    """Neither deduction nor branch: hidden at once (S30)."""
    step = sends(record, hides(NOW), NOW)
    assert step.event is Event.HIDDEN_CHANGED
    assert told(step) == ["M hidden_on"]
    assert step.record.hidden


def test_only_a_branch_to_tell():
    """The branch alone is told before the flag too (S33, L5)."""
    step = sends(member(PEOPLE["student"], branch="OSLO"), hides(NOW), NOW)
    assert told(step) == ["B branch_member_left"]
    assert not step.record.hidden
    assert until(letters_out(step, NOW), NOW).hidden


def test_an_open_request_is_stopped_too():
    """Who has only been asked knows of the membership: STOP, by way of the caseworkers (S30)."""
    step = sends(member(), hides(NOW), NOW)
    assert told(step) == ["C>E payroll_stop"]
    with pytest.raises(Refused, match="no payroll request has been made"):
        sends(stand(step, moment(NOW)), payroll(), NOW)


def test_nothing_goes_to_the_employer_while_hiding():
    """Between STOP and flag a new employer is not asked, a branch not told (S30, L5)."""
    hiding = answered(open_member(), hides(NOW), NOW)
    for message in (moves(NOW, branch="BERGEN"), works(NOW, "50"), pension(NOW)):
        step = sends(hiding, message, NOW)
        assert not {one[0] for one in told(step)} & {"E", "B"}
        assert not step.record.hidden
        assert step.record.hiding is not None


@pytest.mark.parametrize(
    "message",
    [
        moves(NOW, "100", branch="BERGEN"),
        works(NOW, "50"),
        pension(NOW),
        pension(NOW, working="50"),
        leave(NOW, date(2027, 4, 30)),
        becomes(Category.STUDENT, NOW),
        resigns(NOW),
        takes_back("change_employment", MAY),
    ],
    ids=lambda message: type(message).__name__,
)
def test_nothing_of_a_hidden_member_goes_out(message):
    """Whatever happens to a hidden member, employer and branch hear nothing (invariant 4)."""
    hidden = answered(hidden_since(FEBRUARY, branch="OSLO"), works(MAY, "80"), NOW)
    step = sends(hidden, message, NOW)
    assert not {one.partition(" ")[0] for one in told(step)} & {"E", "B", "C>E"}
    assert step.record.payroll.status is PayrollStatus.STOPPED


def test_hidden_from_a_day_to_come():
    """Noted now; on the day the letters, then the flag (L5)."""
    waiting = answered(open_member(), hides(MAY), NOW)
    assert waiting.payroll.status is PayrollStatus.ACTIVE
    assert waiting.log[-1].about == Event.CHANGE_RECORDED
    step, day = next_step(waiting, LIFE_CHANGE)
    assert (day, step.event) == (MAY, Event.HIDING_PREPARED)
    # The terms know already: direct from May, without Oslo's 50.00.
    assert payers(waiting)[-1] == (MAY, None, Payer.DIRECT)
    assert charges(waiting, MAY) == {CENTRAL: 49500, PREMIUM: 20000}
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-05-01"
    assert until(letters_out(step, MAY), MAY).hidden


def test_taken_back_before_it_began():
    """A wish for May, withdrawn in February: nothing was ever sent (ADR 13)."""
    waiting = answered(open_member(), hides(MAY), NOW)
    step = sends(waiting, takes_back("set_hidden", MAY), NOW)
    assert told(step) == ["M change_withdrawn"]
    assert step.record.terms == open_member().terms


def wish(record: MembershipRecord, *steps: Step) -> list[bool | None]:
    """Return what the row says of a wish to be hidden after each of some steps."""
    return [decision_of(step, record, moment(NOW)).standing.hiding for step in steps]


def test_the_wish_is_a_fact_from_its_answer_on():
    """Invariant 12: while STOP and goodbye are on their way, and no longer than that."""
    record = open_member()
    asked = sends(record, hides(NOW), NOW)
    out = letters_out(asked, NOW)
    hidden, _ = next_step(out, LIFE_CHANGE)
    moved = sends(stand(asked, moment(NOW)), moves(NOW), NOW)
    opened = sends(stand(asked, moment(NOW)), opens(NOW), NOW)
    assert wish(record, asked, moved, hidden, opened) == [True, True, False, False]
    assert [step.record.hidden for step in (asked, hidden, opened)] == [False, True, False]


def test_a_wish_for_a_day_to_come_is_a_fact_at_once():
    """Invariant 12: "applied" is a promise from now on, whatever the day; withdrawn, it is over."""
    record = open_member()
    asked = sends(record, hides(MAY), NOW)
    waiting = stand(asked, moment(NOW))
    works_on = sends(waiting, works(MARCH, "50"), NOW)
    back = sends(waiting, takes_back("set_hidden", MAY), NOW)
    replaced = sends(waiting, opens(MAY), NOW)
    assert wish(record, asked, works_on, back, replaced) == [True, True, False, False]


def test_the_wish_outlives_an_end_on_the_way():
    """Invariant 12: who dies or leaves before the STOP is out had been promised silence."""
    record = open_member()
    hiding = answered(record, hides(NOW), NOW)
    died, left = sends(hiding, dies(NOW), NOW), sends(hiding, resigns(NOW), NOW)
    ended, _ = next_step(stand(left, moment(NOW)), LIFE_CHANGE)
    assert wish(record, died, left, ended) == [True, True, True]


def test_withdrawn_an_open_request_is_made_again():
    """Invariant 12: what was kept back while the wish waited is asked of the employer now."""
    asked = answered(member(), hides(MAY), TODAY)
    assert asked.payroll.status is PayrollStatus.REQUESTED
    step = sends(asked, takes_back("set_hidden", MAY), TODAY)
    assert told(step) == ["M change_withdrawn", "E payroll_start"]


def test_taken_back_on_the_way():
    """Employer and branch have been told to stop: they are told anew that the member stays (9)."""
    hiding = answered(open_member(), hides(NOW), NOW)
    step = sends(hiding, opens(NOW), NOW)
    assert {"E payroll_start", "B branch_new_member"} <= set(told(step))
    assert step.record.hiding is None
    assert not step.record.hidden
    assert charges(step.record, MARCH)[LOCAL] == 5000


def test_hidden_no_longer():
    """M confirmation, E START, B; the employer's old yes holds no more (S35, A22, ADR 13)."""
    step = sends(hidden_since(FEBRUARY, branch="OSLO"), opens(APRIL), APRIL)
    assert step.event is Event.HIDDEN_CHANGED
    assert told(step) == ["M hidden_off", "E payroll_start", "B branch_new_member"]
    assert (step.record.hidden, step.record.branch) == (False, "OSLO")
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert charges(step.record, APRIL) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    assert payers(step.record)[-1][-1] is Payer.DIRECT
    assert amounts(letter(step, Template.PAYROLL_START)) == {
        "central_dues": 49500,
        "local_dues": 5000,
        "insurance_premium": 20000,
    }
    again = answered(stand(step, moment(APRIL)), payroll(), APRIL)
    assert payers(again)[-1] == (MAY, None, Payer.PAYROLL)


def test_an_applicant_who_was_hidden_joins_a_branch():
    """Hidden from the application on; the caseworker names the branch on lifting (S33, S35)."""
    hidden = until(member(application(hidden=True)), NOW)
    step = sends(hidden, opens(NOW, branch="BERGEN"), NOW)
    assert told(step) == ["M hidden_off", "E payroll_start", "B branch_new_member"]
    assert charges(step.record, MARCH)[LOCAL] == 4500


@pytest.mark.parametrize("asked", [False, True], ids=["under review", "awaiting information"])
@pytest.mark.parametrize("on", [TODAY, MAY], ids=["today", "for May"])
def test_an_applicant_hides_before_the_approval(asked, on):
    """Nobody is told by the approval: no request, no branch, no thanks (S30, A23, A27)."""
    form = application(
        recruited_by="Ola Nordmann", consents=Consents(terms=True, tell_recruiter=True)
    )
    record = received(form)
    if asked:
        record = answered(record, decide("request_information", reason="Hva gjør du?"))
    step = sends(record, hides(on), TODAY)
    assert (step.event, step.corrected, step.confidential) == (Event.HIDDEN_CHANGED, True, True)
    assert told(step) == ["C information_supplied"]
    assert step.record.stage is record.stage
    hidden = stand(step, moment())
    assert decision_of(step, record, moment()).standing.hidden
    approved = sends(hidden, decide(), TODAY)
    assert {one[0] for one in told(approved)} == {"M", "I"}
    assert approved.record.payroll.status is PayrollStatus.NOT_APPLICABLE
    assert charges(approved.record, DECEMBER) == {CENTRAL: 49500}
    with pytest.raises(Refused, match="S33"):
        sends(hidden, decide(branch="OSLO"), TODAY)


def test_an_applicant_who_hid_may_be_open_again_before_the_approval():
    """By consent, from its day on (S35, A22): then the approval asks the employer as ever."""
    hidden = received(application(hidden=True))
    with pytest.raises(Refused, match="consent"):
        sends(hidden, SetHidden(hidden=False, effective_on=TODAY), TODAY)
    with pytest.raises(Refused, match="lies in the future"):
        sends(hidden, opens(MAY), TODAY)
    opened = stand(sends(hidden, opens(TODAY), TODAY), moment())
    assert "E payroll_start" in told(sends(opened, decide(), TODAY))
    with pytest.raises(Refused, match="says so already"):
        sends(opened, opens(TODAY), TODAY)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            SetHidden(hidden=False, effective_on=NOW),
            "consent: lifting tells the employer; send true once the member has said so (A22)",
        ),
        (
            SetHidden(hidden=False, effective_on=NOW, consent=False),
            "consent: lifting tells the employer; send true once the member has said so (A22)",
        ),
        (opens(NOW, branch="X"), "branch: is not known; the branches are OSLO, BERGEN"),
        (
            hides(date(2026, 11, 21)),
            "effective_on: lies before the membership began, 2026-11-22",
        ),
    ],
)
def test_what_can_not_be(message, reason):
    """Consent is explicit (A22); without it the member stays hidden."""
    with pytest.raises(Refused) as refused:
        sends(hidden_since(FEBRUARY), message, NOW)
    assert str(refused.value) == reason


def test_hiding_changes_nothing_for_the_insurance_office():
    """It writes to the member, not to the employer: cover and window go on (S30)."""
    step = sends(member(branch="OSLO"), hides(NOW), NOW)
    assert not [one for one in told(step) if one.startswith("I")]
    assert step.record.stage is Stage.ONBOARDING


def test_hidden_backdated():
    """Wished from 10 December, told in February: local dues go back, deduction stops now (A31)."""
    step = sends(uninsured(branch="OSLO"), hides(date(2026, 12, 10)), NOW)
    out = letters_out(step, NOW)
    hidden = until(out, NOW)
    assert hidden.hidden
    assert charges(hidden, date(2027, 1, 1)) == {CENTRAL: 49500}
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-02-01"
    assert not [d for d in deadlines(hidden) if d.last_day < MAY]
