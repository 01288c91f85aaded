"""What the union has decided to charge: told to the model, and written down as dated rows."""

from datetime import date

import asyncpg

from tests.simulation.model import Prices, later, month_of

START = date(2027, 1, 1)
BASE = 49500
STEPS = ((2030, 52000), (2044, 55900))
PREMIUMS = ((2033, 22000),)
OSLOS = ((2031, 6000),)


def prices(month: date) -> Prices:
    """Return what was to be charged in a month, as the union has decided it."""
    full, premium, oslo = BASE, 20000, 5000
    for year, ore in STEPS:
        full = ore if month.year >= year else full
    for year, ore in PREMIUMS:
        premium = ore if month.year >= year else premium
    for year, ore in OSLOS:
        oslo = ore if month.year >= year else oslo
    return Prices(full, premium, {"OSLO": (oslo, False), "BERGEN": (4500, True)})


async def set_prices(owner: asyncpg.Connection) -> None:
    """Write down all prices to come, as dated rows."""
    for year, ore in STEPS:
        await owner.execute(
            "INSERT INTO dues_rates SELECT $1, $2, half_percent, quarter_percent, student_percent,"
            " pensioner_percent, half_at_most_percent FROM dues_rates ORDER BY valid_from LIMIT 1",
            date(year, 1, 1),
            ore,
        )
    for year, ore in PREMIUMS:
        await owner.execute(
            "INSERT INTO premium_rates (valid_from, premium_ore) VALUES ($1, $2)",
            date(year, 1, 1),
            ore,
        )
    for year, ore in OSLOS:
        await owner.execute(
            "INSERT INTO branch_dues (code, valid_from, local_ore, halves)"
            " VALUES ('OSLO', $1, $2, false)",
            date(year, 1, 1),
            ore,
        )


def months(years: int) -> list[date]:
    """Return the months of so many years."""
    return [later(month_of(START), count) for count in range(years * 12)]
