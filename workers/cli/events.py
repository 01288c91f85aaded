"""`medlemsflyt events`: what other systems are told of members, in its order."""

import asyncio
import re
from collections.abc import Collection
from datetime import date
from typing import Annotated

import typer

from activities.events.reading import BEGINNING, UnknownCursor, cursor_of, events_in_order
from schemas.events.types import TYPES
from workers.cli.shared.connections import database
from workers.cli.shared.listing import at_most
from workers.cli.shared.options import DataDir
from workers.cli.shared.printing import progress_bar
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("events")(events)


def events(
    since: Annotated[
        str,
        typer.Option(
            metavar="CURSOR|DATE",
            help="Behind this event, by its `sequence`; or from this day on, YYYY-MM-DD.",
        ),
    ] = "0",
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only of this type; may be repeated."),
    ] = None,
    with_hidden: Annotated[
        bool,
        typer.Option("--with-hidden", help="Also of hidden members: for who may know of them."),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most so many. Default: all.")
    ] = None,
    data: DataDir = None,
) -> None:
    """Print what happened to members as CloudEvents, one a line, in the order it came about.

    Ask again with the `sequence` of the last line. An event names nobody: its `subject` is the
    membership's id.
    """
    after, day = _read_since(since)
    asyncio.run(_print(resolve_settings(data), after, day, _read_types(kind), with_hidden, limit))


def _read_since(given: str) -> tuple[int, date | None]:
    """Return a cursor and a day: where to begin.

    Raises:
        UserError: it is neither.
    """
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given, re.ASCII):
            return BEGINNING, date.fromisoformat(given)
        return cursor_of(given.lstrip("0") or "0"), None
    except (UnknownCursor, ValueError):
        raise UserError(
            "--since is neither the `sequence` of an event nor a day: 4711, or 2026-12-01."
        ) from None


def _read_types(given: Collection[str] | None) -> list[str] | None:
    """Return which types are asked for.

    Raises:
        UserError: there is no such type.
    """
    if not given:
        return None
    if unknown := sorted(set(given) - TYPES):
        raise UserError(f"There are no events of the type {unknown[0]}.")
    return list(given)


async def _print(
    settings: Settings,
    after: int,
    since: date | None,
    types: list[str] | None,
    cleared: bool,
    limit: int | None,
) -> None:
    with progress_bar(quiet=False) as bar:
        task = bar.add_task("Reading events", total=None, rate="")
        async with database(settings) as pool:
            found = events_in_order(pool, after, cleared=cleared, types=types, since=since)
            async for event in at_most(found, limit):
                typer.echo(event.model_dump_json(exclude_none=True))
                bar.advance(task)
