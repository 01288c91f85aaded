"""Several changes of a price, one withdrawn, two on one day: the last word on a month counts."""

from datetime import date

import pytest

from activities.pricing.rulebook_change import write_change
from schemas.pricing.contracts import PriceChange
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Category
from tests.dues.lives import life
from tests.dues.making import joins

TODAY = date(2026, 11, 23)
SINCE = date(2026, 10, 14)
MARCH, MAY = date(2027, 3, 1), date(2027, 5, 1)

FEBRUARY_TO_JUNE = [date(2027, month, 1) for month in range(2, 7)]


@pytest.mark.parametrize(
    ("changes", "charged"),
    [
        pytest.param([(MARCH, 52000)], [49500, 52000, 52000, 52000, 52000], id="one"),
        pytest.param([(MARCH, 52000), (MARCH, 49500)], [49500] * 5, id="withdrawn"),
        pytest.param(
            [(MARCH, 52000), (MARCH, 53000)],
            [49500, 53000, 53000, 53000, 53000],
            id="twice on one day",
        ),
        pytest.param(
            [(MARCH, 52000), (MAY, 54000)], [49500, 52000, 52000, 54000, 54000], id="two in a row"
        ),
        # Laid down the later first: the earlier holds until the later one's day.
        pytest.param(
            [(MAY, 54000), (MARCH, 52000)], [49500, 52000, 52000, 54000, 54000], id="in between"
        ),
    ],
)
async def test_each_month_has_one_price_the_last_that_was_said_of_it(
    pool, persistence, changes, charged
):
    """An ordinary member's central dues from February to June, one line a month (S2, A26)."""
    member = await joins(persistence, life(since=SINCE))
    async with pool.acquire() as connection, connection.transaction():
        for month, full in changes:
            change = PriceChange(effective_on=month, full_central_ore=full)
            await write_change(connection, change, today=TODAY, replace=True)
        rows = await connection.fetch(
            "SELECT month, amount_ore FROM unnest($1::date[]) AS month, terms_due(month) AS due"
            " WHERE membership_id = $2 AND kind = 'central_dues' ORDER BY month",
            FEBRUARY_TO_JUNE,
            member,
        )
    assert [tuple(row) for row in rows] == list(zip(FEBRUARY_TO_JUNE, charged, strict=True))


async def test_a_year_that_begins_between_two_prices_has_the_first_of_them(pool, persistence):
    """A student from April 2027: 5 % of 12 × 520 = 312, rounded up 320, once; 2028 by 540: 330."""
    student = life(since=date(2027, 4, 5), category=Category.STUDENT, percent=None, employer=None)
    member = await joins(persistence, student)
    async with pool.acquire() as connection, connection.transaction():
        for month, full in ((MARCH, 52000), (MAY, 54000)):
            change = PriceChange(effective_on=month, full_central_ore=full)
            await write_change(connection, change, today=TODAY)
        rows = await connection.fetch(
            "SELECT month, amount_ore FROM unnest($1::date[]) AS month, terms_due(month) AS due"
            " WHERE membership_id = $2 ORDER BY month",
            [months_before(date(2027, 4, 1), -count) for count in range(11)],
            member,
        )
    assert [tuple(row) for row in rows] == [(date(2027, 4, 1), 32000), (date(2028, 1, 1), 33000)]
