"""The dues activities on a database of each test's own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from tests.dues.hall import Hall, open_hall
from tests.own_database import database_url, pool
from workers.stack import PostgresServer

__all__ = ["database_url", "pool"]


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities that write decisions."""
    return Persistence(pool, allow_synthetic_ids=True)


@pytest.fixture
def dues(pool: asyncpg.Pool) -> Dues:
    """The activities that charge a month."""
    return Dues(pool)


@pytest.fixture(scope="session")
async def hall(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, migrated: str
) -> AsyncIterator[Hall]:
    """A service whose members are those of the tests of the runs alone."""
    url = await postgres.create_database("dues_runs", template=migrated)
    async with open_hall(tmp_path_factory.mktemp("hall"), url) as hall:
        yield hall
