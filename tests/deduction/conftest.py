"""The rooms of payroll deduction on a database of each test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.deduction.bureau import Bureau, open_bureau
from tests.deduction.making import Office, filled
from tests.deduction.saving import NAMES
from workers.stack import MailSink, PostgresServer


@pytest.fixture
def office(pool: asyncpg.Pool, tmp_path: Path) -> Office:
    """Everything a month of deduction needs, without Temporal."""
    return Office(pool, tmp_path / "lists")


@pytest.fixture
async def sent(office: Office) -> tuple[str, list[str], bytes]:
    """A list of four members, delivered: its number, the members, and its file filled in."""
    members = [await office.joins(name=name) for name in NAMES]
    number = await office.ready(*members)
    content = await office.file_of(number)
    return number, members, filled(content, {office.numbers[members[2]]: ("0", "UNPAID_LEAVE")})


@pytest.fixture(scope="session")
async def bureau(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    migrated: str,
    mail_sink: MailSink,
) -> AsyncIterator[Bureau]:
    """A service for the settlements of these tests alone."""
    url = await postgres.create_database("settlements", template=migrated)
    async with open_bureau(tmp_path_factory.mktemp("bureau"), url, mail_sink) as bureau:
        yield bureau
