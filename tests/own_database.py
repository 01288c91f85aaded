"""Fixtures for tests that need a database to themselves: a copy of a migrated one."""

import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.database.pool import open_pool
from activities.membership.activities import Persistence
from workers.stack import PostgresServer


@pytest.fixture
async def database_url(postgres: PostgresServer, migrated: str) -> str:
    """A migrated database of the test's own."""
    return await postgres.create_database(f"test_{uuid.uuid4().hex}", template=migrated)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the test's database, opened as the workers open them."""
    async with await open_pool(database_url, size=8) as pool:
        yield pool


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities that write decisions; test numbers count as national ids."""
    return Persistence(pool, allow_synthetic_ids=True)
