"""Errands that nobody is at work on: what has stopped is started again."""

from datetime import timedelta
from pathlib import Path

import asyncpg
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.audit.findings import MAX_FINDINGS, Finding, Findings
from activities.audit.stalled import find_stalled
from activities.database.pool import load_queries, patiently
from activities.deduction.lists import settlement_of, wake_settlement
from schemas.audit.contracts import AuditPlan, Check, CheckReport
from schemas.events.delivery import DeliveryOrder
from schemas.letters.contracts import MailingOrder
from schemas.names import (
    MEMBERSHIP_QUEUE,
    WorkflowType,
    events_delivery_id,
    mailing_id,
    settlement_id,
)

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

OF_UNATTENDED = (
    Check.SETTLEMENT_STOPPED,
    Check.MAILING_STOPPED,
    Check.DELIVERY_STOPPED,
    Check.LETTER_STUCK,
    Check.LETTER_LOST,
    Check.WORKFLOW_WEDGED,
    Check.ACTIVITY_FAILING,
)

LETTER_MAY_WAIT = timedelta(days=1)
"""A mail server that was away for a night has been reached again by then."""


async def describe(client: Client, workflow_id: str) -> WorkflowExecutionDescription | None:
    """Return how a workflow's latest run stands; None: there never was one, or it is forgotten.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    try:
        return await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def runs(client: Client, workflow_id: str, workflow_type: str) -> bool:
    """Tell whether a workflow is running, and is what it should be."""
    found = await describe(client, workflow_id)
    if found is None or found.workflow_type != workflow_type:
        return False
    return found.status is WorkflowExecutionStatus.RUNNING


async def running_ids(client: Client, workflow_type: str) -> set[str]:
    """Return the ids of what runs of a type, as far as the server's index has come."""
    query = f'WorkflowType="{workflow_type}" AND ExecutionStatus="Running"'
    return {found.id async for found in client.list_workflows(query, page_size=1000)}


async def look_after_unattended(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan
) -> tuple[CheckReport, ...]:
    """Look for settlements, mailings, deliveries and letters that nobody is at work on."""
    findings = Findings(dict.fromkeys(OF_UNATTENDED, 0))
    await _settlements(pool, client, plan, findings)
    await _mailings(pool, client, plan, findings)
    await _deliveries(pool, client, plan, findings)
    await _letters(pool, client, plan, findings)
    await _lost_letters(pool, findings)
    await find_stalled(client, findings)
    async with pool.acquire() as connection:
        return await findings.keep(connection, plan)


async def _settlements(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan, findings: Findings
) -> None:
    since, today = plan.months[0], plan.opening.today
    async with pool.acquire() as connection, patiently(connection):
        lists = await _SQL.count_lists(connection, since=since)
        rows = _SQL.find_unsettled(connection, since=since, today=today)
        unsettled = [row async for row in rows]
    findings.look(Check.SETTLEMENT_STOPPED, lists)
    at_work = await running_ids(client, WorkflowType.DEDUCTION_SETTLEMENT) if unsettled else set()
    for row in unsettled:
        if settlement_id(row["payer_number"], row["period"]) in at_work:
            continue
        # The index lags; nobody is started because of that.
        workflow_id, _moved = await settlement_of(client, row["number"], row["period"])
        if await runs(client, workflow_id, WorkflowType.DEDUCTION_SETTLEMENT):
            continue
        findings.add(
            Finding(
                Check.SETTLEMENT_STOPPED,
                row["number"],
                f"list {row['number']} is not settled, and its settlement does not run",
            )
        )
        if not plan.opening.dry_run:
            await wake_settlement(client, row["number"], row["period"])


async def _mailings(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan, findings: Findings
) -> None:
    async with pool.acquire() as connection, patiently(connection):
        rows = _SQL.read_waiting_batches(connection, today=plan.opening.today)
        batches = [row async for row in rows]
    findings.look(Check.MAILING_STOPPED, len(batches))
    for row in batches:
        workflow_id = mailing_id(row["batch"])
        if await runs(client, workflow_id, WorkflowType.MAILING):
            continue
        findings.add(
            Finding(
                Check.MAILING_STOPPED,
                row["batch"],
                f"{row['letters']} letters of {row['batch']} wait, and no mailing runs",
            )
        )
        if not plan.opening.dry_run:
            await client.start_workflow(
                WorkflowType.MAILING,
                MailingOrder(batch=row["batch"]),
                id=workflow_id,
                task_queue=MEMBERSHIP_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )


async def _deliveries(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan, findings: Findings
) -> None:
    async with pool.acquire() as connection, patiently(connection):
        consumers = [row["consumer"] async for row in _SQL.read_told_consumers(connection)]
    findings.look(Check.DELIVERY_STOPPED, len(consumers))
    for consumer in consumers:
        workflow_id = events_delivery_id(consumer)
        if await runs(client, workflow_id, WorkflowType.EVENT_DELIVERY):
            continue
        findings.add(
            Finding(
                Check.DELIVERY_STOPPED,
                consumer,
                f"{consumer} is to be told of events, and no delivery runs",
            )
        )
        if not plan.opening.dry_run:
            await client.start_workflow(
                WorkflowType.EVENT_DELIVERY,
                DeliveryOrder(consumer=consumer),
                id=workflow_id,
                task_queue=MEMBERSHIP_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )


async def _letters(pool: asyncpg.Pool, client: Client, plan: AuditPlan, findings: Findings) -> None:
    before = plan.opening.today - LETTER_MAY_WAIT
    async with pool.acquire() as connection, patiently(connection):
        rows = [
            row
            async for row in _SQL.read_waiting_letters(connection, before=before, most=MAX_FINDINGS)
        ]
    findings.look(Check.LETTER_STUCK, rows[0]["memberships"] if rows else 0)
    for row in rows:
        member = row["membership_id"]
        found = await describe(client, member)
        if found is None or found.status is not WorkflowExecutionStatus.RUNNING:
            why = "its workflow has ended"
        elif not found.raw_description.pending_activities:
            why = "its workflow is not at work on them"
        else:
            continue
        findings.add(
            Finding(
                Check.LETTER_STUCK,
                member,
                f"{row['letters']} letters have waited for more than a day, and {why}",
                member,
            )
        )


async def _lost_letters(pool: asyncpg.Pool, findings: Findings) -> None:
    async with pool.acquire() as connection, patiently(connection):
        rows = [row async for row in _SQL.find_lost_letters(connection, most=MAX_FINDINGS)]
    findings.look(Check.LETTER_LOST, rows[0]["lost"] if rows else 0)
    for row in rows:
        findings.add(
            Finding(
                Check.LETTER_LOST,
                row["message_id"],
                f"the letter {row['key']} did not arrive ({row['status']}), and nobody was asked "
                f"to see to it: medlemsflyt resend {row['message_id']}",
                row["membership_id"],
            )
        )


async def find_untold(
    pool: asyncpg.Pool, plan: AuditPlan
) -> tuple[tuple[CheckReport, ...], str | None]:
    """Look for payments that memberships were not told of, and name one of their files."""
    async with pool.acquire() as connection, patiently(connection):
        findings = Findings({Check.PAYMENT_UNTOLD: 0})
        rows = [
            row
            async for row in _SQL.find_untold(
                connection, today=plan.opening.today, most=MAX_FINDINGS
            )
        ]
        findings.look(Check.PAYMENT_UNTOLD, rows[0]["drifted"] if rows else 0)
        for row in rows:
            findings.add(
                Finding(Check.PAYMENT_UNTOLD, row["subject"], row["says"], row["membership_id"])
            )
        return await findings.keep(connection, plan), rows[0]["file_id"] if rows else None
