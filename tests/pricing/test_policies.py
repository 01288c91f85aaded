"""Every reading of ours decides something: each value of each policy of the dues, worked out.

495.00 is the whole, Oslo takes 50.00, Bergen 45.00 and halves it, the package costs 200.00. Lives
are those of ``tests.dues.lives``: somebody joins on 22 November 2026, full time unless it says so.
"""

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from pydantic import ValidationError

from activities.deduction.listing import report_due_on
from schemas.dues.amounts import DuesFacts, central_dues, first_invoice_lines, local_dues
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span
from schemas.membership.situation import first_charged_month
from schemas.pricing.policies import Rule
from schemas.pricing.rulebook import Policies
from schemas.shared.vocabulary import Category
from tests.builders import ALWAYS, BORN, TODAY, rulebook
from tests.dues.lives import JANUARY, draws, ends, hides, leave, life, retired_life, shown, works

ORDINARY, STUDENT, APPRENTICE = Category.ORDINARY, Category.STUDENT, Category.APPRENTICE
EARLY, PENSIONER = Category.EARLY_PENSIONER, Category.PENSIONER

PAID = (Span(valid_from=JANUARY),)
"""The insurance package, paid for from January 2027 on."""


def plan(facts, **policies):
    """Return the terms, one line each."""
    return shown(plan_terms(facts, rulebook(**policies)))


@pytest.mark.parametrize(
    ("parts_of", "half", "quarter", "student", "pensioner"),
    [
        # 495 x 50 %, 495 x 25 %, ceil10(495 x 12 x 5 % = 297), ceil10(495 x 12 x 10 % = 594)
        ("central", 24750, 12375, 30000, 60000),
        # 545: 272.50, 136.25, ceil10(327) = 330, ceil10(654) = 660
        ("central_and_local", 27250, 13625, 33000, 66000),
        # 695: 347.50, 173.75, ceil10(417) = 420, ceil10(834) = 840
        ("central_and_premium", 34750, 17375, 42000, 84000),
        # 745: 372.50, 186.25, ceil10(447) = 450, ceil10(894) = 900
        ("central_local_and_premium", 37250, 18625, 45000, 90000),
    ],
)
def test_what_parts_are_taken_of(parts_of, half, quarter, student, pensioner):
    """Of the central dues alone, or of local dues and premium as well; the whole stays (A1)."""
    book = rulebook(parts_of=parts_of)

    def ore(category, percent=None):
        return central_dues(
            DuesFacts(category, BORN, percent and Decimal(percent), branch="OSLO"), book, TODAY
        )[0]

    assert (ore(ORDINARY, 50), ore(EARLY), ore(STUDENT), ore(PENSIONER)) == (
        half,
        quarter,
        student,
        pensioner,
    )
    assert ore(ORDINARY, 100) == 49500


@pytest.mark.parametrize(
    "facts",
    [
        DuesFacts(STUDENT, BORN),
        DuesFacts(STUDENT, BORN, branch="TROMS"),
        DuesFacts(STUDENT, BORN, branch="OSLO", hidden=True),
    ],
    ids=["no branch", "an unknown branch", "hidden"],
)
def test_without_a_branch_parts_are_of_the_central_dues(facts):
    """Nobody's local dues count for who has none (A1, S33)."""
    book = rulebook(parts_of="central_and_local")
    assert central_dues(facts, book, TODAY)[0] == 30000


@pytest.mark.parametrize(
    ("step", "student", "pensioner", "half"),
    [
        (10, 30000, 60000, 25000),  # 297, 594 and 247.50 up to tens
        (1, 29700, 59400, 24800),
        (50, 30000, 60000, 25000),
        (100, 30000, 60000, 30000),
        (7, 30100, 59500, 25200),  # 43 x 7 = 301, 85 x 7 = 595, 36 x 7 = 252
    ],
)
def test_the_step_of_rounding(step, student, pensioner, half):
    """Yearly fees go up to the next so many kroner, parts of a month where A2 says so (S12)."""
    book = rulebook(rounding_step_kroner=step, round_half_and_quarter=True)
    assert central_dues(DuesFacts(STUDENT, BORN), book, TODAY)[0] == student
    assert central_dues(DuesFacts(PENSIONER, BORN), book, TODAY)[0] == pensioner
    assert central_dues(DuesFacts(ORDINARY, BORN, Decimal(50)), book, TODAY)[0] == half


@pytest.mark.parametrize(
    ("halved", "percent", "premium"),
    [
        (False, "50", 20000),
        (True, "50", 10000),  # 200.00 / 2
        (True, "50.01", 20000),
        (True, None, 20000),
    ],
)
def test_whether_half_dues_halve_the_premium(halved, percent, premium):
    """Only half dues do, and only by the policy (A4)."""
    terms = plan_terms(
        life(percent=percent, premiums=PAID), rulebook(half_dues_halve_premium=halved)
    )
    [first, *_] = [term for term in terms if term.kind == "insurance_premium"]
    assert first.amount_ore == premium


def test_a_leave_at_half_dues_leaves_the_premium_whole():
    """A leave waives the dues, which are no half then: February to April cost 200 (A4, L4)."""
    away = life(
        leave(date(2027, 2, 1), date(2027, 4, 30)), percent="40", branch="OSLO", premiums=PAID
    )
    terms = plan(away, half_dues_halve_premium=True)
    assert [line for line in terms if "insurance" in line] == [
        "2027-01..2027-02 insurance 100.00 monthly direct",
        "2027-02..2027-05 insurance 200.00 monthly direct",
        "2027-05..2053-05 insurance 100.00 monthly direct",
        "2053-05..2054-01 insurance 200.00 monthly direct",
    ]


@pytest.mark.parametrize(
    ("half_months", "back_months", "begins"),
    [
        (3, 3, "2027-02"),  # three months before May
        (1, 3, "2027-04"),
        (0, 3, "2027-05"),
        (6, 3, "2027-02"),  # what is older than A31 is not given back either
        (3, 2, "2027-03"),
    ],
)
def test_how_far_back_half_dues_are_given(half_months, back_months, begins):
    """Half since January, told on 10 May: at most so many months back (A6, A31)."""
    told = life(works(JANUARY, "40", recorded=date(2027, 5, 10)))
    terms = plan(told, half_dues_back_months=half_months, back_months=back_months)
    assert terms[0] == f"2026-11..{begins} central 495.00 monthly direct"
    assert terms[1] == f"{begins}..2053-05 central 247.50 monthly direct"


def test_exactly_half_is_given_as_far_back_as_half_dues_are():
    """50 % since January, told on 10 May, one month back: from April on (S5, A6)."""
    told = life(works(JANUARY, "50", recorded=date(2027, 5, 10)))
    terms = plan(told, half_dues_back_months=1)
    assert terms[0] == "2026-11..2027-04 central 495.00 monthly direct"


@pytest.mark.parametrize("percent", ["60", "50.01", "0", None])
def test_what_is_no_half_reaches_as_far_as_ever(percent):
    """Half dues end by the notice of more work, three months back: only to get them is A6."""
    told = life(works(JANUARY, percent, "312345676", recorded=date(2027, 5, 10)), percent="40")
    terms = plan(told, half_dues_back_months=0)
    # 40 % stands where the notice says nothing of it.
    ends = "2053-05" if percent is None else "2027-02"
    assert terms[0] == f"2026-11..{ends} central 247.50 monthly direct"


@pytest.mark.parametrize(
    ("category", "policy", "value", "ore"),
    [
        (APPRENTICE, "apprentice_local_dues", "none", None),
        (APPRENTICE, "apprentice_local_dues", "full", 4500),
        (APPRENTICE, "early_pensioner_local_dues", "full", None),
        (EARLY, "early_pensioner_local_dues", "none", None),
        (EARLY, "early_pensioner_local_dues", "full", 4500),
        (EARLY, "apprentice_local_dues", "full", None),
    ],
)
def test_what_a_branch_takes_of_a_category(category, policy, value, ore):
    """Nothing of apprentices and early pensioners, or all: half work halves none (A8, A11)."""
    book = rulebook(**{policy: value})
    assert local_dues(DuesFacts(category, BORN, Decimal(40), branch="BERGEN"), book, TODAY) == ore


def test_a_branch_takes_nothing_of_students_and_pensioners():
    """Whatever is decided of the others (S3)."""
    book = rulebook(apprentice_local_dues="full", early_pensioner_local_dues="full")
    for category in (STUDENT, PENSIONER):
        assert local_dues(DuesFacts(category, BORN, branch="OSLO"), book, TODAY) is None


def test_a_hidden_apprentice_pays_no_local_dues():
    """Hidden means no branch, also where a branch takes its dues of apprentices (S33, A8)."""
    hidden = life(hides(JANUARY), category=APPRENTICE, branch="OSLO")
    assert "2026-11..2027-01 local 50.00 monthly direct" in plan(
        hidden, apprentice_local_dues="full"
    )


@pytest.mark.parametrize(
    ("included", "premium"),
    [
        (False, "2027-01..2036-01 insurance 200.00 monthly direct"),
        # 67 on 2 January 2035: the life cover of that year (A17) is paid from February on.
        (True, "2035-02..2036-01 insurance 200.00 monthly direct"),
    ],
)
def test_whether_the_premium_is_part_of_the_quarter(included, premium):
    """A line of its own, or part of 123.75 for who is covered, while it is paid (A10)."""
    retired = retired_life(born=date(1968, 1, 2), premiums=PAID)
    terms = plan(retired, premium_in_quarter=included)
    assert "2026-11..2035-02 central 123.75 monthly direct" in terms
    assert [line for line in terms if "insurance" in line] == [premium]


def test_the_premium_of_who_works_is_no_part_of_a_quarter():
    """Only early pensioners pay a quarter (A10)."""
    terms = plan(life(premiums=PAID), premium_in_quarter=True)
    assert "2027-01..2054-01 insurance 200.00 monthly direct" in terms


@pytest.mark.parametrize(
    ("quarter_ends", "until"), [("month_after", "2027-05"), ("birthday_month", "2027-04")]
)
@pytest.mark.parametrize("since", [TODAY, date(2027, 4, 2)], ids=["long before", "in that month"])
def test_when_the_quarter_ends(quarter_ends, until, since):
    """67 on 12 April 2027: the fee from May on, or from April on (A12)."""
    retired = retired_life(born=date(1960, 4, 12), since=since)
    terms = plan(retired, quarter_ends=quarter_ends)
    quarter = f"{since:%Y-%m}..{until} central 123.75 monthly direct"
    if since.month == 4 and until == "2027-04":
        assert terms == ["2027-04.. central 600.00 yearly direct"]
    else:
        assert terms == [quarter, f"{until}.. central 600.00 yearly direct"]


def test_a_birthday_on_the_first_ends_the_quarter_with_its_month():
    """By either value: 1 April is a first of a month itself (A12)."""
    retired = retired_life(born=date(1960, 4, 1))
    for value in ("month_after", "birthday_month"):
        assert plan(retired, quarter_ends=value)[1] == "2027-04.. central 600.00 yearly direct"


def test_only_a_quarter_ends_with_the_birthdays_month():
    """Half dues of who works end as ever: with the month after the birthday (A12, A15)."""
    halves = life(percent="40", born=date(1960, 4, 12))
    assert plan(halves, quarter_ends="birthday_month") == [
        "2026-11..2027-05 central 247.50 monthly direct",
        "2027-05.. central 495.00 monthly direct",
    ]


@pytest.mark.parametrize(
    ("policies", "student", "pensioner"),
    [
        # Joined in November: two months are left. 600 x 2 / 12 = 100, 300 x 2 / 12 = 50.
        ({}, 30000, 10000),
        ({"pensioner_first_year": "whole"}, 30000, 60000),
        ({"student_first_year": "months_left"}, 5000, 10000),
    ],
)
def test_what_a_first_year_costs(policies, student, pensioner):
    """A pensioner pays for the months that are left, a student the whole, or the reverse (A13)."""
    book = rulebook(**policies)
    for facts, ore in ((life(category=STUDENT), student), (_pensioner(), pensioner)):
        [line] = first_invoice_lines(plan_terms(facts, book), TODAY)
        assert line.amount_ore == ore


def _pensioner():
    return life(category=PENSIONER, percent=None, employer=None, born=date(1955, 1, 1))


@pytest.mark.parametrize(
    ("decides", "working", "dues"),
    [
        ("work", "60", "2026-11.. central 495.00 monthly direct"),
        ("work", "40", "2027-01..2031-04 central 247.50 monthly direct"),  # A15: until 67
        ("work", "0", "2027-01..2031-04 central 123.75 monthly direct"),
        ("pension", "60", "2027-01..2031-04 central 123.75 monthly direct"),
        ("pension", "40", "2027-01..2031-04 central 123.75 monthly direct"),
        ("pension", "0", "2027-01..2031-04 central 123.75 monthly direct"),
    ],
)
def test_what_decides_of_a_pension_beside_work(decides, working, dues):
    """AFP from January beside so much work, born on 12 March 1964 (A16)."""
    member = life(draws(JANUARY, working), percent="100", born=date(1964, 3, 12))
    assert dues in plan(member, pension_beside_work=decides)


def test_past_67_work_decides_whatever_is_drawn():
    """S22 is the source's: whoever goes on working pays full dues, with a pension as well (A16)."""
    member = life(draws(JANUARY, "40"), born=date(1964, 3, 12))
    terms = plan(member, pension_beside_work="pension")
    assert terms[-1] == "2031-04.. central 495.00 monthly direct"


def test_who_works_past_67_has_no_pensioners_fee_in_the_birthdays_month():
    """The quarter of who works ends by S22: 123.75 in March still, then 495.00 (A12, A16)."""
    member = life(draws(JANUARY, "40"), born=date(1964, 3, 12))
    terms = plan(member, pension_beside_work="pension", quarter_ends="birthday_month")
    assert terms[1:] == [
        "2027-01..2031-04 central 123.75 monthly direct",
        "2031-04.. central 495.00 monthly direct",
    ]


def test_an_employer_deducts_nothing_of_who_draws_a_pension():
    """Where the pension decides a member beside work is an early pensioner like others (A16)."""
    book = rulebook(pension_beside_work="pension")
    member = life(draws(JANUARY, "40"), born=date(1964, 3, 12))
    assert {term.payer for term in plan_terms(member, book)} == {"direct"}


@pytest.mark.parametrize("kind", [STUDENT, APPRENTICE])
def test_a_pension_makes_no_pensioner_of_who_learns(kind):
    """Whoever studies beside a pension goes on doing so, by either value (S17, A16)."""
    member = life(draws(JANUARY, "20"), category=kind, born=date(1964, 3, 12))
    assert plan(member, pension_beside_work="pension") == plan(member)


@pytest.mark.parametrize(
    ("first_month", "joined", "charged"),
    [
        ("approval", date(2026, 11, 22), date(2026, 11, 1)),
        ("approval", date(2026, 11, 1), date(2026, 11, 1)),
        ("next", date(2026, 11, 22), date(2026, 12, 1)),
        ("next", date(2026, 11, 1), date(2026, 12, 1)),
        ("next", date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_first_month_that_is_charged(first_month, joined, charged):
    """That of the approval, whatever the day, or the one after it (A19)."""
    book = rulebook(first_month=first_month)
    assert first_charged_month(joined, book) == charged
    terms = plan_terms(life(since=joined), book)
    assert [(term.valid_from, term.amount_ore) for term in terms] == [(charged, 49500)]


def test_what_is_reported_before_the_first_month_counts_for_it():
    """Joined on 22 November, at 40 % from 1 December: the first month is at half (A19)."""
    terms = plan(life(works(date(2026, 12, 1), "40", recorded=TODAY)), first_month="next")
    assert terms[0] == "2026-12..2053-05 central 247.50 monthly direct"


def test_the_first_month_is_charged_whatever_ends():
    """Left in the month of joining: the first month that is charged stands (A19, L7)."""
    gone = life(ends(date(2026, 11, 25)))
    assert plan(gone) == ["2026-11..2026-12 central 495.00 monthly direct"]
    assert plan(gone, first_month="next") == ["2026-12..2027-01 central 495.00 monthly direct"]


@pytest.mark.parametrize(
    ("value", "born", "turns"),
    [
        ("march_1", date(1960, 2, 29), date(2027, 3, 1)),
        ("february_28", date(1960, 2, 29), date(2027, 2, 28)),
        ("february_28", date(1960, 2, 28), date(2027, 2, 28)),
        ("february_28", date(1960, 3, 1), date(2027, 3, 1)),
        ("february_28", date(1961, 2, 28), date(2028, 2, 28)),
    ],
)
def test_a_birthday_that_is_not_in_the_year(value, born, turns):
    """Born on 29 February one turns 67 on 1 March, or on the day before (A32)."""
    assert rulebook(leap_birthday=value).turns(born, 67) == turns


def test_in_a_leap_year_a_birthday_is_itself():
    """68 in 2028, on 29 February by either value (A32)."""
    for value in ("march_1", "february_28"):
        turns = rulebook(leap_birthday=value).turns(date(1960, 2, 29), 68)
        assert turns == date(2028, 2, 29)


def test_the_price_follows_the_leap_birthday():
    """67 on 28 February: the fee from March on, and not from 1 March's next month on (A12, A32)."""
    retired = retired_life(born=date(1960, 2, 29))
    assert plan(retired, leap_birthday="february_28")[1].startswith("2027-03.. central 600.00")
    assert plan(retired, leap_birthday="march_1")[1].startswith("2027-03.. central 600.00")
    early = plan(retired, leap_birthday="february_28", quarter_ends="birthday_month")
    assert early[1].startswith("2027-02.. central 600.00")


def test_a_birthday_before_all_rules_is_by_the_first_of_them():
    """Nobody is without an age for want of a rule (A32)."""
    assert rulebook(leap_birthday="february_28").turns(date(1900, 3, 1), 60) == date(1960, 3, 1)
    old = rulebook(leap_birthday="february_28").turns(date(1904, 2, 29), 61)
    assert old == date(1965, 2, 28)


def test_another_policy_holds_from_its_day():
    """A branch takes its dues of apprentices from March 2027 on: not before (A8)."""
    book = rulebook()
    policies = (
        Policies(valid_from=ALWAYS),
        Policies(valid_from=date(2027, 3, 1), apprentice_local_dues="full"),
    )
    book = book.model_copy(update={"policies": policies})
    assert shown(plan_terms(life(category=APPRENTICE, branch="OSLO"), book)) == [
        "2026-11.. central 0.00 monthly direct",
        "2027-03.. local 50.00 monthly direct",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("parts_of", "everything"),
        ("employments_count", "smallest"),
        ("half_dues_back_months", -1),
        ("retirement_age", 300),
        ("report_due_day", 29),
        ("first_month", "whole"),
        ("leap_birthday", "29 February"),
        ("rounding_step_kroner", 0),
        ("hidden_pays_by", "payroll"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name, value):
    """A hidden member never pays through the employer, whatever is decided (G4, A23, S30)."""
    with pytest.raises(ValidationError):
        Policies(valid_from=ALWAYS, **{name: value})


@pytest.mark.parametrize(
    # 15 December 2026 is a Tuesday, the 20th a Sunday.
    ("day", "due"),
    [(15, date(2026, 12, 15)), (20, date(2026, 12, 21))],
)
def test_when_an_employers_return_is_due(day, due):
    """On that day of the month after, or the bank day after it (D5)."""
    assert report_due_on(date(2026, 11, 1), rulebook(report_due_day=day)) == due


def test_every_policy_says_what_it_is():
    """With the rule that it answers, and all of its values where it is a choice (G4)."""
    for name, field in Policies.model_fields.items():
        if name == "valid_from":
            continue
        assert [m for m in field.metadata if isinstance(m, Rule)], name
        assert field.description, name
        assert field.annotation is not str, name
        choices = get_args(field.annotation)
        assert not choices or field.default in choices, name
