"""`medlemsflyt insurance-answer`: what the insurance office says of our file."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from activities.deduction.sheets import MAX_BYTES
from activities.insurance.answers import SAYS, take_answer
from activities.shared.rulebook import RulebookReader
from schemas.insurance.answer import AnswerReport
from workers.cli.insurance.office import DryRun
from workers.cli.shared.clock import today
from workers.cli.shared.connections import trying
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def insurance_answer(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="As it came: CSV or XLSX.", dir_okay=False)
    ],
    dry_run: DryRun = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take the insurance office's answer: everybody it has, and with which cover and premium.

    It names the month above the lines. Each difference is a task until an answer agrees. The same
    file again changes nothing.

    Exit code 0: taken, 2: refused, with the cells that can't be read.
    """
    settings = resolve_settings(data)
    report = asyncio.run(_taken(settings, file.name, _read(file), dry_run=dry_run))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    elif report.outcome == "applied":
        _show(report, dry_run=dry_run)
    if report.outcome == "applied":
        return
    if as_json:
        raise typer.Exit(2)
    raise UserError(f"Nothing of the file counts: {'; '.join(_reasons(report))}.")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"Nothing was taken: the file can't be read ({error.strerror}).") from None
    if len(content) > MAX_BYTES:
        raise UserError(f"Nothing was taken: the file has more than {MAX_BYTES // 2**20} MB.")
    return content


async def _taken(settings: Settings, name: str, content: bytes, *, dry_run: bool) -> AnswerReport:
    async with trying(settings, keep=not dry_run) as connection:
        return await take_answer(
            connection,
            name=name.encode(errors="replace").decode(),
            content=content,
            rulebook=await RulebookReader(allow_synthetic_ids=False).current(connection),
            today=today(),
        )


def _reasons(report: AnswerReport) -> list[str]:
    cells = [
        f'cell {fault.cell}: {fault.says} (there stood "{fault.stood}")'
        if fault.stood
        else f"cell {fault.cell}: {fault.says} (it is empty)"
        for fault in report.faults
    ]
    return [*report.reasons, *cells]


def _show(report: AnswerReport, *, dry_run: bool) -> None:
    again = " It was taken before." if report.taken_before else ""
    would = "Would be taken: t" if dry_run else "T"
    say(f"{would}he answer on {report.period}, {counted(report.lines, 'line')}.{again}")
    for matter, count in report.differences.items():
        say(f"{SAYS[matter]}: {count:,}.")
    if not report.differences:
        say("It agrees with our books.")
    if report.agreed:
        say(f"Over since the answer before: {counted(report.agreed, 'difference')}.")
    if report.numbers:
        say(f"Numbers of the office's that are new: {report.numbers:,}.")
