"""A yearly fee when prices change inside a year: one price a year, the new one from January (A26).

At 495 a student pays ceil10(297) = 300 and a pensioner ceil10(594) = 600; at 520 ceil10(312) = 320
and ceil10(624) = 630; at 550 ceil10(330) = 330.
"""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from schemas.dues.plan import plan_terms
from schemas.membership.situation import without_names
from schemas.pricing.repricing import year_from
from schemas.shared.vocabulary import Category
from tests.builders import rates, rulebook
from tests.dues.lives import becomes, ends, leave, life, shown
from tests.dues.test_any_facts import books, lives

SINCE = date(2026, 10, 14)
JULY, NEW_YEAR = date(2027, 7, 1), date(2028, 1, 1)
BOOK = rulebook(rates=[rates("495"), rates("520", JULY)])
YEARLY: dict[str, Any] = {"percent": None, "employer": None}

STUDENT = life(category=Category.STUDENT, since=SINCE, **YEARLY)
CASES = {
    "student": (STUDENT, ["2026-10..2028-01 central 300.00 yearly", "2028-01.. central 320.00"]),
    "pensioner": (
        life(category=Category.PENSIONER, born=date(1955, 3, 8), since=SINCE, **YEARLY),
        ["2026-10..2028-01 central 600.00 yearly", "2028-01.. central 630.00"],
    ),
    "joins after the change": (
        life(category=Category.STUDENT, since=date(2027, 9, 3), **YEARLY),
        ["2027-09.. central 320.00"],
    ),
    "joins in the year of the change, before it": (
        life(category=Category.STUDENT, since=date(2027, 3, 3), **YEARLY),
        ["2027-03..2028-01 central 300.00 yearly", "2028-01.. central 320.00"],
    ),
    # The year was paid before the leave: what comes after it is no new invoice.
    "a leave over the change": (
        life(
            leave(date(2027, 5, 1), date(2027, 8, 31)),
            category=Category.STUDENT,
            since=SINCE,
            **YEARLY,
        ),
        [
            "2026-10..2027-05 central 300.00 yearly",
            "2027-05..2027-09 central 0.00",
            "2027-09..2028-01 central 300.00 yearly",
            "2028-01.. central 320.00",
        ],
    ),
    # The leave waived January: the first invoice of the year comes in September, at its price.
    "a leave over January": (
        life(
            leave(date(2027, 1, 1), date(2027, 8, 31)),
            category=Category.STUDENT,
            since=SINCE,
            **YEARLY,
        ),
        [
            "2026-10..2027-01 central 300.00 yearly",
            "2027-01..2027-09 central 0.00",
            "2027-09.. central 320.00",
        ],
    ),
    "becomes ordinary after the change": (
        life(
            becomes(date(2027, 9, 1), Category.ORDINARY),
            category=Category.STUDENT,
            since=SINCE,
            **YEARLY,
        ),
        ["2026-10..2027-09 central 300.00 yearly", "2027-09.. central 520.00 monthly"],
    ),
    "leaves in the year of the change": (
        life(ends(date(2027, 10, 1)), category=Category.STUDENT, since=SINCE, **YEARLY),
        ["2026-10..2027-10 central 300.00 yearly"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_year_has_one_price(name):
    """What was invoiced for a year stands; the new fee comes with the next year's invoice."""
    facts, expected = CASES[name]
    found = shown(plan_terms(facts, BOOK))
    assert len(found) == len(expected), found
    for line, begins in zip(found, expected, strict=True):
        assert line.startswith(begins), found


def test_a_change_for_january_is_that_year_s():
    """520 from July, 550 from January: 2028 costs 330, and 320 was never invoiced."""
    book = rulebook(rates=[rates("495"), rates("520", JULY), rates("550", NEW_YEAR)])
    assert [line.split()[2] for line in shown(plan_terms(STUDENT, book))] == ["300.00", "330.00"]


def test_an_ordinary_member_pays_the_new_price_at_once():
    """Monthly dues change with the month: 6 * 495 + 6 * 520 = 6090 in 2027."""
    terms = plan_terms(life(since=SINCE), BOOK)
    assert year_from(terms, date(2027, 1, 1)) == 6 * 49500 + 6 * 52000


def test_a_year_costs_one_fee():
    """Over twelve months from any month on: one January, one fee, and none for a leave's end."""
    terms = plan_terms(STUDENT, BOOK)
    assert year_from(terms, date(2027, 1, 1)) == 30000
    assert year_from(terms, JULY) == 32000
    assert year_from(plan_terms(CASES["a leave over the change"][0], BOOK), JULY) == 32000
    # A pensioner of October pays 3/12 of 600 and then the whole year: 150 + 600 (A13).
    pensioner = CASES["pensioner"][0]
    assert year_from(plan_terms(pensioner, rulebook()), date(2026, 10, 1)) == 15000 + 60000


@settings(deadline=None, max_examples=50)
@given(lives(), books)
def test_names_change_no_terms(facts, book):
    """What the database keeps of the facts gives the same terms, and holds no name."""
    stripped = without_names(facts)
    assert plan_terms(stripped, book) == plan_terms(facts, book)
    assert all(notice.decided_by == "" for notice in stripped.notices)
