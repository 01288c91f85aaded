"""One month's dues for all members, against inserts of the very same rows in the same run.

    python -m benchmarks.dues [MEMBERS [PAGE_SIZE]]

The floor inserts what the run built row by row, page by page and as many at once, into ordinary
tables with the month before it, under the constraints, indexes and triggers that hold for all
months, in the same durable database; it works nothing out. While the run goes on somebody writes.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.dues.charging import attach_run, charge_page, open_run
from activities.shared.paging import bounds_of, numbers_of
from activities.shared.rates import put_rates
from activities.shared.rulebook import RulebookReader
from benchmarks.figures import measured, peak_mb, print_ratios
from benchmarks.scratch import scratch_database
from benchmarks.writing import somebody_writes
from schemas.dues.contracts import DuesOpening, DuesPage, DuesPageReport, DuesPeriod
from schemas.dues.rates import Paid, Rate
from workers.logging import LogFormat, configure_logging
from workflows.dues.run import AT_ONCE

DEFAULT_MEMBERS = 400_000
DEFAULT_PAGE = 50_000
PERIOD = "2027-01"
"""A January: the month with the most lines, since the yearly fees come on top of the monthly."""

TODAY = date(2026, 12, 15)

BEFORE = DuesOpening(period="2026-12", today=date(2026, 11, 20))
"""The run before it, which is not measured; after it, one member in 50 reports a change late."""

COUNTS = (
    "SELECT count(*) FROM invoices WHERE period_from >= $1",
    "SELECT count(*) FROM charges WHERE period_from >= $1",
    "SELECT count(*) FROM entries WHERE period_from >= $1",
)

_FOLDER = Path(__file__).with_name("sql")
_MEMBERS = load_queries(_FOLDER / "members.sql")
_FLOOR = load_queries(_FOLDER / "floor.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def main(members: int, page_size: int) -> None:
    """Measure run, re-run and floor, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with scratch_database(AT_ONCE + 2) as (owner, pool):
        await generate(owner, pool, members)
        await charge_month(pool, BEFORE.model_copy(update={"page_size": page_size}))
        await _MEMBERS.add_late_changes(owner)
        await owner.execute("VACUUM ANALYZE")
        before = await _count(owner)
        opening = DuesOpening(period=PERIOD, today=TODAY, page_size=page_size)
        async with somebody_writes(pool) as waits:
            run, first = await measured(owner, lambda: charge_month(pool, opening))
        rerun, second = await measured(owner, lambda: charge_month(pool, opening))
        async with pool.acquire() as connection:
            period = await _open(connection, opening)
        lines = await _count(owner)
        added = tuple(now - then for now, then in zip(lines, before, strict=True))
        assert added == (first.invoices, first.charges, first.charges), (added, first)
        await owner.execute(_of_page(_FLOOR.stand_as_before.sql, period, ""))
        for page in period.pages:
            await owner.execute(_of_page(_FLOOR.save_page.sql, period, page))
        await owner.execute("VACUUM ANALYZE")
        floor, _ = await measured(owner, lambda: _floor(pool, period))
        assert await _count(owner, "floor") == lines
        corrections = await owner.fetchval("SELECT count(*) FROM corrections")
    print(f"members {members}")
    print(f"charges {first.charges}")
    print(f"corrections {corrections}")
    print_ratios("dues_run", run, floor)
    print(f"dues_rerun_s {rerun.seconds:.1f}")
    print(f"dues_rerun_ratio {rerun.seconds / run.seconds:.2f}")
    print(f"dues_rerun_new_rows {second.charges + second.invoices}")
    print(f"dues_writers_blocked_ms {waits.locked_s * 1000:.0f}")
    print(f"dues_writers_slowest_ms {waits.statement_s * 1000:.0f}")
    print(f"dues_writers_wrote {waits.written}")
    print(f"memory_mb {peak_mb():.0f}")


async def charge_month(pool: asyncpg.Pool, opening: DuesOpening) -> DuesPageReport:
    """Charge a month as the workflow does: AT_ONCE pages at a time."""
    async with pool.acquire() as connection:
        period = await _open(connection, opening)
    done: list[DuesPageReport] = []

    async def charge(connection: Connection, first: str) -> None:
        page = DuesPage(run=period.model_copy(update={"pages": ()}), first=first)
        done.append(await charge_page(connection, page))

    await _all_pages(pool, period, charge)
    if period.built:
        done.append(await attach_run(pool, period))
    return DuesPageReport(
        charges=sum(page.charges for page in done),
        invoices=sum(page.invoices for page in done),
        quarantined=sum(page.quarantined for page in done),
    )


async def _floor(pool: asyncpg.Pool, period: DuesPeriod) -> None:
    async def write(connection: Connection, first: str) -> None:
        async with connection.transaction():
            await connection.execute(_of_page(_FLOOR.write_page.sql, period, first))

    await _all_pages(pool, period, write)


async def _all_pages(
    pool: asyncpg.Pool,
    period: DuesPeriod,
    one: Callable[[Connection, str], Awaitable[None]],
) -> None:
    coming = iter(period.pages)

    async def next_pages() -> None:
        for first in coming:
            async with pool.acquire() as connection:
                await one(connection, first)

    async with asyncio.TaskGroup() as everybody:
        for _ in range(AT_ONCE):
            everybody.create_task(next_pages())


def _of_page(sql: str, period: DuesPeriod, first: str) -> str:
    last = bounds_of(numbers_of(first or "0", period.page_size))[1]
    values = {"PERIOD": str(period.period_from), "PAGE": first, "FIRST": first, "LAST": last}
    for name, value in values.items():
        sql = sql.replace(name, value)
    return sql


async def _open(connection: Connection, opening: DuesOpening) -> DuesPeriod:
    rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
    return await open_run(connection, rulebook, opening)


async def _count(owner: asyncpg.Connection, schema: str = "public") -> tuple[int, ...]:
    """Count what the runs wrote; who wrote meanwhile did so for months of long ago."""
    await owner.execute("SELECT set_config('search_path', $1 || ', public', false)", schema)
    return tuple([await owner.fetchval(query, date(2026, 12, 1)) for query in COUNTS])


async def generate(owner: asyncpg.Connection, pool: asyncpg.Pool, members: int) -> None:
    """Fill the database; what only guards the terms is set aside meanwhile, for speed."""
    await _MEMBERS.add_employers_and_branches(owner)
    await _MEMBERS.add_people(owner, members=members)
    await _MEMBERS.add_memberships(owner, members=members)
    await _MEMBERS.add_decisions(owner)
    guards = await owner.fetch(
        "SELECT conname, pg_get_constraintdef(oid) AS body FROM pg_constraint"
        " WHERE conrelid = 'terms'::regclass AND contype = 'x'"
    )
    for guard in guards:
        await owner.execute(f"ALTER TABLE terms DROP CONSTRAINT {guard['conname']}")
    await owner.execute("SET session_replication_role = replica")
    await _MEMBERS.add_terms(owner)
    await owner.execute("RESET session_replication_role")
    async with pool.acquire() as connection:
        await _put_rates(connection)
    for guard in guards:
        await owner.execute(f"ALTER TABLE terms ADD CONSTRAINT {guard['conname']} {guard['body']}")
    await owner.execute("VACUUM ANALYZE memberships, people, decisions, terms")


async def _put_rates(connection: Connection) -> None:
    """Keep what the terms charge by, and what late changes will, with what the rulebook says."""
    rows = await connection.fetch("SELECT DISTINCT rate FROM terms")
    book = await RulebookReader(allow_synthetic_ids=False).current(connection)
    await put_rates(connection, book, {row["rate"] for row in rows} | {Rate(Paid.QUARTER).code})


if __name__ == "__main__":
    given = (*map(int, sys.argv[1:]), *(DEFAULT_MEMBERS, DEFAULT_PAGE)[len(sys.argv) - 1 :])
    asyncio.run(main(*given))
