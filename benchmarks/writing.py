"""Somebody who goes on writing while a month is charged, and how long that ever had to wait."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "writing.sql")

Connection = asyncpg.pool.PoolConnectionProxy

PAUSE_SECONDS = 0.01
"""Between two members' writing."""

LOOK_SECONDS = 0.002
"""Between two looks at who waits for whom."""


class Waits:
    """What the writer met: the longest wait for a lock, and the longest statement in all."""

    def __init__(self) -> None:
        self.locked_s = 0.0
        self.statement_s = 0.0
        self.written = 0


@asynccontextmanager
async def somebody_writes(pool: asyncpg.Pool) -> AsyncIterator[Waits]:
    """Bill and take money in, one member at a time, until the block ends.

    Args:
        pool: of which two connections are taken.
    """
    waits = Waits()
    async with pool.acquire() as writer, pool.acquire() as looker:
        tasks = [
            asyncio.create_task(_write(writer, waits)),
            asyncio.create_task(_look(looker, writer.get_server_pid(), waits)),
        ]
        try:
            yield waits
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error


async def _write(connection: Connection, waits: Waits) -> None:
    member = dict(await _SQL.find_writer(connection))
    named = {name: member[name] for name in ("membership_id", "member_number")}
    while True:
        number = waits.written = waits.written + 1
        # Months of long ago, which no run of the measurement charges.
        on = date(1900 + number // 12, number % 12 + 1, 1)
        serial = {"serial": 900_000 + number}
        for act, values in (
            (_SQL.bill, member | serial | {"period_from": on}),
            (_SQL.pay, named | serial | {"paid_on": on}),
            (_SQL.allocate, serial | {"paid_on": on}),
        ):
            started = time.perf_counter()
            await act(connection, **values)
            waits.statement_s = max(waits.statement_s, time.perf_counter() - started)
        await asyncio.sleep(PAUSE_SECONDS)  # a writer among others, and no load of its own


async def _look(connection: Connection, writer: int, waits: Waits) -> None:
    """Ask again and again how long the writer has waited for a lock."""
    while True:
        waited = await connection.fetchval(
            "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8"
            " FROM pg_locks WHERE NOT granted AND pid = $1",
            writer,
        )
        waits.locked_s = max(waits.locked_s, waited)
        await asyncio.sleep(LOOK_SECONDS)  # a lock tells nobody that it is waited for
