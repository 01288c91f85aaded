"""`medlemsflyt deduction-return`: an employer's report on a deduction list."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from activities.deduction.reading import MAX_BYTES
from activities.shared.files import keep_file
from schemas.deduction.contracts import ReportOrder, ReportVerdict
from schemas.names import WorkflowType, report_id
from workers.cli.shared import clock
from workers.cli.shared.connections import database, reach_temporal
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, say
from workers.cli.shared.runs import RunRequest, result_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deduction-return")(deduction_return)


def deduction_return(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="The list as it came back: CSV or XLSX.", dir_okay=False
        ),
    ],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take an employer's report on a deduction list, and answer it line by line.

    The same file again changes nothing. Several files on one list are taken together.

    Exit code 0: every line counts, 1: some don't, 2: the file was refused, or not taken.
    """
    verdict = asyncio.run(_taken(resolve_settings(data), file.name, _read(file), quiet=as_json))
    if as_json:
        typer.echo(verdict.model_dump_json(indent=2))
    elif verdict.outcome == "applied":
        _show(verdict)
    if verdict.outcome == "refused":
        if as_json:
            raise typer.Exit(2)
        raise UserError(f"Nothing of the file counts: {'; '.join(verdict.reasons)}.")
    if verdict.faults:
        raise typer.Exit(1)


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


async def _taken(settings: Settings, name: str, content: bytes, *, quiet: bool) -> ReportVerdict:
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
        order=ReportOrder(file_id=file_id).model_dump(mode="json"),
        ended="Nothing was taken: the report ended",
    )
    return await result_of(settings, run, ReportVerdict, quiet=quiet, doing="Matching")


def _show(verdict: ReportVerdict) -> None:
    say(
        f"List {verdict.list_number}, read as {verdict.encoding}: of "
        f"{counted(verdict.lines, 'line')} {verdict.counted:,} taken, {verdict.unanswered:,} not "
        "filled in."
    )
    for fault in verdict.faults:
        say(f"Line {fault.line}: {fault.fault}.")
    if verdict.more_faults:
        say(f"And {counted(verdict.more_faults, 'further line')} not taken.")
