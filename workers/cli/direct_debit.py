"""`medlemsflyt mandates`, `claims`: AvtaleGiro, from who has signed it to the bank's file."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from activities.direct_debit.claims import ClaimFile, read_claim_file
from activities.direct_debit.mandates import Mandate, mandates_in_order
from activities.register.private_files import NotWritten, private_file, private_folder
from schemas.direct_debit.contracts import ClaimReport, DirectDebitOrder
from schemas.names import WorkflowType, direct_debit_run_id
from schemas.shared.amounts import kroner
from workers.cli.shared import clock
from workers.cli.shared.connections import membership_id, transaction
from workers.cli.shared.listing import FIRST_PAGE, Limit
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.cli.shared.reading import day_of
from workers.cli.shared.runs import RunRequest, result_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(mandates)
    app.command()(claims)


def mandates(
    member: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="One membership's, also what has ended."),
    ] = None,
    limit: Limit = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List who has told the bank to pay by AvtaleGiro, as the bank's files have it."""
    most = limit or FIRST_PAGE
    found = asyncio.run(_read(resolve_settings(data), member and membership_id(member), most + 1))
    shown = found[:most]
    if as_json:
        print_json({"mandates": [one.model_dump(mode="json") for one in shown]})
        return
    print_table(
        "Mandates",
        ("Id", "KID it was registered with", "Since", "Ended", "Wants notice"),
        [
            (
                one.membership_id,
                one.kid,
                str(one.since),
                str(one.ended_on or "–"),
                "yes" if one.wants_notice else "no",
            )
            for one in shown
        ],
    )
    if len(found) > most:
        say("There is more: see --limit.")


async def _read(settings: Settings, member: str | None, most: int) -> list[Mandate]:
    async with transaction(settings) as connection:
        return [one async for one in mandates_in_order(connection, member, most)]


def claims(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Write the day's file here, for the bank."),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="YYYY-MM-DD", help="Only write the file of an earlier day."),
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell the bank what to collect by AvtaleGiro today, and write its file; again: the same file.

    What the bank does not collect, or is told not to, goes back to the member as a letter. With
    --json the report alone.
    """
    settings = resolve_settings(data)
    day = day_of("on", on) if on else clock.today()
    report = None if on else asyncio.run(_claimed(settings, day, quiet=as_json))
    file = asyncio.run(_file_of(settings, day))
    path = _written(file, out) if file is not None and out is not None else None
    if as_json:
        shown = report.model_dump(mode="json") if report else {"today": str(day)}
        print_json({**shown, "file_id": file and file.file_id, "written": path and str(path)})
        return
    if report is not None:
        _show(report)
    if file is None:
        say(f"There is no file of {day}: the bank was told nothing.")
    else:
        say(f"Written: {path}" if path else "Write the file with --out FOLDER.")


async def _claimed(settings: Settings, day: date, *, quiet: bool) -> ClaimReport:
    run = RunRequest(
        workflow=WorkflowType.DIRECT_DEBIT_RUN,
        id=direct_debit_run_id(day),
        order=DirectDebitOrder(today=day).model_dump(mode="json"),
        ended=f"The run of {day} ended",
    )
    return await result_of(settings, run, ClaimReport, quiet=quiet, doing="Claiming")


async def _file_of(settings: Settings, day: date) -> ClaimFile | None:
    async with transaction(settings) as connection:
        return await read_claim_file(connection, day)


def _written(file: ClaimFile, folder: Path) -> Path:
    """Write a day's file; one that is there already with the same content stays.

    Raises:
        UserError: it can't be, or another one stands in its place.
    """
    path = folder / f"avtalegiro-{file.day}-{file.file_id[:12]}.txt"
    try:
        private_folder(folder)
        if path.exists():
            if path.read_bytes() != file.content:
                raise UserError(f"Nothing was written: {path} is there, and is another file.")
            return path
        with private_file(path) as opened:
            opened.write(file.content)
    except (NotWritten, OSError) as error:
        raise UserError(f"Nothing was written: {error}.") from None
    return path


def _show(report: ClaimReport) -> None:
    say(
        f"{counted(report.claims, 'invoice')} claimed, {kroner(report.amount_ore)}; "
        f"{counted(report.cancellations, 'claim')} cancelled."
    )
    if report.too_late:
        say(f"{counted(report.too_late, 'claim')} too late to cancel: see the tasks.")
    back = report.not_claimed + report.cancelled + report.refused
    if back:
        say(
            f"{counted(back, 'invoice')} to be paid by the member after all: "
            f"{report.refused:,} refused, {report.cancelled:,} cancelled, "
            f"{report.not_claimed:,} not claimed in time."
        )
