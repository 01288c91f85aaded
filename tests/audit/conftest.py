"""The audit on a database of each test's own, and on a service of its own."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from activities.notifications.settings import NotificationSettings
from tests.audit.making import Books
from tests.own_database import database_url, pool
from tests.pricing.hall import Hall, open_hall
from workers.stack import MailSink, PostgresServer
from workflows import options

__all__ = ["database_url", "pool"]


@pytest.fixture
async def books(pool: asyncpg.Pool, tmp_path: Path) -> Books:
    """Two months of a service in which nothing has drifted, with lives of all kinds."""
    books = Books(pool, tmp_path / "lists")
    await books.fill()
    return books


@pytest.fixture(scope="session")
async def hall(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    migrated: str,
    letters: NotificationSettings,
    mail_sink: MailSink,
) -> AsyncIterator[Hall]:
    """A service for the audits of these tests alone; nobody waits for minutes in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options, "AUDIT_LAG", timedelta(milliseconds=300))
        patch.setattr(options, "AUDIT_PAUSE", timedelta(milliseconds=300))
        folder = tmp_path_factory.mktemp("audit")
        url = await postgres.create_database(folder.name, template=migrated)
        settings = letters.__class__(**{**vars(letters), "list_folder": folder / "lists"})
        async with open_hall(folder, url, settings, mail_sink.mail_dir) as hall:
            yield hall
