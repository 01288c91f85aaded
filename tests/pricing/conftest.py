"""A service whose prices the tests of this folder may change: nobody else's members live there."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from activities.letters.settings import NotificationSettings
from tests.pricing.hall import Hall, open_hall
from workers.stack import MailSink, PostgresServer
from workflows.shared import options


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a repricing look again at once."""
    monkeypatch.setattr(options, "REPRICING_PAUSE", timedelta(milliseconds=300))


@pytest.fixture
async def hall(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    migrated: str,
    letters: NotificationSettings,
    mail_sink: MailSink,
    impatient: None,  # noqa: ARG001 - before the first run
) -> AsyncIterator[Hall]:
    """A service of the test's own."""
    folder = tmp_path_factory.mktemp("prices")
    url = await postgres.create_database(folder.name, template=migrated)
    async with open_hall(folder, url, letters, mail_sink.mail_dir) as hall:
        yield hall
