"""A real PostgreSQL with the real tables, and a real SMTP server."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.database import open_pool
from activities.notifications.settings import NotificationSettings
from activities.persistence.migrate import migrate
from tests.notifications.mailserver import MailServer, mail_server
from tests.notifications.making import CASEWORKERS, INSURANCE
from workers.stack.postgres import PostgresServer

TEMPLATE = "letters_migrated"


@pytest.fixture(scope="session")
async def migrated(postgres: PostgresServer) -> str:
    """A database that every test copies."""
    await asyncio.to_thread(migrate, await postgres.create_database(TEMPLATE))
    return TEMPLATE


@pytest.fixture
async def database_url(postgres: PostgresServer, migrated: str) -> str:
    """A migrated database of the test's own."""
    return await postgres.create_database(f"letters_{uuid.uuid4().hex}", template=migrated)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool on the test's database, as the worker opens it."""
    pool = await open_pool(database_url, size=8)
    yield pool
    await pool.close()


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    """A mail server of the test's own."""
    async with mail_server() as running:
        yield running


@pytest.fixture
def settings(mails: MailServer) -> NotificationSettings:
    """Settings that lead to the test's mail server."""
    return settings_for(mails.port)


def settings_for(port: int) -> NotificationSettings:
    """Settings for a mail server on a port of this machine."""
    return NotificationSettings(
        host="127.0.0.1",
        port=port,
        sender="brev@union.example",
        caseworkers=CASEWORKERS,
        insurance_office=INSURANCE,
        ui_url="http://localhost:8233",
    )
