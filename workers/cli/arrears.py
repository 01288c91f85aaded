"""`medlemsflyt arrears`: pursue what is not paid, or rehearse it."""

import asyncio
from typing import Annotated, Any

import typer

from activities.arrears.pursuing import rehearse
from activities.shared.rulebook import RulebookReader
from schemas.arrears.contracts import ArrearsDay, ArrearsOrder, ArrearsProgress, ArrearsReport
from schemas.names import WorkflowType, arrears_run_id
from schemas.shared.amounts import kroner
from workers.cli.shared import clock
from workers.cli.shared.connections import database
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, say
from workers.cli.shared.runs import RunRequest, Shown, result_of
from workers.settings import Settings, resolve_settings

STEPS = {
    "first_reminder": ("first reminder", "first reminders"),
    "second_reminder": ("second reminder", "second reminders"),
    "caseworker": ("member for a caseworker", "members for a caseworker"),
    "suspense": (
        "member with enough money in suspense",
        "members with enough money in suspense",
    ),
    "warning": ("member warned", "members warned"),
    "struck_off": ("member to be struck off", "members to be struck off"),
    "quarantined": ("member who could not be pursued", "members who could not be pursued"),
}
"""What is counted, of one and of several."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("arrears")(arrears)


def arrears(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done today, and do nothing.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Remind, warn and strike off who has not paid; run again today, it adds nothing.

    A run that was interrupted goes on where it stopped. With --json the report alone.
    """
    settings = resolve_settings(data)
    day = ArrearsDay(today=clock.today())
    if dry_run:
        report = asyncio.run(_rehearsed(settings, day))
    else:
        report = asyncio.run(_run(settings, day, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report, dry_run=dry_run)


async def _rehearsed(settings: Settings, day: ArrearsDay) -> ArrearsReport:
    async with database(settings) as pool, pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        return await rehearse(connection, day, rulebook)


async def _run(settings: Settings, day: ArrearsDay, *, quiet: bool) -> ArrearsReport:
    run = RunRequest(
        workflow=WorkflowType.ARREARS_RUN,
        id=arrears_run_id(day.today),
        order=ArrearsOrder(today=day.today).model_dump(mode="json"),
        ended=f"The run of {day.today} ended",
    )

    def look(answer: Any) -> Shown:
        done = ArrearsProgress.model_validate(answer)
        return Shown("Pursuing", done.pages, done.pages_done)

    return await result_of(settings, run, ArrearsReport, quiet=quiet, look=look, doing="Pursuing")


def _show(report: ArrearsReport, *, dry_run: bool) -> None:
    counts = report.counts
    say(f"{kroner(counts.owed_ore)} overdue on {report.today}.")
    for name, (one, several) in STEPS.items():
        number = getattr(counts, name)
        if number:
            say(f"{'Would be: ' if dry_run else ''}{counted(number, one, several)}.")
    if report.reinstated:
        would = "would be" if dry_run else "are"
        again = counted(report.reinstated, "member")
        say(f"After a strike-off {again} paid: new applications {would} made.")
