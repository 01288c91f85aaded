"""`medlemsflyt tasks`: what a caseworker must look at."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer

from activities.desk.cases import Holder, key_of, with_holders
from activities.payments.task_payers import PaymentTask, with_payers
from activities.secrecy.notes import close_with_note
from activities.shared.tasks import count_tasks, tasks_in_order
from workers.cli.shared.clock import today
from workers.cli.shared.connections import transaction
from workers.cli.shared.listing import FIRST_PAGE, Json, Limit, at_most, stream_json
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import plain, print_json, print_table, say
from workers.cli.shared.proposing import proposals_in_words
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
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only tasks of this kind.")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--after", metavar="ID", help="Only those behind this task.")
    ] = None,
    limit: Limit = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the caseworkers' tasks about money, the oldest first; or close one."""
    settings = resolve_settings(data)
    if close is None:
        asyncio.run((_stream if as_json else _show)(settings, kind, after, limit))
        return
    if by is None:
        raise UserError("No task was closed: say who closes it with --by NAME.")
    asyncio.run(_closed(settings, close, one_line("by", by), note and one_line("note", note)))
    if as_json:
        print_json({"task_id": close, "closed": True})
    else:
        say(f"Task {close} is closed.")


async def _stream(
    settings: Settings, kind: str | None, after: int | None, limit: int | None
) -> None:
    async with transaction(settings) as connection:
        counts = await count_tasks(connection)
        found = tasks_in_order(connection, kind=kind, after=after)
        told = with_payers(connection, at_most(found, limit))
        await stream_json({"open": counts, "tasks": _rows(with_holders(connection, told, _case))})


async def _rows(found: AsyncIterator[tuple[PaymentTask, Holder | None]]) -> AsyncIterator[Json]:
    async for task, held in found:
        row = task.model_dump(mode="json")
        row["held_by"] = held.holder if held else None
        row["put_back_until"] = str(held.until_on) if held and held.until_on else None
        yield row


def _case(task: PaymentTask) -> str:
    return key_of(task.membership_id, task.task_id)


def _what(task: PaymentTask) -> str:
    """Return what a task says, with who has paid and for whom it may be."""
    lines = [task.says]
    if task.about:
        lines.append(f"Who paid: {task.about}")
    lines += proposals_in_words(task.proposals)
    return plain("\n".join(lines))


async def _show(settings: Settings, kind: str | None, after: int | None, limit: int | None) -> None:
    async with transaction(settings) as connection:
        counts = await count_tasks(connection)
        first = at_most(tasks_in_order(connection, kind=kind, after=after), limit or FIRST_PAGE)
        told = with_payers(connection, first)
        held = [pair async for pair in with_holders(connection, told, _case)]
    print_table(
        "Tasks",
        ("Id", "Since", "Kind", "What", "Membership", "With"),
        [
            (
                str(task.task_id),
                str(task.opened_on),
                task.kind,
                _what(task),
                task.membership_id or "–",
                plain(holder.in_words) if holder else "",
            )
            for task, holder in held
        ],
    )
    found = [task for task, _ in held]
    if counts and (kind or after or len(found) < sum(counts.values())):
        by_kind = ", ".join(f"{name} {number:,}" for name, number in counts.items())
        say(f"Open: {by_kind}.")
    if found and len(found) < sum(counts.values()):
        say(f"What comes next: --after {found[-1].task_id}.")


async def _closed(settings: Settings, task_id: int, by: str, note: str | None) -> None:
    async with transaction(settings) as connection:
        if not await close_with_note(connection, task_id, today=today(), by=by, note=note):
            raise UserError(f"No task was closed: there is no open task {task_id}.")
