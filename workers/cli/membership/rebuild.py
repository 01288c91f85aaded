"""`medlemsflyt rebuild`: memberships brought back from PostgreSQL, which is the truth."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated

import asyncpg
import typer
from temporalio.client import Client
from temporalio.service import RPCError

from activities.membership.open_memberships import (
    OpenMembership,
    every_open_membership,
    named_memberships,
)
from schemas.membership.rebuilt import RebuildReport
from workers.cli.membership.rebuilding import Rebuilder
from workers.cli.shared.clock import today
from workers.cli.shared.connections import (
    database,
    membership_id,
    reach_temporal,
    temporal_answers,
)
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, first_of, progress_bar, say
from workers.errors import UserError
from workers.schedules import keep_schedules
from workers.search_attributes import await_search_attributes, register_search_attributes
from workers.settings import Settings, resolve_settings

SHOWN = 50
"""Memberships that are named; --json names all."""

CONNECTIONS = 2

PATIENCE_SECONDS = 60.0
"""A server of several parts tells all of them of a search attribute within some seconds."""

EXIT_LEFT = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rebuild")(rebuild)


def rebuild(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Memberships, with or without `membership-`."),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Every membership that goes on: after a restore, or on a new Temporal cluster, "
            "which gets its search attributes and schedules too.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is not well, and change nothing.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring memberships back whose workflow was lost, stopped, reset or wedged.

    They go on from PostgreSQL: with the same id, terms, waits and deadlines. Who is well is left
    alone, and the same command again does nothing twice. docs/runbook.md says when it is needed.

    Exit code 0: all are well, 1: messages may have been lost, or an id is nobody's, 2: not done.
    """
    if bool(ids) == every:
        raise UserError("Name memberships, or give --all: one of the two.")
    settings = resolve_settings(data)
    wanted = [membership_id(one) for one in ids or ()]
    report = asyncio.run(_rebuilt(settings, wanted, dry_run=dry_run, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report, dry_run=dry_run)
    if report.unknown or any(one.unanswered for one in report.mended):
        raise typer.Exit(EXIT_LEFT)


async def _rebuilt(
    settings: Settings, ids: Sequence[str], *, dry_run: bool, quiet: bool
) -> RebuildReport:
    client = await reach_temporal(settings)
    async with database(settings, CONNECTIONS) as pool:
        with temporal_answers(settings), progress_bar(quiet=quiet) as bar:
            named = await named_memberships(pool, ids, today()) if ids else []
            if not ids and not dry_run:
                await _prepare(client)
            task = bar.add_task("Looking at memberships", total=len(named) or None, rate="")
            worker = Rebuilder(client, dry_run, partial(bar.advance, task))
            started = time.monotonic()
            try:
                report = await worker.rebuild(_memberships(pool, named, every=not ids))
            except* (UserError, RPCError, asyncpg.PostgresError, OSError) as errors:
                raise first_of(errors) from None
            if not ids and not dry_run:
                await keep_schedules(client)
    seconds = time.monotonic() - started
    found = {one.membership_id for one in named}
    return report.model_copy(
        update={
            "seconds": round(seconds, 1),
            "per_s": round(report.looked_at / max(seconds, 0.001), 1),
            "unknown": tuple(one for one in ids if one not in found),
        }
    )


async def _prepare(client: Client) -> None:
    """Give a new cluster what memberships and people need of it."""
    await register_search_attributes(client)
    await asyncio.wait_for(await_search_attributes(client), PATIENCE_SECONDS)


async def _memberships(
    pool: asyncpg.Pool, named: Sequence[OpenMembership], *, every: bool
) -> AsyncIterator[OpenMembership]:
    for one in named:
        yield one
    if every:
        async for one in every_open_membership(pool, today()):
            yield one


def _show(report: RebuildReport, *, dry_run: bool) -> None:
    for one in report.mended[:SHOWN]:
        say(f"{one.membership_id}: {one.was}.")
        for message in one.unanswered:
            say(f"  perhaps unanswered: {message.name}, {message.at:%Y-%m-%d %H:%M} UTC")
    if len(report.mended) > SHOWN:
        say(f"And {len(report.mended) - SHOWN:,} more; --json lists them all.")
    for one_id in report.unknown:
        say(f"{one_id}: no membership that goes on, and none that can be reopened.")
    done = "would be begun anew" if dry_run else "begun anew"
    say(
        f"{counted(report.looked_at, 'membership')}: {len(report.mended):,} {done}, "
        f"{report.looked_at - len(report.mended):,} well. {report.seconds:,.0f} s, "
        f"{report.per_s:,.0f} a second."
    )
