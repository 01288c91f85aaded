"""`medlemsflyt inbox`: everything that waits for the caseworkers, under opaque ids only."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from activities.membership.open_work import InboxItems, inbox_items
from schemas.names import WorkflowType
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Role
from workers.cli.shared.connections import database, page_url, reach_temporal, temporal_answers
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console, plain, print_json
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workflows.shared.search_attributes import (
    AWAITING_ROLES,
    REJECTED_MESSAGES,
    REVIEW_DUE,
    STAGE,
    WAITING_SINCE,
)

Json = dict[str, Any]

REJECTED = f'WorkflowType = "{WorkflowType.MEMBERSHIP}" AND {REJECTED_MESSAGES.name} > 0'


def waiting_for(role: Role) -> str:
    """Return the filter on memberships and settlements that wait for a role."""
    return (
        f'WorkflowType IN ("{WorkflowType.MEMBERSHIP}", "{WorkflowType.DEDUCTION_SETTLEMENT}") '
        f'AND ExecutionStatus = "Running" AND {AWAITING_ROLES.name} = "{role}"'
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(inbox)


def inbox(
    role: Annotated[Role, typer.Option(help="Whom the memberships wait for.")] = Role.CASEWORKER,
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
    found = asyncio.run(_found(resolve_settings(data), role))
    if as_json:
        print_json(found)
    else:
        _draw(console(), role, found)


async def _found(settings: Settings, role: Role) -> Json:
    settings.require_database_url()
    client = await reach_temporal(settings)
    try:
        with temporal_answers(settings):
            waiting = await _memberships(settings, client, waiting_for(role))
            rejected = await _memberships(settings, client, REJECTED)
    except RPCError as error:
        raise UserError(f"Temporal can't list memberships: {error.message}.") from None
    async with database(settings) as pool:
        matters = await inbox_items(pool)
    return {
        "url": _list_url(settings, client, waiting_for(role)),
        "waiting": waiting,
        "rejected_messages_url": _list_url(settings, client, REJECTED),
        "rejected_messages": rejected,
        **_with_urls(settings, client, matters),
    }


async def _memberships(settings: Settings, client: Client, query: str) -> list[Json]:
    """Return the memberships a filter finds: first due first, and the longest waiting of those."""
    found = [execution async for execution in client.list_workflows(query, page_size=1000)]
    never = datetime.max.replace(tzinfo=UTC)

    def urgency(execution: WorkflowExecution) -> tuple[datetime, datetime, datetime]:
        attributes = execution.typed_search_attributes
        return (
            attributes.get(REVIEW_DUE, never),
            attributes.get(WAITING_SINCE, never),
            execution.start_time,
        )

    return [_row(settings, client, each) for each in sorted(found, key=urgency)]


def _row(settings: Settings, client: Client, execution: WorkflowExecution) -> Json:
    attributes = execution.typed_search_attributes
    due, since = attributes.get(REVIEW_DUE), attributes.get(WAITING_SINCE)
    return {
        "id": execution.id,
        "stage": attributes.get(STAGE),
        "awaiting_roles": sorted(attributes.get(AWAITING_ROLES, [])),
        "waiting_since": since.isoformat() if since else None,
        "review_due": due.isoformat() if due else None,
        "rejected_messages": attributes.get(REJECTED_MESSAGES, 0),
        "ui_url": page_url(settings, client, execution.id),
    }


def _list_url(settings: Settings, client: Client, query: str) -> str:
    """Return the address of a filtered list in the Temporal UI."""
    return (
        f"{settings.ui_url}/namespaces/{client.namespace}/workflows?query={quote(query, safe='')}"
    )


def _with_urls(settings: Settings, client: Client, matters: InboxItems) -> dict[str, list[Json]]:
    listed: dict[str, list[Json]] = matters.model_dump(mode="json")
    for rows in listed.values():
        for row in rows:
            whose = row["membership_id"]
            row["ui_url"] = page_url(settings, client, whose) if whose else None
    return listed


def _draw(out: Console, role: Role, found: Json) -> None:
    waiting, rejected = found["waiting"], found["rejected_messages"]
    intakes, payments = found["rejected_intakes"], found["suspended_payments"]
    _table(
        out,
        f"Waiting for the {role.replace('_', ' ')}",
        ("Workflow", "Stage", "Waiting since", "Due by"),
        ((r["id"], r["stage"], _day(r["waiting_since"]), _day(r["review_due"])) for r in waiting),
    )
    out.print(Text(found["url"], style="dim"), soft_wrap=True)
    _table(
        out,
        "With messages that were not applied",
        ("Membership", "Stage", "Messages"),
        ((r["id"], r["stage"], str(r["rejected_messages"])) for r in rejected),
    )
    _table(
        out,
        "Applications that could not be taken",
        ("Membership", "Received", "Faults"),
        ((r["membership_id"], r["received_on"], "\n".join(r["faults"])) for r in intakes),
    )
    _table(
        out,
        "Applications of somebody who may be known",
        ("Membership", "Received", "Perhaps the same, see `person`"),
        (
            (r["membership_id"], r["received_on"], str(r["candidates"]))
            for r in found["possibly_known"]
        ),
    )
    _table(
        out,
        "Payments without an invoice",
        ("Reference", "Membership", "Paid", "Øre"),
        (
            (r["reference"], r["membership_id"], r["paid_on"], str(r["amount_ore"]))
            for r in payments
        ),
    )
    _table(
        out,
        "Letters that did not arrive",
        ("Membership", "Letter", "Ordered", "Why", "Send again with `resend`"),
        (
            (r["membership_id"], r["key"], r["ordered_on"], r["why"], r["letter"])
            for r in found["lost_letters"]
        ),
    )


def _table(
    out: Console, title: str, columns: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]
) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell or "–")) for cell in row))
    out.print(Text(f"\n{title}: {table.row_count or 'nothing'}", style="bold"))
    if table.row_count:
        out.print(table)


def _day(moment: str | None) -> str | None:
    return str(oslo_date(datetime.fromisoformat(moment))) if moment else None
