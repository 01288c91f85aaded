"""The cap of each year, and what is deductible under it (S24, S25, X1): by hand, in øre."""

import pytest

from schemas.dues.rates import Paid
from schemas.statements.tax import (
    TaxCap,
    UnknownCap,
    Unreported,
    cap_of,
    deductible_ore,
    part_of_cap,
    unreported_because,
    without_work,
)

CAPS = [
    TaxCap(year=year, cap_ore=kroner * 100, confirmed=year != 2025, source="X1")
    for year, kroner in ((2021, 3850), (2022, 5800), (2023, 7700), (2024, 8000), (2025, 8250))
]

# 12 * (495 + 200) = 8340 a year in full, 12 * 495 = 5940 without the premium.
TABLE = [
    # year, paid, deductible
    (1999, 594000, 385000),  # 2021 stands for every year before it
    (2021, 594000, 385000),
    (2021, 385000, 385000),
    (2021, 384999, 384999),
    (2022, 594000, 580000),
    (2023, 594000, 594000),
    (2023, 834000, 770000),
    (2024, 800001, 800000),
    (2024, 800000, 800000),
    (2024, 0, 0),
    (2025, 834000, 825000),
]


@pytest.mark.parametrize(("year", "paid", "deductible"), TABLE)
def test_deductible_is_what_was_paid_up_to_the_cap(year, paid, deductible):
    """min(paid, cap), with the cap of the income year."""
    assert deductible_ore(paid, 12, cap_of(CAPS, year)) == deductible


PARTS = [
    # cap, months, part: cap * months / 12, in whole øre downwards
    (800000, 12, 800000),
    (800000, 3, 200000),  # joined on 1 October 2024
    (800000, 1, 66666),  # 66,666.67
    (770000, 5, 320833),  # 320,833.33
    (825000, 1, 68750),
    (385000, 7, 224583),  # 224,583.33
    (800000, 0, 0),
    (0, 12, 0),
]


@pytest.mark.parametrize(("cap_ore", "months", "part"), PARTS)
def test_a_part_of_a_year_has_a_part_of_the_cap(cap_ore, months, part):
    """Months as a member out of twelve; never more than that, to the øre (X2)."""
    assert part_of_cap(cap_ore, months) == part


@pytest.mark.parametrize(
    ("working", "months", "deductible"),
    [
        (148500, 3, 148500),  # 3 * 495.00
        (208500, 3, 200000),  # 3 * 695.00 = 2,085.00, past 8,000.00 * 3 / 12
        (208500, 4, 208500),
        (49500, 0, 0),  # arrears, of who was no member in the year
        (0, 12, 0),
    ],
)
def test_deductible_in_a_part_of_a_year(working, months, deductible):
    """The smaller of what was paid for months of work and the part of the cap (X2, S24)."""
    assert deductible_ore(working, months, cap_of(CAPS, 2024)) == deductible


def test_who_pays_without_work():
    """Students and pensioners; an apprentice works, as does who pays full dues past 67 (S24)."""
    idle = {Paid.QUARTER, Paid.STUDENT, Paid.PENSIONER, Paid.ELSEWHERE}
    assert {paid for paid in Paid if without_work(paid)} == idle


UNREPORTED = [
    # paid straight, of it for work, objects, has a number: why nothing is told
    (0, 0, False, True, None),
    (0, 0, True, False, None),
    (30000, 0, False, True, Unreported.NO_DEDUCTION),
    (30000, 0, True, False, Unreported.NO_DEDUCTION),
    (49500, 49500, True, True, Unreported.OBJECTION),
    (49500, 49500, True, False, Unreported.OBJECTION),
    (49500, 49500, False, False, Unreported.NO_NATIONAL_ID),
    (79500, 49500, False, True, None),
]


@pytest.mark.parametrize(("direct", "reportable", "objects", "numbered", "why"), UNREPORTED)
def test_why_nothing_is_reported(direct, reportable, objects, numbered, why):
    """A wish comes before a number that is missing: whoever objects is not asked for it (X3)."""
    found = unreported_because(direct, reportable, objects=objects, has_national_id=numbered)
    assert found is why


@pytest.mark.parametrize("year", [2026, 2100])
def test_an_unknown_year_is_refused_with_what_to_do(year):
    """Nobody guesses a cap: the sentence holds the command that sets it."""
    with pytest.raises(UnknownCap, match=f"medlemsflyt tax-cap {year} AMOUNT --confirmed"):
        cap_of(CAPS, year)


def test_without_any_cap_every_year_is_unknown():
    """An empty table is not a cap of nothing."""
    with pytest.raises(UnknownCap):
        cap_of([], 2020)


def test_only_2025_is_unconfirmed():
    """X1 marks it; its statements say so."""
    assert [cap.year for cap in CAPS if not cap_of(CAPS, cap.year).confirmed] == [2025]


async def test_the_database_begins_with_these_caps(pool):
    """What the migration seeds is what X1 says."""
    rows = await pool.fetch("SELECT year, cap_ore, confirmed FROM tax_caps ORDER BY year")
    assert [tuple(row) for row in rows] == [(c.year, c.cap_ore, c.confirmed) for c in CAPS]
