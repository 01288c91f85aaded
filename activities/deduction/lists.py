"""Deduction lists once they are made: which there are, and their settlements."""

from datetime import date
from pathlib import Path

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.database import load_queries
from activities.matters.tasks import Connection
from schemas.deduction import LOOK, WORKFLOW, SettlementOrder, settlement_id

_SQL = load_queries(Path(__file__).with_name("sql") / "lists.sql")

WORKFLOWS_QUEUE = "membership"
"""Where settlements run; activities don't know ``workflows.options``."""


async def lists_of(connection: Connection, period_from: date, after: str) -> list[str]:
    """Return the numbers of a month's lists, in order, after one of them."""
    found = _SQL.lists_of_a_month(connection, period_from=period_from, after=after)
    return [row["number"] async for row in found]


async def start_settlement(client: Client, list_number: str, period: str) -> bool:
    """Start a list's settlement; False when it has been started before."""
    try:
        await client.start_workflow(
            WORKFLOW,
            SettlementOrder(list_number=list_number),
            id=settlement_id(list_number.partition("-")[0], period),
            task_queue=WORKFLOWS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def have_it_looked_at(client: Client, list_number: str, period: str) -> None:
    """Tell a list's settlement that a report or a payment has come.

    One that has not begun yet is started, and so is one that has ended: what comes late must
    still be seen by somebody.

    Args:
        client: of the worker.
        list_number: ``<payer number>-<serial>``.
        period: the list's month, ``YYYY-MM``.
    """
    await client.start_workflow(
        WORKFLOW,
        SettlementOrder(list_number=list_number),
        id=settlement_id(list_number.partition("-")[0], period),
        task_queue=WORKFLOWS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=LOOK,
    )
