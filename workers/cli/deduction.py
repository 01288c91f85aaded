"""`medlemsflyt deduction-return` and `deduction-difference`: employers' reports on lists."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from activities.deduction.lists import wake_settlement
from activities.deduction.returns import NotAReport, compare, decide_report
from activities.deduction.sheets import MAX_BYTES
from activities.deduction.standing import what_stood
from activities.shared.files import keep_file
from schemas.deduction.contracts import DifferingLine, LineFault, ReportOrder, ReportVerdict
from schemas.names import WorkflowType, report_id
from schemas.shared.amounts import in_kroner
from workers.cli.shared import clock
from workers.cli.shared.connections import (
    database,
    reach_temporal,
    temporal_answers,
    transaction,
)
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.cli.shared.reading import one_line
from workers.cli.shared.runs import RunRequest, result_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

SHOWN_REMARKS = 20


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("deduction-return")(deduction_return)
    app.command("deduction-difference")(deduction_difference)


def deduction_return(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="The list as it came back: CSV or XLSX.", dir_okay=False
        ),
    ],
    meant_by: Annotated[
        str | None,
        typer.Option(
            "--meant-by",
            metavar="NAME",
            help="Who has asked the employer: amounts that can't be meant were deducted.",
        ),
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take an employer's report on a deduction list, and answer it line by line.

    The same file again changes nothing. Several files on one list are taken together. An amount
    ten times what was asked for, or a tenth of it, is asked about before anything is booked.

    Exit code 0: every line counts, 1: some don't, 2: the file was refused, or not taken.
    """
    content = _read(file)
    kept = asyncio.run(
        _taken(resolve_settings(data), file.name, content, quiet=as_json, meant_by=meant_by)
    )
    verdict = _with_what_stood(kept, content)
    if as_json:
        typer.echo(verdict.model_dump_json(indent=2))
    elif verdict.outcome == "applied":
        _show(verdict)
    if verdict.outcome == "refused":
        if as_json:
            raise typer.Exit(2)
        raise UserError(f"Nothing of the file counts: {'; '.join(verdict.reasons)}{_end(verdict)}")
    if verdict.faults:
        raise typer.Exit(1)


def deduction_difference(
    number: Annotated[str, typer.Argument(metavar="LIST", help="The list's number.")],
    accept: Annotated[
        int | None, typer.Option("--accept", metavar="REPORT", help="This one holds.")
    ] = None,
    reject: Annotated[
        int | None, typer.Option("--reject", metavar="REPORT", help="This one does not.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides.")] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="What the employer said.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what an employer's reports on a list say differently, line by line; or decide.

    Of whoever an accepted report names no other one says anything: what is settled otherwise is
    corrected in the books by a line of its own. The same decision again changes nothing.
    """
    settings = resolve_settings(data)
    if accept is None and reject is None:
        lines = asyncio.run(_compared(settings, number))
        if as_json:
            print_json({"list": number, "lines": [one.model_dump(mode="json") for one in lines]})
        else:
            _show_difference(lines)
        return
    if accept is not None and reject is not None:
        raise UserError("Nothing was changed: say one of --accept and --reject.")
    if by is None or reason is None:
        raise UserError("Nothing was changed: say who decides with --by, and why with --reason.")
    order = _Deciding(
        number,
        accept if accept is not None else reject or 0,
        accept is not None,
        one_line("by", by),
        one_line("reason", reason),
    )
    asyncio.run(_decided(settings, order))
    decision = "accepted" if order.accepts else "rejected"
    if as_json:
        print_json({"list": number, "report": order.report, "decision": decision})
    else:
        say(f"Report {order.report} on list {number} is {decision}. Its settlement looks at it.")


@dataclass(frozen=True)
class _Deciding:
    """What was decided about a report."""

    list_number: str
    report: int
    accepts: bool
    by: str
    reason: str


async def _compared(settings: Settings, number: str) -> list[DifferingLine]:
    async with transaction(settings) as connection:
        return await compare(connection, number)


async def _decided(settings: Settings, order: _Deciding) -> None:
    client = await reach_temporal(settings)
    try:
        async with transaction(settings) as connection:
            period = await decide_report(
                connection,
                order.list_number,
                order.report,
                "accepted" if order.accepts else "rejected",
                today=clock.today(),
                by=order.by,
                reason=order.reason,
            )
    except NotAReport as error:
        raise UserError(f"Nothing was changed: {error}.") from None
    with temporal_answers(settings):
        await wake_settlement(client, order.list_number, period)


def _show_difference(lines: list[DifferingLine]) -> None:
    print_table(
        "Lines that differ",
        ("Member", "Asked", "Settled", "Report", "Of", "Line", "Deducted", "Reason", "Decided"),
        [
            (
                line.member_number,
                in_kroner(line.asked_ore),
                "–" if line.settled_ore is None else in_kroner(line.settled_ore),
                str(said.report),
                str(said.received_on),
                str(said.line),
                in_kroner(said.deducted_ore),
                said.reason or "–",
                said.decision or "–",
            )
            for line in lines
            for said in line.said
        ],
    )


class _Fault(LineFault):
    """A fault beside what stood in its cell."""

    stood: str | None = None


class _Verdict(ReportVerdict):
    """A verdict beside what stood in the cells it names, for whoever has the file."""

    faults: tuple[_Fault, ...] = ()
    stood: str | None = None


def _with_what_stood(verdict: ReportVerdict, content: bytes) -> _Verdict:
    cells = [fault.cell for fault in verdict.faults if fault.cell is not None]
    if verdict.cell is not None:
        cells.append(verdict.cell)
    stood = what_stood(content, cells, verdict.sheet) if cells else {}
    given = verdict.model_dump()
    for fault in given["faults"]:
        fault["stood"] = stood.get(fault["cell"] or "")
    return _Verdict(**given | {"stood": stood.get(verdict.cell or "")})


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"Nothing was taken: the file can't be read ({error.strerror}).") from None
    if len(content) > MAX_BYTES:
        raise UserError(
            f"Nothing was taken: the file has more than {MAX_BYTES // 2**20} MB. Ask the employer "
            "to split it."
        )
    return content


async def _taken(
    settings: Settings, name: str, content: bytes, *, quiet: bool, meant_by: str | None
) -> ReportVerdict:
    await reach_temporal(settings)
    async with database(settings) as pool, pool.acquire() as connection:
        file_id = await keep_file(
            connection,
            kind="deduction_report",
            name=name.encode(errors="replace").decode(),
            content=content,
            today=clock.today(),
        )
    run = RunRequest(
        workflow=WorkflowType.DEDUCTION_REPORT,
        id=report_id(file_id),
        order=ReportOrder(file_id=file_id, meant_by=meant_by).model_dump(mode="json"),
        ended="Nothing was taken: the report ended",
    )
    return await result_of(settings, run, ReportVerdict, quiet=quiet, doing="Matching")


def _show(verdict: _Verdict) -> None:
    say(
        f"List {verdict.list_number}, read as {verdict.encoding}: of "
        f"{counted(verdict.lines, 'line')} {verdict.counted:,} taken, {verdict.unanswered:,} not "
        "filled in."
    )
    for fault in verdict.faults:
        where = f" ({_where(fault.cell, fault.stood)})" if fault.cell is not None else ""
        say(f"Line {fault.line}{where}: {fault.fault}.")
    if verdict.more_faults:
        say(f"And {counted(verdict.more_faults, 'further line')} not taken.")
    if verdict.asked:
        say(
            f"Nothing is booked of {counted(verdict.asked, 'amount')} that can't be meant: ask the "
            "employer. If they were deducted all the same, add --meant-by and your name."
        )
    if verdict.missing:
        say(f"Not in the file: {counted(verdict.missing, 'line')} of the list.")
    if verdict.remarks:
        rows = ", ".join(map(str, verdict.remarks[:SHOWN_REMARKS]))
        say(f"Read what is written beside the lines: row {rows}.")


def _where(cell: str, stood: str | None) -> str:
    if stood is None:
        return cell
    return f'{cell}, where "{stood}" stood' if stood else f"{cell}, which is empty"


def _end(verdict: _Verdict) -> str:
    """Return the end of a sentence about a file that is refused."""
    if verdict.cell is None or verdict.stood is None:
        return "."
    return f" ({_where(verdict.cell, verdict.stood)})."
