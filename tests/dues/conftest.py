"""The dues activities on a database of each test's own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.dues.activities import Dues
from tests.dues.hall import Hall, open_hall
from workers.stack import PostgresServer


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
