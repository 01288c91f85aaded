"""Rates: what a term charges by, and what that comes to by date."""

from datetime import date
from decimal import Decimal

import pytest

from schemas.dues.plan import plan_rates, plan_terms
from schemas.dues.rates import NOTHING, Paid, Rate, amounts_of, rate_of
from schemas.pricing.rulebook import Branch, LocalRate
from tests.builders import ALWAYS, BOOK, PREMIUM, rates, rulebook
from tests.dues.lives import life

NEW_YEAR = date(2027, 1, 1)
OSLO = Branch(
    code="OSLO",
    name="Oslo",
    rates=(
        LocalRate(valid_from=ALWAYS, local_ore=5000, halves=False),
        LocalRate(valid_from=NEW_YEAR, local_ore=6001, halves=True),
    ),
)
DEARER = rulebook(
    rates=[rates("495"), rates("520", NEW_YEAR)],
    premiums=[PREMIUM, PREMIUM.model_copy(update={"valid_from": NEW_YEAR, "premium_ore": 22000})],
    branches=[OSLO],
)


@pytest.mark.parametrize(
    ("rate", "code", "before", "after"),
    [
        pytest.param(Rate(Paid.FULL), "central.full", 49500, 52000, id="S2"),
        pytest.param(Rate(Paid.HALF), "central.half", 24750, 26000, id="S5"),
        pytest.param(Rate(Paid.QUARTER), "central.quarter", 12375, 13000, id="S21"),
        # ceil10(5,940 x 5 %) = 300, ceil10(6,240 x 5 % = 312) = 320
        pytest.param(Rate(Paid.STUDENT), "student.year", 30000, 32000, id="S12"),
        # ceil10(594) = 600, ceil10(624) = 630
        pytest.param(Rate(Paid.PENSIONER), "pensioner.year", 60000, 63000, id="S18"),
        pytest.param(Rate(Paid.LOCAL, "OSLO"), "local@OSLO", 5000, 6001, id="S4"),
        # Halved from the new year on: 6,001 / 2 = 3,000.5 is 3,001.
        pytest.param(Rate(Paid.LOCAL_HALF, "OSLO"), "local_half@OSLO", 5000, 3001, id="A3"),
        pytest.param(Rate(Paid.PREMIUM), "premium", 20000, 22000, id="S7"),
        pytest.param(Rate(Paid.PREMIUM_HALF), "premium_half", 10000, 11000, id="A4"),
        pytest.param(NOTHING, "none", 0, 0, id="S14"),
        # 495 x 12.5 % = 61.875, 520 x 12.5 % = 65
        pytest.param(
            Rate(Paid.HALF, waived=Decimal("12.50")), "waived.12.5<central.half", 6188, 6500,
            id="A36",
        ),
        # 25 % of 495 is less than a half; 60 % is more, and nobody pays more by a waiver.
        pytest.param(
            Rate(Paid.HALF, waived=Decimal(60)), "waived.60<central.half", 24750, 26000,
            id="A36-no-more",
        ),
        # (495 + 50) x 50 %, (520 + 60.01) x 50 % = 290.005: half an øre up
        pytest.param(
            Rate(Paid.HALF, "OSLO", of_local=True), "central.half+local@OSLO", 27250, 29001,
            id="A1-local",
        ),
        # (495 + 200) x 25 %, (520 + 220) x 25 %
        pytest.param(
            Rate(Paid.QUARTER, of_premium=True), "central.quarter+premium", 17375, 18500,
            id="A1-premium",
        ),
    ],
)  # fmt: skip
def test_what_a_rate_comes_to(rate, code, before, after):
    """Each rate has a name and dated amounts, by the same rules as ever."""
    assert rate.code == code
    assert rate_of(code) == rate
    assert rate.amount_on(DEARER, date(2026, 12, 31)) == before
    assert rate.amount_on(DEARER, NEW_YEAR) == after
    expected = [(ALWAYS, before)] + ([(NEW_YEAR, after)] if after != before else [])
    assert list(amounts_of(rate, DEARER)) == expected


@pytest.mark.parametrize(
    "code", ["", "central", "full", "waived.<premium", "premium@", "CENTRAL.FULL"]
)
def test_no_other_code_is_a_rate(code):
    """Whoever reads a code that no rate has is told."""
    with pytest.raises(ValueError, match="no rate"):
        rate_of(code)


def test_a_branch_may_be_called_anything():
    """A branch's code is free text, and stands last."""
    rate = Rate(Paid.HALF, "a+local@b.c", of_local=True, of_premium=True)
    assert rate_of(rate.code) == rate


def test_a_price_splits_no_term_that_is_kept():
    """A new price is another amount of the same rate (S2): the amounts split, the rates do not."""
    facts = life(branch="OSLO")
    assert len(plan_terms(facts, DEARER)) == 4  # central and local, before and after
    kept = plan_rates(facts, DEARER)
    assert [(term.rate, term.valid_to) for term in kept] == [
        ("central.full", None),
        ("local@OSLO", None),
    ]
    assert plan_rates(facts, BOOK)[0] == kept[0]
