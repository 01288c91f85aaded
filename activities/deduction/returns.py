"""An employer's reports on one list that contradict each other: compared, and decided between."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import asyncpg

from activities.database.pool import load_queries
from schemas.deduction.contracts import DifferingLine, SaidOfLine

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class NotAReport(Exception):
    """A report is none on the list that is named; the text says so."""


async def compare(connection: Connection, list_number: str) -> list[DifferingLine]:
    """Return the lines of which reports say different things, or other things than was settled.

    Args:
        connection: of any kind; nothing is written.
        list_number: ``<payer number>-<serial>``.

    Source: D10.
    """
    lines: dict[str, list[Mapping[str, Any]]] = {}
    async for row in _SQL.compare_reports(connection, list_number=list_number):
        lines.setdefault(row["member_number"], []).append(row)
    return [_line(number, rows) for number, rows in lines.items()]


def _line(member_number: str, rows: list[Mapping[str, Any]]) -> DifferingLine:
    first = rows[0]
    return DifferingLine(
        member_number=member_number,
        asked_ore=first["asked_ore"],
        settled_ore=first["settled_ore"],
        outcome=first["outcome"],
        said=tuple(
            SaidOfLine(
                report=row["number"],
                file_id=row["file_id"],
                received_on=row["received_on"],
                decision=row["decision"],
                line=row["line"],
                deducted_ore=row["deducted_ore"],
                reason=row["reason"],
            )
            for row in rows
        ),
    )


async def decide_report(
    connection: Connection,
    list_number: str,
    report: int,
    decision: Literal["accepted", "rejected"],
    *,
    today: date,
    by: str,
    reason: str,
) -> str:
    """Note that a report holds, or does not; the settlement brings the books to it.

    Of whoever an accepted report names no other one says anything; of two accepted ones the later
    holds. The same decision again changes nothing.

    Args:
        connection: in a transaction of the caller's.
        list_number: whose report it is.
        report: its number, as ``compare`` tells it.
        decision: which of the two.
        today: the business date.
        by: who decides.
        reason: for the books.

    Returns:
        The list's month, ``YYYY-MM``: its settlement must look.

    Raises:
        NotAReport: the list has no such report.

    Source: D10.
    """
    period: str | None = await _SQL.decide_report(
        connection,
        list_number=list_number,
        report_id=report,
        decision=decision,
        decided_by=by,
        reason=reason,
        today=today,
    )
    if period is None:
        raise NotAReport(f"list {list_number} has no report {report}")
    return period
