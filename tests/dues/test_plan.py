"""Who pays what, how, from when: every transition of L2, as terms.

Each line reads ``first month..month after the last, kind, kroner, cadence, payer``. Unless a test
says otherwise somebody born on 12 April 1986 joined on 22 November 2026, works full time at A, and
pays 495 directly. Half dues end at 67, from May 2053 on (A15).
"""

from datetime import date

import pytest

from schemas.dues.plan import deducts, plan_terms
from schemas.dues.terms import Span
from schemas.pricing.rulebook import Branch, LocalRate, NotInForce
from schemas.shared.vocabulary import Category, Outcome, PensionKind
from tests.builders import (
    BERGEN,
    BOOK,
    CRITICAL_ILLNESS,
    DISABILITY,
    OSLO,
    PREMIUM,
    TODAY,
    rates,
    rulebook,
)
from tests.dues.lives import (
    APRIL,
    FEBRUARY,
    JANUARY,
    JUNE,
    MARCH,
    MAY,
    A,
    B,
    becomes,
    draws,
    ends,
    hides,
    leave,
    life,
    no,
    retired_life,
    shown,
    works,
    yes,
)

ORDINARY, STUDENT, APPRENTICE = Category.ORDINARY, Category.STUDENT, Category.APPRENTICE
EARLY, PENSIONER = Category.EARLY_PENSIONER, Category.PENSIONER

MID_FEBRUARY, MID_MARCH = date(2027, 2, 14), date(2027, 3, 15)

PAID = (Span(valid_from=JANUARY),)
"""The insurance package, paid for from January on; born in 1986 it ends with 2053 (A17)."""


def plan(facts, book=BOOK) -> list[str]:
    """Return the terms, one line each."""
    return shown(plan_terms(facts, book))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(life(), ["2026-11.. central 495.00 monthly direct"], id="S2-A19"),
        pytest.param(
            # Student: 5 % of 5,940 is 297, up to 300 a year (S12).
            life(becomes(MID_FEBRUARY, ORDINARY), category=STUDENT),
            [
                "2026-11..2027-03 central 300.00 yearly direct",
                "2027-03.. central 495.00 monthly direct",
            ],
            id="S17-student-to-ordinary",
        ),
        pytest.param(
            life(becomes(MID_FEBRUARY, APPRENTICE), category=STUDENT),
            [
                "2026-11..2027-03 central 300.00 yearly direct",
                "2027-03.. central 0.00 monthly direct",
            ],
            id="S14-student-to-apprentice",
        ),
        pytest.param(
            life(becomes(MARCH, ORDINARY), category=APPRENTICE, branch="OSLO"),
            [
                "2026-11..2027-03 central 0.00 monthly direct",
                "2027-03.. central 495.00 monthly direct",
                "2027-03.. local 50.00 monthly direct",  # A8: an apprentice pays none
            ],
            id="A9-apprentice-to-ordinary-on-the-first",
        ),
        pytest.param(
            life(becomes(FEBRUARY, STUDENT), becomes(MID_MARCH, ORDINARY), premiums=PAID),
            [
                "2026-11..2027-02 central 495.00 monthly direct",
                "2027-02..2027-04 central 300.00 yearly direct",
                "2027-04.. central 495.00 monthly direct",
                "2027-01..2027-02 insurance 200.00 monthly direct",
                "2027-04..2054-01 insurance 200.00 monthly direct",  # S8: not as a student
            ],
            id="S8-a-study-in-between",
        ),
        pytest.param(
            # Half of 495 is 247.50 (S5), from the month after the notice took effect (A6).
            life(works(MID_FEBRUARY, "50")),
            [
                "2026-11..2027-03 central 495.00 monthly direct",
                "2027-03..2053-05 central 247.50 monthly direct",
                "2053-05.. central 495.00 monthly direct",
            ],
            id="A6-full-to-half",
        ),
        pytest.param(
            life(works(FEBRUARY, "50")),
            [
                "2026-11..2027-02 central 495.00 monthly direct",
                "2027-02..2053-05 central 247.50 monthly direct",
                "2053-05.. central 495.00 monthly direct",
            ],
            id="A6-on-the-first-from-that-month",
        ),
        pytest.param(
            life(works(date(2027, 2, 2), "50")),
            [
                "2026-11..2027-03 central 495.00 monthly direct",
                "2027-03..2053-05 central 247.50 monthly direct",
                "2053-05.. central 495.00 monthly direct",
            ],
            id="A6-on-the-second-from-the-next",
        ),
        pytest.param(
            life(works(FEBRUARY, "50.01")),
            ["2026-11.. central 495.00 monthly direct"],
            id="S5-above-50-is-full",
        ),
        pytest.param(
            life(works(FEBRUARY, "80"), percent="50", branch="BERGEN"),
            [
                "2026-11..2027-02 central 247.50 monthly direct",
                "2027-02.. central 495.00 monthly direct",
                "2026-11..2027-02 local 22.50 monthly direct",  # A3: Bergen halves 45
                "2027-02.. local 45.00 monthly direct",
            ],
            id="A3-half-to-full",
        ),
        pytest.param(
            life(works(FEBRUARY, "0")), ["2026-11.. central 495.00 monthly direct"], id="A5-no-work"
        ),
        pytest.param(
            life(works(MID_FEBRUARY, "50"), works(date(2027, 2, 20), "100")),
            ["2026-11.. central 495.00 monthly direct"],
            id="A6-half-for-less-than-a-month",
        ),
        pytest.param(
            # A quarter of 495 is 123.75 (S21); no local dues (A11); work ends, so does deduction.
            life(
                draws(MARCH),
                born=date(1962, 8, 20),
                branch="OSLO",
                premiums=PAID,
                payers=(yes(JANUARY),),
            ),
            [
                "2026-11..2027-01 central 495.00 monthly direct",
                "2027-01..2027-03 central 495.00 monthly payroll",
                "2027-03..2029-09 central 123.75 monthly direct",
                "2029-09.. central 600.00 yearly direct",  # A12: 67 on 20 August 2029
                "2027-01..2027-03 insurance 200.00 monthly payroll",
                "2027-03..2030-01 insurance 200.00 monthly direct",  # A10, A17
                "2026-11..2027-01 local 50.00 monthly direct",
                "2027-01..2027-03 local 50.00 monthly payroll",
            ],
            id="S21-ordinary-to-early-pensioner",
        ),
        pytest.param(
            life(draws(MARCH), works(MAY, "40", A), born=date(1970, 1, 1), payers=(yes(JANUARY),)),
            [
                "2026-11..2027-01 central 495.00 monthly direct",
                "2027-01..2027-03 central 495.00 monthly payroll",
                "2027-03..2027-05 central 123.75 monthly direct",
                "2027-05..2037-01 central 247.50 monthly direct",  # 40 %, and A is asked again
                "2037-01.. central 495.00 monthly direct",  # 67 on 1 January 2037 (A15)
            ],
            id="A16-early-pensioner-back-to-work",
        ),
        pytest.param(
            life(draws(MARCH, "40"), born=date(1970, 1, 1), payers=(yes(JANUARY),)),
            [
                "2026-11..2027-01 central 495.00 monthly direct",
                "2027-01..2027-03 central 495.00 monthly payroll",
                "2027-03..2037-01 central 247.50 monthly payroll",
                "2037-01.. central 495.00 monthly payroll",
            ],
            id="A16-pension-beside-work",
        ),
        pytest.param(
            life(draws(MARCH, kind=PensionKind.OLD_AGE), born=date(1958, 1, 1)),
            [
                "2026-11..2027-03 central 495.00 monthly direct",  # S22
                "2027-03.. central 600.00 yearly direct",  # 10 % of 5,940 is 594, up to 600
            ],
            id="S18-working-past-67-to-pensioner",
        ),
        pytest.param(
            retired_life(works(MARCH, "100", B), born=date(1955, 3, 8), category=PENSIONER),
            [
                "2026-11..2027-03 central 600.00 yearly direct",
                "2027-03.. central 495.00 monthly direct",
            ],
            id="S22-pensioner-back-to-work",
        ),
        pytest.param(
            retired_life(works(MARCH, "40", B), born=date(1955, 3, 8), category=PENSIONER),
            [
                "2026-11..2027-03 central 600.00 yearly direct",
                "2027-03.. central 495.00 monthly direct",
            ],
            id="A15-pensioner-back-to-half-work",
        ),
        pytest.param(
            # Dues are waived, the premium is not, and it is paid directly.
            life(
                leave(FEBRUARY, date(2027, 3, 31)),
                branch="OSLO",
                premiums=PAID,
                payers=(yes(JANUARY),),
            ),
            [
                "2026-11..2027-01 central 495.00 monthly direct",
                "2027-01..2027-02 central 495.00 monthly payroll",
                "2027-02..2027-04 central 0.00 monthly direct",
                "2027-04.. central 495.00 monthly direct",  # asked again, not yet answered
                "2027-01..2027-02 insurance 200.00 monthly payroll",
                "2027-02..2054-01 insurance 200.00 monthly direct",
                "2026-11..2027-01 local 50.00 monthly direct",
                "2027-01..2027-02 local 50.00 monthly payroll",
                "2027-04.. local 50.00 monthly direct",
            ],
            id="leave",
        ),
        pytest.param(
            life(leave(MID_FEBRUARY, date(2027, 4, 1))),
            [
                "2026-11..2027-03 central 495.00 monthly direct",
                "2027-03..2027-05 central 0.00 monthly direct",  # on leave on 1 April
                "2027-05.. central 495.00 monthly direct",
            ],
            id="leave-inside-months",
        ),
        pytest.param(
            life(leave(FEBRUARY, date(2027, 3, 31)), category=STUDENT),
            [
                "2026-11..2027-02 central 300.00 yearly direct",
                "2027-02..2027-04 central 0.00 monthly direct",
                "2027-04.. central 300.00 yearly direct",
            ],
            id="leave-of-a-student",
        ),
        pytest.param(
            # Hidden from 14 February: no local dues, direct, from March. Open again in May.
            life(
                hides(MID_FEBRUARY),
                hides(MAY, hidden=False),
                branch="OSLO",
                payers=(yes(JANUARY), yes(JUNE, given=MAY)),
            ),
            [
                "2026-11..2027-01 central 495.00 monthly direct",
                "2027-01..2027-03 central 495.00 monthly payroll",
                "2027-03..2027-06 central 495.00 monthly direct",
                "2027-06.. central 495.00 monthly payroll",
                "2026-11..2027-01 local 50.00 monthly direct",
                "2027-01..2027-03 local 50.00 monthly payroll",
                "2027-05..2027-06 local 50.00 monthly direct",
                "2027-06.. local 50.00 monthly payroll",
            ],
            id="S33-A23-hidden-and-open-again",
        ),
        pytest.param(
            life(hides(MARCH, hidden=False, branch="BERGEN"), hidden=True),
            [
                "2026-11.. central 495.00 monthly direct",
                "2027-03.. local 45.00 monthly direct",
            ],
            id="S35-hidden-from-the-first-day",
        ),
        pytest.param(
            life(
                works(MID_FEBRUARY, employer=B),
                payers=(yes(JANUARY), yes(APRIL, B, given=date(2027, 3, 2))),
            ),
            [
                "2026-11..2027-01 central 495.00 monthly direct",
                "2027-01..2027-03 central 495.00 monthly payroll",  # A still deducts February
                "2027-03..2027-04 central 495.00 monthly direct",
                "2027-04.. central 495.00 monthly payroll",
            ],
            id="A28-change-of-employer",
        ),
        pytest.param(
            life(works(MARCH, branch="BERGEN"), branch="OSLO"),
            [
                "2026-11.. central 495.00 monthly direct",
                "2026-11..2027-03 local 50.00 monthly direct",
                "2027-03.. local 45.00 monthly direct",
            ],
            id="S4-another-branch",
        ),
        pytest.param(
            # Resigned in January: the last month is February, for everything (A29).
            life(ends(MARCH), branch="OSLO", premiums=PAID, payers=(yes(FEBRUARY),)),
            [
                "2026-11..2027-02 central 495.00 monthly direct",
                "2027-02..2027-03 central 495.00 monthly payroll",
                "2027-01..2027-02 insurance 200.00 monthly direct",
                "2027-02..2027-03 insurance 200.00 monthly payroll",
                "2026-11..2027-02 local 50.00 monthly direct",
                "2027-02..2027-03 local 50.00 monthly payroll",
            ],
            id="A29-resigned",
        ),
        pytest.param(
            life(ends(date(2027, 5, 4), Outcome.STRUCK_OFF)),
            ["2026-11..2027-06 central 495.00 monthly direct"],
            id="A30-struck-off",
        ),
        pytest.param(
            life(ends(date(2027, 1, 11), Outcome.DECEASED)),
            ["2026-11..2027-02 central 495.00 monthly direct"],
            id="death",
        ),
        pytest.param(
            life(works(APRIL, "50"), ends(MARCH)),
            ["2026-11..2027-03 central 495.00 monthly direct"],
            id="nothing-comes-after-the-end",
        ),
        pytest.param(
            life(ends(date(2026, 11, 23), Outcome.DECEASED)),
            ["2026-11..2026-12 central 495.00 monthly direct"],
            id="A19-the-first-month-is-whole",
        ),
    ],
)
def test_transitions(facts, expected):
    """From → to of L2, one after the other."""
    assert plan(facts) == expected


@pytest.mark.parametrize(
    ("born", "month"),
    [
        pytest.param(date(1962, 8, 20), "2029-09", id="A12-the-first-of-the-next"),
        pytest.param(date(1962, 8, 1), "2029-08", id="A12-a-birthday-on-the-first"),
        pytest.param(date(1962, 8, 31), "2029-09", id="A12-on-the-last-day"),
        # Born 29 February 1964, turns 67 on 1 March 2031, no leap year (A32).
        pytest.param(date(1964, 2, 29), "2031-03", id="A32-1-March"),
        pytest.param(date(1964, 2, 28), "2031-03", id="28-February"),
        pytest.param(date(1962, 12, 5), "2030-01", id="in-December"),
    ],
)
def test_an_early_pensioner_turns_67(born, month):
    """123.75 until the birthday, 600 a year from the first of the next month (S18, S21, A12)."""
    assert plan(retired_life(born=born)) == [
        f"2026-11..{month} central 123.75 monthly direct",
        f"{month}.. central 600.00 yearly direct",
    ]


@pytest.mark.parametrize("percent", ["100", "50", "20"])
def test_working_past_67_is_full(percent):
    """Whoever goes on working after 67 pays full dues, also at 50 % (S22, A15)."""
    half = ["2026-11..2029-09 central 247.50 monthly direct"]
    full = "2029-09" if percent != "100" else "2026-11"
    assert plan(life(born=date(1962, 8, 20), percent=percent)) == [
        *(half if percent != "100" else []),
        f"{full}.. central 495.00 monthly direct",
    ]


def test_working_past_67_may_be_half():
    """By policy (A15)."""
    book = rulebook(half_past_67=True)
    assert plan(life(born=date(1962, 8, 20), percent="50"), book) == [
        "2026-11.. central 247.50 monthly direct"
    ]


HALF_FROM_DECEMBER = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("recorded", "month"),
    [
        pytest.param(date(2026, 11, 25), "2026-12", id="early"),
        pytest.param(date(2027, 1, 15), "2026-12", id="late"),
        pytest.param(date(2027, 3, 31), "2026-12", id="three-months-back"),
        pytest.param(date(2027, 4, 1), "2027-01", id="four-months-are-too-many"),
        pytest.param(date(2027, 9, 30), "2027-06", id="long-after"),
    ],
)
def test_how_far_back_a_notice_charges(recorded, month):
    """What was charged more than three months before it was learned stands (A31)."""
    assert plan(life(works(HALF_FROM_DECEMBER, "50", recorded=recorded))) == [
        f"2026-11..{month} central 495.00 monthly direct",
        f"{month}..2053-05 central 247.50 monthly direct",
        "2053-05.. central 495.00 monthly direct",
    ]


def test_a_correction_that_came_too_late_leaves_old_months_as_they_were():
    """Leave until January; that it was until April was learned in August: May on (A31)."""
    facts = life(
        leave(JANUARY, date(2027, 1, 31)),
        leave(JANUARY, date(2027, 6, 30), recorded=date(2027, 8, 9)),
    )
    assert plan(facts) == [
        "2026-11..2027-01 central 495.00 monthly direct",
        "2027-01..2027-02 central 0.00 monthly direct",
        "2027-02..2027-05 central 495.00 monthly direct",
        "2027-05..2027-07 central 0.00 monthly direct",
        "2027-07.. central 495.00 monthly direct",
    ]


def test_nothing_is_owed_after_a_death_whenever_it_is_learned():
    """Died in January, learned in August: all from February on is credited (A31, L7)."""
    facts = life(ends(date(2027, 1, 11), Outcome.DECEASED, recorded=date(2027, 8, 9)))
    assert plan(facts) == ["2026-11..2027-02 central 495.00 monthly direct"]


def test_a_late_notice_that_shows_a_break_voids_the_yes():
    """Leave in January was learned in March: A is asked again, as if it had been known (A20)."""
    late = leave(JANUARY, date(2027, 1, 31), recorded=MID_MARCH)
    words = (yes(date(2026, 12, 1)),)
    assert plan(life(late, payers=words)) == [
        "2026-11..2026-12 central 495.00 monthly direct",
        "2026-12..2027-01 central 495.00 monthly payroll",
        "2027-01..2027-02 central 0.00 monthly direct",
        "2027-02.. central 495.00 monthly direct",
    ]


@pytest.mark.parametrize(
    ("notices", "payer"),
    [
        pytest.param([leave(date(2027, 2, 10), date(2027, 2, 20))], "direct", id="leave"),
        pytest.param(
            [works(date(2027, 2, 10), employer=B), works(date(2027, 2, 20), employer=A)],
            "direct",
            id="another-employer",
        ),
        pytest.param(
            [hides(date(2027, 2, 10)), hides(date(2027, 2, 20), hidden=False)],
            "direct",
            id="hiding",
        ),
        pytest.param([works(date(2027, 2, 10), "80")], "payroll", id="a-percentage-is-no-break"),
        # Learned in July, charged from April: the deduction of March was right as it was known.
        pytest.param(
            [leave(date(2027, 2, 10), date(2027, 2, 20), recorded=date(2027, 7, 9))],
            "payroll",
            id="A31-a-break-learned-too-late",
        ),
    ],
)
def test_a_break_inside_a_month(notices, payer):
    """It ends the deduction, though no month begins in it: the employer is asked again (A20)."""
    terms = plan_terms(life(*notices, payers=(yes(JANUARY),)), BOOK)
    assert terms[-1].valid_to is None
    assert terms[-1].payer == payer


def test_prices_change_in_the_middle_of_a_life():
    """520 from March, premium 220 from April, Oslo 60 from May (S4, S7): half of 520 is 260."""
    oslo = Branch(
        code="OSLO",
        name="Oslo",
        rates=(*OSLO.rates, LocalRate(valid_from=MAY, local_ore=6000, halves=False)),
    )
    dearer = PREMIUM.model_copy(update={"valid_from": APRIL, "premium_ore": 22000})
    book = rulebook(
        rates=[rates("495"), rates("520", MARCH)],
        premiums=[PREMIUM, dearer],
        branches=[oslo, BERGEN],
    )
    assert plan(life(works(JUNE, "50"), branch="OSLO", premiums=PAID), book) == [
        "2026-11..2027-03 central 495.00 monthly direct",
        "2027-03..2027-06 central 520.00 monthly direct",
        "2027-06..2053-05 central 260.00 monthly direct",
        "2053-05.. central 520.00 monthly direct",
        "2027-01..2027-04 insurance 200.00 monthly direct",
        "2027-04..2054-01 insurance 220.00 monthly direct",
        "2026-11..2027-05 local 50.00 monthly direct",
        "2027-05.. local 60.00 monthly direct",
    ]


@pytest.mark.parametrize("branch", [works(MARCH, branch="OSLO"), hides(MARCH, False, "OSLO")])
def test_the_price_of_a_branch_that_is_joined_later_changes_too(branch):
    """Its rates are looked at whoever named it (S4)."""
    oslo = OSLO.model_copy(
        update={"rates": (*OSLO.rates, LocalRate(valid_from=MAY, local_ore=6000, halves=False))}
    )
    local = plan(life(branch), rulebook(branches=[oslo]))[1:]
    assert local == [
        "2027-03..2027-05 local 50.00 monthly direct",
        "2027-05.. local 60.00 monthly direct",
    ]


def test_a_price_from_the_middle_of_a_month_holds_from_the_next():
    """A month is charged by what holds on its first day (A19)."""
    book = rulebook(rates=[rates("495"), rates("520", MID_FEBRUARY)])
    assert plan(life(), book) == [
        "2026-11..2027-03 central 495.00 monthly direct",
        "2027-03.. central 520.00 monthly direct",
    ]


def test_yearly_fees_follow_the_price():
    """At 520 a student pays ceil10(312) = 320, a pensioner ceil10(624) = 630 (S12, S18, A26)."""
    book = rulebook(rates=[rates("495"), rates("520", JANUARY)])
    assert plan(life(category=STUDENT), book) == [
        "2026-11..2027-01 central 300.00 yearly direct",
        "2027-01.. central 320.00 yearly direct",
    ]
    pensioner = retired_life(born=date(1955, 1, 1), category=PENSIONER)
    assert plan(pensioner, book)[-1] == "2027-01.. central 630.00 yearly direct"


def test_a_policy_changes_in_the_middle_of_a_life():
    """Half dues past 67 from March on, for somebody of 68 at 50 % (A15)."""
    earlier = BOOK.policies[0]
    later = earlier.model_copy(update={"valid_from": MARCH, "half_past_67": True})
    book = BOOK.model_copy(update={"policies": (earlier, later)})
    assert plan(life(born=date(1958, 5, 1), percent="50"), book) == [
        "2026-11..2027-03 central 495.00 monthly direct",
        "2027-03.. central 247.50 monthly direct",
    ]


def test_another_retirement_age_holds_from_its_day():
    """68 from 2029 on: somebody who turns 67 in August 2029 is an early pensioner for a year."""
    earlier = BOOK.policies[0]
    later = earlier.model_copy(update={"valid_from": date(2029, 1, 1), "retirement_age": 68})
    book = BOOK.model_copy(update={"policies": (earlier, later)})
    assert plan(retired_life(born=date(1962, 8, 20)), book) == [
        "2026-11..2030-09 central 123.75 monthly direct",
        "2030-09.. central 600.00 yearly direct",
    ]


@pytest.mark.parametrize(
    ("premiums", "expected"),
    [
        pytest.param(PAID, ["2027-01..2054-01"], id="A17-to-the-end-of-the-year-of-67"),
        # Reserved from March, taken in again from May (A21).
        pytest.param(
            (Span(valid_from=JANUARY, valid_to=MARCH), Span(valid_from=MAY)),
            ["2027-01..2027-03", "2027-05..2054-01"],
            id="A21-re-entry",
        ),
        pytest.param((Span(valid_from=JANUARY, valid_to=JANUARY),), [], id="A21-never-paid"),
        pytest.param((Span(valid_from=date(2026, 11, 1)),), ["2026-11..2054-01"], id="A18-at-once"),
        pytest.param(
            (Span(valid_from=JANUARY, valid_to=MARCH), Span(valid_from=MARCH)),
            ["2027-01..2054-01"],
            id="never-interrupted",
        ),
    ],
)
def test_the_months_the_package_is_paid_for(premiums, expected):
    """Each span of cover is a term, until the last coverage ends by age (A17, A18, A21)."""
    found = [line.split()[0] for line in plan(life(premiums=premiums)) if "insurance" in line]
    assert found == expected


@pytest.mark.parametrize(
    ("coverages", "until"),
    [
        # Born 20 August 1966: 60 on 20 August 2026, 67 on 20 August 2033.
        pytest.param([CRITICAL_ILLNESS], "2033-08", id="A17-July-is-the-last-whole-month"),
        pytest.param([CRITICAL_ILLNESS, DISABILITY], "2033-08", id="A17-the-last-coverage"),
    ],
)
def test_the_premium_ends_by_age(coverages, until):
    """Also in the middle of a year, and whole months only (A17)."""
    facts = life(born=date(1966, 8, 20), premiums=PAID)
    (premium,) = [x for x in plan(facts, rulebook(coverages=coverages)) if "insurance" in x]
    assert premium == f"2027-01..{until} insurance 200.00 monthly direct"


def test_a_pensioner_keeps_what_is_left_of_the_package():
    """67 on 8 March 2027, retired: the premium goes on to the end of the year (A17)."""
    facts = life(draws(MAY), born=date(1960, 3, 8), premiums=PAID)
    assert "2027-01..2028-01 insurance 200.00 monthly direct" in plan(facts)


def test_every_monthly_charge_changes_payer():
    """Local dues and premium go with the central dues, also what ends later (D7)."""
    facts = life(branch="OSLO", premiums=PAID, payers=(yes(FEBRUARY), no(APRIL)))
    assert plan(facts) == [
        "2026-11..2027-02 central 495.00 monthly direct",
        "2027-02..2027-04 central 495.00 monthly payroll",
        "2027-04.. central 495.00 monthly direct",
        "2027-01..2027-02 insurance 200.00 monthly direct",
        "2027-02..2027-04 insurance 200.00 monthly payroll",
        "2027-04..2054-01 insurance 200.00 monthly direct",
        "2026-11..2027-02 local 50.00 monthly direct",
        "2027-02..2027-04 local 50.00 monthly payroll",
        "2027-04.. local 50.00 monthly direct",
    ]


@pytest.mark.parametrize(
    ("facts", "today", "expected"),
    [
        pytest.param(life(), MARCH, False, id="never-asked"),
        pytest.param(life(payers=(yes(JANUARY),)), MARCH, True, id="agreed"),
        pytest.param(life(payers=(yes(JUNE),)), MARCH, True, id="agreed-for-later"),
        pytest.param(life(payers=(yes(JANUARY), no(MAY))), MARCH, False, id="stops-soon"),
        pytest.param(life(ends(APRIL), payers=(yes(JANUARY),)), MARCH, True, id="leaves-soon"),
        pytest.param(
            life(leave(APRIL, APRIL), payers=(yes(JANUARY),)), MARCH, True, id="a-leave-ahead"
        ),
        pytest.param(
            life(leave(MARCH, MARCH), payers=(yes(JANUARY),)), MARCH, False, id="a-leave-today"
        ),
        pytest.param(
            life(works(APRIL, employer=B), payers=(yes(JANUARY),)), MARCH, True, id="moves-soon"
        ),
    ],
)
def test_whether_a_yes_holds(facts, today, expected):
    """By what is true today, whatever lies ahead (A20, L1)."""
    assert deducts(facts, BOOK, today) is expected


def test_the_rulebook_must_speak_of_every_day():
    """Nothing is guessed for a time it says nothing of."""
    with pytest.raises(NotInForce):
        plan_terms(life(), rulebook(rates=[rates("495", JANUARY)]))


def test_a_day_that_changes_nothing_splits_no_term():
    """A birthday, a price of another branch, a notice of what holds anyway: one term."""
    bergen = BERGEN.model_copy(
        update={"rates": (*BERGEN.rates, LocalRate(valid_from=MAY, local_ore=1, halves=False))}
    )
    facts = life(works(MARCH, "90"), branch="OSLO")
    assert plan(facts, rulebook(branches=[OSLO, bergen])) == [
        "2026-11.. central 495.00 monthly direct",
        "2026-11.. local 50.00 monthly direct",
    ]


def test_the_first_month_is_charged_by_what_was_approved():
    """Its invoice went out with the approval and stands; what is told since waits (S26, A12)."""
    for day in (TODAY, date(2026, 11, 23)):
        assert plan(life(works(day, "50")))[:2] == [
            "2026-11..2026-12 central 495.00 monthly direct",
            "2026-12..2053-05 central 247.50 monthly direct",
        ]
    assert plan(life(becomes(TODAY, ORDINARY), category=STUDENT)) == [
        "2026-11..2026-12 central 300.00 yearly direct",
        "2026-12.. central 495.00 monthly direct",
    ]
