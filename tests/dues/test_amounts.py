"""What a member pays: every amount that the rules name, in øre."""

from datetime import date
from decimal import Decimal

import pytest

from schemas.dues.amounts import (
    DuesFacts,
    central_dues,
    dues_terms,
    first_invoice_lines,
    has_half_dues,
    local_dues,
)
from schemas.dues.rates import round_up
from schemas.dues.terms import InvoiceLine, Term
from schemas.pricing.rulebook import Branch, LocalRate, NotInForce, Rulebook, in_force
from schemas.shared.vocabulary import Cadence, Category, LineKind, Payer
from tests.builders import ALWAYS, BOOK, BORN, TODAY, rates, rulebook

MONTHLY, YEARLY = Cadence.MONTHLY, Cadence.YEARLY
ORDINARY, STUDENT, APPRENTICE = Category.ORDINARY, Category.STUDENT, Category.APPRENTICE
EARLY, PENSIONER = Category.EARLY_PENSIONER, Category.PENSIONER

TURNS_67_TODAY = date(1959, 11, 22)
TURNS_67_TOMORROW = date(1959, 11, 23)


def facts(
    category: Category = ORDINARY,
    percent: str | None = "100",
    *,
    born: date = BORN,
    hidden: bool = False,
    branch: str | None = None,
) -> DuesFacts:
    """Return the facts about a member."""
    part = None if percent is None else Decimal(percent)
    return DuesFacts(category, born, part, hidden=hidden, branch=branch)


@pytest.mark.parametrize(
    ("category", "percent", "ore", "cadence"),
    [
        pytest.param(ORDINARY, "100", 49500, MONTHLY, id="S2-full"),
        pytest.param(ORDINARY, None, 49500, MONTHLY, id="S1-S2-percent-unknown"),
        pytest.param(ORDINARY, "50", 24750, MONTHLY, id="S5-50.0-is-half"),  # 495 x 50 %
        pytest.param(ORDINARY, "50.01", 49500, MONTHLY, id="S5-50.01-is-full"),
        pytest.param(ORDINARY, "50.001", 49500, MONTHLY, id="S5-50.001-is-full"),
        pytest.param(ORDINARY, "0.001", 24750, MONTHLY, id="S5-hardly-any"),
        pytest.param(ORDINARY, "0", 49500, MONTHLY, id="A5-0-is-not-half"),
        pytest.param(STUDENT, None, 30000, YEARLY, id="S12"),  # ceil10(5,940 x 5 % = 297)
        pytest.param(STUDENT, "40", 30000, YEARLY, id="S12-whatever-the-percent"),
        pytest.param(APPRENTICE, "100", 0, MONTHLY, id="S14-free"),
        pytest.param(APPRENTICE, "50", 0, MONTHLY, id="S14-free-at-half"),
        pytest.param(EARLY, None, 12375, MONTHLY, id="S21-quarter"),  # 495 x 25 %
        pytest.param(PENSIONER, None, 60000, YEARLY, id="S18"),  # ceil10(5,940 x 10 % = 594)
    ],
)
def test_central_dues_of_each_category(category, percent, ore, cadence):
    """A category and a position percentage make the central dues (S1-S21, A1, A5)."""
    assert central_dues(facts(category, percent), BOOK, TODAY) == (ore, cadence)


@pytest.mark.parametrize(
    ("full", "student", "pensioner"),
    [
        ("495", 300, 600),  # 5,940: 297.00 and 594.00
        ("500", 300, 600),  # 6,000: exactly 300.00 and 600.00 stay
        ("501", 310, 610),  # 6,012: 300.60 and 601.20
        ("520", 320, 630),  # 6,240: 312.00 and 624.00
        ("559", 340, 680),  # 6,708: 335.40 and 670.80
        ("500.01", 310, 610),  # 6,000.12: 300.006 and 600.012: one øre over is the next ten
        ("499.99", 300, 600),  # 5,999.88: 299.994 and 599.988
    ],
)
def test_yearly_fees_are_rounded_up_to_the_next_ten(full, student, pensioner):
    """5 % and 10 % of the full year, with a ceiling to ten kroner (S12, S18)."""
    book = rulebook(rates=[rates(full)])
    assert central_dues(facts(STUDENT), book, TODAY) == (student * 100, YEARLY)
    assert central_dues(facts(PENSIONER), book, TODAY) == (pensioner * 100, YEARLY)


@pytest.mark.parametrize(
    ("ore", "expected"),
    [("0", 0), ("1", 1000), ("1000", 1000), ("1000.01", 2000), ("29700", 30000)],
)
def test_round_up(ore, expected):
    """Whole tens of kroner stay, anything above goes to the next (G3)."""
    assert round_up(Decimal(ore), policies(BOOK)) == expected


@pytest.mark.parametrize(
    ("rounded", "half", "quarter"),
    [
        (False, 24750, 12375),  # A2: 247.50 and 123.75 stand
        (True, 25000, 13000),  # ceil10(247.50) and ceil10(123.75)
    ],
)
def test_half_and_quarter_are_rounded_only_by_policy(rounded, half, quarter):
    """The flag of A2 rounds half and quarter up to the next ten; it is off."""
    book = rulebook(round_half_and_quarter=rounded)
    assert central_dues(facts(percent="50"), book, TODAY)[0] == half
    assert central_dues(facts(EARLY), book, TODAY)[0] == quarter


def test_a_quarter_that_does_not_divide_is_whole_ore():
    """Money is integer øre: 501.01 x 25 % = 125.2525 kr is 125.25 (A1, A2)."""
    book = rulebook(rates=[rates("501.01")])
    assert central_dues(facts(EARLY), book, TODAY)[0] == 12525
    # 501.01 x 50 % = 250.505 is 250.51: half an øre goes up.
    assert central_dues(facts(percent="50"), book, TODAY)[0] == 25051


@pytest.mark.parametrize(
    ("born", "percent", "flag", "half"),
    [
        pytest.param(TURNS_67_TODAY, "100", False, False, id="S22-full"),
        pytest.param(TURNS_67_TODAY, "50", False, False, id="A15-full-by-default"),
        pytest.param(TURNS_67_TODAY, "50", True, True, id="A15-flag-half"),
        pytest.param(TURNS_67_TODAY, "50.01", True, False, id="A15-flag-half-needs-50"),
        pytest.param(TURNS_67_TOMORROW, "50", False, True, id="S5-the-day-before-67"),
        pytest.param(date(1940, 1, 1), "20", False, False, id="S22-long-past-67"),
    ],
)
def test_working_past_67(born, percent, flag, half):
    """Whoever works past 67 pays full dues, at 50 % or less too unless A15's flag says half."""
    book = rulebook(half_past_67=flag)
    amount, _ = central_dues(facts(percent=percent, born=born), book, TODAY)
    assert amount == (24750 if half else 49500)


@pytest.mark.parametrize(
    ("on", "half"),
    [(date(2067, 2, 28), True), (date(2067, 3, 1), False)],
)
def test_born_29_february_turns_67_on_1_march(on, half):
    """A leap-day birthday falls on 1 March in a common year (A32)."""
    leapling = facts(percent="50", born=date(2000, 2, 29))
    assert central_dues(leapling, BOOK, on)[0] == (24750 if half else 49500)


@pytest.mark.parametrize(
    ("category", "percent", "branch", "hidden", "ore"),
    [
        pytest.param(ORDINARY, "100", "OSLO", False, 5000, id="S3-S4"),
        pytest.param(ORDINARY, "50", "OSLO", False, 5000, id="A3-not-halved"),
        pytest.param(ORDINARY, "100", "BERGEN", False, 4500, id="S4-each-branch-its-own"),
        pytest.param(ORDINARY, "50", "BERGEN", False, 2250, id="A3-flag-halves"),  # 45.00 / 2
        pytest.param(ORDINARY, "50.01", "BERGEN", False, 4500, id="A3-flag-full-above-50"),
        pytest.param(ORDINARY, "100", None, False, None, id="A18-branch-unknown"),
        pytest.param(ORDINARY, "100", "OSLO", True, None, id="S33-hidden"),
        pytest.param(ORDINARY, "50", "BERGEN", True, None, id="S33-hidden-half"),
        pytest.param(APPRENTICE, "100", "OSLO", False, None, id="A8"),
        pytest.param(EARLY, None, "OSLO", False, None, id="A11"),
        pytest.param(STUDENT, None, "OSLO", False, None, id="student"),
        pytest.param(PENSIONER, None, "OSLO", False, None, id="pensioner"),
        pytest.param(ORDINARY, "100", "NOWHERE", False, None, id="branch-not-in-the-book"),
    ],
)
def test_local_dues(category, percent, branch, hidden, ore):
    """Each branch sets its own amount; only an open ordinary member pays it (S3, S4, S33)."""
    assert local_dues(facts(category, percent, hidden=hidden, branch=branch), BOOK, TODAY) == ore


def test_odd_local_dues_halve_to_whole_ore():
    """45.01 kr halved is 22.505, half an øre goes up (A3)."""
    rate = LocalRate(valid_from=ALWAYS, local_ore=4501, halves=True)
    book = rulebook(branches=[Branch(code="X", name="X", rates=(rate,))])
    assert local_dues(facts(percent="50", branch="X"), book, TODAY) == 2251


@pytest.mark.parametrize(
    ("on", "central", "local"),
    [
        (date(2026, 12, 31), 49500, 5000),
        (date(2027, 1, 1), 52000, 5000),
        (date(2027, 2, 28), 52000, 5000),
        (date(2027, 3, 1), 52000, 6000),
        (date(2199, 1, 1), 52000, 6000),
    ],
)
def test_amounts_change_on_their_day(on, central, local):
    """Dues and branch amounts are effective-dated: the last one that had begun holds (S4)."""
    branch = Branch(
        code="OSLO",
        name="Oslo",
        rates=(
            LocalRate(valid_from=ALWAYS, local_ore=5000, halves=False),
            LocalRate(valid_from=date(2027, 3, 1), local_ore=6000, halves=False),
        ),
    )
    book = rulebook(rates=[rates("495"), rates("520", date(2027, 1, 1))], branches=[branch])
    assert central_dues(facts(branch="OSLO"), book, on)[0] == central
    assert local_dues(facts(branch="OSLO"), book, on) == local


def test_a_day_before_the_first_entry_is_not_in_force():
    """Nothing is guessed for a time the rulebook does not speak of."""
    book = rulebook(rates=[rates("495", date(2020, 1, 1))])
    with pytest.raises(NotInForce, match="2019-12-31"):
        central_dues(facts(), book, date(2019, 12, 31))
    with pytest.raises(NotInForce):
        in_force((), TODAY)
    late = LocalRate(valid_from=date(2027, 1, 1), local_ore=5000, halves=False)
    book = rulebook(branches=[Branch(code="NEW", name="New", rates=(late,))])
    with pytest.raises(NotInForce):
        local_dues(facts(branch="NEW"), book, TODAY)


def test_benefits_not_in_force_are_named():
    """A category without benefits on a day is an error, not an empty list."""
    with pytest.raises(NotInForce):
        BOOK.benefits_of(ORDINARY, date(1969, 12, 31))
    assert "education_support" not in BOOK.benefits_of(APPRENTICE, TODAY)  # S15


@pytest.mark.parametrize("day", [1, 15, 30])
def test_terms_begin_with_the_month_of_approval(day):
    """The first billed month is the month of approval, whole, and paid directly (A19, S26)."""
    terms = dues_terms(facts(branch="OSLO"), BOOK, date(2026, 11, day))
    assert [(t.kind, t.amount_ore, t.cadence, t.payer) for t in terms] == [
        (LineKind.CENTRAL_DUES, 49500, MONTHLY, Payer.DIRECT),
        (LineKind.LOCAL_DUES, 5000, MONTHLY, Payer.DIRECT),  # S3: a line of its own
    ]
    assert {(t.valid_from, t.valid_to) for t in terms} == {(date(2026, 11, 1), None)}


@pytest.mark.parametrize("month", range(1, 13))
def test_a_pensioner_joins_in_any_month(month):
    """The remaining months of the year, this one included, at 600 / 12 = 50 kr each (A13)."""
    on = date(2026, month, 15)
    lines = first_invoice_lines(dues_terms(facts(PENSIONER), BOOK, on), on)
    remaining = 13 - month  # January 12, December 1
    assert lines == (InvoiceLine(kind=LineKind.CENTRAL_DUES, amount_ore=remaining * 5000),)


@pytest.mark.parametrize("month", range(1, 13))
def test_a_student_pays_the_whole_fee_in_any_month(month):
    """A student pays the full 300 kr on joining (A13)."""
    on = date(2026, month, 28)
    lines = first_invoice_lines(dues_terms(facts(STUDENT), BOOK, on), on)
    assert lines == (InvoiceLine(kind=LineKind.CENTRAL_DUES, amount_ore=30000),)


def test_a_fee_that_does_not_divide_is_rounded_for_the_member():
    """610 kr from August: 61000 x 5 / 12 = 25416.67 øre is 25416 (A13)."""
    book = rulebook(rates=[rates("501")])
    on = date(2026, 8, 1)
    lines = first_invoice_lines(dues_terms(facts(PENSIONER), book, on), on)
    assert lines[0].amount_ore == 25416


@pytest.mark.parametrize(
    ("category", "percent", "branch", "expected"),
    [
        (ORDINARY, "100", "OSLO", [(LineKind.CENTRAL_DUES, 49500), (LineKind.LOCAL_DUES, 5000)]),
        (ORDINARY, "50", None, [(LineKind.CENTRAL_DUES, 24750)]),
        (EARLY, None, "OSLO", [(LineKind.CENTRAL_DUES, 12375)]),
        (APPRENTICE, "100", "OSLO", []),
    ],
)
def test_first_invoice_lines(category, percent, branch, expected):
    """The first invoice has central and known local dues, and nothing at 0 (A18, S14)."""
    terms = dues_terms(facts(category, percent, branch=branch), BOOK, TODAY)
    lines = first_invoice_lines(terms, TODAY)
    assert [(line.kind, line.amount_ore) for line in lines] == expected


def test_what_begins_later_is_not_on_the_first_invoice():
    """A premium from the next month waits for its own invoice (A18)."""
    later = Term(
        kind=LineKind.INSURANCE_PREMIUM,
        amount_ore=20000,
        cadence=MONTHLY,
        payer=Payer.DIRECT,
        valid_from=date(2026, 12, 1),
    )
    assert first_invoice_lines((later,), TODAY) == ()


def policies(book: Rulebook):
    """Return the policies of today."""
    return book.policies_on(TODAY)


def test_half_dues_are_asked_of_work_only():
    """No percentage, or none of it, is not part-time work (A5)."""
    for percent in (None, "0"):
        assert not has_half_dues(facts(percent=percent), BOOK, TODAY)
