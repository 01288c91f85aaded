"""A server with its store, and the three workers, which encrypt; and what the store holds."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.letters.settings import NotificationSettings
from activities.secrecy.codec import Encryption
from workers import notifications, persistence, versions, workflows
from workers.encryption import converter_for
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer


class Office:
    """A server with its store, and the three workers, which encrypt."""

    def __init__(self, server: TemporalServer, store: Path, encryption: Encryption) -> None:
        self.server, self.store, self.encryption = server, store, encryption

    async def own(self) -> Client:
        """A client that knows the keys."""
        converter = converter_for(pydantic_data_converter, self.encryption)
        return await Client.connect(self.server.address, data_converter=converter)

    async def foreign(self) -> Client:
        """A client as another system has it: it knows no keys."""
        return await self.server.connect()

    def holds(self, text: str) -> bool:
        """Tell whether a text stands anywhere in the store: in its files or in a value of a row."""
        hidden = text.encode()
        files = self.store.parent.glob(f"{self.store.name}*")
        if any(hidden in path.read_bytes() for path in files):
            return True
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as database:
            # What is longer than a page of the file is not in one piece there.
            return any(hidden in value for value in values_of(database))


def values_of(database: sqlite3.Connection) -> Iterator[bytes]:
    """Yield every value of every row as bytes."""
    tables = [
        name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    ]
    for table in tables:
        for row in database.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                if isinstance(value, bytes | str):
                    yield value if isinstance(value, bytes) else value.encode()


@asynccontextmanager
async def running(
    folder: Path,
    pool: asyncpg.Pool,
    letters: NotificationSettings,
    encryption: Encryption,
    acting_encryption: Encryption | None = None,
) -> AsyncIterator[Office]:
    """Run the office until the end of the block; those that act may have keys of their own."""
    store = folder / "temporal.db"
    async with TemporalServer(folder / "temporal.log", database_file=store, ui=False) as server:
        deciding, acting = [
            await Client.connect(server.address, data_converter=converter_for(plain, own))
            for plain, own in (
                (workflows.CONVERTER, encryption),
                (ACTIVITIES_CONVERTER, acting_encryption or encryption),
            )
        ]
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        rooms = persistence.rooms(pool, acting, allow_synthetic_ids=True)
        async with (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(pool, letters)),
        ):
            yield Office(server, store, encryption)
