"""Deduction lists once they are made: which there are, and their settlements."""

from datetime import date
from pathlib import Path

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.database.pool import load_queries
from activities.shared.tasks import Connection, open_task
from schemas.deduction.contracts import (
    LOOK,
    SettlementOrder,
)
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, settlement_id, settlement_ids

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def lists_of(connection: Connection, period_from: date, after: str) -> list[str]:
    """Return the numbers of a month's lists, in order, after one of them."""
    found = _SQL.lists_of_a_month(connection, period_from=period_from, after=after)
    return [row["number"] async for row in found]


class Occupied(Exception):
    """Workflows of other types stand under all the ids that a settlement may have."""


async def settlement_of(client: Client, list_number: str, period: str) -> tuple[str, bool]:
    """Return the id under which a list is settled, and whether another type has the usual one.

    Raises:
        Occupied: there is none left; retried, and so visible until somebody ends one of them.
    """
    candidates = settlement_ids(list_number.partition("-")[0], period)
    for number, candidate in enumerate(candidates):
        try:
            found = await client.get_workflow_handle(candidate).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return candidate, number > 0
        if found.workflow_type == WorkflowType.DEDUCTION_SETTLEMENT:
            return candidate, number > 0
    raise Occupied(f"list {list_number}: all ids of its settlement are taken by something else")


async def start_settlement(client: Client, list_number: str, period: str) -> str | None:
    """Start a list's settlement unless it has been started before.

    Returns:
        The id it has instead, when something else stands under its own.
    """
    usual = settlement_id(list_number.partition("-")[0], period)
    if await _start(client, list_number, usual):
        return None
    other, moved = await settlement_of(client, list_number, period)
    if moved:
        await _start(client, list_number, other)
    return other if moved else None


async def _start(client: Client, list_number: str, workflow_id: str) -> bool:
    try:
        await client.start_workflow(
            WorkflowType.DEDUCTION_SETTLEMENT,
            SettlementOrder(list_number=list_number),
            id=workflow_id,
            task_queue=MEMBERSHIP_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def tell_of_moved(
    connection: Connection, moved: dict[str, str], period: str, today: date
) -> None:
    """Make a task of each list that is settled under another id than everybody looks under."""
    for list_number, workflow_id in moved.items():
        await open_task(
            connection,
            key=f"settlement-moved/{list_number}",
            kind="settlement_moved",
            says=f"another workflow stands where list {list_number} of {period} is settled: it is "
            f"settled as {workflow_id}. Find out who started the other, and terminate it",
            today=today,
        )


async def wake_settlement(client: Client, list_number: str, period: str) -> None:
    """Tell a list's settlement that a report or a payment has come.

    One that has not begun yet is started, and so is one that has ended: what comes late must
    still be seen by somebody.

    Args:
        client: of the worker.
        list_number: ``<payer number>-<serial>``.
        period: the list's month, ``YYYY-MM``.
    """
    workflow_id, _moved = await settlement_of(client, list_number, period)
    await client.start_workflow(
        WorkflowType.DEDUCTION_SETTLEMENT,
        SettlementOrder(list_number=list_number),
        id=workflow_id,
        task_queue=MEMBERSHIP_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=LOOK,
    )
