"""What waits for the caseworkers, listed whole as programs ask for it, each against a floor.

The floor reads the same rows in one statement, which makes the very lines, by the same cursor.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries, streamed
from activities.letters.lost_letters import stream_lost_letters
from activities.membership.open_work import count_open_work, suspended_payments
from activities.payments.suspense import stream_suspense
from activities.shared.tasks import count_tasks, tasks_in_order
from benchmarks.figures import print_ratio, timed
from schemas.shared.base import Contract

_FOLDER = Path(__file__).with_name("sql")
_SQL = load_queries(_FOLDER / "volume.sql")
_FLOOR = load_queries(_FOLDER / "volume_floors.sql")


async def measure_open_work(owner: asyncpg.Connection) -> None:
    """List the tasks, the inbox beside the memberships, and the suspense, and then the floors."""
    await owner.execute("SET session_replication_role = replica")
    await _SQL.lose_letters(owner)
    await owner.execute("RESET session_replication_role")
    await owner.execute("VACUUM ANALYZE")
    await _measure(owner, "tasks", _tasks, (_FLOOR.read_tasks,))
    await _measure(owner, "inbox", _inbox, (_FLOOR.read_suspended, _FLOOR.read_lost))
    await _measure(owner, "suspense", _suspense, (_FLOOR.read_suspended,))


async def _measure(
    owner: asyncpg.Connection,
    name: str,
    listing: Callable[[asyncpg.Connection], Awaitable[int]],
    floors: tuple[object, ...],
) -> None:
    took_s, listed = await timed(owner, lambda: listing(owner))
    floor_s, read = await timed(owner, lambda: _read(owner, floors))
    assert listed == read, (name, listed, read)
    print(f"{name}_rows {listed}")
    print_ratio(name, took_s, floor_s)


async def _tasks(connection: asyncpg.Connection) -> int:
    async with connection.transaction():
        counts = await count_tasks(connection)
        written = await _written(tasks_in_order(connection))
    assert written == sum(counts.values()), (written, counts)
    return written


async def _inbox(connection: asyncpg.Connection) -> int:
    counts = await count_open_work(connection)
    suspended = await _written(suspended_payments(connection))
    lost = await _written(stream_lost_letters(connection))
    assert (suspended, lost) == (counts.suspended_payments, counts.lost_letters), counts
    return suspended + lost


async def _suspense(connection: asyncpg.Connection) -> int:
    return await _written(stream_suspense(connection))


async def _written(rows: AsyncIterator[Contract]) -> int:
    """Make a line of each row, as it comes; return how many there are."""
    written = 0
    async for row in rows:
        json.dumps(row.model_dump(mode="json"), ensure_ascii=False)
        written += 1
    return written


async def _read(connection: asyncpg.Connection, floors: tuple[object, ...]) -> int:
    read = 0
    for floor in floors:
        async for _line in streamed(connection, floor):
            read += 1
    return read
