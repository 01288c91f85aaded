"""Struck off, deceased: the end at once, and who is told what (A30, A31, M9, M17)."""

from datetime import date

import pytest

from schemas.shared.calendar import month_after
from schemas.shared.vocabulary import (
    Event,
    InsuranceStatus,
    Outcome,
    Stage,
    Template,
)
from tests.builders import (
    PEOPLE,
    answered,
    application,
    member,
    received,
    rulebook,
)
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
    hidden_since,
    insured,
    letter,
    moves,
    owes,
    pension,
    resigns,
    sends,
    takes_back,
    told,
    uninsured,
    until,
)
from workflows.membership.decisions.step import Refused

EARLY = answered(uninsured(application(birth_date=date(1960, 3, 12))), pension(FEBRUARY), FEBRUARY)
"""Draws a disability pension since February, and is 67 on 12 March."""


@pytest.mark.parametrize(
    ("months", "limit", "struck"),
    [(2, 3, False), (3, 3, False), (4, 3, True), (4, 4, False), (5, 4, True), (0, 3, False)],
)
def test_struck_off_when_owing_more_than_the_limit(months, limit, struck):
    """More than three months, a policy (A30)."""
    record = insured(book=rulebook(struck_off_months=limit))
    if struck:
        assert answered(record, owes(months, NOW), NOW).outcome is Outcome.STRUCK_OFF
        return
    with pytest.raises(Refused) as refused:
        sends(record, owes(months, NOW), NOW)
    assert str(refused.value) == (
        f"owed_months: owes {months} months; struck off when owing more than {limit} (A30)"
    )


def test_the_letters_of_striking_off():
    """M struck off; C; E STOP; I cover ends; B: at once, with the month charged whole (9, A30)."""
    step = sends(insured(branch="OSLO"), owes(4, FEBRUARY), NOW)
    assert step.event is Event.MEMBERSHIP_ENDED
    assert told(step) == [
        "M struck_off",
        "C struck_off",
        "E payroll_stop",
        "I insurance_status",
        "B branch_member_left",
    ]
    assert letter(step, Template.STRUCK_OFF).figures == {
        "last_on": "2027-02-09",
        "charged_until": "2027-02-28",
        "reported_on": "2027-02-01",
    }
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-03-01"
    assert letter(step, Template.INSURANCE_STATUS).figures["from_on"] == "2027-02-10"
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.STRUCK_OFF)
    assert (step.decided_by, step.reason) == ("dues_run", "owes 198000 øre for 4 months")
    assert "A30" in step.rules


def test_arrears_of_tomorrow():
    """A run reports what is (A30)."""
    with pytest.raises(Refused, match="as_of: lies in the future"):
        sends(insured(), owes(4, date(2027, 2, 11)), NOW)


def test_struck_off_while_leaving():
    """Arrears end it now; the branch has been told before (A30)."""
    leaving = answered(insured(branch="OSLO"), resigns(NOW), NOW)
    step = sends(leaving, owes(4, date(2027, 2, 20)), date(2027, 2, 20))
    assert step.record.outcome is Outcome.STRUCK_OFF
    assert told(step) == [
        "M struck_off",
        "C struck_off",
        "E payroll_stop",
        "I insurance_status",
    ]
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-03-01"


# Death ----------------------------------------------------------------------------------------


def test_the_letters_of_a_death():
    """C estate; E STOP; I; B; and nothing to the member any more (M17)."""
    step = sends(insured(branch="OSLO"), dies(date(2027, 2, 8)), NOW)
    assert told(step) == [
        "C estate",
        "E payroll_stop",
        "I insurance_status",
        "B branch_member_left",
    ]
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.DECEASED)
    assert letter(step, Template.INSURANCE_STATUS).figures["from_on"] == "2027-02-09"
    assert letter(step, Template.PAYROLL_STOP).figures["valid_from"] == "2027-03-01"
    assert central(step.record, FEBRUARY) == 49500  # the month of the end, whole
    assert central(step.record, MARCH) is None
    assert step.decided_by == "ola"


@pytest.mark.parametrize(
    ("died_on", "told_on", "last_charged"),
    [
        (NOW, NOW, FEBRUARY),  # today: at once
        (date(2027, 1, 31), NOW, JANUARY),  # not a member on 1 February
        (date(2027, 1, 30), NOW, JANUARY),
        (date(2026, 12, 10), date(2027, 6, 10), date(2026, 12, 1)),  # A31 does not limit it
        (date(2026, 12, 10), date(2029, 6, 10), date(2026, 12, 1)),
        (date(2026, 11, 22), date(2026, 11, 25), date(2026, 11, 1)),  # the first month stands (A19)
        (MARCH, MARCH, MARCH),  # on a first, told that day ...
        (MARCH, date(2027, 3, 2), MARCH),  # ... and the day after
    ],
)
def test_what_is_charged_after_a_death(died_on, told_on, last_charged):
    """Charges end with the month of the death, whenever it is recorded (A31)."""
    record = until(uninsured(), told_on)
    step = sends(record, dies(died_on), told_on)
    assert step.record.outcome is Outcome.DECEASED
    assert step.given_back_from == month_after(died_on)
    ends = max(t.valid_to for t in step.record.terms if t.valid_to is not None)
    assert all(t.valid_to is not None for t in step.record.terms)
    assert (last_charged.year * 12 + last_charged.month) + 1 == ends.year * 12 + ends.month


@pytest.mark.parametrize(
    ("record", "died_on", "funeral"),
    [
        (member(PEOPLE["pensioner"]), date(2027, 2, 8), True),  # S19
        (insured(), date(2027, 2, 8), False),  # S6, S11: insured instead
        (EARLY, date(2027, 2, 8), False),  # S20
        (until(EARLY, MAY), APRIL, True),  # 67 on 12 March (S18)
        (member(PEOPLE["pensioner"]), date(2026, 11, 10), False),  # before the approval
    ],
    ids=["pensioner", "ordinary", "early pensioner", "since 67", "no member yet"],
)
def test_the_estate_is_told_of_the_funeral_contribution(record, died_on, funeral):
    """Once, with the task, where the category of that day has it (M17, S19)."""
    step = sends(record, dies(died_on), date(2027, 5, 10))
    (task,) = [one.figures for one in step.letters if one.figures.get("task") == "estate"]
    assert task["funeral"] is funeral


def test_a_death_before_the_approval():
    """Nobody was a member before the membership began: the end is its first day (A35)."""
    step = sends(member(), dies(date(2026, 11, 10)), date(2026, 11, 25))
    assert letter(step, Template.INSURANCE_STATUS).figures["from_on"] == "2026-11-22"
    # The window is closed with the rest.
    assert step.record.insurance.status is InsuranceStatus.ENDED
    assert step.record.insurance.reservation_deadline is None
    # Nothing is owed after a death, whenever it is recorded (A31): November comes back too.
    assert step.record.terms == ()
    assert step.given_back_from == date(2026, 11, 1)


def test_the_death_of_a_hidden_member():
    """The employer never learns that there was a membership (S30)."""
    step = sends(hidden_since(FEBRUARY, branch="OSLO"), dies(NOW), NOW)
    assert told(step) == ["C estate", "I insurance_status"]


def test_a_death_while_leaving():
    """Ends at once; the branch knew, everybody else hears the earlier date (M17)."""
    leaving = answered(insured(branch="OSLO"), resigns(NOW), NOW)
    step = sends(leaving, dies(date(2027, 2, 19)), date(2027, 2, 20))
    assert step.record.outcome is Outcome.DECEASED
    assert told(step) == ["C estate", "E payroll_stop", "I insurance_status"]


def test_the_death_of_an_applicant():
    """The application ends; nothing goes to the applicant (M17)."""
    step = sends(received(), dies(date(2026, 11, 20)), DECEMBER)
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.DECEASED)
    assert told(step) == ["C application_ended"]


@pytest.mark.parametrize(
    ("died_on", "reason"),
    [
        (date(2027, 2, 11), "died_on: lies in the future"),
        (date(1986, 4, 11), "died_on: lies before the birth date"),
    ],
)
def test_a_death_that_can_not_be(died_on, reason):
    """A date between birth and today (M17)."""
    with pytest.raises(Refused) as refused:
        sends(insured(), dies(died_on), NOW)
    assert str(refused.value) == reason


@pytest.mark.parametrize("end", [owes(4, FEBRUARY), dies(FEBRUARY), resigns(DECEMBER)])
def test_an_end_is_an_end(end):
    """Whatever comes later is refused with how it ended (invariant 5)."""
    over = until(answered(insured(), end, NOW), NOW)
    for message in (end, resigns(NOW), moves(NOW), takes_back("resign", NOW)):
        with pytest.raises(Refused, match="the membership has ended: "):
            sends(over, message, NOW)
