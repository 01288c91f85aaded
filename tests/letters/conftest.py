"""A real PostgreSQL with the real tables, and a real SMTP server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from activities.letters.settings import NotificationSettings
from tests.letters.mailserver import MailServer, mail_server
from tests.letters.making import CASEWORKERS, INSURANCE


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    """A mail server of the test's own."""
    async with mail_server() as running:
        yield running


@pytest.fixture
def settings(mails: MailServer, tmp_path: Path) -> NotificationSettings:
    """Settings that lead to the test's mail server, and to a folder for employers."""
    return replace(settings_for(mails.port), list_folder=tmp_path / "lists")


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
