"""What whoever comes back is charged for: no month twice, none that is open left out."""

from datetime import date
from typing import Any

import pytest

from schemas.dues.plan import charges_in, deducts, plan_terms
from schemas.membership.returning import Former, charged_from, coverage, fee_until, last_situation
from schemas.membership.situation import Facts
from schemas.shared.vocabulary import Category, Outcome
from tests.builders import BOOK, rulebook
from tests.dues.lives import (
    APRIL,
    JUNE,
    MARCH,
    MAY,
    becomes,
    draws,
    ends,
    leave,
    life,
    shown,
    works,
    yes,
)

PENSIONER, STUDENT, ORDINARY = Category.PENSIONER, Category.STUDENT, Category.ORDINARY

EARLY_RETIRED = life(draws(MARCH), ends(APRIL), born=date(1963, 5, 17))


def former_of(*lives: Facts, on: date) -> Former:
    """Return what is known of somebody with these memberships, the latest last."""
    covers = coverage([(facts, plan_terms(facts, BOOK)) for facts in lives], BOOK)
    return Former(
        membership_id="membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0009",
        member_number="00000009",
        outcome=Outcome.STRUCK_OFF,
        last_on=on,
        member_since=lives[0].since,
        situation=last_situation(lives[-1], BOOK, on),
        covered_until=covers.until,
        yearly_until=covers.yearly_until,
    )


def struck_off(on: date, **fields) -> Facts:
    """Return the life of somebody who was struck off on a day."""
    return life(ends(on, Outcome.STRUCK_OFF), since=date(2026, 3, 10), **fields)


@pytest.mark.parametrize(
    ("facts", "back", "first", "fee"),
    [
        # The month somebody leaves in is charged whole: April. Back in April: from May.
        (struck_off(date(2027, 4, 20)), date(2027, 4, 25), MAY, None),
        # Back on the first that nobody has charged: that month, as any approval (A19).
        (struck_off(date(2027, 4, 20)), MAY, None, None),
        (struck_off(date(2027, 4, 20)), date(2027, 9, 3), None, None),
        # Ended with March: April is free to charge.
        (struck_off(APRIL), date(2027, 4, 2), None, None),
        # A pensioner's 600 for 2027 was charged in January: the next fee is that of 2028 (S18).
        (
            struck_off(date(2027, 4, 20), category=PENSIONER, born=date(1955, 3, 8)),
            date(2027, 9, 3),
            None,
            date(2028, 1, 1),
        ),
        # Back in the month that is left: from May, and a fee from 2028.
        (
            struck_off(date(2027, 4, 20), category=PENSIONER, born=date(1955, 3, 8)),
            date(2027, 4, 25),
            MAY,
            date(2028, 1, 1),
        ),
        # A student's 300 of 2026, and left in December: 2027 is open (S12).
        (
            struck_off(date(2026, 12, 10), category=STUDENT, born=date(2004, 2, 3)),
            date(2027, 1, 15),
            None,
            None,
        ),
        # A student on the day of the approval alone: the 300 of that year was charged (S12).
        (
            life(
                becomes(date(2026, 3, 10), ORDINARY),
                ends(date(2026, 3, 10), Outcome.STRUCK_OFF),
                since=date(2026, 3, 10),
                category=STUDENT,
                born=date(2004, 2, 3),
            ),
            date(2026, 5, 1),
            None,
            date(2027, 1, 1),
        ),
        # A month without dues is covered as well (L4): nothing is charged for it.
        (
            life(leave(MARCH, date(2027, 6, 30)), ends(date(2027, 4, 20)), since=date(2026, 3, 10)),
            date(2027, 4, 25),
            MAY,
            None,
        ),
    ],
)
def test_charged_from_the_first_month_that_is_open(facts, back, first, fee):
    """No month that an earlier membership covers is charged again (A19, invariant 10)."""
    former = former_of(facts, on=back)
    assert (charged_from(former, back), fee_until(former, back)) == (first, fee)


BACK_IN_MARCH: dict[str, Any] = {
    "since": date(2027, 3, 10),
    "category": STUDENT,
    "born": date(2004, 2, 3),
}


@pytest.mark.parametrize(
    ("facts", "terms"),
    [
        # 300 for 2027 was paid in January: nothing until 2028 (S12).
        (
            life(**BACK_IN_MARCH),
            [
                "2027-03..2028-01 central 0.00 yearly direct",
                "2028-01.. central 300.00 yearly direct",
            ],
        ),
        # At work from 20 May: 495 a month from June, as for any student. No month is lost (S2).
        (
            life(becomes(date(2027, 5, 20), ORDINARY), **BACK_IN_MARCH),
            [
                "2027-03..2027-06 central 0.00 yearly direct",
                "2027-06.. central 495.00 monthly direct",
            ],
        ),
        # Back at work, and a student again in the same year: its fee is not charged again.
        (
            life(becomes(date(2027, 5, 20), STUDENT), since=date(2027, 3, 10)),
            [
                "2027-03..2027-06 central 495.00 monthly direct",
                "2027-06..2028-01 central 0.00 yearly direct",
                "2028-01.. central 300.00 yearly direct",
            ],
        ),
        # A pensioner at work, and a pensioner again from June: 600 for the whole of 2028 (A13).
        (
            life(
                becomes(date(2027, 5, 20), PENSIONER),
                since=date(2027, 3, 10),
                born=date(1955, 3, 8),
            ),
            [
                "2027-03..2027-06 central 495.00 monthly direct",
                "2027-06..2028-01 central 0.00 yearly direct",
                "2028-01.. central 600.00 yearly direct",
            ],
        ),
    ],
)
def test_a_fee_is_charged_once_a_year_whatever_comes(facts, terms):
    """Paid for 2027 under an earlier membership: not again, and no month free by it (S12, S18)."""
    facts = facts.model_copy(update={"fee_until": date(2028, 1, 1)})
    assert shown(plan_terms(facts, BOOK)) == terms


def test_two_memberships_before_cover_what_either_covers():
    """Covered until May by the first, and the second left before a month of its own came."""
    first = struck_off(date(2027, 4, 20))
    second = life(ends(date(2027, 4, 28)), since=date(2027, 4, 25)).model_copy(
        update={"charged_from": MAY}
    )
    assert plan_terms(second, BOOK) == ()
    former = former_of(first, second, on=date(2027, 4, 29))
    assert former.covered_until == MAY
    assert former.member_since == date(2026, 3, 10)


def test_terms_begin_with_that_month():
    """April stands with the old membership: the new one's terms are May's, by what holds then."""
    facts = life(works(MAY, "40"), since=date(2027, 4, 25), payers=(yes(JUNE),)).model_copy(
        update={"charged_from": MAY}
    )
    # 40 % is half: 247.50 (S5). Nothing was invoiced with the approval that would stand (S26).
    assert shown(plan_terms(facts, BOOK)) == [
        "2027-05..2027-06 central 247.50 monthly direct",
        "2027-06..2053-05 central 247.50 monthly payroll",
        "2053-05.. central 495.00 monthly payroll",
    ]
    assert charges_in(facts, BOOK, APRIL) == {}
    assert deducts(facts, BOOK, date(2027, 6, 2))


def test_a_yes_before_the_first_month_holds():
    """Approved on 25 April, the employer says yes on the 27th for May: May is deducted (A20)."""
    facts = life(since=date(2027, 4, 25), payers=(yes(MAY, given=date(2027, 4, 27)),)).model_copy(
        update={"charged_from": MAY}
    )
    assert shown(plan_terms(facts, BOOK)) == ["2027-05.. central 495.00 monthly payroll"]
    later = facts.model_copy(update={"charged_from": None})
    book = rulebook(first_month="next")
    assert shown(plan_terms(later, book)) == ["2027-05.. central 495.00 monthly payroll"]


def test_who_leaves_before_that_month_is_charged_nothing():
    """Back on 25 April, gone on the 28th, nothing of May: no terms, and nobody deducts."""
    facts = life(ends(date(2027, 4, 28)), since=date(2027, 4, 25), payers=(yes(MAY),)).model_copy(
        update={"charged_from": MAY}
    )
    assert plan_terms(facts, BOOK) == ()
    assert not deducts(facts, BOOK, MAY)


def test_a_pensioner_of_may_pays_for_the_rest_of_the_year_from_may():
    """Ordinary until April, back as a pensioner: 600 from May on, of which 8/12 this year (A13)."""
    facts = life(
        since=date(2027, 4, 25), category=PENSIONER, born=date(1955, 3, 8), employer=None
    ).model_copy(update={"charged_from": MAY})
    (term,) = plan_terms(facts, BOOK)
    assert (term.valid_from, term.amount_ore, term.prorated) == (MAY, 60000, True)


@pytest.mark.parametrize(
    ("facts", "on", "category", "percent"),
    [
        (life(works(MARCH, "40"), ends(APRIL)), MAY, ORDINARY, "40"),
        # Reported before the end for a day after it: it never came true.
        (life(works(JUNE, "40"), ends(APRIL)), date(2027, 7, 1), ORDINARY, "100"),
        (life(becomes(MARCH, STUDENT), ends(APRIL)), MAY, STUDENT, "100"),
        # 63 with an early pension, 67 since: a pensioner (S21).
        (
            life(draws(MARCH), ends(APRIL), born=date(1963, 5, 17)),
            date(2031, 1, 1),
            PENSIONER,
            None,
        ),
        (
            life(draws(MARCH), ends(APRIL), born=date(1963, 5, 17)),
            MAY,
            Category.EARLY_PENSIONER,
            None,
        ),
    ],
)
def test_what_was_known_last(facts, on, category, percent):
    """The last facts, and not the first form, say what somebody was (A30)."""
    now = last_situation(facts, BOOK, on)
    found = None if now.position_percent is None else f"{now.position_percent:f}"
    assert (now.category, found, now.on_leave) == (category, percent, False)
