"""`medlemsflyt schedules`: what runs by the calendar."""

import asyncio
import json
from datetime import datetime

import typer
from rich.table import Table

from schemas.shared.calendar import OSLO
from schemas.shared.schedules import ScheduleName
from workers.cli.shared.connections import reach_temporal, temporal_answers
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console
from workers.schedules import TURNS, keep_schedules
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schedules)


def schedules(data: DataDir = None, as_json: AsJson = False) -> None:
    """Make the Temporal Schedules, or bring them up to date, and say when they run next.

    The dues run, arrears, the audit and the year's statements. Pause one in the Temporal UI.
    """
    coming = asyncio.run(_kept(resolve_settings(data)))
    if as_json:
        shown = {name: at.isoformat() if at else None for name, at in coming.items()}
        typer.echo(json.dumps(shown, indent=2))
        return
    table = Table("Schedule", "Runs", "Next, in Norwegian time")
    for name, at in coming.items():
        table.add_row(
            name, TURNS[name].says, f"{at.astimezone(OSLO):%Y-%m-%d %H:%M}" if at else "–"
        )
    console().print(table)


async def _kept(settings: Settings) -> dict[ScheduleName, datetime | None]:
    client = await reach_temporal(settings)
    with temporal_answers(settings):
        return await keep_schedules(client)
