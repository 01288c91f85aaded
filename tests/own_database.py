"""Fixtures for tests that need a database to themselves: one that is as a migrated one is."""

import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.membership.activities import Persistence
from tests.recycling import Shelf
from workers.stack import PostgresServer


@pytest.fixture(scope="session")
async def shelf(postgres: PostgresServer, migrated: str) -> AsyncIterator[Shelf]:
    """The databases of tests that are over, where they are as new."""
    found = await Shelf.opened(postgres.url(migrated))
    yield found
    await found.close()


@pytest.fixture
async def database_url(postgres: PostgresServer, migrated: str, shelf: Shelf) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    url, shape = shelf.take() or (await _copy(postgres, migrated), None)
    yield url
    await shelf.put_back(url, shape)


async def _copy(postgres: PostgresServer, migrated: str) -> str:
    return await postgres.create_database(f"test_{uuid.uuid4().hex}", template=migrated)


@pytest.fixture
async def pool(database_url: str, shelf: Shelf) -> asyncpg.Pool:
    """Connections to the test's database, opened as the workers open them."""
    return await shelf.pool_of(database_url)


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities that write decisions; test numbers count as national ids."""
    return Persistence(pool, allow_synthetic_ids=True)
