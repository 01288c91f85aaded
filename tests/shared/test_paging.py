"""Whoever goes over all members leaves nobody out, and nobody is on two pages."""

import pytest

from activities.shared.paging import (
    bounds_of,
    even_pages,
    even_size,
    member_number,
    membership_of,
    numbers_of,
    pages_of_members,
)
from tests.letters.making import make_membership


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_every_member_is_on_one_page(pool, size):
    """Also the last one, where it fills its page or begins one."""
    members = [await make_membership(pool, stage="active") for _ in range(6)]
    numbers = [row["member_number"] for row in await pool.fetch("SELECT * FROM memberships")]
    async with pool.acquire() as connection:
        pages = await pages_of_members(connection, size)
        found = [member_number(number) for first in pages for number in numbers_of(first, size)]
        assert len(found) == len(set(found))
        assert set(numbers) <= set(found)
        # The next page would have nobody.
        assert max(numbers) >= pages[-1]
        of = {await membership_of(connection, number) for number in numbers}
    assert of == set(members)


async def test_without_members_there_is_no_page(pool):
    """A new installation has nobody to go over, and no number is anybody's."""
    async with pool.acquire() as connection:
        assert await pages_of_members(connection, 10) == ()
        assert await membership_of(connection, "00000001") is None


def test_bounds_are_the_first_and_the_last():
    """Of a page, and of a half of it: 15 numbers from 8 on end with 22."""
    assert bounds_of(numbers_of("00000008", 15)) == ("00000008", "00000022")
    assert bounds_of(numbers_of("00000008", 15)[7:8]) == ("00000015", "00000015")


@pytest.mark.parametrize(
    ("last", "size"),
    [
        (10_000, 50_000),  # one page: it takes a second
        (10_001, 5_001),  # two
        (80_000, 40_000),  # two, and not one of 50,000 beside one of 30,000
        (100_000, 50_000),
        (100_001, 25_001),  # four: three would leave somebody without one
        (400_000, 50_000),
    ],
)
def test_pages_are_as_many_as_are_gone_over_at_once(last, size):
    """Two at a time, all alike, and none of more than 50,000 numbers."""
    assert even_size(last, 50_000) == size


async def test_a_small_union_is_one_page(pool):
    """It is begun with the first number, and spans as many as a page may."""
    await make_membership(pool, stage="active")
    async with pool.acquire() as connection:
        assert await even_pages(connection, 1_000) == (("00000001",), 1_000)
