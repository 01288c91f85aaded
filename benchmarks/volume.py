"""Audit, arrears, open work and year's end of all members, each against a floor in the same run.

    python -m benchmarks.volume [MEMBERS]

Three months are charged, listed, deducted and paid; one member in ten owes all of them. The floor
of the audit reads the same tables and makes the same joins once, over all months, and finds
nothing; ``audit_scan_s`` only reads them. The floors of the others read the same money in one
statement and write the very same rows, under the same constraints, indexes and triggers; they work
nothing out.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import asyncpg

from activities.arrears import overdue, pursuing
from activities.audit import books, findings, unattended
from activities.database.pool import load_queries
from activities.deduction import listing
from activities.shared.rulebook import RulebookReader
from activities.statements import yearly
from benchmarks.dues import charge_month, generate
from benchmarks.figures import measured, peak_mb, print_ratio, print_ratios, say, timed
from benchmarks.open_work import measure_open_work
from benchmarks.scratch import scratch_database
from schemas.arrears.contracts import ArrearsCounts, ArrearsPage
from schemas.audit.contracts import (
    AuditMonth,
    AuditOpening,
    AuditPage,
    AuditPlan,
    Check,
    CheckReport,
    total,
)
from schemas.deduction.contracts import DeductionListsOrder
from schemas.dues.contracts import DuesOpening
from schemas.pricing.rulebook import Rulebook
from schemas.statements.contracts import YearEndOpening, YearEndPage
from schemas.statements.tax import TaxCap
from workers.logging import LogFormat, configure_logging
from workflows.arrears.run import AT_ONCE
from workflows.statements import year_end

DEFAULT_MEMBERS = 400_000
MONTHS = {
    "2026-11": date(2026, 10, 20),
    "2026-12": date(2026, 11, 20),
    "2027-01": date(2026, 12, 15),
}
"""Each with the day it is charged on. The last is a January, with the yearly fees."""

TODAY = date(2027, 2, 20)
CAP = TaxCap(year=2026, cap_ore=825_000, confirmed=True, source="bench")

_FOLDER = Path(__file__).with_name("sql")
_SQL = load_queries(_FOLDER / "volume.sql")
_FLOOR = load_queries(_FOLDER / "volume_floors.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def main(members: int) -> None:
    """Measure all of them and their floors, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with filled(members) as (owner, pool):
        await measure_audit(owner, pool)
        await measure_arrears(owner, pool)
        await measure_open_work(owner)
        await measure_year_end(owner, pool)
    print(f"volume_members {members}")
    print(f"volume_memory_mb {peak_mb():.0f}")


@asynccontextmanager
async def filled(members: int) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Pool]]:
    """Open a database in which three months have been charged, listed and mostly paid."""
    async with scratch_database(AT_ONCE) as (owner, pool):
        say(f"{members} members are written")
        await generate(owner, pool, members)
        await _SQL.add_national_ids(owner)
        for period, today in MONTHS.items():
            say(f"{period} is charged and listed")
            await charge_month(pool, DuesOpening(period=period, today=today))
            await _list_month(pool, date.fromisoformat(f"{period}-01"), today)
            await owner.execute("VACUUM ANALYZE")
        await owner.execute("SET session_replication_role = replica")
        await _SQL.deliver_lists(owner)
        await _SQL.pay_lists(owner)
        await _SQL.pay_invoices(owner, by=TODAY)
        await owner.execute("RESET session_replication_role")
        await owner.execute("VACUUM ANALYZE")
        yield owner, pool


async def _list_month(pool: asyncpg.Pool, month: date, today: date) -> None:
    async with pool.acquire() as connection:
        rulebook = await rulebook_of(connection)
        order = DeductionListsOrder(period_from=month, today=today)
        lists, orgnrs = await listing.prepare(connection, rulebook, order)
        size = listing.EMPLOYERS_AT_A_TIME
        for start in range(0, len(orgnrs), size):
            await listing.make_lists(connection, lists, orgnrs[start : start + size])


async def rulebook_of(connection: Connection) -> Rulebook:
    """Return the rulebook that stands in the database."""
    return await RulebookReader(allow_synthetic_ids=False).current(connection)


# --- The audit


async def measure_audit(owner: asyncpg.Connection, pool: asyncpg.Pool) -> None:
    """Compare all that stands in the database, as the workflow does, and then the floor."""
    audit_s, checks = await timed(owner, lambda: audit(pool))
    scan_s, _ = await timed(owner, lambda: _FLOOR.audit_scan(owner))
    join_s, _ = await timed(owner, lambda: _join(owner))
    floor_s = scan_s + join_s
    missed = {Check.RUN_MISSED}  # there is no Temporal, and nothing before the first month
    drifted = {check.check for check in checks if check.drifted and check.check not in missed}
    assert not drifted, drifted
    print(f"audit_looked_at {sum(check.looked_at for check in checks)}")
    print_ratio("audit", audit_s, floor_s)
    print(f"audit_scan_s {scan_s:.1f}")


async def audit(pool: asyncpg.Pool) -> tuple[CheckReport, ...]:
    """Make every check of the audit that asks the database, part by part."""
    async with pool.acquire() as connection:
        rulebook = await rulebook_of(connection)
        opening = AuditOpening(run="bench", today=TODAY)
        plan = await books.plan_audit(connection, rulebook, opening, busy=False)
        parts = await books.compare_ledger(connection, plan)
        for month in plan.months:
            parts += await books.compare_month(connection, AuditMonth(plan=plan, month=month))
        for month in plan.charged:
            parts += await books.compare_amounts(connection, AuditMonth(plan=plan, month=month))
        for first in plan.pages:
            parts += await books.compare_members(connection, AuditPage(plan=plan, first=first))
        parts += await books.compare_sample(connection, rulebook, plan)
    return total(parts + await _unattended(pool, plan))


async def _unattended(pool: asyncpg.Pool, plan: AuditPlan) -> tuple[CheckReport, ...]:
    """Make what the checks of unattended work ask the database; nothing of it is waiting."""
    checks, _file = await unattended.find_untold(pool, plan)
    parts = checks
    async with pool.acquire() as connection, connection.transaction():
        await findings.release(connection, plan, tuple(Check), plan.months[0])
    return parts


async def _join(owner: asyncpg.Connection) -> None:
    await owner.execute("SET work_mem = '64MB'; SET jit = off")
    await _FLOOR.audit_hashes(owner)
    await _FLOOR.audit_lines(owner)
    await _FLOOR.audit_claims(owner)
    await _FLOOR.audit_money(owner)
    for period in MONTHS:
        await _FLOOR.audit_terms(owner, month=date.fromisoformat(f"{period}-01"))
    await _FLOOR.audit_members(owner)


# --- The arrears run


async def measure_arrears(owner: asyncpg.Connection, pool: asyncpg.Pool) -> None:
    """Pursue everybody as the workflow does, and then the floor."""
    took, counts = await measured(owner, lambda: pursue(pool, TODAY))
    again_s, again = await timed(owner, lambda: pursue(pool, TODAY))
    assert (again.owed_ore, again.first_reminder) == (counts.owed_ore, 0), again
    await _script(owner, _FLOOR.save_arrears.sql)
    floor, _ = await measured(owner, lambda: _floor_of_arrears(pool))
    print(f"arrears_reminders {counts.first_reminder}")
    print_ratios("arrears", took, floor)
    print(f"arrears_again_s {again_s:.1f}")


async def pursue(pool: asyncpg.Pool, today: date) -> ArrearsCounts:
    """Pursue all pages, a few at once, and see who is to be struck off."""
    async with pool.acquire() as connection:
        await overdue.list_overdue(connection, today)
        plan = await pursuing.plan(connection)
    coming = iter(plan.pages)
    done: list[ArrearsCounts] = []

    async def next_pages() -> None:
        async with pool.acquire() as connection:
            rulebook = await rulebook_of(connection)
            for first in coming:
                page = ArrearsPage(today=today, first=first, page_size=plan.page_size)
                done.append(await pursuing.pursue(connection, page, rulebook))
                await pursuing.to_be_struck_off(connection, page, rulebook)

    async with asyncio.TaskGroup() as everybody:
        for _ in range(AT_ONCE):
            everybody.create_task(next_pages())
    counts = ArrearsCounts()
    for one in done:
        counts = counts.plus(one)
    return counts


async def _floor_of_arrears(pool: asyncpg.Pool) -> None:
    async def half(number: int) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0")
            await _FLOOR.read_overdue(connection, today=TODAY, half=number)
            await _FLOOR.read_left_over(connection, today=TODAY, half=number)
            await _FLOOR.write_arrears(connection, half=number)

    await asyncio.gather(*(half(number) for number in range(AT_ONCE)))


# --- The year's end


async def measure_year_end(owner: asyncpg.Connection, pool: asyncpg.Pool) -> None:
    """Make everybody's statement as the workflow does, and then the floor."""
    took, statements = await measured(owner, lambda: make_statements(pool))
    await _script(owner, _FLOOR.save_year.sql)
    floor, _ = await measured(owner, lambda: _floor_of_year(pool))
    made = await owner.fetchval("SELECT count(*) FROM tax_statements")
    assert made == statements, (made, statements)
    print(f"year_end_statements {statements}")
    print_ratios("year_end", took, floor)


async def make_statements(pool: asyncpg.Pool) -> int:
    """Make all pages of statements, a few at once, and sum them up; return how many there are."""
    async with pool.acquire() as connection:
        await yearly.write_cap(connection, CAP)
        period = await yearly.open_year(connection, YearEndOpening(year=CAP.year, today=TODAY))
    coming = iter(period.pages)

    async def next_pages() -> None:
        async with pool.acquire() as connection:
            for first in coming:
                page = YearEndPage(
                    year=CAP.year, today=TODAY, cap=CAP, first=first, page_size=period.page_size
                )
                await yearly.make_page(connection, page)

    async with asyncio.TaskGroup() as everybody:
        for _ in range(year_end.AT_ONCE):
            everybody.create_task(next_pages())
    async with pool.acquire() as connection:
        return (await yearly.report_year(connection, CAP.year, CAP)).statements


async def _floor_of_year(pool: asyncpg.Pool) -> None:
    since, until = date(CAP.year, 1, 1), date(CAP.year + 1, 1, 1)

    async def half(number: int) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0")
            await _FLOOR.read_year(connection, since=since, until=until, half=number)
            await _FLOOR.write_year(connection, half=number)

    await asyncio.gather(*(half(number) for number in range(year_end.AT_ONCE)))


async def _script(owner: asyncpg.Connection, script: str) -> None:
    for statement in script.split(";\n"):
        await owner.execute(statement)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERS))
