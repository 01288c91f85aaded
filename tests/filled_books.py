"""Two months of a service in which everything happened that the books know, and nothing drifted."""

from collections.abc import AsyncIterator

import pytest

from activities.database.pool import open_pool
from tests.audit.making import Books
from workers.stack import PostgresServer


@pytest.fixture(scope="session")
async def books(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, migrated: str
) -> AsyncIterator[Books]:
    """Filled once for all tests of a process: who does harm takes it back."""
    url = await postgres.create_database("audited_books", template=migrated)
    async with await open_pool(url, size=4) as pool:
        books = Books(pool, tmp_path_factory.mktemp("lists"))
        await books.fill()
        yield books
