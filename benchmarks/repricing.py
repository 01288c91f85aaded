"""New prices tried out on all members, against reading and validating the very same facts.

    python -m benchmarks.repricing [MEMBERS]

The floor reads every page of facts from the database and validates it in the same processes; it
plans no terms. What the preview takes beyond that is the planning itself, twice a member.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.pricing.planning import Row, cores, processes
from activities.pricing.preview import preview, read_pages
from benchmarks.scratch import scratch_database
from schemas.membership.situation import Facts
from schemas.pricing.contracts import PriceChange, PricePreview
from workers.logging import LogFormat, configure_logging

DEFAULT_MEMBERS = 40_000
TODAY = date(2026, 12, 15)
CHANGE = PriceChange(effective_on=date(2027, 1, 1), full_central_ore=52000, premium_ore=21000)

_MEMBERS = load_queries(Path(__file__).with_name("sql") / "members.sql")


async def main(members: int) -> None:
    """Measure the preview and its floor, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with scratch_database(2) as (owner, pool):
        await _generate(owner, members)
        began = time.perf_counter()
        found = await preview(pool, CHANGE, today=TODAY)
        preview_s = time.perf_counter() - began
        began = time.perf_counter()
        validated = await _floor(pool, members)
        floor_s = time.perf_counter() - began
    assert found.unpriced == (), found.unpriced[:3]
    assert found.total.members == validated == members, (found.total.members, validated)
    _print(found, members, preview_s, floor_s)


def _print(found: PricePreview, members: int, preview_s: float, floor_s: float) -> None:
    print(f"reprice_members {members}")
    print(f"reprice_changing {found.total.changing}")
    print(f"reprice_preview_s {preview_s:.1f}")
    print(f"reprice_members_per_s {members / preview_s:.0f}")
    print(f"reprice_floor_s {floor_s:.1f}")
    print(f"reprice_ratio {preview_s / floor_s:.2f}")


async def _floor(pool: asyncpg.Pool, members: int) -> int:
    """Read and validate the same facts in as many processes, and return how many there were."""
    loop = asyncio.get_running_loop()
    done = 0
    async with pool.acquire() as connection:
        with processes(members) as executor:
            under_way: set[asyncio.Future[int]] = set()
            async for rows in read_pages(connection):
                under_way.add(loop.run_in_executor(executor, _validate, rows))
                if len(under_way) > 2 * cores():
                    ready, under_way = await asyncio.wait(
                        under_way, return_when=asyncio.FIRST_COMPLETED
                    )
                    done += sum(future.result() for future in ready)
            done += sum(await asyncio.gather(*under_way))
    return done


def _validate(rows: Sequence[Row]) -> int:
    for row in rows:
        assert row.facts is not None, "a generated member has facts"
        Facts.model_validate_json(row.facts)
    return len(rows)


async def _generate(owner: asyncpg.Connection, members: int) -> None:
    await _MEMBERS.add_employers_and_branches(owner)
    await _MEMBERS.add_people(owner, members=members)
    await _MEMBERS.add_memberships(owner, members=members)
    await _MEMBERS.add_facts(owner)
    await owner.execute("VACUUM ANALYZE memberships")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERS))
