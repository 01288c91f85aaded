"""A month that is built beside the books, page by page, and attached whole (ADR 46).

What is built can be seen by nobody until it is attached, in one transaction; a run that is cut off
goes on with the members nothing was built for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.shared.paging import numbers_of
from schemas.dues.contracts import DuesPage, DuesPeriod

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

MOST_MOVED = 1_000
"""Lines of a month that came before it was built: writers wait while they are moved."""

FEW = 1_000
"""Members of a single page that are charged row by row: a decision waits a tenth of a second."""

LOCK_MILLISECONDS = 40
"""As long does anybody wait behind us for a lock that we wait for; then we let them pass."""

SORTING_MEMORY = "256MB"
"""For the keys of a month, which are sorted on the disk otherwise."""

STATISTICS_TARGET = 20
"""Of a month's columns: the planner is to know how many lines there are, and no single value."""

LET_PASS_SECONDS = 0.2
"""Until we ask for the lock again."""


async def may_be_built(connection: Connection, period_from: date, pages: Sequence[str]) -> bool:
    """Tell whether a month is built: one of a single page with few members is not.

    Row by row it is as fast, and whoever issues an invoice meanwhile waits for all of it (ADR 62).
    """
    return bool(
        await _SQL.is_to_be_built(
            connection,
            period_from=period_from,
            most=MOST_MOVED,
            pages=len(pages),
            few=FEW,
        )
    )


async def open_building(connection: Connection, run: DuesPeriod) -> None:
    """Begin to build a month, or go on with what the same run has built of it."""
    async with connection.transaction():
        await _SQL.open_building(connection, period_from=run.period_from, charged_on=run.charged_on)


async def is_being_built(connection: Connection, run: DuesPeriod) -> bool:
    """Tell whether a run's month is being built, until the transaction ends."""
    if not run.built:
        return False
    found = await _SQL.find_building(
        connection, period_from=run.period_from, charged_on=run.charged_on
    )
    return found is not None and not found["attached"]


async def unbuilt(connection: Connection, page: DuesPage) -> list[range]:
    """Return the members of a page that nothing was built for yet, all if it is not being built."""
    numbers = numbers_of(page.first, page.run.page_size)
    async with connection.transaction():
        if not await is_being_built(connection, page.run):
            return [numbers]
        rows = [
            row async for row in _SQL.find_unbuilt(connection, first=numbers[0], last=numbers[-1])
        ]
    return [range(row["first"], row["past"]) for row in rows]


async def attach(pool: asyncpg.Pool, run: DuesPeriod) -> bool:
    """Make what was built of a month part of the books, unless that has happened.

    Returns:
        Whether it is now. Otherwise another run has let go of it, and nothing of it is left.
    """
    async with pool.acquire() as connection:
        found = await _SQL.find_building(
            connection, period_from=run.period_from, charged_on=run.charged_on
        )
    if found is None or found["attached"]:
        return found is not None
    async with pool.acquire() as connection, patiently(connection):
        await _SQL.reserve_numbers(connection)
    while True:
        try:
            await _check_and_attach(pool)
        except asyncpg.UniqueViolationError:
            async with pool.acquire() as connection, patiently(connection):
                if not await _SQL.weed_built(connection):
                    raise
        else:
            return True


async def _check_and_attach(pool: asyncpg.Pool) -> None:
    """Index and check what was built, and attach it: twice is harmless up to the last step.

    Raises:
        asyncpg.UniqueViolationError: a line clashes with another.
    """
    async with pool.acquire() as connection, pool.acquire() as beside:
        await _when_free(connection, _SQL.refer_built)
        # Sorting and publishing take about as long, and neither waits for the other.
        indexing = asyncio.create_task(
            _index(beside, _SQL.index_charges, _SQL.index_entries, _SQL.check_built)
        )
        try:
            async with patiently(connection):
                await _SQL.publish_built(connection)
                await indexing
                await _SQL.check_charges(connection)
                await _SQL.reach_disk(beside)
                await _when_free(connection, _SQL.attach_built)
        finally:
            indexing.cancel()
            await asyncio.gather(indexing, return_exceptions=True)


async def _index(connection: Connection, *acts: Callable[[Connection], Awaitable[None]]) -> None:
    for act in acts:
        async with patiently(connection):
            await connection.execute(
                f"SET LOCAL maintenance_work_mem = '{SORTING_MEMORY}';"
                f"SET LOCAL default_statistics_target = {STATISTICS_TARGET}"
            )
            await act(connection)


async def _when_free(connection: Connection, act: Callable[[Connection], Awaitable[None]]) -> None:
    """Do what needs locks on the books, as soon as nobody holds them for long.

    In a transaction only this is undone and tried again, and what went before stands.
    """
    while True:
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
                await act(connection)
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(LET_PASS_SECONDS)  # whoever waits behind us goes first
        else:
            return


async def is_left_over(connection: Connection, members: range) -> bool:
    """Tell whether somebody of a page could not be built, and is to be charged row by row."""
    return bool(await _SQL.find_left_over(connection, first=members[0], last=members[-1]))


async def close_building(connection: Connection) -> None:
    """Note that all that follows of an attached month has been done."""
    await _SQL.close_building(connection)
    async with patiently(connection):
        await connection.execute(f"SET LOCAL default_statistics_target = {STATISTICS_TARGET}")
        await _SQL.look_through(connection)
