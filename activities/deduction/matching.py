"""The lines of a report against those of its list: one COPY, one join, and a closer look."""

import asyncio
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.deduction.reading import MAX_LINES, Table
from activities.shared.csv_text import Row
from activities.shared.workbook import check_lengths
from schemas.deduction.list_file import COLUMNS, cell, said

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


@dataclass(frozen=True)
class Plain:
    """What became of the lines that stand there as we write them.

    Attributes:
        odd: the others, which have to be looked at closely, with their cells.
        single: no member is named twice.
    """

    lines: int
    counted: int
    odd: list[tuple[int, Row]]
    single: bool = False


@dataclass(frozen=True)
class Matched:
    """What became of the lines of a report.

    Attributes:
        lines: how many there are.
        counted: how many are answers.
        odd: the lines that had to be looked at closely, with their cells.
        faults: what is wrong, by line, in their order.
    """

    lines: int
    counted: int
    unanswered: int
    odd: list[tuple[int, Row]]
    faults: list[tuple[int, str]]


async def match_lines(
    connection: Connection, report_id: int, table: Table, list_number: str
) -> Matched:
    """Match a report with its list: lines as we write them at once, the others one by one.

    Raises:
        WrongFile: the lines are not all those of one table, or a cell is too long.
    """
    plain = await _match_plain(connection, report_id, table, list_number)
    if plain is None:
        odd = await asyncio.to_thread(table.lines)
        plain = Plain(lines=len(odd), counted=0, odd=odd)
    matched = await _match_odd(connection, report_id, list_number, plain)
    if plain.single:
        return matched
    said = _SQL.find_contradictions(connection, report_id=report_id)
    contradicting = [(row["line"], "contradicts") async for row in said]
    return replace(
        matched,
        counted=matched.counted - len(contradicting),
        faults=sorted([*matched.faults, *contradicting]),
    )


async def _match_plain(
    connection: Connection, report_id: int, table: Table, list_number: str
) -> Plain | None:
    """Hand a CSV to PostgreSQL as it came, and keep the lines that stand there as we write them.

    Returns:
        What came of that; None when the file as a whole needs a closer look.
    """
    if table.rows is not None:
        return None
    lines = table.text.count("\n") + (not table.text.endswith("\n"))
    if not table.text or lines > MAX_LINES:
        return None
    try:
        async with connection.transaction():
            return await _copy(connection, report_id, table, list_number, lines)
    except (asyncpg.DataError, _NotPlain):
        return None


async def _copy(
    connection: Connection, report_id: int, table: Table, list_number: str, lines: int
) -> Plain:
    await _SQL.set_work_memory(connection)
    await _SQL.open_raw(connection)
    status = await connection.copy_to_table(
        "raw",
        source=io.BytesIO(table.text.encode()),
        columns=[column.name for column in table.columns],
        format="csv",
        delimiter=table.separator,
    )
    if status != f"COPY {lines}":
        # Empty lines, or cells of several: only the closer look numbers those right.
        raise _NotPlain
    counted = await _SQL.match_raw(
        connection, report_id=report_id, list_number=list_number, above=table.above
    )
    if counted == lines:
        doubled = await _SQL.has_doubles(connection)
        return Plain(lines=lines, counted=counted, odd=[], single=not doubled)
    found = _SQL.read_odd(connection, report_id=report_id, above=table.above)
    odd = await asyncio.to_thread(_stripped, [row async for row in found], table.above)
    return Plain(lines=lines, counted=counted, odd=odd)


def _stripped(found: list[asyncpg.Record], above: int) -> list[tuple[int, Row]]:
    """Return lines as the closer look has them; they are many: not for the event loop."""
    odd = []
    for row in found:
        number, cells = row["line"] + above, [row[column.name] or "" for column in COLUMNS]
        check_lengths(cells, number)
        odd.append((number, [text.strip() for text in cells]))
    return odd


class _NotPlain(Exception):
    """A CSV is not one line a row."""


async def _match_odd(
    connection: Connection, report_id: int, list_number: str, plain: Plain
) -> Matched:
    """Read and match lines one by one."""
    if not plain.odd:
        return Matched(plain.lines, plain.counted, 0, [], [])
    await _SQL.open_returned(connection)
    records = await asyncio.to_thread(_records, plain.odd)
    await connection.copy_records_to_table("returned", records=records)
    found = await _SQL.match_returned(connection, report_id=report_id, list_number=list_number)
    faults = list(zip(found["lines"], found["faults"], strict=True))
    counted = plain.counted + found["counted"]
    return Matched(plain.lines, counted, found["unanswered"], plain.odd, faults)


def _records(odd: list[tuple[int, Row]]) -> list[tuple[Any, ...]]:
    """Read lines; they are many: not for the event loop."""
    return [_record(line, row) for line, row in odd]


def _record(line: int, row: Row) -> tuple[Any, ...]:
    """Return a line as it is copied; what can't be read is named, not guessed."""
    asked, deducted, reason = (said(row, name) for name in ("total", "deducted", "reason"))
    fault = None
    if deducted is None and cell(row, "deducted"):
        fault = "amount_unreadable"
    elif deducted is None and cell(row, "reason"):
        fault = "amount_missing"
    elif reason is None and cell(row, "reason"):
        fault = "reason_unknown"
    elif asked is None and cell(row, "total"):
        fault = "asked_unreadable"
    return line, said(row, "number"), said(row, "national_id"), asked, deducted, reason, fault
