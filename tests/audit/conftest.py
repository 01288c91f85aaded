"""The audit on a service of its own."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from activities.audit import workflow_drift
from activities.letters.settings import NotificationSettings
from tests.pricing.hall import Hall, open_hall
from workers.stack import MailSink, PostgresServer
from workflows.shared import options


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
        patch.setattr(options, "AUDIT_LAG", timedelta(milliseconds=100))
        patch.setattr(options, "AUDIT_PAUSE", timedelta(milliseconds=100))
        patch.setattr(workflow_drift, "PAUSE_SECONDS", 0.05)
        folder = tmp_path_factory.mktemp("audit")
        url = await postgres.create_database(folder.name, template=migrated)
        settings = letters.__class__(**{**vars(letters), "list_folder": folder / "lists"})
        async with open_hall(folder, url, settings, mail_sink.mail_dir) as hall:
            yield hall
