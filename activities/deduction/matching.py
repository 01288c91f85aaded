"""The lines of a report against those of its list: one COPY, one join, and a closer look."""

import asyncio
import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.deduction.headings import plain_cell
from activities.deduction.reading import Table
from activities.deduction.sheets import MAX_LINES
from activities.shared.csv_text import Row
from activities.shared.workbook import check_lengths
from schemas.deduction.answers import Judged, RowKind, SaidLine, judge, kind_of
from schemas.deduction.list_file import COLUMNS, cell, said
from schemas.deduction.words import names_a_part, says_nothing

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy
Lines = list[tuple[int, Row]]


@dataclass(frozen=True)
class Report:
    """A report to be matched.

    Attributes:
        factor: see ``judge``.
        meant: what can't be meant was meant.
    """

    report_id: int
    list_number: str
    table: Table
    factor: int
    meant: bool


@dataclass(frozen=True)
class Plain:
    """What became of the lines that stand there as we write them.

    Attributes:
        odd: the others, which have to be looked at closely, with their cells.
        single: no member is named twice.
    """

    lines: int
    counted: int
    odd: Lines
    single: bool = False


@dataclass(frozen=True)
class Matched:
    """What became of the lines of a report.

    Attributes:
        lines: how many there are; typed sums and remarks are none.
        counted: how many are answers.
        odd: the rows that had to be looked at closely, with their cells.
        faults: what is wrong, by line, in their order.
        missing: how many lines of the list it does not have.
        remarks: the rows that are no lines, but for the sums.
    """

    lines: int
    counted: int
    unanswered: int = 0
    odd: Lines = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    missing: int = 0
    remarks: tuple[int, ...] = ()


async def match_lines(connection: Connection, report: Report) -> Matched:
    """Match a report with its list: lines as we write them at once, the others one by one.

    Raises:
        WrongFile: the lines are not all those of one table, or a cell is too long.
    """
    plain = await _match_plain(connection, report)
    if plain is None:
        odd = await asyncio.to_thread(report.table.lines)
        plain = Plain(lines=len(odd), counted=0, odd=odd)
    matched = await _match_odd(connection, report, plain)
    if plain.single:
        return matched
    found = _SQL.find_contradictions(connection, report_id=report.report_id)
    contradicting = [(row["line"], "contradicts") async for row in found]
    return replace(
        matched,
        counted=matched.counted - len(contradicting),
        faults=sorted([*matched.faults, *contradicting]),
    )


async def _match_plain(connection: Connection, report: Report) -> Plain | None:
    """Hand a CSV to PostgreSQL as it came, and keep the lines that stand there as we write them.

    Returns:
        What came of that; None when the file as a whole needs a closer look.
    """
    text, columns = report.table.sheet.text, report.table.copied
    if not text or columns is None or report.meant:
        return None
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines > MAX_LINES:
        return None
    try:
        async with connection.transaction():
            return await _copy(connection, report, text, columns, lines)
    except (asyncpg.DataError, _NotPlain):
        return None


async def _copy(
    connection: Connection, report: Report, text: str, columns: list[str], lines: int
) -> Plain:
    await _SQL.set_work_memory(connection)
    await _SQL.open_raw(connection)
    status = await connection.copy_to_table(
        "raw",
        source=io.BytesIO(text.encode()),
        columns=columns,
        format="csv",
        delimiter=report.table.sheet.separator,
    )
    if status != f"COPY {lines}" or await _SQL.has_doubles(connection):
        # Empty lines, or cells of several: only the closer look numbers those right. And only it
        # adds up the lines of one person.
        raise _NotPlain
    above = report.table.above
    counted = await _SQL.match_raw(
        connection,
        report_id=report.report_id,
        list_number=report.list_number,
        above=above,
        factor=report.factor,
    )
    if counted == lines:
        return Plain(lines=lines, counted=counted, odd=[], single=True)
    found = _SQL.read_odd(connection, report_id=report.report_id, above=above)
    odd = await asyncio.to_thread(_stripped, [row async for row in found], above)
    return Plain(lines=lines, counted=counted, odd=odd)


def _stripped(found: list[asyncpg.Record], above: int) -> Lines:
    """Return lines as the closer look has them; they are many: not for the event loop."""
    odd = []
    for row in found:
        number, cells = row["line"] + above, [row[column.name] or "" for column in COLUMNS]
        check_lengths(cells, number)
        odd.append((number, [plain_cell(text) for text in cells]))
    return [(number, cells) for number, cells in odd if any(cells)]


class _NotPlain(Exception):
    """A CSV is not one line a row, or not one line a person."""


async def _match_odd(connection: Connection, report: Report, plain: Plain) -> Matched:
    """Read and match rows one by one."""
    kinds = await asyncio.to_thread(_by_kind, plain.odd)
    lines, sums, remarks = kinds[RowKind.LINE], kinds[RowKind.SUM], kinds[RowKind.REMARK]
    own = await _own_lines(connection, report.list_number, lines)
    judged = await asyncio.to_thread(judge, own, report.factor, meant=report.meant)
    before_ore = await _SQL.sum_of(connection, report_id=report.report_id) if plain.counted else 0
    await _keep(connection, report, judged)
    open_members = [line.member for line in own if line.member is not None]
    missing = await _SQL.count_missing(
        connection,
        list_number=report.list_number,
        report_id=report.report_id,
        open_members=open_members,
    )
    of_sums = _of_sums(sums, own, before_ore) if not judged.faults else []
    return Matched(
        lines=plain.lines - sum(len(kinds[kind]) for kind in RowKind if kind is not RowKind.LINE),
        counted=plain.counted + judged.counted,
        unanswered=judged.unanswered,
        odd=[*lines, *remarks],
        faults=sorted([*judged.faults, *of_sums]),
        missing=missing,
        remarks=tuple(number for number, _ in remarks),
    )


def _by_kind(odd: Lines) -> dict[RowKind, Lines]:
    """Sort rows by what they are; they are many: not for the event loop."""
    kinds: dict[RowKind, Lines] = {kind: [] for kind in RowKind}
    for number, row in odd:
        kinds[kind_of(row)].append((number, row))
    return kinds


async def _own_lines(connection: Connection, list_number: str, lines: Lines) -> list[SaidLine]:
    """Read lines, and find whose they are."""
    if not lines:
        return []
    found = _SQL.find_listed(
        connection,
        list_number=list_number,
        numbers=[said(row, "number") for _, row in lines],
        national_ids=[said(row, "national_id") for _, row in lines],
    )
    owners = {row["place"]: (row["membership_id"], row["total_ore"]) async for row in found}
    return await asyncio.to_thread(
        lambda: [
            _said(line, row, *owners.get(place, (None, 0)))
            for place, (line, row) in enumerate(lines, 1)
        ]
    )


def _said(line: int, row: Row, member: str | None, listed_ore: int) -> SaidLine:
    """Return a line as it is judged; what can't be read is named, not guessed."""
    asked, deducted, reason = (said(row, name) for name in ("total", "deducted", "reason"))
    fault = None
    if deducted is None and cell(row, "deducted"):
        fault = "amount_unreadable"
    elif deducted is None and not says_nothing(cell(row, "reason")):
        fault = "amount_missing"
    elif reason is None and not says_nothing(cell(row, "reason")):
        fault = "reason_unknown"
    elif asked is None and cell(row, "total"):
        fault = "asked_unreadable"
    assert not isinstance(asked, str), "amounts are numbers"
    assert not isinstance(deducted, str), "amounts are numbers"
    assert not isinstance(reason, int), "a reason is a word"
    return SaidLine(line, member, listed_ore, asked, deducted, reason, fault)


async def _keep(connection: Connection, report: Report, judged: Judged) -> None:
    await _SQL.keep_answers(
        connection,
        report_id=report.report_id,
        lines=[answer.line for answer in judged.answers],
        members=[answer.member for answer in judged.answers],
        deducted=[answer.deducted_ore for answer in judged.answers],
        reasons=[answer.reason for answer in judged.answers],
    )


def _of_sums(sums: Lines, own: Iterable[SaidLine], before_ore: int) -> list[tuple[int, str]]:
    """Compare typed sums with the lines; one that adds up otherwise shows that a line is wrong."""
    lines_ore = before_ore + sum(line.deducted_ore or 0 for line in own)
    return [
        (number, "sum_differs")
        for number, row in sums
        if cell(row, "deducted")
        and not any(names_a_part(text) for text in row)
        and said(row, "deducted") != lines_ore
    ]
