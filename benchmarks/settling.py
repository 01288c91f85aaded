"""Settlements with the insurance office and the branches, each against a floor in the same run.

    python -m benchmarks.settling [MEMBERS]

Three months of a whole union, charged, listed and mostly paid, as ``benchmarks.volume`` has them.
Settled is the second month, with all that came before. The floor joins the same lines with what is
paid of them once and adds them up; it shares nothing out, and writes nothing.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import asyncpg

from activities.books import branches
from activities.database.pool import load_queries
from activities.insurance.settling import settle_premiums
from benchmarks.figures import measured, peak_mb, print_ratios
from benchmarks.volume import TODAY, filled
from workers.logging import LogFormat, configure_logging

DEFAULT_MEMBERS = 400_000
MONTH = date(2027, 1, 1)

_FLOOR = load_queries(Path(__file__).with_name("sql") / "settling.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def main(members: int) -> None:
    """Measure both and their floors, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with filled(members) as (owner, pool):
        await _measure(owner, pool, "insurance_settlement", _premiums, _FLOOR.add_up_premiums)
        await _measure(owner, pool, "branch_settlement", _local_dues, _FLOOR.add_up_local_dues)
    print(f"settling_members {members}")
    print(f"settling_memory_mb {peak_mb():.0f}")


async def _measure(
    owner: asyncpg.Connection,
    pool: asyncpg.Pool,
    name: str,
    settle: Callable[[Connection], Awaitable[int]],
    add_up: Callable[[asyncpg.Connection], Awaitable[object]],
) -> None:
    async def settled() -> int:
        async with pool.acquire() as connection, connection.transaction():
            return await settle(connection)

    took, ore = await measured(owner, settled)
    assert ore > 0
    floor, _ = await measured(owner, lambda: add_up(owner))
    print_ratios(name, took, floor)


async def _premiums(connection: Connection) -> int:
    return (await settle_premiums(connection, MONTH, TODAY)).amount_ore


async def _local_dues(connection: Connection) -> int:
    found = await branches.settle(connection, MONTH, today=TODAY, by="bench")
    return sum(one.amount_ore for one in found.settlements)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERS))
