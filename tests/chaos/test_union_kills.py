"""A month of a union whose stack is killed part by part, all the while."""

import pytest

from tests.chaos.rounds import ROUNDS
from tests.union.__main__ import play

MEMBERS = 500 if ROUNDS > 1 else 40

pytestmark = pytest.mark.timeout(600 + 4 * MEMBERS)


async def test_a_month_ends_as_if_nobody_had_died() -> None:
    """A register carried over, a dues run, lists, banks' files, returns, settlements, an audit.

    Workers, the gateway, Temporal and PostgreSQL die every few seconds while a person gives each
    command again that finds one away. Every øre is what arithmetic expects, and all rows are those
    of the month that nobody disturbed.
    """
    assert await play(MEMBERS, ROUNDS, kills=True) == []
