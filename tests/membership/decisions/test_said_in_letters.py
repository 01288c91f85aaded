"""What a decision puts into a letter, so that it is true of whoever reads it."""

from datetime import date
from typing import Any

import pytest

from schemas.membership.messages.changes import GrantLeave
from schemas.shared.vocabulary import Category, Template, WaiverKind
from tests.builders import PEOPLE, answered, application, employment, member
from tests.membership.decisions.lives import (
    MAY,
    NOW,
    becomes,
    insured,
    leave,
    letter,
    next_step,
    opens,
    pension,
    sends,
    uninsured,
    works,
)
from tests.membership.decisions.test_approval import CASES, approved, the_letter
from workflows.membership.deadlines import LIFE_CHANGE, RESERVATION_WINDOW


def welcome(case_name: str) -> Any:
    """The figures of a welcome letter."""
    return the_letter(approved(CASES[case_name]), Template.WELCOME).figures


@pytest.mark.parametrize(
    ("case_name", "asks"),
    [
        ("ordinary with payroll, branch and recruiter", True),
        ("payroll needs the first payment", True),
        ("hidden, recruited, consents to all", False),
        ("no employer", False),
        ("employer without a number", False),
        ("student", False),
        ("apprentice at work, opt-in", False),
        ("early pensioner", False),
        ("pensioner", False),
    ],
)
def test_deduction_is_promised_to_who_can_have_it(case_name: str, asks: bool) -> None:
    """A20, A23, A28: nobody reads that an employer is asked who is not."""
    assert welcome(case_name)["asks_employer"] is asks


@pytest.mark.parametrize(
    ("case_name", "prices"),
    [
        ("no employer", {"full_ore": 49500, "half_ore": 24750, "half_percent": "50"}),
        # A15: past 67 half dues are full ones.
        ("works past 67", {"full_ore": 49500}),
        ("student", {}),
        ("pensioner", {}),
    ],
)
def test_the_right_to_half_dues_is_told_to_who_has_it(case_name: str, prices: Any) -> None:
    """S5: with its price and its percentage."""
    figures = welcome(case_name)
    names = ("full_ore", "half_ore", "half_percent")
    assert {name: figures[name] for name in names if name in figures} == prices


def test_the_welcome_letter_knows_our_policies() -> None:
    """A6, A29, B2, R4: the months half dues go back, those of a notice, those that open help.

    And for how long what is known of a former member is kept.
    """
    figures = welcome("no employer")
    assert (figures["ended_kept_years"], figures["books_kept_years"]) == (5, 5)
    assert figures["half_back_months"] == 3
    assert figures["notice_months"] == 1
    assert [(one["kind"], one["months"]) for one in figures["help"]] == [
        ("help", 1),
        ("casework", 3),
        ("lawyer", 6),
        ("court", 12),
    ]


@pytest.mark.parametrize(
    ("born", "names"),
    [
        (date(1986, 4, 12), ["life", "disability", "critical_illness"]),
        # Disability ended at 60, in 2025.
        (date(1965, 4, 12), ["life", "critical_illness"]),
    ],
)
def test_only_the_coverages_that_are_left_are_named(born: date, names: list[str]) -> None:
    """A17: who is past an age limit is promised nothing of what has ended."""
    form = application(birth_date=born, employment=employment("100", orgnr=None))
    step, _ = next_step(member(form), RESERVATION_WINDOW)
    found: Any = letter(step, Template.COVER_BEGINS).figures
    assert [one["name"] for one in found["coverages"]] == names


@pytest.mark.parametrize(
    ("percent", "was", "becomes"), [("50", 49500, 24750), ("100", 24750, 49500)]
)
def test_other_dues_are_told_with_the_old_ones(percent: str, was: int, becomes: int) -> None:
    """M8: what was paid, what is paid, from when, and why."""
    other = "100" if percent == "50" else "40"
    record = uninsured(application(employment=employment(other, orgnr=None)))
    figures: Any = letter(sends(record, works(NOW, percent), NOW), Template.DUES_CHANGED).figures
    assert [one["amount_ore"] for one in figures["before"]] == [was]
    assert [one["amount_ore"] for one in figures["terms"]] == [becomes]
    assert (figures["valid_from"], figures["reason"]) == ("2027-03-01", "position")


@pytest.mark.parametrize("ahead", [date(2027, 4, 15), date(2027, 5, 1)])
def test_dues_that_were_planned_long_ago_are_told_with_the_old_ones(ahead: date) -> None:
    """M8: 495.00 until April, 247.50 from May, although the plan has known it since February."""
    record = uninsured(application(employment=employment("100", orgnr=None)))
    step, _ = next_step(answered(record, works(ahead, "40"), NOW), LIFE_CHANGE)
    figures: Any = letter(step, Template.DUES_CHANGED).figures
    assert figures["valid_from"] == "2027-05-01"
    assert [one["amount_ore"] for one in figures["before"]] == [49500]
    assert [one["amount_ore"] for one in figures["terms"]] == [24750]


def test_a_leave_is_told_with_its_days_and_what_follows_it() -> None:
    """L4: from 10 February to 15 April; free in March and April, 495.00 from May, as before."""
    record = uninsured(application(employment=employment("100", orgnr=None)))
    step = sends(record, leave(NOW, date(2027, 4, 15)), NOW)
    granted: Any = letter(step, Template.LEAVE_GRANTED).figures
    assert (granted["from_on"], granted["until_on"]) == ("2027-02-10", "2027-04-15")
    assert (granted["valid_from"], granted["resumes_from"]) == ("2027-03-01", "2027-05-01")
    assert [one["amount_ore"] for one in granted["resumes"]] == [49500]
    back, _ = next_step(step.record, LIFE_CHANGE)
    ended: Any = letter(back, Template.LEAVE_ENDED).figures
    assert (ended["last_on"], ended["valid_from"]) == ("2027-04-15", "2027-05-01")
    assert [one["amount_ore"] for one in ended["before"]] == [0]


def test_a_leave_that_work_ended_is_told_with_its_last_day() -> None:
    """A36: laid off until August, back at work from 15 March, as is reported a month later."""
    record = uninsured(application(employment=employment("100", orgnr=None)))
    laid_off = GrantLeave.model_validate(
        {
            "from_on": NOW,
            "until_on": date(2027, 8, 31),
            "caseworker": "ola",
            "reason": "Permittert",
            "kind": WaiverKind.LAID_OFF,
            "documentation": "varsel",
        }
    )
    away = answered(record, laid_off, NOW)
    step = sends(away, works(date(2027, 3, 15), "100"), date(2027, 4, 15))
    assert letter(step, Template.LEAVE_ENDED).figures["last_on"] == "2027-03-14"


@pytest.mark.parametrize("reported_on", [date(2026, 12, 15), NOW])
def test_a_pension_is_told_with_its_own_day(reported_on: date) -> None:
    """M12: drawn from 15 December, whenever it is reported, and so is the insurance office told."""
    step = sends(insured(), pension(date(2026, 12, 15)), reported_on)
    receipt: Any = letter(step, Template.PENSION_REPORTED).figures
    assert receipt["from_on"] == "2026-12-15"
    assert letter(step, Template.INSURANCE_STATUS).figures["from_on"] == "2026-12-15"
    assert {one["kind"]: one["amount_ore"] for one in receipt["before"]} == {
        "central_dues": 49500,
        "insurance_premium": 20000,
    }


def test_another_category_is_told_with_its_own_day() -> None:
    """L2: an ordinary member from 15 January, as is reported on 10 February."""
    step = sends(member(PEOPLE["student"]), becomes(Category.ORDINARY, date(2027, 1, 15)), NOW)
    figures: Any = letter(step, Template.CATEGORY_CHANGED).figures
    assert (figures["from_on"], figures["was"]) == ("2027-01-15", "student")
    assert [one["cadence"] for one in figures["before"]] in ([], ["yearly"])


@pytest.mark.parametrize(("insured_first", "covered"), [(True, True), (False, False)])
def test_a_pension_tells_of_cover_to_who_has_it(insured_first: bool, covered: bool) -> None:
    """S6, S20: who has reserved reads nothing of insurances that go on."""
    record = insured() if insured_first else uninsured()
    figures = letter(sends(record, pension(NOW), NOW), Template.PENSION_REPORTED).figures
    assert figures["covered"] is covered


@pytest.mark.parametrize(
    ("form", "asks"),
    [
        (application(), "employer"),
        (application(hidden=True), "nobody"),
        (application(employment=employment("100", orgnr=None)), "nobody"),
    ],
)
def test_after_a_leave_only_an_employer_there_is_gets_asked(form: Any, asks: str) -> None:
    """S30, A28: a hidden member never reads that the employer is asked."""
    away = answered(uninsured(form), leave(NOW, date(2027, 4, 30)), NOW)
    step, day = next_step(away, LIFE_CHANGE)
    assert day == MAY
    assert letter(step, Template.LEAVE_ENDED).figures["asks"] == asks


@pytest.mark.parametrize(
    ("form", "may"),
    [
        (application(hidden=True), True),
        (application(hidden=True, employment=employment("100", orgnr=None)), False),
    ],
)
def test_who_is_hidden_no_longer_reads_of_deduction_if_it_can_be(form: Any, may: bool) -> None:
    """S35, A28: without a known employer nobody is asked for deduction."""
    step = sends(uninsured(form), opens(NOW), NOW)
    assert letter(step, Template.HIDDEN_OFF).figures["may_deduct"] is may
