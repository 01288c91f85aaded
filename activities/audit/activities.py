"""The audit's activities, on PostgreSQL and Temporal."""

import asyncpg
from temporalio import activity
from temporalio.client import Client

from activities.audit import books, missed_runs, occupants, unattended, workflow_drift
from activities.audit.findings import release
from activities.database.pool import patiently
from activities.declarations.audit import AuditActivities
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.rulebook import RulebookReader
from schemas.audit.contracts import (
    AuditClosing,
    AuditMonth,
    AuditOpening,
    AuditPage,
    AuditPart,
    AuditPlan,
    RunId,
    Suspects,
)
from schemas.names import WorkflowType


class Audit(AuditActivities):
    """Comparing what must agree, mending what is safe, holding the rest.

    All of them are idempotent by (run, check, subject): a finding is kept once, a member held
    once, a task opened once; and what is mended is only started or marked once.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        client: to read what runs, and to start what has stopped.
    """

    def __init__(self, pool: asyncpg.Pool, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._rulebooks = RulebookReader(allow_synthetic_ids=False)

    @activity.defn(name="open_audit")
    async def open_audit(self, opening: AuditOpening) -> AuditPlan:
        """Say what there is to look at. Reads only, so repeating it is harmless."""
        busy = bool(await unattended.running_ids(self._client, WorkflowType.DUES_RUN))
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            return await books.plan_audit(connection, rulebook, opening, busy=busy)

    @activity.defn(name="audit_ledger")
    async def audit_ledger(self, plan: AuditPlan) -> AuditPart:
        """Compare the accounts with what they stand for, and all money with its entries."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return AuditPart(checks=await books.compare_ledger(connection, plan))

    @activity.defn(name="audit_month")
    async def audit_month(self, month: AuditMonth) -> AuditPart:
        """Compare the charges, invoices, corrections and lists of a month, line by line."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return AuditPart(checks=await books.compare_month(connection, month))

    @activity.defn(name="audit_amounts")
    async def audit_amounts(self, month: AuditMonth) -> AuditPart:
        """Compare what members were charged for a month with their terms, and mark who was not."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return AuditPart(checks=await books.compare_amounts(connection, month))

    @activity.defn(name="audit_members")
    async def audit_members(self, page: AuditPage) -> AuditPart:
        """Compare the members of a page: terms with standing, and what was shown to others."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return AuditPart(checks=await books.compare_members(connection, page))

    @activity.defn(name="audit_sample")
    async def audit_sample(self, plan: AuditPlan) -> AuditPart:
        """Plan the terms of a few members anew, others every day, and compare."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            return AuditPart(checks=await books.compare_sample(connection, rulebook, plan))

    @activity.defn(name="audit_errands")
    async def audit_errands(self, plan: AuditPlan) -> AuditPart:
        """Look for settlements, mailings and letters that nobody is at work on, and missed runs.

        What has stopped is started, which is harmless where it has been meanwhile.
        """
        async with without_values(), heartbeats():
            stopped = await unattended.look_after_unattended(self._pool, self._client, plan)
            missed = await missed_runs.find_missed_runs(self._pool, self._client, plan)
            return AuditPart(checks=(*stopped, *missed))

    @activity.defn(name="find_untold_file")
    async def find_untold_file(self, plan: AuditPlan) -> AuditPart:
        """Look for payments that memberships were not told of, and name one of their files."""
        async with without_values(), heartbeats():
            checks, file_id = await unattended.find_untold(self._pool, plan)
            return AuditPart(checks=checks, untold_file=file_id)

    @activity.defn(name="compare_workflows")
    async def compare_workflows(self, plan: AuditPlan) -> AuditPart:
        """Compare all running memberships with their rows, and name those that differ.

        Reads only: whoever differs may have moved on meanwhile, and is looked at again.
        """
        async with without_values(), heartbeats():
            beat = activity.heartbeat
            return await workflow_drift.compare_workflows(self._pool, self._client, plan, beat)

    @activity.defn(name="look_again")
    async def look_again(self, suspects: Suspects) -> AuditPart:
        """Ask memberships themselves, and compare stage, category and terms with their rows."""
        async with without_values(), heartbeats():
            return await workflow_drift.look_again(self._pool, self._client, suspects)

    @activity.defn(name="check_occupant")
    async def check_occupant(self, run: RunId) -> bool:
        """Tell whether what runs under an id is of the type it should be, else open a task."""
        async with without_values():
            return await occupants.is_of_its_type(self._pool, self._client, run)

    @activity.defn(name="close_audit")
    async def close_audit(self, closing: AuditClosing) -> int:
        """Release whom nothing holds any more, and close the tasks of what is over.

        Returns:
            How many members were released. Those are compared by the next dues run, which
            charges what they were spared. An attempt after one whose answer was lost releases
            nobody a second time.
        """
        plan = closing.plan
        async with (
            without_values(),
            heartbeats(),
            self._pool.acquire() as connection,
            patiently(connection),
        ):
            return await release(connection, plan, closing.checks, plan.months[0])
