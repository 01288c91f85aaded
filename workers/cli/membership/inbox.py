"""`medlemsflyt inbox`: everything that waits for the caseworkers, under opaque ids only."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from activities.desk.cases import with_holders
from activities.letters.lost_letters import stream_lost_letters
from activities.membership.open_work import (
    OpenWork,
    count_open_work,
    possibly_known,
    rejected_intakes,
    suspended_payments,
)
from activities.shared.tasks import Connection
from schemas.shared.base import Contract
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Role
from workers.cli.membership.bookmarks import REJECTED, address, bookmarks, waiting_for
from workers.cli.membership.urgency import in_order
from workers.cli.shared.connections import database, page_url, reach_temporal, temporal_answers
from workers.cli.shared.listing import FIRST_PAGE, Json, Limit, at_most, page, stream_json
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console, plain, print_json, say, words
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workflows.shared.search_attributes import (
    AWAITING_ROLES,
    REJECTED_MESSAGES,
    REVIEW_DUE,
    STAGE,
    WAITING_SINCE,
)

LOOKED_AT = 1000
"""Applications, the oldest, that are compared with everybody before people are shown a page."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(inbox)


@dataclass(frozen=True)
class Inbox:
    """What waits, as it is asked for: nothing is read before somebody asks for its rows."""

    settings: Settings
    client: Client
    connection: Connection
    role: Role
    workflows: dict[str, int]
    """How many workflows each filter finds."""

    def waiting(self) -> AsyncIterator[Json]:
        """Yield the memberships and settlements that wait for the role, the most urgent first."""
        return self._workflows(waiting_for(self.role))

    def rejected_messages(self) -> AsyncIterator[Json]:
        """Yield the memberships with messages that were not applied."""
        return self._workflows(REJECTED)

    def matters(
        self, most: int | None, among: int | None = None
    ) -> Mapping[str, AsyncIterator[Json]]:
        """Return what waits beside the memberships themselves.

        Args:
            most: no more than so many of each; None: all.
            among: of applications of somebody who may be known, how many are looked at.
        """
        return {
            "rejected_intakes": self._matters(rejected_intakes(self.connection, most)),
            "suspended_payments": self._matters(suspended_payments(self.connection, most)),
            "lost_letters": self._matters(stream_lost_letters(self.connection, most)),
            "possibly_known": self._matters(possibly_known(self.connection, most, among)),
        }

    async def counts(self) -> tuple[dict[str, int], OpenWork]:
        """Return how many workflows each filter finds, and how much there is beside them."""
        return self.workflows, await count_open_work(self.connection)

    def url(self, query: str) -> str:
        """Return the address of a filtered list in the Temporal UI."""
        return address(self.settings, self.client.namespace, query)

    async def _workflows(self, query: str) -> AsyncIterator[Json]:
        found = in_order(self.client, query)
        async for execution, held in with_holders(self.connection, found, lambda one: one.id):
            row = self._row(execution)
            row["held_by"] = held.holder if held else None
            row["put_back_until"] = str(held.until_on) if held and held.until_on else None
            yield row

    def _row(self, execution: WorkflowExecution) -> Json:
        attributes = execution.typed_search_attributes
        due, since = attributes.get(REVIEW_DUE), attributes.get(WAITING_SINCE)
        return {
            "id": execution.id,
            "stage": attributes.get(STAGE),
            "awaiting_roles": sorted(attributes.get(AWAITING_ROLES, [])),
            "waiting_since": since.isoformat() if since else None,
            "review_due": due.isoformat() if due else None,
            "rejected_messages": attributes.get(REJECTED_MESSAGES, 0),
            "ui_url": page_url(self.settings, self.client, execution.id),
        }

    async def _matters(self, rows: AsyncIterator[Contract]) -> AsyncIterator[Json]:
        async for each in rows:
            row = each.model_dump(mode="json")
            whose = row["membership_id"]
            row["ui_url"] = page_url(self.settings, self.client, whose) if whose else None
            yield row


def inbox(
    role: Annotated[Role, typer.Option(help="Whom the memberships wait for.")] = Role.CASEWORKER,
    limit: Limit = None,
    links: Annotated[
        bool,
        typer.Option("--bookmarks", help="Print the lists of the Temporal UI worth a bookmark."),
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List what waits for the caseworkers, the most urgent first.

    These are memberships and settlements of deduction lists that wait for them, memberships with
    messages that were not applied, applications that could not be taken, applications of somebody
    who may be known, payments without an invoice, and letters that did not arrive. The first list
    is a link to the Temporal UI as well.
    `tasks` lists what is to be done about money and letters.
    """
    settings = resolve_settings(data)
    if links:
        _bookmarks(settings, as_json=as_json)
    else:
        asyncio.run(_inbox(settings, role, limit, as_json))


def _bookmarks(settings: Settings, *, as_json: bool) -> None:
    found = bookmarks(settings)
    if as_json:
        print_json({"bookmarks": found})
        return
    for name, url in found.items():
        say(f"{name}:\n  {url}")


async def _inbox(settings: Settings, role: Role, limit: int | None, as_json: bool) -> None:
    settings.require_database_url()
    client = await reach_temporal(settings)
    try:
        with temporal_answers(settings):
            workflows = await _count(client, role)
            async with database(settings) as pool, pool.acquire() as connection:
                found = Inbox(settings, client, connection, role, workflows)
                await (_stream(found, limit) if as_json else _show(found, limit))
    except RPCError as error:
        raise UserError(f"Temporal can't list memberships: {error.message}.") from None


async def _count(client: Client, role: Role) -> dict[str, int]:
    """Return how many workflows each filter finds."""
    queries = {"waiting": waiting_for(role), "rejected_messages": REJECTED}
    return {name: (await client.count_workflows(query)).count for name, query in queries.items()}


async def _stream(found: Inbox, limit: int | None) -> None:
    workflows, matters = await found.counts()
    await stream_json(
        {
            "counts": workflows | matters.model_dump(),
            "url": found.url(waiting_for(found.role)),
            "waiting": at_most(found.waiting(), limit),
            "rejected_messages_url": found.url(REJECTED),
            "rejected_messages": at_most(found.rejected_messages(), limit),
            **found.matters(limit),
        }
    )


async def _show(found: Inbox, limit: int | None) -> None:
    workflows, matters = await found.counts()
    limit = limit or FIRST_PAGE
    looked_at = max(LOOKED_AT, limit)
    shown = {
        "waiting": await page(found.waiting(), limit),
        "rejected_messages": await page(found.rejected_messages(), limit),
        **{
            name: [row async for row in rows]
            for name, rows in found.matters(limit, looked_at).items()
        },
    }
    there = workflows | matters.model_dump()
    _draw(console(), found, shown, there)
    if looked_at < matters.undecided:
        say(f"Compared with everybody: the {looked_at:,} oldest of {matters.undecided:,}.")


def _draw(
    out: Console, found: Inbox, shown: Mapping[str, list[Json]], there: Mapping[str, int]
) -> None:
    _table(
        out,
        _titled(f"Waiting for the {words(found.role)}", "waiting", shown, there),
        ("Workflow", "Stage", "Waiting since", "Due by", "With"),
        (
            (r["id"], r["stage"], _day(r["waiting_since"]), _day(r["review_due"]), r["held_by"])
            for r in shown["waiting"]
        ),
    )
    out.print(Text(found.url(waiting_for(found.role)), style="dim"), soft_wrap=True)
    _table(
        out,
        _titled("With messages that were not applied", "rejected_messages", shown, there),
        ("Membership", "Stage", "Messages"),
        ((r["id"], r["stage"], str(r["rejected_messages"])) for r in shown["rejected_messages"]),
    )
    _table(
        out,
        _titled("Applications that could not be taken", "rejected_intakes", shown, there),
        ("Membership", "Received", "Faults"),
        (
            (r["membership_id"], r["received_on"], "\n".join(r["faults"]))
            for r in shown["rejected_intakes"]
        ),
    )
    _table(
        out,
        _titled("Applications of somebody who may be known", "possibly_known", shown, there),
        ("Membership", "Received", "Perhaps the same, see `person`"),
        (
            (r["membership_id"], r["received_on"], str(r["candidates"]))
            for r in shown["possibly_known"]
        ),
    )
    _table(
        out,
        _titled("Payments without an invoice", "suspended_payments", shown, there),
        ("Reference", "Membership", "Paid", "Øre"),
        (
            (r["reference"], r["membership_id"], r["paid_on"], str(r["amount_ore"]))
            for r in shown["suspended_payments"]
        ),
    )
    _table(
        out,
        _titled("Letters that did not arrive", "lost_letters", shown, there),
        ("Membership", "Letter", "Ordered", "Why", "Send again with `resend`"),
        (
            (r["membership_id"], r["key"], r["ordered_on"], r["why"], r["letter"])
            for r in shown["lost_letters"]
        ),
    )


def _titled(
    title: str, name: str, shown: Mapping[str, list[Json]], there: Mapping[str, int]
) -> str:
    """Return a list's title with the number of its rows, and of how many these are the first."""
    rows, all_of_them = len(shown[name]), there.get(name, 0)
    return f"{title}: {rows or 'nothing'}" + (
        f" of {all_of_them:,}" if rows and all_of_them > rows else ""
    )


def _table(
    out: Console, title: str, columns: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]
) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell or "–")) for cell in row))
    out.print(Text(f"\n{title}", style="bold"))
    if table.row_count:
        out.print(table)


def _day(moment: str | None) -> str | None:
    return str(oslo_date(datetime.fromisoformat(moment))) if moment else None
