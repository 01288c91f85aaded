"""A promise that was not kept is told in sentences that a person understands."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.demo.living import Living
from workers.demo.beginning import noon
from workers.demo.cast import kari
from workers.demo.faults import Told, faults
from workers.demo.scenes import (
    CENTRAL,
    DIRECT,
    LOCAL,
    MONTHLY,
    PAYROLL,
    PREMIUM,
    YEARLY,
    Due,
    Promise,
)

MARCH, APRIL, MAY = date(2029, 3, 1), date(2029, 4, 1), date(2029, 5, 1)

PROMISE = Promise(
    stage="active",
    dues=(
        Due(CENTRAL, 49500, MONTHLY, DIRECT, MARCH, MAY),
        Due(CENTRAL, 49500, MONTHLY, PAYROLL, MAY),
        Due(PREMIUM, 20000, MONTHLY, PAYROLL, MAY, date(2057, 1, 1)),
    ),
    decisions=((date(2029, 3, 7), "payroll_accepted"), (date(2029, 4, 2), "insurance_covered")),
    silence=(APRIL, MAY),
    first_invoice_ore=49500,
    insurance="covered",
    payroll="active",
    audiences=frozenset({"member", "employer"}),
)

LETTERS = (Told("member", "welcome", MARCH), Told("employer", "payroll_start", MARCH))


def term(kind: str, ore: int, payer: str, first: str, end: str | None) -> dict[str, Any]:
    """Return a monthly term as ``state`` writes it."""
    return {
        "kind": kind,
        "amount_ore": ore,
        "cadence": "monthly",
        "payer": payer,
        "valid_from": first,
        "valid_to": end,
    }


CENTRAL_DIRECT = term(CENTRAL, 49500, DIRECT, "2029-03-01", "2029-05-01")
CENTRAL_DEDUCTED = term(CENTRAL, 49500, PAYROLL, "2029-05-01", None)
PREMIUM_DEDUCTED = term(PREMIUM, 20000, PAYROLL, "2029-05-01", "2057-01-01")


def state(*terms: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the ``state`` that was promised, with its terms or fields replaced."""
    return {
        "stage": "active",
        "outcome": None,
        "first_invoice": {"total_ore": 49500},
        "insurance": {"status": "covered"},
        "payroll": {"status": "active"},
        "terms": terms or (CENTRAL_DIRECT, CENTRAL_DEDUCTED, PREMIUM_DEDUCTED),
        **changes,
    }


def log(*decisions: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the decisions as ``explain`` writes them, dated at noon in Oslo."""
    approved = ("2029-03-01", "application_approved")
    return [
        {"about": event, "at": f"{day}T12:00:00+01:00"} for day, event in (approved, *decisions)
    ]


LOG = log(("2029-03-07", "payroll_accepted"), ("2029-04-02", "insurance_covered"))


def test_what_is_as_promised_is_not_spoken_of() -> None:
    """The order in which terms are listed, and how long spans are cut, are no fault."""
    assert faults(PROMISE, state(), LOG, LETTERS) == []
    cut = (
        term(CENTRAL, 49500, PAYROLL, "2029-08-01", None),
        term(CENTRAL, 49500, PAYROLL, "2029-05-01", "2029-08-01"),
    )
    found = state(PREMIUM_DEDUCTED, *cut, CENTRAL_DIRECT)
    assert faults(PROMISE, found, LOG, LETTERS) == []


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        pytest.param(
            (
                CENTRAL_DIRECT,
                CENTRAL_DEDUCTED,
                term(PREMIUM, 20000, DIRECT, "2029-04-01", "2029-05-01"),
                PREMIUM_DEDUCTED,
            ),
            "the insurance premium was to be deducted from May 2029, "
            "but 1 April 2029 to 30 April 2029 is paid directly",
            id="a-month-too-early-and-directly",
        ),
        pytest.param(
            (term(CENTRAL, 49500, DIRECT, "2029-03-01", None), PREMIUM_DEDUCTED),
            "the central dues were to be deducted from May 2029, "
            "but what is due from 1 May 2029 on is paid directly",
            id="never-deducted",
        ),
        pytest.param(
            (
                CENTRAL_DIRECT,
                term(CENTRAL, 24750, PAYROLL, "2029-05-01", None),
                PREMIUM_DEDUCTED,
            ),
            "the central dues were to be 495.00 kr a month, deducted, from May 2029, "
            "but what is due from 1 May 2029 on is 247.50 kr a month, deducted",
            id="another-amount",
        ),
        pytest.param(
            (CENTRAL_DIRECT, CENTRAL_DEDUCTED),
            "the insurance premium was to be 200.00 kr a month, deducted, from May 2029, "
            "but 1 May 2029 to 31 December 2056 is not charged",
            id="not-charged",
        ),
        pytest.param(
            (CENTRAL_DIRECT, CENTRAL_DEDUCTED, PREMIUM_DEDUCTED | {"valid_to": "2057-02-01"}),
            "the insurance premium was to end with 31 December 2056, "
            "but 1 January 2057 to 31 January 2057 is deducted",
            id="without-end",
        ),
        pytest.param(
            (
                CENTRAL_DIRECT,
                CENTRAL_DEDUCTED,
                PREMIUM_DEDUCTED,
                term(LOCAL, 5000, DIRECT, "2029-03-01", "2029-04-01"),
            ),
            "the local dues were not to be charged, "
            "but 1 March 2029 to 31 March 2029 is 50.00 kr a month, paid directly",
            id="nobody-spoke-of-it",
        ),
    ],
)
def test_other_dues_are_told_by_their_months(terms: tuple[dict[str, Any], ...], says: str) -> None:
    """Which dues, what was to be, and from when until when it is otherwise."""
    assert faults(PROMISE, state(*terms), LOG, LETTERS) == [says]


def test_a_yearly_fee_is_told_as_one() -> None:
    """300.00 once a year where 495.00 a month was promised."""
    promise = Promise(stage="active", dues=(Due(CENTRAL, 30000, YEARLY, DIRECT, MARCH),))
    found = state(term(CENTRAL, 49500, DIRECT, "2029-03-01", None))
    assert faults(promise, found, [], [])[-1] == (
        "the central dues were to be 300.00 kr a year, paid directly, from March 2029, "
        "but what is due from 1 March 2029 on is 495.00 kr a month, paid directly"
    )


@pytest.mark.parametrize(
    ("decisions", "says"),
    [
        (
            [("2029-03-08", "payroll_accepted"), ("2029-04-02", "insurance_covered")],
            '"payroll accepted" was to be decided on 7 March 2029, not on 8 March 2029',
        ),
        (
            [("2029-03-07", "payroll_accepted")],
            '"insurance covered" was to be decided on 2 April 2029, and was not',
        ),
        (
            [
                ("2029-03-07", "payroll_accepted"),
                ("2029-03-15", "payroll_reminded"),
                ("2029-04-02", "insurance_covered"),
            ],
            '"payroll reminded" was decided on 15 March 2029, and nobody had promised it',
        ),
        (
            [("2029-04-02", "insurance_covered"), ("2029-03-07", "payroll_accepted")],
            "everything was decided on its day, but in another order than promised",
        ),
    ],
)
def test_other_decisions_are_told_by_their_day(decisions: list[tuple[str, str]], says: str) -> None:
    """One on another day, one missing, one too many, two that changed places."""
    assert faults(PROMISE, state(), log(*decisions), LETTERS) == [says]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"stage": "on_leave"}, "the membership was to be active, but is on leave"),
        ({"outcome": "resigned"}, "the outcome was to be none, but is resigned"),
        (
            {"first_invoice": {"total_ore": 54500}},
            "the first invoice was to be 495.00 kr, but is 545.00 kr",
        ),
        ({"first_invoice": None}, "the first invoice was to be 495.00 kr, but is none"),
        (
            {"insurance": {"status": "window_open"}},
            "the insurance was to be covered, but is window open",
        ),
        (
            {"payroll": {"status": "requested"}},
            "the payroll deduction was to be active, but is requested",
        ),
    ],
)
def test_another_end_is_told(changes: dict[str, Any], says: str) -> None:
    """Where the membership, the invoice, the insurance and the deduction stand."""
    assert faults(PROMISE, state(**changes), LOG, LETTERS) == [says]


@pytest.mark.parametrize(
    ("letters", "says"),
    [
        (LETTERS[:1], "a letter was to go to the employer, and none did"),
        (
            (*LETTERS, Told("branch", "branch_new_member", MARCH)),
            "no letter was to go to the branch, but one did",
        ),
        (
            (*LETTERS, Told("employer", "payroll_change", date(2029, 4, 3))),
            (
                "nobody outside was to be told anything from 1 April 2029 until 1 May 2029, "
                "but on 3 April 2029 the employer got 'payroll change'"
            ),
        ),
    ],
)
def test_other_letters_are_told(letters: tuple[Told, ...], says: str) -> None:
    """A letter that is missing, one too many, one to the employer of a hidden member."""
    assert faults(PROMISE, state(), LOG, letters) == [says]


def test_the_fault_of_the_first_cast_is_told() -> None:
    """Begun on 28 December 2028, the employer says on 4 January that it deducts from March.

    Cover begins on 29 January, 31 days after the approval on 29 December, and is paid for from
    February: directly. The first cast promised that all of it is deducted.
    """
    begins = date(2028, 12, 28)
    person = kari(begins)
    deducted = tuple(
        due for due in person.promise.dues if (due.kind, due.payer) != (PREMIUM, DIRECT)
    )
    first = replace(person, promise=replace(person.promise, dues=deducted))
    (fault,) = Living(first, noon(begins)).faults()
    assert fault == (
        "the insurance premium was to be deducted from March 2029, "
        "but 1 February 2029 to 28 February 2029 is paid directly"
    )
