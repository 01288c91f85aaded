"""New prices for all members; and a rule tried out, against reading and validating the same facts.

    python -m benchmarks.repricing [MEMBERS]

A price is a query and one transaction; the run after it charges the new price to all. The floor of
a rule reads every page of facts from the database and validates it in the same processes, a tenth
of the members; it plans no terms. What the preview takes beyond that is the planning itself.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.pricing.letters import announce
from activities.pricing.planning import Row, processes, read_pages
from activities.pricing.preview import preview
from activities.pricing.rulebook_change import note_approval, write_change
from activities.shared.processes import cores
from activities.shared.rulebook import RulebookReader
from benchmarks.dues import charge_month, generate
from benchmarks.scratch import scratch_database
from schemas.dues.contracts import DuesOpening
from schemas.membership.situation import Facts
from schemas.pricing.contracts import Announcement, PriceChange, RepricingOrder
from workers.logging import LogFormat, configure_logging
from workflows.dues.run import AT_ONCE

DEFAULT_MEMBERS = 400_000
TODAY = date(2026, 11, 25)
"""A rise is told a month before it begins (A41)."""

CHARGED_ON = date(2026, 12, 15)
CHANGE = PriceChange(effective_on=date(2027, 1, 1), full_central_ore=52000, premium_ore=21000)
RULE = CHANGE.model_copy(update={"half_at_most_percent": Decimal(80)})

_MEMBERS = load_queries(Path(__file__).with_name("sql") / "members.sql")


async def main(members: int) -> None:
    """Measure prices and rules, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    await _prices(members)
    await _rules(members // 10)


async def _prices(members: int) -> None:
    """Try out, approve and announce new prices, and charge the month they begin with."""
    async with scratch_database(AT_ONCE) as (owner, pool):
        await generate(owner, pool, members)
        began = time.perf_counter()
        found = await preview(pool, CHANGE, today=TODAY)
        preview_s = time.perf_counter() - began
        began = time.perf_counter()
        async with pool.acquire() as connection, connection.transaction():
            written = await write_change(connection, CHANGE, today=TODAY)
            await note_approval(connection, CHANGE, written, by="kongressen", today=TODAY)
        apply_s = time.perf_counter() - began
        order = RepricingOrder(effective_on=CHANGE.effective_on, rulebook=written.after.version)
        began = time.perf_counter()
        async with pool.acquire() as connection:
            rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
            announced = await announce(connection, Announcement(order=order, today=TODAY), rulebook)
        announce_s = time.perf_counter() - began
        await charge_month(pool, DuesOpening(period="2027-01", today=CHARGED_ON))
        old = await owner.fetchval(
            "SELECT count(*) FROM charges WHERE (kind, amount_ore) IN"
            " (('central_dues', 49500), ('central_dues', 24750), ('insurance_premium', 20000))"
        )
    assert found.total.members == members, (found.total.members, members)
    assert announced.letters == found.total.changing, (announced, found.total)
    assert old == 0, f"{old} lines at the old price"
    print(f"reprice_members {members}")
    print(f"reprice_changing {found.total.changing}")
    print(f"reprice_preview_s {preview_s:.1f}")
    print(f"reprice_apply_s {apply_s:.2f}")
    print(f"reprice_announce_s {announce_s:.1f}")
    print(f"reprice_employers {announced.employers}")


async def _rules(members: int) -> None:
    """Try out a rule, for which each member is planned, against its floor."""
    async with scratch_database(2) as (owner, pool):
        await generate(owner, pool, members)
        await _MEMBERS.add_facts(owner)
        await owner.execute("VACUUM ANALYZE memberships")
        began = time.perf_counter()
        found = await preview(pool, RULE, today=TODAY)
        preview_s = time.perf_counter() - began
        began = time.perf_counter()
        validated = await _floor(pool, members)
        floor_s = time.perf_counter() - began
    assert found.unpriced == (), found.unpriced[:3]
    assert found.total.members == validated == members, (found.total.members, validated)
    print(f"reprice_rule_members {members}")
    print(f"reprice_rule_preview_s {preview_s:.1f}")
    print(f"reprice_rule_members_per_s {members / preview_s:.0f}")
    print(f"reprice_rule_floor_s {floor_s:.1f}")
    print(f"reprice_rule_ratio {preview_s / floor_s:.2f}")


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


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERS))
