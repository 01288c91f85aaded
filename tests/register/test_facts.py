"""What a member of a register is charged from its first month here on."""

from datetime import date
from typing import Any

import pytest

from schemas.dues.plan import charges_in, plan_terms
from schemas.register.facts import facts_of
from schemas.shared.vocabulary import Cadence, LineKind, Payer
from tests.builders import BOOK
from tests.register.making import JOB, MONTH, member

TODAY = date(2026, 12, 10)

CENTRAL, LOCAL, PREMIUM = (
    LineKind.CENTRAL_DUES,
    LineKind.LOCAL_DUES,
    LineKind.INSURANCE_PREMIUM,
)
RETIRED: dict[str, Any] = {
    "jobs": (),
    "payer": "direct",
    "national_id": "",
    "insurance": "ended",
    "insurance_from": "",
}

CHARGED: dict[str, tuple[dict[str, Any], dict[LineKind, int]]] = {
    "full dues, the branch and the package": ({}, {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}),
    # S5: half of 495 at 50 % and less; A3: Oslo does not halve.
    "half dues": (
        {"jobs": (JOB | {"position_percent": "50"},)},
        {CENTRAL: 24750, LOCAL: 5000, PREMIUM: 20000},
    ),
    # A5: 50 + 40 are more than 50.
    "two jobs": (
        {"jobs": (JOB | {"position_percent": "50"}, JOB | {"position_percent": "40"})},
        {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000},
    ),
    "a window that is open": (
        {"insurance": "window_open", "insurance_from": "", "reservation_deadline": "2027-01-20"},
        {CENTRAL: 49500, LOCAL: 5000},
    ),
    # S33: nothing to the branch.
    "hidden": ({"hidden": "yes", "payer": "direct"}, {CENTRAL: 49500, PREMIUM: 20000}),
    # S21: a quarter of 495.
    "early pensioner": (
        RETIRED | {"category": "early_pensioner", "birth_date": "1962-04-12"},
        {CENTRAL: 12375},
    ),
    # S18: 600 for the year; S12: 300.
    "pensioner": (
        RETIRED | {"category": "pensioner", "birth_date": "1950-04-12", "branch": ""},
        {CENTRAL: 60000},
    ),
    "student": (
        RETIRED | {"category": "student", "insurance": "not_applicable"},
        {CENTRAL: 30000},
    ),
    "pensioner who has paid the year's fee": (
        RETIRED | {"category": "pensioner", "birth_date": "1950-04-12", "fee_through": "2027-12"},
        {CENTRAL: 0},
    ),
    # L4: a leave waives the dues and leaves the cover.
    "on leave": (
        {"leave": "leave", "leave_from": "2026-10-01", "leave_until": "2027-03-31"},
        {CENTRAL: 0, PREMIUM: 20000},
    ),
    # S14.
    "apprentice": (
        RETIRED | {"category": "apprentice", "insurance": "not_applicable"},
        {CENTRAL: 0},
    ),
}
"""What is written otherwise of Kari, and what a month comes to in øre."""


@pytest.mark.parametrize("name", CHARGED)
def test_the_first_month_is_charged_by_what_the_rows_say(name):
    """The same rules as for everybody else, from the first month here on."""
    changes, expected = CHARGED[name]
    facts = facts_of(member(**changes), BOOK, MONTH, TODAY)
    charged = {kind: ore for kind, (ore, _, _) in charges_in(facts, BOOK, MONTH).items()}
    assert {kind: ore for kind, ore in charged.items() if ore or kind is CENTRAL} == expected


def test_nothing_is_charged_before_the_first_month():
    """What the other system charged until then is not ours."""
    terms = plan_terms(facts_of(member(), BOOK, MONTH, TODAY), BOOK)
    assert {term.valid_from for term in terms} == {MONTH}


def test_the_employer_goes_on_deducting():
    """Who deducted there deducts here from the first month on: also the second of two employers."""
    both = (JOB, JOB | {"employer_orgnr": "889640782"})
    facts = facts_of(member(jobs=both, deducted_by="889640782"), BOOK, MONTH, TODAY)
    (central,) = [term for term in plan_terms(facts, BOOK) if term.kind is CENTRAL]
    assert (central.payer, central.employer_orgnr) == (Payer.PAYROLL, "889640782")


def test_what_is_to_come_takes_effect_in_its_time():
    """A job from March on makes full dues of half, and who has resigned is charged no longer."""
    jobs = (
        JOB | {"position_percent": "50"},
        JOB | {"position_percent": "50", "employer_orgnr": "", "from_on": "2027-03-01"},
    )
    facts = facts_of(member(jobs=jobs, leaves_on="2027-04-30"), BOOK, MONTH, TODAY)
    months = [date(2027, month, 1) for month in range(1, 6)]
    central = [charges_in(facts, BOOK, month).get(CENTRAL) for month in months]
    monthly = Cadence.MONTHLY, Payer.PAYROLL
    half, full = (24750, *monthly), (49500, *monthly)
    assert central == [half, half, full, full, None]
