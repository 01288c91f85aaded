"""Employers' reports on PostgreSQL: the whole file in one COPY, matched by one join."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.deduction.matching import Matched, match_lines
from activities.deduction.reading import Table, read_report
from activities.shared.csv_text import Row
from activities.shared.files import decide_file, read_file
from activities.shared.tasks import open_task
from activities.shared.wrong_file import WrongFile
from schemas.deduction.contracts import LineFault, ReportRequest, ReportVerdict, ShortReason
from schemas.deduction.list_file import (
    COUNT,
    EMPLOYER,
    KID,
    NUMBER,
    PERIOD,
    TOTAL,
    amount_ore,
    cell,
    said,
)
from schemas.persons.folding import name_key

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

LISTED_FAULTS = 1000

FAULTS = {
    "unknown_person": "is not a line of this list",
    "amount_unreadable": "Trukket can't be read as an amount",
    "amount_missing": "Årsak is filled in but Trukket is not: write 0 if nothing was deducted",
    "asked_unreadable": "Sum can't be read as an amount",
    "asked_changed": "Sum is not what we asked for: it is ours, leave it as it was",
    "negative": "Trukket is less than nothing, and so was not asked for",
    "reason_unknown": f"Årsak must be one of {', '.join(ShortReason)}",
    "reason_missing": "Trukket is less than Sum: Årsak must say why",
    "contradicts": "another line says something else of the same member: neither counts",
}
"""What the sender is told of a line; ``unknown_person`` says the same whoever it is."""


class ListNotFound(WrongFile):
    """The report is on a list that we don't have (yet): it is judged anew when it comes again."""


@dataclass(frozen=True)
class Taken:
    """A verdict, and the list to look at.

    Attributes:
        period: the list's month, ``YYYY-MM``; None when nothing of the report counts.
    """

    verdict: ReportVerdict
    period: str | None = None


async def take_report(connection: Connection, request: ReportRequest) -> Taken:
    """Judge a report and keep what counts; see ``DeductionActivities.take_deduction_report``.

    Raises:
        Unknown: no such file was kept.
    """
    kept = await read_file(connection, request.file_id)
    if kept.outcome is not None and kept.report is not None:
        verdict = ReportVerdict.model_validate(kept.report)
        return Taken(verdict, await _period_of(connection, verdict))
    try:
        # Parsing takes seconds, and heartbeats must not wait for it.
        table = await asyncio.to_thread(read_report, kept.content)
        async with patiently(connection):
            found = await _find_list(connection, table)
            verdict = await _judge(connection, request, table, found)
            await _keep(connection, request, verdict)
        return Taken(verdict, f"{found['period_from']:%Y-%m}")
    except WrongFile as error:
        verdict = ReportVerdict(outcome="refused", reasons=(str(error),))
        final = not isinstance(error, ListNotFound)
    async with connection.transaction():
        await _keep(connection, request, verdict, final=final)
    return Taken(verdict)


async def _period_of(connection: Connection, verdict: ReportVerdict) -> str | None:
    if verdict.outcome != "applied" or verdict.list_number is None:
        return None
    found = await _SQL.find_list(connection, number=verdict.list_number, kid=None)
    return f"{found['period_from']:%Y-%m}"


async def _keep(
    connection: Connection, request: ReportRequest, verdict: ReportVerdict, *, final: bool = True
) -> None:
    """Note what became of a report; what does not count becomes a task."""
    if final:
        await decide_file(
            connection,
            request.file_id,
            applied=verdict.outcome == "applied",
            report=verdict.model_dump(mode="json"),
            today=request.today,
        )
    if verdict.outcome == "refused":
        says = f"was refused: {'; '.join(verdict.reasons)}."
    elif verdict.faults:
        says = (
            f"on list {verdict.list_number}: {len(verdict.faults) + verdict.more_faults} lines do "
            "not count. Its sender was told which; ask for a new report of those."
        )
    else:
        return
    await open_task(
        connection,
        key=f"deduction-report/{request.file_id[:16]}",
        kind="deduction_report",
        says=f"Report {request.file_id[:16]} {says}",
        today=request.today,
    )


async def _find_list(connection: Connection, table: Table) -> Mapping[str, Any]:
    """Return the list a report is on.

    Raises:
        WrongFile: what stands above its lines fits no list, or not this one.
    """
    number = table.heads.get(NUMBER, "").lstrip("'")
    kid = re.sub(r"[\s']", "", table.heads.get(KID, ""))
    legible_number = re.fullmatch(r"[0-9]{8}-[1-9][0-9]{0,5}", number) is not None
    # A spreadsheet makes 2,00000001E+15 of a KID and a date of a number.
    legible_kid = re.fullmatch(r"[0-9]{16}", kid) is not None
    if not legible_number and not legible_kid:
        raise WrongFile(f"neither {NUMBER} nor {KID} can be read: send our own file, filled in")
    found: Mapping[str, Any] | None = await _SQL.find_list(
        connection, number=number if legible_number else None, kid=kid
    )
    if found is None:
        raise ListNotFound(f"there is no list of this {NUMBER if legible_number else KID}")
    if legible_kid and kid != found["kid"]:
        raise WrongFile(f"{KID} is not that of list {NUMBER}")
    _check_heads(table, found)
    return found


def _check_heads(table: Table, found: Mapping[str, Any]) -> None:
    """Compare what stands above the lines with the list.

    Raises:
        WrongFile: something is missing or differs: it is another list, or another file.
    """
    employer = re.sub(r"[\s']", "", table.heads.get(EMPLOYER, ""))
    if employer != found["employer_orgnr"].strip():
        raise WrongFile(f"{EMPLOYER} is not that of this list")
    period = table.heads.get(PERIOD, "").lstrip("'")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", period) and period != f"{found['period_from']:%Y-%m}":
        raise WrongFile(f"{PERIOD} is not that of this list")
    total = amount_ore(table.heads.get(TOTAL, ""))
    if total != found["shown_ore"]:
        raise WrongFile(f"{TOTAL} above the lines is not that of this list")
    count = table.heads.get(COUNT, "").lstrip("'")
    if not count.isdecimal() or int(count) != found["shown_count"]:
        raise WrongFile(f"{COUNT} is not that of this list")


async def _judge(
    connection: Connection, request: ReportRequest, table: Table, found: Mapping[str, Any]
) -> ReportVerdict:
    number = found["number"]
    report_id = await _SQL.open_report(connection, file_id=request.file_id, list_number=number)
    matched = await match_lines(connection, report_id, table, number)
    await _raise_alarm(connection, matched, found, request.today)
    return ReportVerdict(
        outcome="applied",
        list_number=number,
        encoding=table.encoding,
        lines=matched.lines,
        counted=matched.counted,
        unanswered=matched.unanswered,
        faults=tuple(
            LineFault(line=line, fault=FAULTS[fault])
            for line, fault in matched.faults[:LISTED_FAULTS]
        ),
        more_faults=max(0, len(matched.faults) - LISTED_FAULTS),
    )


async def _raise_alarm(
    connection: Connection, matched: Matched, found: Mapping[str, Any], today: date
) -> None:
    """Look whether one of the unknown persons is a hidden member (S30)."""
    strangers = {line for line, fault in matched.faults if fault == "unknown_person"}
    rows = [row for line, row in matched.odd if line in strangers]
    if not rows:
        return
    await _SQL.raise_alarm(
        connection,
        list_number=found["number"],
        employer_orgnr=found["employer_orgnr"],
        numbers=[said(row, "number") for row in rows],
        national_ids=[said(row, "national_id") for row in rows],
        name_keys=await asyncio.to_thread(_name_keys, rows),
        opened_on=today,
    )


def _name_keys(rows: list[Row]) -> list[str | None]:
    """Return how the named are compared; they are many: not for the event loop."""
    return [name_key(cell(row, "name").removeprefix("'")) or None for row in rows]
