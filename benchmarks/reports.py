"""An employer's report of 100,000 lines, against a bare COPY and one join of the same file.

    python -m benchmarks.reports [LINES]

The report is taken as the activity takes it: from the kept file's bytes to the verdict, every
answer stored, all in one durable transaction. The floor copies the file's lines as they are, joins
them with the list once and writes the same rows; it reads no amount and checks nothing.
``return_bare_s`` is the same without writing the rows.
"""

import asyncio
import io
import logging
import sys
import time
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.deduction.reports import take_report
from activities.letters.list_files import ShownList, csv_file
from activities.shared.files import keep_file
from activities.shared.rulebook import RulebookReader
from benchmarks.scratch import scratch_database
from schemas.deduction.contracts import ReportRequest
from schemas.deduction.list_file import ShownLine
from workers.logging import LogFormat, configure_logging

DEFAULT_LINES = 100_000
TODAY = date(2027, 1, 10)

_SQL = load_queries(Path(__file__).with_name("sql") / "reports.sql")


async def main(lines: int) -> None:
    """Measure match and floor, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with scratch_database(2) as (owner, pool):
        await _SQL.add_members(owner, lines=lines)
        await _SQL.add_list(owner, lines=lines)
        await owner.execute("VACUUM ANALYZE")
        content = await _returned(owner)
        bare_s = await _floor(owner, content, lines, keep=False)
        match_s = await _match(owner, pool, content, lines)
        floor_s = await _floor(owner, content, lines, keep=True)
    print(f"return_lines {lines}")
    print(f"return_match_s {match_s:.2f}")
    print(f"return_floor_s {floor_s:.2f}")
    print(f"return_bare_s {bare_s:.2f}")
    print(f"return_match_ratio {match_s / floor_s:.2f}")


async def _match(
    owner: asyncpg.Connection, pool: asyncpg.Pool, content: bytes, lines: int
) -> float:
    """Return the seconds from a kept file to its verdict."""
    file_id = await keep_file(
        owner, kind="deduction_report", name="retur.csv", content=content, today=TODAY
    )
    await owner.execute("CHECKPOINT")
    async with pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        started = time.perf_counter()
        taken = await take_report(connection, rulebook, ReportRequest(file_id=file_id, today=TODAY))
        took = time.perf_counter() - started
    assert taken.verdict.counted == lines, taken.verdict
    return took


async def _floor(owner: asyncpg.Connection, content: bytes, lines: int, *, keep: bool) -> float:
    """Return the seconds that a COPY of the file's lines and one join take."""
    body = content.split(b"\r\n", 9)[9]
    await owner.execute("CHECKPOINT")
    started = time.perf_counter()
    async with owner.transaction():
        await _SQL.open_bare(owner)
        await owner.copy_to_table("bare", source=io.BytesIO(body), format="csv", delimiter=";")
        if keep:
            await _SQL.join_and_keep(owner)
        else:
            assert await _SQL.join_bare(owner) == lines
    return time.perf_counter() - started


async def _returned(owner: asyncpg.Connection) -> bytes:
    """Return the list as its employer sends it back: every line deducted as asked."""
    kid = await owner.fetchval("SELECT kid FROM deduction_lists")
    rows = [ShownLine(**row) async for row in _SQL.read_lines(owner)]
    sent = csv_file(
        ShownList("999999999", "899999990", date(2026, 12, 1), "99999999-1", kid, tuple(rows))
    )
    return sent.replace(b'"CONTINUE";"";""', b'"CONTINUE";"495,00";""')


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_LINES))
