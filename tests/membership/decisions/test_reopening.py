"""An end that was a mistake is undone: the membership goes on as if it had not been (L9)."""

from datetime import date, timedelta

import pytest

from schemas.membership.messages.leaving import RecordDeath, Reopen
from schemas.shared.vocabulary import (
    Event,
    InsuranceStatus,
    Outcome,
    PayrollStatus,
    Role,
    Stage,
    Template,
)
from tests.builders import MEMBER_NUMBER, answered, member, payroll, received, rulebook, stand
from tests.builders import moment as at
from tests.membership.decisions.lives import (
    APRIL,
    FEBRUARY,
    MARCH,
    MAY,
    NOW,
    central,
    dies,
    hidden_since,
    insured,
    leave,
    letter,
    moves,
    owes,
    payers,
    resigns,
    sends,
    told,
    uninsured,
    until,
    waits_for,
)
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord

UNDO = Reopen(caseworker="kari", reason="Feil person")

LATER = date(2027, 4, 12)
"""Two months after ``NOW``, within the 90 days."""


def over(record: MembershipRecord) -> MembershipRecord:
    """Return a membership that has ended, as its workflow keeps it open."""
    assert record.stage is Stage.ENDED
    return record.model_copy(update={"lingers": True})


ENDS = {
    Outcome.RESIGNED: lambda record: until(answered(record, resigns(FEBRUARY), FEBRUARY), APRIL),
    Outcome.STRUCK_OFF: lambda record: answered(record, owes(4, NOW), NOW),
    Outcome.DECEASED: lambda record: answered(record, dies(NOW), NOW),
}


@pytest.mark.parametrize("outcome", ENDS)
@pytest.mark.parametrize("branch", [None, "OSLO"])
def test_as_if_the_end_had_not_been(outcome, branch):
    """Stage, cover, terms and dues are those of the member who never left (L9)."""
    stayed = until(insured(branch=branch), LATER)
    step = sends(over(ENDS[outcome](insured(branch=branch))), UNDO, LATER)
    back = step.record
    assert step.event is Event.MEMBERSHIP_REOPENED
    assert (step.decided_by, step.reason) == ("kari", "Feil person")
    assert "L9" in step.rules
    assert (back.stage, back.outcome, back.open_until, back.lingers) == (
        Stage.ACTIVE,
        None,
        None,
        False,
    )
    assert back.notices == ()
    assert (back.insurance, back.branch, back.category) == (
        stayed.insurance,
        stayed.branch,
        stayed.category,
    )
    # What is charged, month by month, by whomever: no gap and nothing twice.
    for month in (FEBRUARY, MARCH, APRIL, MAY):
        assert central(back, month) == central(stayed, month) == 49500
    assert back.leaving is None


@pytest.mark.parametrize(
    ("outcome", "from_on"),
    [
        (Outcome.RESIGNED, APRIL),  # received in February: March is the last month (A29)
        (Outcome.STRUCK_OFF, MARCH),  # on 10 February, which was charged whole
        (Outcome.DECEASED, MARCH),
    ],
)
def test_all_that_was_taken_away_comes_back(outcome, from_on):
    """However long ago the end was, from the first month it took (L9, A31)."""
    ended = over(ENDS[outcome](insured()))
    assert max(term.valid_to for term in ended.terms if term.valid_to is not None) == from_on
    assert sends(ended, UNDO, LATER).given_back_from == from_on


def test_who_is_told_of_a_reopening():
    """The member, the insurance office, the branch, and the employer by a request (L9, A20)."""
    step = sends(over(ENDS[Outcome.STRUCK_OFF](insured(branch="OSLO"))), UNDO, LATER)
    assert told(step) == [
        "M membership_reopened",
        "I insurance_status",
        "B branch_new_member",
        "E payroll_start",
    ]
    figures = letter(step, Template.MEMBERSHIP_REOPENED).figures
    assert (figures["outcome"], figures["last_on"]) == ("struck_off", "2027-02-09")
    assert letter(step, Template.BRANCH_NEW_MEMBER).figures["about"] == "back"
    assert letter(step, Template.INSURANCE_STATUS).figures == {
        "status": "covered",
        "from_on": "2027-02-10",
    }
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert waits_for(step.record)[0][0] is Role.EMPLOYER


def test_the_member_pays_until_the_employer_answers_anew():
    """It was told to stop from the month after the end on (D7, L9)."""
    ended = over(ENDS[Outcome.DECEASED](insured()))
    before = payers(ended)
    back = sends(ended, UNDO, LATER).record
    assert before[-1][2] == "payroll"
    assert payers(back)[-1] == (MARCH, None, "direct")
    accepted = answered(back, payroll("accepted", "2027-06"), LATER)
    assert payers(accepted)[-1] == (date(2027, 6, 1), None, "payroll")


def test_an_employer_that_did_not_deduct_is_not_asked():
    """What was refused before the end stays refused (A20, L9)."""
    refused = answered(member(), payroll("refused"), date(2026, 11, 25))
    ended = over(answered(refused, dies(date(2026, 12, 20)), date(2026, 12, 20)))
    step = sends(ended, UNDO, date(2026, 12, 22))
    assert "E payroll_start" not in told(step)
    assert step.record.payroll.status is PayrollStatus.REFUSED


def test_a_request_that_was_taken_back_is_made_again():
    """The employer had been asked and had not answered when the end was told (A20, L9)."""
    ended = over(answered(member(), dies(date(2026, 11, 25)), date(2026, 11, 25)))
    step = sends(ended, UNDO, date(2026, 11, 27))
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert step.record.payroll.requested_on == date(2026, 11, 27)
    assert step.record.stage is Stage.ONBOARDING
    assert step.record.insurance.status is InsuranceStatus.WINDOW_OPEN


def test_nothing_goes_out_about_a_hidden_member():
    """Neither the employer nor a branch hears that there is a membership (S30, L9)."""
    ended = over(answered(hidden_since(FEBRUARY, branch="OSLO"), dies(NOW), NOW))
    step = sends(ended, UNDO, LATER)
    assert told(step) == ["M membership_reopened", "I insurance_status"]
    assert step.record.hidden


def test_what_became_true_meanwhile_holds():
    """A leave that was granted before the end has begun: the stage is what it would be (L1, L4)."""
    planned = answered(insured(), leave(MARCH, date(2027, 6, 30)), NOW)
    step = sends(over(answered(planned, dies(NOW), NOW)), UNDO, LATER)
    assert step.record.stage is Stage.ON_LEAVE
    assert "M leave_granted" in told(step)
    assert "E payroll_start" not in told(step)


def test_the_debt_of_who_was_struck_off_stays():
    """A reopening forgives nothing: the terms of the months owed are as they were (A30, L9)."""
    stayed = uninsured()
    back = sends(over(ENDS[Outcome.STRUCK_OFF](uninsured())), UNDO, LATER).record
    assert central(back, date(2026, 12, 1)) == central(stayed, date(2026, 12, 1)) == 49500


def test_a_resignation_that_still_runs():
    """Before its day the reopening is its withdrawal, by the caseworker's word (A29, L9)."""
    leaving = answered(insured(branch="OSLO"), resigns(NOW), NOW)
    step = sends(leaving, UNDO, NOW + timedelta(days=3))
    assert step.event is Event.CHANGE_WITHDRAWN
    assert step.record.leaving is None
    assert (step.decided_by, step.reason) == ("kari", "Feil person")
    assert "M change_withdrawn" in told(step)


def test_a_death_within_the_notice_period():
    """With the death undone the resignation stands: its day ends the membership (A29, L9)."""
    leaving = answered(insured(branch="OSLO"), resigns(NOW), NOW)
    dead = over(answered(leaving, dies(date(2027, 2, 19)), date(2027, 2, 20)))
    step = sends(dead, UNDO, date(2027, 2, 25))
    assert step.record.leaving is not None
    assert step.record.leaving.outcome is Outcome.RESIGNED
    assert step.record.stage is Stage.ACTIVE
    assert told(step) == ["M membership_reopened", "I insurance_status", "I insurance_status"]
    assert central(step.record, MARCH) == 49500
    assert central(step.record, APRIL) is None
    # Undone after that day it has ended all the same, and the cover lasted until then.
    step = sends(dead, UNDO, LATER)
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.RESIGNED)
    assert step.record.open_until == LATER + timedelta(days=90)
    assert letter(step, Template.INSURANCE_STATUS).figures["from_on"] == "2027-04-01"


def test_the_death_of_who_had_left_before():
    """It is taken back alone: nobody outside was told of it, and nobody is told now (L9)."""
    resigned = over(ENDS[Outcome.RESIGNED](insured()))
    dead = over(answered(resigned, dies(date(2027, 4, 4)), date(2027, 4, 5)))
    step = sends(dead, UNDO, LATER)
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.RESIGNED)
    assert step.letters == ()
    assert step.record.terms == resigned.terms
    assert step.record.open_until == LATER + timedelta(days=90)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (uninsured(), "the membership is active: there is no end to undo"),
        (received(), "the application has not been approved yet"),
        (ENDS[Outcome.STRUCK_OFF](uninsured()), "the membership has ended: struck_off"),
        (
            answered(uninsured(book=rulebook(reopen_days=0)), owes(4, NOW), NOW),
            "the membership has ended: struck_off",
        ),
    ],
)
def test_what_can_not_be_reopened(record, reason):
    """What has not ended, was no membership, or is over for good (L9)."""
    with pytest.raises(Refused) as refused:
        sends(record, UNDO, NOW)
    assert str(refused.value) == reason


# Whose death it is ------------------------------------------------------------------------------


def reports(by: str, died_on: date = NOW, number: str | None = None) -> RecordDeath:
    """Return the word of a death."""
    return RecordDeath(died_on=died_on, caseworker=by, member_number=number)


def test_a_wrong_number_stops_no_life():
    """It is refused, and the right one is not told (L7)."""
    for record in (uninsured(), over(ENDS[Outcome.STRUCK_OFF](uninsured()))):
        with pytest.raises(Refused) as refused:
            sends(record, reports("ola", number="00099999"), NOW)
        assert str(refused.value) == "member_number: is not this member's; nothing was recorded"
        assert MEMBER_NUMBER not in str(refused.value)


def reported(record: MembershipRecord) -> MembershipRecord:
    """Return the record after a death was reported without the number."""
    step = sends(record, reports("ola"), NOW)
    assert step.event is Event.DEATH_REPORTED
    assert told(step) == ["C death_reported"]
    return stand(step, at(NOW))


def test_without_the_number_a_caseworker_confirms():
    """Nothing stops yet, and the caseworkers are waited for (L7)."""
    record = reported(insured())
    assert (record.stage, record.leaving) == (Stage.ACTIVE, None)
    assert waits_for(record) == [(Role.CASEWORKER, "record_death", None)]


@pytest.mark.parametrize(
    "confirmation", [reports("ola", number=MEMBER_NUMBER), reports("kari"), dies(FEBRUARY)]
)
def test_a_death_is_confirmed(confirmation):
    """With the number, also for another day; or by another caseworker with the same day (L7)."""
    step = sends(reported(insured()), confirmation, NOW)
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.DECEASED)
    assert step.record.reported_death is None
    assert waits_for(over(step.record)) == []


@pytest.mark.parametrize("again", [reports("ola"), reports("OLA")])
def test_nobody_confirms_their_own_word(again):
    """The same caseworker says nothing new (L7)."""
    with pytest.raises(Refused, match="waits to be confirmed: with member_number, or by another"):
        sends(reported(insured()), again, NOW)


def test_another_day_is_another_report():
    """Two caseworkers who differ confirm nothing; the later word waits (L7)."""
    record = stand(sends(reported(insured()), reports("kari", FEBRUARY), NOW), at(NOW))
    assert record.outcome is None
    assert record.reported_death is not None
    assert record.reported_death.died_on == FEBRUARY


def test_a_report_is_dismissed():
    """By a reopening: nothing had stopped (L9)."""
    step = sends(reported(insured()), UNDO, NOW)
    assert step.record.reported_death is None
    assert (step.record.stage, step.letters) == (Stage.ACTIVE, ())


def test_a_report_about_who_has_left_waits_as_well():
    """An ended membership otherwise waits for nobody (L7, L9)."""
    record = over(ENDS[Outcome.STRUCK_OFF](uninsured()))
    waiting = over(stand(sends(record, reports("ola"), NOW), at(NOW)))
    assert waiting.outcome is Outcome.STRUCK_OFF
    assert waits_for(waiting) == [(Role.CASEWORKER, "record_death", None)]
    assert sends(waiting, reports("kari"), NOW).record.outcome is Outcome.DECEASED


def test_the_death_of_an_applicant_needs_no_number():
    """There is none yet (L7)."""
    step = sends(received(), reports("ola", date(2026, 11, 20)), date(2026, 11, 23))
    assert step.record.outcome is Outcome.DECEASED


def test_a_job_told_meanwhile_was_not_recorded():
    """While it is over the rest is refused, and is sent again after the reopening (L9)."""
    ended = over(ENDS[Outcome.DECEASED](insured()))
    with pytest.raises(Refused, match="the membership has ended"):
        sends(ended, moves(MARCH), LATER)
    back = sends(ended, UNDO, LATER).record
    assert sends(back, moves(MARCH), LATER).event is Event.EMPLOYMENT_CHANGED
