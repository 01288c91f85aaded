"""`medlemsflyt tasks`: what a caseworker must look at."""

import asyncio
from typing import Annotated

import typer

from activities.shared.tasks import OpenTask, close_task, list_tasks
from workers.cli.shared.clock import today
from workers.cli.shared.connections import transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_json, print_table, say
from workers.cli.shared.reading import one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(tasks)


def tasks(
    close: Annotated[int | None, typer.Option("--close", metavar="ID", help="The task's.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who closes it.")] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="What was done.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the caseworkers' tasks about money, the oldest first; or close one."""
    settings = resolve_settings(data)
    if close is not None:
        if by is None:
            raise UserError("No task was closed: say who closes it with --by NAME.")
        asyncio.run(_closed(settings, close, one_line("by", by), note and one_line("note", note)))
        if as_json:
            print_json({"task_id": close, "closed": True})
        else:
            say(f"Task {close} is closed.")
        return
    found = asyncio.run(_tasks(settings))
    if as_json:
        print_json({"tasks": [task.model_dump(mode="json") for task in found]})
        return
    print_table(
        "Tasks",
        ("Id", "Since", "What", "Membership"),
        [(str(t.task_id), str(t.opened_on), t.says, t.membership_id or "–") for t in found],
    )


async def _tasks(settings: Settings) -> list[OpenTask]:
    async with transaction(settings) as connection:
        return await list_tasks(connection)


async def _closed(settings: Settings, task_id: int, by: str, note: str | None) -> None:
    async with transaction(settings) as connection:
        if not await close_task(connection, task_id, today=today(), by=by, note=note):
            raise UserError(f"No task was closed: there is no open task {task_id}.")
