"""A run made in December charges the fees of the next year: prices approved then leave them alone.

At 495 a student pays ceil10(297) = 300 a year and a pensioner ceil10(594) = 600; at 520
ceil10(312) = 320 and ceil10(624) = 630 (A26).
"""

from datetime import date
from typing import Any

import pytest

from activities.dues.activities import Dues
from activities.pricing.charged_years import FeesStand, fees_on, years_to_keep
from activities.pricing.preview import preview
from activities.shared.rulebook import RulebookReader
from schemas.dues.plan import plan_terms
from schemas.membership.situation import Facts
from schemas.pricing.contracts import PriceChange
from schemas.pricing.rulebook import ChargedYear, LocalRate, PremiumRate
from schemas.shared.vocabulary import Category
from tests.builders import ALWAYS, OSLO, PREMIUM, rates, rulebook
from tests.dues.lives import becomes, leave, life, retired_life, shown
from tests.dues.making import charge, charged, joins, replanned
from workers.cli.pricing.reprice import approve
from workers.errors import UserError

SINCE = date(2026, 10, 14)
NEW_YEAR, CHARGED_ON, APPROVED_ON = date(2027, 1, 1), date(2026, 12, 15), date(2026, 12, 20)
YEARLY: dict[str, Any] = {"percent": None, "employer": None, "since": SINCE}
STUDENT, PENSIONER = Category.STUDENT, Category.PENSIONER

KEPT = ChargedYear(year_from=NEW_YEAR, charged_on=CHARGED_ON, priced_on=date(2026, 12, 31))
DEARER = [rates("495"), rates("520", NEW_YEAR)]


def plan(facts: Facts, **policies: Any) -> list[str]:
    """Return the terms where January was charged before 520 was approved for it."""
    book = rulebook(rates=DEARER, **policies).model_copy(update={"charged_years": (KEPT,)})
    return shown(plan_terms(facts, book))


# Who is charged by which price in 2027.
CASES = {
    "a student of old": (
        life(category=STUDENT, **YEARLY),
        ["2026-10..2028-01 central 300.00", "2028-01.. central 320.00"],
    ),
    "a pensioner of old": (
        life(category=PENSIONER, born=date(1955, 3, 8), **YEARLY),
        ["2026-10..2028-01 central 600.00", "2028-01.. central 630.00"],
    ),
    # Turned 67 on 12 December: the fee begins with January, and the run knew of it.
    "a pensioner by the run": (
        retired_life(born=date(1959, 12, 12), since=SINCE),
        [
            "2026-10..2027-01 central 123.75",
            "2027-01..2028-01 central 600.00",
            "2028-01.. central 630.00",
        ],
    ),
    # New invoices: what nobody knew when the run was made is charged by the new price.
    "joined after the run": (
        life(category=STUDENT, **{**YEARLY, "since": date(2026, 12, 16)}),
        ["2026-12..2027-01 central 300.00", "2027-01.. central 320.00"],
    ),
    "joined on the day of the run": (
        life(category=STUDENT, **{**YEARLY, "since": CHARGED_ON}),
        ["2026-12..2028-01 central 300.00", "2028-01.. central 320.00"],
    ),
    "joined in the year": (
        life(category=STUDENT, **{**YEARLY, "since": date(2027, 3, 2)}),
        ["2027-03.. central 320.00"],
    ),
    "a student from January, told before the run": (
        life(becomes(NEW_YEAR, STUDENT, recorded=CHARGED_ON), since=SINCE),
        [
            "2026-10..2027-01 central 495.00",
            "2027-01..2028-01 central 300.00",
            "2028-01.. central 320.00",
        ],
    ),
    "a student from January, told after the run": (
        life(becomes(NEW_YEAR, STUDENT, recorded=date(2026, 12, 16)), since=SINCE),
        ["2026-10..2027-01 central 495.00", "2027-01.. central 320.00"],
    ),
    "another category's fee, told after the run": (
        life(
            becomes(date(2026, 12, 1), PENSIONER, recorded=date(2026, 12, 16)),
            category=STUDENT,
            born=date(1955, 3, 8),
            **YEARLY,
        ),
        [
            "2026-10..2026-12 central 300.00",
            "2026-12..2027-01 central 600.00",
            "2027-01.. central 630.00",
        ],
    ),
    # The run charged nothing in January: the leave had waived it. What follows is a new invoice.
    "on leave in January": (
        life(
            leave(date(2026, 12, 1), date(2027, 5, 31), recorded=date(2026, 11, 20)),
            category=STUDENT,
            **YEARLY,
        ),
        [
            "2026-10..2026-12 central 300.00",
            "2026-12..2027-06 central 0.00",
            "2027-06.. central 320.00",
        ],
    ),
    # The run took January to be waived; the leave was shortened after it.
    "on leave in January by what the run knew": (
        life(
            leave(date(2026, 12, 1), date(2027, 5, 31), recorded=date(2026, 11, 20)),
            leave(date(2026, 12, 1), date(2026, 12, 18), recorded=date(2026, 12, 16)),
            category=STUDENT,
            **YEARLY,
        ),
        [
            "2026-10..2026-12 central 300.00",
            "2026-12..2027-01 central 0.00",
            "2027-01.. central 320.00",
        ],
    ),
    "a leave later in the year": (
        life(leave(date(2027, 3, 1), date(2027, 5, 31)), category=STUDENT, **YEARLY),
        [
            "2026-10..2027-03 central 300.00",
            "2027-03..2027-06 central 0.00",
            "2027-06..2028-01 central 300.00",
            "2028-01.. central 320.00",
        ],
    ),
    # Monthly dues were charged by the old price as well: the next run corrects them (A31).
    "an ordinary member": (
        life(since=SINCE),
        ["2026-10..2027-01 central 495.00", "2027-01.. central 520.00"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fee_that_was_charged_before_its_year_stands(name):
    """Of whoever was due one by what the run knew; everybody else has a new invoice (A26)."""
    facts, expected = CASES[name]
    found = plan(facts)
    assert len(found) == len(expected), found
    for line, begins in zip(found, expected, strict=True):
        assert line.startswith(begins), found


def test_it_is_corrected_where_that_was_decided():
    """The other answer to A26: the fee follows the price of its year."""
    student, _ = CASES["a student of old"]
    assert plan(student, fee_charged_early="corrected") == [
        "2026-10..2027-01 central 300.00 yearly direct",
        "2027-01.. central 320.00 yearly direct",
    ]


BEFORE = rulebook()
RUN = {NEW_YEAR: CHARGED_ON, date(2027, 2, 1): date(2027, 1, 31)}


@pytest.mark.parametrize(
    ("after", "charged", "kept"),
    [
        (rulebook(rates=DEARER), RUN, [KEPT]),
        (rulebook(rates=DEARER), {date(2027, 2, 1): CHARGED_ON}, []),
        (rulebook(rates=DEARER), {}, []),
        # 496 x 12 x 10 % = 595.20 and 297.60: the same fees after all.
        (rulebook(rates=[rates("495"), rates("496", NEW_YEAR)]), RUN, []),
        (rulebook(rates=DEARER, fee_charged_early="corrected"), RUN, []),
        (rulebook(premiums=[PREMIUM, PremiumRate(valid_from=NEW_YEAR, premium_ore=1)]), RUN, []),
        (rulebook(rounding_step_kroner=50), RUN, []),
        (rulebook(rounding_step_kroner=70), RUN, [KEPT]),
    ],
)
def test_which_years_are_kept(after, charged, kept):
    """Those that were charged and would come to another fee (A26)."""
    assert list(years_to_keep(BEFORE, after, NEW_YEAR, charged)) == kept


def test_a_branch_may_make_a_fee():
    """Where local dues are part of it (A1): 60.00 from January makes ceil10(333) = 340 of 330."""
    dearer = LocalRate(valid_from=NEW_YEAR, local_ore=6000, halves=False)
    oslo = OSLO.model_copy(update={"rates": (*OSLO.rates, dearer)})
    before = rulebook(parts_of="central_and_local", branches=[OSLO])
    after = rulebook(parts_of="central_and_local", branches=[oslo])
    assert fees_on(before, NEW_YEAR) == (30000, 33000, 60000, 66000)
    assert fees_on(after, NEW_YEAR) == (30000, 34000, 60000, 67000)
    assert list(years_to_keep(before, after, NEW_YEAR, RUN)) == [KEPT]
    # One that reaches back to December: November is the last day of what was charged (A40).
    back = LocalRate(valid_from=date(2026, 12, 1), local_ore=6000, halves=False)
    oslo = OSLO.model_copy(update={"rates": (*OSLO.rates, back)})
    after = rulebook(parts_of="central_and_local", branches=[oslo])
    [year] = years_to_keep(before, after, date(2026, 12, 1), RUN)
    assert year.priced_on == date(2026, 11, 30)


def test_prices_that_begin_with_the_year_can_not_be_replaced_once_charged():
    """520 from January was charged in December: no other day has that price (A26)."""
    before, after = rulebook(rates=DEARER), rulebook(rates=[rates("495"), rates("560", NEW_YEAR)])
    with pytest.raises(FeesStand, match=r"of 2027 were charged on 2026-12-15, .* stand \(A26\)"):
        list(years_to_keep(before, after, NEW_YEAR, RUN))


def test_a_year_is_kept_once():
    """Whatever is decided after that, the fees stay as they were charged (A26)."""
    before = rulebook(rates=DEARER).model_copy(update={"charged_years": (KEPT,)})
    after = rulebook(rates=[rates("495"), rates("560", NEW_YEAR)])
    assert list(years_to_keep(before, after, NEW_YEAR, RUN)) == []


def test_a_branch_that_says_nothing_for_a_day_makes_no_fee():
    """One whose first amount comes later (S4)."""
    later = LocalRate(valid_from=date(2027, 3, 1), local_ore=6000, halves=False)
    book = rulebook(
        parts_of="central_and_local", branches=[OSLO.model_copy(update={"rates": (later,)})]
    )
    assert fees_on(book, NEW_YEAR) == (30000, None, 60000, None)
    assert fees_on(book, ALWAYS)[0] == 30000


async def test_from_the_run_to_the_next_year(pool, persistence):
    """300 charged in December, 520 approved, planned anew: no run corrects it (A26)."""
    await pool.execute("UPDATE policies SET value = '0' WHERE name = 'price_notice_months'")
    dues = Dues(pool)
    facts = life(category=STUDENT, **YEARLY)
    student = await joins(persistence, facts)
    await charge(dues, "2027-01", today=CHARGED_ON)
    assert await charged(pool, student, NEW_YEAR) == {"central_dues": 30000}
    change = PriceChange(effective_on=NEW_YEAR, full_central_ore=52000)
    says = "the yearly fees of 2027 stand, as charged on 2026-12-15 (A26)"
    assert says in (await preview(pool, change, today=APPROVED_ON)).new
    assert await pool.fetchval("SELECT count(*) FROM charged_years") == 0
    await approve(pool, change, by="kongressen", today=APPROVED_ON)
    async with pool.acquire() as connection:
        book = await RulebookReader(allow_synthetic_ids=False).current(connection)
    assert book.charged_years == (KEPT,)
    await persistence.record_decision(replanned(student, 3, *plan_terms(facts, book)))
    await charge(dues, "2027-01", today=date(2026, 12, 28))
    await charge(dues, "2027-02", today=date(2027, 1, 31))
    assert await charged(pool, student, NEW_YEAR) == {"central_dues": 30000}
    assert await charged(pool, student, date(2027, 2, 1)) == {}
    assert await pool.fetchval("SELECT count(*) FROM corrections") == 0
    # The same again writes nothing, another price for that day is refused.
    await approve(pool, change, by="kongressen", today=APPROVED_ON)
    other = PriceChange(effective_on=NEW_YEAR, full_central_ore=53000)
    await approve(pool, other, by="kongressen", today=APPROVED_ON, replace=True)
    assert await pool.fetchval("SELECT count(*) FROM charged_years") == 1


async def test_a_price_that_was_charged_is_not_replaced(pool, persistence):
    """Approved in October, charged in December: the year's fees have no other day (A26)."""
    await joins(persistence, life(category=STUDENT, **YEARLY))
    first = PriceChange(effective_on=NEW_YEAR, full_central_ore=52000)
    await approve(pool, first, by="kongressen", today=SINCE)
    await charge(Dues(pool), "2027-01", today=CHARGED_ON)
    other = PriceChange(effective_on=NEW_YEAR, full_central_ore=56000)
    with pytest.raises(UserError, match="begin with a later month"):
        await approve(pool, other, by="kongressen", today=APPROVED_ON, replace=True)
    assert await pool.fetchval("SELECT count(*) FROM charged_years") == 0
