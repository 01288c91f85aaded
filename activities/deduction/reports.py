"""Employers' reports on PostgreSQL: the whole file in one COPY, matched by one join."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.deduction.finding import ListNotFound, find_list, told_list
from activities.deduction.headings import WrongCell
from activities.deduction.locks import is_locked, payer_in, unlocked
from activities.deduction.matching import Matched, Report, match_lines
from activities.deduction.reading import Table, heads_in, read_report
from activities.shared.csv_text import Row
from activities.shared.files import InboundFile, decide_file, read_file
from activities.shared.tasks import close_task_of, open_task
from activities.shared.wrong_file import WrongFile
from schemas.deduction.contracts import LineFault, ReportRequest, ReportVerdict
from schemas.deduction.faults import FAULTS
from schemas.deduction.list_file import cell, said
from schemas.persons.folding import name_key
from schemas.pricing.rulebook import Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

LISTED_FAULTS = 1000

_ANEW = "it came again, and could be told to be on a list"


@dataclass(frozen=True)
class Taken:
    """A verdict, and the list to look at.

    Attributes:
        period: the list's month, ``YYYY-MM``; None when nothing of the report counts.
    """

    verdict: ReportVerdict
    period: str | None = None


async def take_report(connection: Connection, rulebook: Rulebook, request: ReportRequest) -> Taken:
    """Judge a report and keep what counts; see ``DeductionActivities.take_deduction_report``.

    Raises:
        Unknown: no such file was kept.
    """
    kept = await read_file(connection, request.file_id)
    meant = request.meant_by is not None or await _SQL.find_confirmation(
        connection, file_id=request.file_id
    )
    if kept.outcome is not None and kept.report is not None:
        verdict = ReportVerdict.model_validate(kept.report)
        if not (meant and verdict.asked):
            return Taken(verdict, await _period_of(connection, verdict))
    content = await _unlocked(connection, kept)
    try:
        # Parsing takes seconds, and heartbeats must not wait for it.
        table = await asyncio.to_thread(read_report, content)
        async with patiently(connection):
            found = await find_list(connection, table, kept.name)
            report = await _open(connection, rulebook, request, table, found, meant=meant)
            verdict = await _judge(connection, request, report, found)
            await _keep(connection, request, verdict, found["number"], final=kept.outcome is None)
        return Taken(verdict, f"{found['period_from']:%Y-%m}")
    except WrongFile as error:
        place = error.place if isinstance(error, WrongCell | ListNotFound) else None
        verdict = ReportVerdict(
            outcome="refused",
            reasons=(str(error),),
            cell=place.name if place is not None else None,
            sheet=place.sheet if place is not None else 1,
        )
        final = not isinstance(error, ListNotFound)
    heads = await asyncio.to_thread(heads_in, content)
    async with connection.transaction():
        number = await told_list(connection, heads, kept.name)
        await _keep(connection, request, verdict, number, final=final)
    return Taken(verdict)


async def _unlocked(connection: Connection, kept: InboundFile) -> bytes:
    """Return a file's content, opened with the password of whom its name says it comes from."""
    if not is_locked(kept.content):
        return kept.content
    payer = payer_in(kept.name)
    password = await _SQL.password_of(connection, payer_number=payer) if payer else None
    opened = password and await asyncio.to_thread(unlocked, kept.content, password)
    return opened or kept.content


async def _open(
    connection: Connection,
    rulebook: Rulebook,
    request: ReportRequest,
    table: Table,
    found: Mapping[str, Any],
    *,
    meant: bool,
) -> Report:
    """Note that a file is a report on a list, and who has said that it is meant."""
    report_id = await _SQL.open_report(
        connection, file_id=request.file_id, list_number=found["number"]
    )
    if request.meant_by is not None:
        await _SQL.confirm_report(
            connection,
            file_id=request.file_id,
            confirmed_by=request.meant_by,
            confirmed_on=request.today,
        )
    factor = rulebook.policies_on(request.today).implausible_factor
    return Report(report_id, found["number"], table, factor, meant)


async def _period_of(connection: Connection, verdict: ReportVerdict) -> str | None:
    if verdict.outcome != "applied" or verdict.list_number is None:
        return None
    found = await _SQL.find_list(connection, number=verdict.list_number, kid=None)
    return f"{found['period_from']:%Y-%m}"


async def _keep(
    connection: Connection,
    request: ReportRequest,
    verdict: ReportVerdict,
    list_number: str | None,
    *,
    final: bool = True,
) -> None:
    """Note what became of a report; what does not count becomes a task, until it is answered.

    Args:
        connection: in a transaction of the caller's.
        request: which report.
        verdict: what became of it.
        list_number: the list it is on, or seems to be; None: it can't be told.
        final: it is not judged anew when it comes again.
    """
    if final:
        await decide_file(
            connection,
            request.file_id,
            applied=verdict.outcome == "applied",
            report=verdict.model_dump(mode="json"),
            today=request.today,
        )
    own = f"deduction-report/{request.file_id[:16]}"
    if list_number is not None:
        await close_task_of(connection, own, today=request.today, by="report", note=_ANEW)
        own = f"deduction-report/{list_number}/{request.file_id[:16]}"
    if verdict.outcome == "refused":
        on = f" on list {list_number}" if list_number is not None else ""
        says = f"{on} was refused: {'; '.join(verdict.reasons)}.".lstrip()
    elif verdict.faults:
        says = (
            f"on list {verdict.list_number}: {len(verdict.faults) + verdict.more_faults} lines do "
            f"not count. Its sender was told which; ask for a new report of those.{_ask(verdict)}"
        )
    else:
        await _close_answered(connection, request, list_number)
        return
    await open_task(
        connection,
        key=own,
        kind="deduction_report",
        says=f"Report {request.file_id[:16]} {says}",
        today=request.today,
    )


async def _close_answered(
    connection: Connection, request: ReportRequest, list_number: str | None
) -> None:
    """Close the tasks about a list's reports once others have answered all of its lines."""
    if await _SQL.has_open_reports(connection, list_number=list_number):
        await _SQL.close_answered(
            connection,
            list_number=list_number,
            today=request.today,
            note=f"report {request.file_id[:16]} came, and the whole list is answered",
        )


def _ask(verdict: ReportVerdict) -> str:
    """Return what is asked of a caseworker about amounts that can't be meant."""
    if not verdict.asked:
        return ""
    return (
        f" {verdict.asked} amounts can't be meant, and nothing is booked of them: ask the "
        "employer. If they were deducted all the same, hand the file in again with --meant-by."
    )


async def _judge(
    connection: Connection, request: ReportRequest, report: Report, found: Mapping[str, Any]
) -> ReportVerdict:
    matched = await match_lines(connection, report)
    if matched.lines and not matched.counted and not matched.faults:
        place = report.table.place(report.table.above + 1, "deducted")
        raise WrongCell(place, "Trukket is empty on every line: write what was deducted, or 0")
    await _raise_alarm(connection, matched, found, request.today)
    return ReportVerdict(
        outcome="applied",
        list_number=report.list_number,
        encoding=report.table.encoding,
        lines=matched.lines,
        counted=matched.counted,
        unanswered=matched.unanswered,
        faults=tuple(
            _line_fault(report.table, line, fault) for line, fault in matched.faults[:LISTED_FAULTS]
        ),
        more_faults=max(0, len(matched.faults) - LISTED_FAULTS),
        sheet=report.table.sheet.place,
        asked=sum(fault == "amount_implausible" for _, fault in matched.faults),
        missing=matched.missing,
        remarks=matched.remarks[:LISTED_FAULTS],
    )


def _line_fault(table: Table, line: int, fault: str) -> LineFault:
    told = FAULTS[fault]
    return LineFault(line=line, fault=told.says, cell=table.place(line, told.column).name)


async def _raise_alarm(
    connection: Connection, matched: Matched, found: Mapping[str, Any], today: date
) -> None:
    """Look whether an unknown person, or somebody in a remark, is a hidden member (S30)."""
    strangers = {line for line, fault in matched.faults if fault == "unknown_person"}
    strangers.update(matched.remarks)
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
