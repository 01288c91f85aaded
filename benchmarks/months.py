"""A month's dues after five years, against the first, in the same run and for the same members.

    python -m benchmarks.months [MEMBERS [MONTHS]]

Each month is charged by the real run, straight through the activity's functions, and built. What
is compared is the time for each line, by the clock and by the processor, of the first three months
and the last three: some insurance ends on the way. None of them is a January, which has the yearly
fees. Before each, one member in 50 has reported a change late.
"""

import asyncio
import logging
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from benchmarks.dues import charge_month, generate
from benchmarks.figures import Progress, Took, measured
from benchmarks.scratch import scratch_database
from schemas.dues.contracts import DuesOpening
from schemas.shared.calendar import months_before
from workers.logging import LogFormat, configure_logging
from workflows.dues.run import AT_ONCE

DEFAULT_MEMBERS = 20_000
DEFAULT_MONTHS = 60
COMPARED = 3
"""Months at each end."""

FIRST = date(2026, 9, 1)
"""By then everybody has joined; the months that are compared with it end in August."""

_MEMBERS = load_queries(Path(__file__).with_name("sql") / "members.sql")


@dataclass
class Month:
    """What a month took."""

    took: Took
    lines: int


async def main(members: int, months: int) -> None:
    """Charge the months, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with scratch_database(AT_ONCE + 2) as (owner, pool):
        await generate(owner, pool, members)
        took, progress = [], Progress("months", months)
        for n in range(months):
            took.append(await _charged(owner, pool, months_before(FIRST, -n), members))
            progress.one_more()
    (first, first_cpu), (last, last_cpu) = _line_us(took[:COMPARED]), _line_us(took[-COMPARED:])
    print(f"dues_months {months}")
    print(f"dues_months_members {members}")
    print(f"dues_first_months_line_us {first:.1f}")
    print(f"dues_last_months_line_us {last:.1f}")
    print(f"dues_month_{months}_ratio {last / first:.2f}")
    print(f"dues_month_{months}_processor_ratio {last_cpu / first_cpu:.2f}")


async def _charged(
    owner: asyncpg.Connection, pool: asyncpg.Pool, month: date, members: int
) -> Month:
    """Charge a month during the one before it, by two pages, with nothing else left to do."""
    before = months_before(month, 1)
    await _MEMBERS.report_late(owner, month=before)
    # In between PostgreSQL would do so by itself.
    await owner.execute("VACUUM ANALYZE memberships, terms, decisions, reassessments, corrections")
    opening = DuesOpening(
        period=f"{month:%Y-%m}", today=before.replace(day=20), page_size=members // AT_ONCE
    )
    took, done = await measured(owner, lambda: charge_month(pool, opening))
    assert done.charges > members, done
    assert not done.quarantined, done
    return Month(took, done.charges)


def _line_us(months: list[Month]) -> tuple[float, float]:
    """Return what a line took in microseconds, by the clock and of the processor."""
    lines = sum(month.lines for month in months) / 1e6
    return (
        sum(month.took.seconds for month in months) / lines,
        sum(month.took.processor_s for month in months) / lines,
    )


if __name__ == "__main__":
    given = (*map(int, sys.argv[1:]), *(DEFAULT_MEMBERS, DEFAULT_MONTHS)[len(sys.argv) - 1 :])
    asyncio.run(main(*given))
