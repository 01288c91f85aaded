"""Notices of a life: late, early, twice, contradicting each other, taken back (ADR 13, A6, A31)."""

from datetime import date
from typing import Any

import pytest

from schemas.shared.vocabulary import (
    Category,
    Event,
    LineKind,
    Template,
)
from tests.builders import (
    TODAY,
    answered,
    application,
    employment,
    moment,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    NOW,
    amounts,
    becomes,
    central,
    charges,
    insured,
    leave,
    letter,
    next_step,
    pension,
    sends,
    takes_back,
    told,
    uninsured,
    works,
)
from workflows.membership.deadlines import LIFE_CHANGE
from workflows.membership.decisions.step import Refused

CENTRAL, LOCAL, PREMIUM = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)
STUDENT, ORDINARY = Category.STUDENT, Category.ORDINARY


# What the employer hears ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "change", "later"),
    [
        # 40 % since 1 January: 247.50 in April's list; the list itself corrects January to March.
        ([works(JANUARY, "40")], "247.50 from 2027-04-01", None),
        # 40 % in January and February alone: 495.00 goes on, so that there is nothing to change.
        ([works(MARCH, "100"), works(JANUARY, "40")], None, "495.00 from 2027-03-01"),
        # A leave that is over: 0.00 then, and 495.00 now.
        ([leave(JANUARY, date(2027, 2, 28))], None, "495.00 from 2027-03-01"),
        # A job of 40 % ahead: the CHANGE waits for its day.
        ([works(MAY, "40")], None, None),
    ],
    ids=["goes on", "was so", "a leave that is over", "ahead"],
)
def test_an_employer_hears_of_months_to_come_alone(facts, change, later):
    """CHANGE is of what is deducted next: what was is a line of the next list (M8, A31, A37)."""
    record, on = uninsured(), date(2027, 3, 10)
    for fact in facts[:-1]:
        record = answered(record, fact, on)
    step = sends(record, facts[-1], on)
    said: list[Any] = [
        one.figures for one in step.letters if one.template is Template.PAYROLL_CHANGE
    ]
    heard = [f"{one['terms'][0]['amount_ore'] / 100:.2f} from {one['valid_from']}" for one in said]
    assert heard == ([change] if change else [])
    if later is not None:
        figures: Any = letter(step, Template.DUES_CHANGED).figures
        assert (
            f"{figures['later'][0]['amount_ore'] / 100:.2f} from {figures['later_from']}" == later
        )


# Half and full --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "dues", "local"),
    [
        ("50", 24750, 2250),  # half is half (S5); Bergen halves its 45.00 too (A3)
        ("0.5", 24750, 2250),
        ("50.001", 49500, 4500),
        ("80", 49500, 4500),
    ],
)
def test_another_percentage(percent, dues, local):
    """From the next month, told to the member and to the employer that deducts (S5, A6, 9)."""
    step = sends(insured(branch="BERGEN"), works(NOW, percent), NOW)
    assert charges(step.record, FEBRUARY)[CENTRAL] == 49500
    assert charges(step.record, MARCH) == {CENTRAL: dues, LOCAL: local, PREMIUM: 20000}  # A4
    assert step.event is Event.EMPLOYMENT_CHANGED
    if dues == 49500:
        assert told(step) == []
        return
    assert told(step) == ["M dues_changed", "E payroll_change"]
    for template in (Template.DUES_CHANGED, Template.PAYROLL_CHANGE):
        one = letter(step, template)
        assert one.figures["valid_from"] == "2027-03-01"
        assert amounts(one) == {
            "central_dues": 24750,
            "local_dues": 2250,
            "insurance_premium": 20000,
        }
    assert {"S5", "A6"} <= set(step.rules)


def test_from_half_to_full():
    """The other way round, and without an employer that deducts only the member hears (S5)."""
    record = uninsured(application(employment=employment("40", orgnr=None)))
    step = sends(record, works(NOW, "60"), NOW)
    assert [central(step.record, month) for month in (FEBRUARY, MARCH)] == [24750, 49500]
    assert told(step) == ["M dues_changed"]


def test_from_the_first_of_a_month():
    """A change on the first counts from that month (A6)."""
    step = sends(insured(), works(FEBRUARY, "50"), FEBRUARY)
    assert [central(step.record, month) for month in (JANUARY, FEBRUARY)] == [49500, 24750]


@pytest.mark.parametrize("on", [TODAY, date(2026, 11, 23)])
def test_the_first_month(on):
    """Its invoice went out with the approval and stands, whatever is reported since (S26, A12)."""
    step = sends(uninsured(), works(on, "50"), date(2026, 11, 23))
    assert [central(step.record, d) for d in (date(2026, 11, 1), DECEMBER)] == [49500, 24750]


@pytest.mark.parametrize(
    ("told_on", "half_from"),
    [
        (date(2026, 12, 12), JANUARY),
        (date(2027, 4, 30), JANUARY),  # April - 3 months
        (date(2027, 5, 1), FEBRUARY),  # A31
        (date(2027, 7, 31), APRIL),
    ],
)
def test_a_right_claimed_late(told_on, half_from):
    """Half dues since 10 December: from January, three months back at most (A6, A31)."""
    step = sends(uninsured(), works(date(2026, 12, 10), "50"), told_on)
    halves = [m for m in (JANUARY, FEBRUARY, MARCH, APRIL, MAY) if central(step.record, m) == 24750]
    assert halves[0] == half_from
    assert central(step.record, half_from) == 24750
    said = f"charges change from {half_from}"
    assert (said in step.says) is (half_from > JANUARY)
    told_from = letter(step, Template.DUES_CHANGED).figures["valid_from"]
    assert told_from == half_from.isoformat()


def test_the_months_back_are_a_policy():
    """The three months are configuration (A31)."""
    record = uninsured(book=rulebook(back_months=1))
    step = sends(record, works(date(2026, 12, 10), "50"), APRIL)
    assert [central(step.record, month) for month in (FEBRUARY, MARCH)] == [49500, 24750]


# What lies ahead ------------------------------------------------------------------------------


def test_a_change_ahead():
    """Noted with what it will cost; nothing else happens before its day (M8)."""
    record = insured(branch="OSLO")
    step = sends(record, works(APRIL, "50"), NOW)
    assert step.event is Event.CHANGE_RECORDED
    assert told(step) == ["M change_noted"]
    noted = letter(step, Template.CHANGE_NOTED)
    assert noted.figures["change"] == "change_employment"
    assert (noted.figures["effective_on"], noted.figures["valid_from"]) == (
        "2027-04-01",
        "2027-04-01",
    )
    assert amounts(noted)["central_dues"] == 24750
    assert step.record.present == record.present
    assert [central(step.record, month) for month in (MARCH, APRIL)] == [49500, 24750]
    arrived, day = next_step(stand(step, moment(NOW)), LIFE_CHANGE)
    assert (day, arrived.event) == (APRIL, Event.CHANGE_TOOK_EFFECT)
    assert told(arrived) == ["M dues_changed", "E payroll_change"]
    assert arrived.record.terms == step.record.terms
    assert arrived.decided_by == "rule"


def test_a_change_ahead_is_replaced():
    """Another notice for the same day: the later word counts (ADR 13)."""
    noted = answered(insured(), works(APRIL, "50"), NOW)
    replaced = answered(noted, works(APRIL, "80"), NOW)
    assert central(replaced, APRIL) == 49500
    assert told(next_step(replaced, LIFE_CHANGE)[0]) == []


def test_a_change_ahead_is_taken_back():
    """As if it had never been told, and it may be told again (ADR 13)."""
    record = insured()
    noted = answered(record, works(APRIL, "50"), NOW)
    step = sends(noted, takes_back("change_employment", APRIL), NOW)
    assert step.event is Event.CHANGE_WITHDRAWN
    assert told(step) == ["M change_withdrawn"]
    figures = letter(step, Template.CHANGE_WITHDRAWN).figures
    assert (figures["change"], figures["effective_on"]) == ("change_employment", "2027-04-01")
    assert step.record.terms == record.terms
    again = answered(stand(step, moment(NOW)), works(APRIL, "50"), NOW)
    assert central(again, APRIL) == 24750


@pytest.mark.parametrize(
    ("change", "on", "reason"),
    [
        ("change_employment", MAY, "no change_employment for 2027-05-01 is recorded"),
        ("report_pension", APRIL, "no report_pension for 2027-04-01 is recorded"),
        (
            "change_employment",
            FEBRUARY,
            "change_employment took effect on 2027-02-01; send a new one",
        ),
        ("grant_leave", NOW, "grant_leave took effect on 2027-02-10; send a new one"),
    ],
)
def test_what_can_not_be_taken_back(change, on, reason):
    """Only what is recorded and lies ahead (ADR 13)."""
    record = answered(insured(), works(FEBRUARY, "50"), FEBRUARY)
    record = answered(answered(record, works(APRIL, "80"), NOW), leave(NOW, MAY), NOW)
    with pytest.raises(Refused) as refused:
        sends(record, takes_back(change, on), NOW)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (works(date(2026, 11, 21), "50"), "effective_on: lies before the membership began, "),
        (pension(date(2026, 11, 21)), "from_on: lies before the membership began, "),
        (leave(date(2026, 11, 1), MAY), "from_on: lies before the membership began, "),
        (works(date(2032, 2, 11), "50"), "effective_on: lies more than 5 years ahead"),
        (becomes(STUDENT, date(2100, 1, 1)), "effective_on: lies more than 5 years ahead"),
        (works(NOW, "50", branch="X"), "branch: is not known; the branches are OSLO, BERGEN"),
        (becomes(ORDINARY, NOW, ends_on=MAY), "ends_on: goes only with category student or appr"),
        (becomes(STUDENT, NOW, ends_on=FEBRUARY), "ends_on: lies before effective_on"),
    ],
)
def test_a_change_that_can_not_be(message, reason):
    """A date or a branch that is a typing error is answered with what is wrong."""
    with pytest.raises(Refused) as refused:
        sends(insured(), message, NOW)
    assert str(refused.value).startswith(reason)


def test_the_last_day_ahead_is_allowed():
    """Five years to the day, a policy (L8)."""
    assert central(answered(uninsured(), works(date(2032, 2, 10), "50"), NOW), MAY) == 49500
    book = rulebook(change_ahead_years=1)
    with pytest.raises(Refused, match="lies more than 1 years ahead"):
        sends(uninsured(book=book), works(date(2028, 2, 11), "50"), NOW)
