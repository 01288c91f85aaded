"""A copy of a migrated database for each test, on the session's PostgreSQL server."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.database import open_pool
from activities.persistence.activities import Persistence
from activities.persistence.migrate import migrate
from workers.stack import PostgresServer

TEMPLATE = "migrated"


@pytest.fixture(scope="session")
async def template(postgres: PostgresServer) -> str:
    """The name of a migrated database that nobody is connected to."""
    await asyncio.to_thread(migrate, await postgres.create_database(TEMPLATE))
    return TEMPLATE


@pytest.fixture
async def database_url(postgres: PostgresServer, template: str) -> str:
    """A migrated database of the test's own."""
    return await postgres.create_database(f"test_{uuid.uuid4().hex}", template=template)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the test's database, opened as the workers open them."""
    async with await open_pool(database_url, size=8) as pool:
        yield pool


@pytest.fixture
def persistence(pool: asyncpg.Pool) -> Persistence:
    """The activities on the test's database; test numbers count as national ids."""
    return Persistence(pool, allow_synthetic_ids=True)
