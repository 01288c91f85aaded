"""`medlemsflyt access-log`: who looked at what and did what through the gateway."""

import asyncio
from datetime import UTC, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from activities.access import log
from activities.access.log import KeptEntry
from workers.cli.shared.connections import database, membership_id
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, plain, print_json, say
from workers.settings import Settings, resolve_settings

OSLO = ZoneInfo("Europe/Oslo")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="access-log")(access_log)


def access_log(
    membership: Annotated[
        str | None, typer.Option("--membership", metavar="ID", help="About this membership only.")
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option("--by", metavar="SUBJECT", help="Of this person or system only."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="From this day on, in Oslo."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="Before this day, in Oslo."),
    ] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    most: Annotated[int, typer.Option(metavar="N", min=1, help="So many at most.")] = 100,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List who looked at what and did what through the gateway, the newest first.

    For auditors and the data-protection officer: it names people who look, and memberships by their
    opaque ids.
    """
    entries = asyncio.run(
        _read(resolve_settings(data), membership, subject, since, until, refused, most)
    )
    if as_json:
        print_json({"entries": [entry.model_dump(mode="json") for entry in entries]})
        return
    for entry in entries:
        say(_line(entry))
    say(f"{counted(len(entries), 'entry', 'entries')}.")


async def _read(
    settings: Settings,
    membership: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    refused: bool,
    most: int,
) -> list[KeptEntry]:
    async with database(settings) as pool:
        return await log.read(
            pool,
            workflow_id=None if membership is None else membership_id(membership),
            subject=subject,
            since=_midnight(since),
            until=_midnight(until),
            refused=refused,
            most=most,
        )


def _midnight(day: datetime | None) -> datetime | None:
    return None if day is None else datetime.combine(day.date(), time(), OSLO).astimezone(UTC)


def _line(entry: KeptEntry) -> str:
    at = entry.at.astimezone(OSLO).strftime("%Y-%m-%d %H:%M:%S")
    parts = [at, plain(entry.name), f"({', '.join(entry.roles)})", entry.act, entry.what]
    parts += [entry.workflow_id] if entry.workflow_id else []
    parts += [counted(entry.hits, "hit")] if entry.hits is not None else []
    parts += [f"because: {plain(entry.why)}"] if entry.why else []
    parts += [f"REFUSED: {entry.refused}"] if entry.refused else []
    return "  ".join(parts)
