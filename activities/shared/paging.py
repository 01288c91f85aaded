"""Pages of members: whoever goes over all of them goes by member number, a page at a time."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


AT_ONCE = 2
"""Pages that the runs over all members have gone over at once."""

SMALL = 10_000
"""So many members are gone over in a second, and are not worth two pages."""


def member_number(number: int) -> str:
    """Return a member number as it is written: eight digits."""
    return f"{number:08d}"


async def pages_of_members(connection: Connection, size: int) -> tuple[str, ...]:
    """Return the first member number of each page, up to the last member there is.

    Args:
        connection: to the database of the members.
        size: how many numbers a page spans; some of them may be nobody's.
    """
    last = await _SQL.last_member(connection)
    return tuple(member_number(first) for first in range(1, last + 1, size))


async def even_pages(connection: Connection, most: int) -> tuple[tuple[str, ...], int]:
    """Return the first member number of each page, and how many numbers a page spans.

    Args:
        connection: to the database of the members.
        most: how many numbers a page may span.
    """
    size = even_size(await _SQL.last_member(connection), most)
    return await pages_of_members(connection, size), size


def even_size(last: int, most: int) -> int:
    """Return how many numbers a page spans, so that nobody who goes over them is idle meanwhile.

    Args:
        last: the highest member number there is.
        most: how many numbers a page may span.
    """
    if last <= SMALL:
        return most
    pages = -(-last // (most * AT_ONCE)) * AT_ONCE
    return -(-last // pages)


def numbers_of(first: str, size: int) -> range:
    """Return the member numbers of a page, which begins with ``first``."""
    return range(int(first), int(first) + size)


def bounds_of(numbers: Sequence[int]) -> tuple[str, str]:
    """Return the first and the last of some member numbers, as they are written."""
    return member_number(numbers[0]), member_number(numbers[-1])


async def membership_of(connection: Connection, number: str) -> str | None:
    """Return whose a member number is, or None if it is nobody's."""
    membership_id: str | None = await _SQL.find_member(connection, member_number=number)
    return membership_id
