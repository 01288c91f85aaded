"""Out of one database and into an empty one: what is written there is what was written here."""

import uuid
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from activities.database.pool import open_pool
from activities.register.exporting import export, first_month_elsewhere
from activities.register.reading import open_register
from activities.register.writing import register_file
from activities.shared.rulebook import RulebookReader
from schemas.register.checking import checked
from schemas.register.member import RegisterMember
from tests.register.carried import AT, MONTH, REGISTER, carry
from workers.stack import PostgresServer


@pytest.fixture
async def elsewhere(postgres: PostgresServer, migrated: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to another database, in which there is nobody."""
    url = await postgres.create_database(f"test_{uuid.uuid4().hex}", template=migrated)
    async with await open_pool(url, size=4) as pool:
        yield pool


async def written(pool: asyncpg.Pool, path: Path) -> dict[str, str]:
    """Write all members of a database, and return the files by name."""
    async with pool.acquire() as connection, connection.transaction():
        book = await RulebookReader(allow_synthetic_ids=True).current(connection)
        with register_file(path) as write:
            report = await export(connection, book, MONTH, AT.date(), write)
    assert report.not_exported == ()
    return {file.name: file.read_text("utf-8-sig") for file in path.iterdir()}


async def read(pool: asyncpg.Pool, path: Path) -> list[RegisterMember]:
    """Return the members of a file, all of them good."""
    async with pool.acquire() as connection:
        book = await RulebookReader(allow_synthetic_ids=True).current(connection)
    with open_register(path) as register:
        found = [checked(raw, book, MONTH) for raw in register.members()]
    assert [one.faults for one in found if one.faults] == []
    return [one.member for one in found if one.member is not None]


async def test_who_begins_here_in_a_later_month_is_written_as_of_that_month(pool):
    """Before it nobody of theirs has a payer here, and all would be said to pay directly."""
    await carry(pool, [REGISTER["payroll"]], month=date(2027, 2, 1))
    async with pool.acquire() as connection:
        # The next month would be December.
        assert await first_month_elsewhere(connection, AT.date()) == date(2027, 2, 1)
        assert await first_month_elsewhere(connection, date(2027, 3, 5)) == date(2027, 4, 1)


async def test_export_import_export_is_the_same_file(pool, elsewhere, tmp_path):
    """Members of every kind, debts and credit, reminders and leaves: letter by letter."""
    _, refused, _ = await carry(pool, list(REGISTER.values()))
    assert refused == []
    first = await written(pool, tmp_path / "first")
    members = await read(pool, tmp_path / "first")
    assert len(members) == len(REGISTER)
    _, refused, _ = await carry(elsewhere, members)
    assert refused == []
    second = await written(elsewhere, tmp_path / "second")
    assert second == first
    by_number = {one.number: one for one in members}
    told = REGISTER["debtor"]
    debtor = by_number[str(told.member_number)]
    assert debtor.balance_ore == told.balance_ore
    assert [(bill.kid, bill.open_ore) for bill in debtor.invoices[:2]] == [
        (bill.kid, bill.open_ore) for bill in told.invoices
    ]
    window = by_number[str(REGISTER["window"].member_number)]
    assert window.reservation_deadline == REGISTER["window"].reservation_deadline
