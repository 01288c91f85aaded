"""The table of the arrears ladder in docs/algorithms.md, pursued day by day."""

from datetime import date, timedelta

import asyncpg
from temporalio.client import Client

from activities.arrears.activities import Arrears
from tests.algorithms import table_of
from tests.arrears.making import owe, pursue
from tests.letters.making import make_membership

DUE = [date(2027, month, 15) for month in (3, 4, 5, 6)]
"""The four invoices of 495.00 that are never paid."""

LAST = date(2027, 6, 30)


async def test_the_ladder_day_by_day(pool: asyncpg.Pool, client: Client) -> None:
    """The steps of every day on which one is taken, and nothing on all others."""
    arrears = Arrears(pool, client)
    member = await make_membership(pool, stage="active")
    for day in DUE:
        await owe(pool, member, day)
    rows = []
    today = DUE[0]
    while today <= LAST:
        counts = await pursue(arrears, today)
        taken = [
            name.replace("_", " ")
            for name, count in counts.model_dump().items()
            if count and name not in {"owed_ore", "quarantined"}
        ]
        if taken:
            # Overdue from the day after: so many months are owed.
            months = counts.owed_ore // 49500
            rows.append([f"{today.day} {today:%B}", str(months), ", ".join(taken)])
        today += timedelta(days=1)
    assert [row[:3] for row in table_of("A ladder, day by day")] == rows
