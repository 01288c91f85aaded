"""The cap of each year, and what is deductible under it (S24, S25, X1): by hand, in øre."""

import pytest

from schemas.statements.tax import TaxCap, UnknownCap, cap_of, deductible_ore

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
    assert deductible_ore(paid, cap_of(CAPS, year)) == deductible


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
