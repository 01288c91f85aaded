"""The arrears run over many: what is asked of each member grows with nothing but the members."""

from datetime import date

import pytest

from activities.arrears import pursuing
from activities.arrears.activities import Arrears
from schemas.arrears.contracts import ArrearsPage
from tests.arrears.making import everybody, letters, pursue
from tests.arrears.test_net import PAID, owes_five
from tests.builders import BOOK
from tests.counting import counted
from tests.letters.making import make_membership
from tests.payments.making import Money, bring, camt

NOBODYS = "60000000"
"""A page of member numbers that are nobody's."""


@pytest.fixture
def arrears(pool, client) -> Arrears:
    """The room."""
    return Arrears(pool, client)


async def test_a_page_looks_at_the_money_of_its_own_members_alone(pool, arrears):
    """Whose money waits is asked once: on the page of that member, and not when told already."""
    owing = [await owes_five(pool) for _ in range(2)]
    # 5 * 495.00 = 2,475.00 are owed.
    money = [Money(kids[0], 300000, key=f"K{nth}", on=PAID) for nth, (_, kids) in enumerate(owing)]
    await bring(pool, camt(*money), today=PAID)
    for page, asked in (
        (ArrearsPage(today=PAID, first=NOBODYS, page_size=9), 0),
        (everybody(PAID), 2),
    ):
        async with counted(pool) as (connection, calls):
            await pursuing.pursue(connection, page, BOOK)
            assert await calls.of("membership_of_kid") == asked
    await pursue(arrears, PAID)
    assert len(await letters(pool)) == 2
    async with counted(pool) as (connection, calls):
        await pursuing.pursue(connection, everybody(PAID), BOOK)
        assert await calls.of("membership_of_kid") == 0


async def test_a_page_does_not_ask_of_each_member_whether_it_is_dead(pool):
    """Nor of each that is dead: all are found at once (M17)."""
    for outcome in (None, "deceased"):
        await make_membership(pool, stage="ended" if outcome else "active", outcome=outcome)
    async with counted(pool) as (connection, calls):
        await pursuing.pursue(connection, everybody(date(2027, 6, 10)), BOOK)
        assert await calls.of("has_died") == 0
