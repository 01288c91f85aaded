"""The audit's activities, on PostgreSQL and Temporal."""

import asyncpg
from temporalio import activity
from temporalio.client import Client

from activities.audit import (
    books,
    kept_runs,
    missed_runs,
    occupants,
    overdue_erasures,
    stopped_runs,
    unattended,
    workflow_drift,
)
from activities.audit.findings import release
from activities.database.pool import patiently
from activities.declarations.audit import AuditActivities
from activities.payments.forgetting import forget_long_ago
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
    CheckReport,
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
        """From the rulebook as it stands, and from the server's index of what runs."""
        busy = bool(await unattended.running_ids(self._client, WorkflowType.DUES_RUN))
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            return await books.plan_audit(connection, rulebook, opening, busy=busy)

    @activity.defn(name="audit_ledger")
    async def audit_ledger(self, plan: AuditPlan) -> AuditPart:
        """Compared by the database; only what differs is read."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            ledger = await books.compare_ledger(connection, plan)
            claims = await books.compare_claims(connection, rulebook, plan)
            return AuditPart(checks=(*ledger, *claims))

    @activity.defn(name="audit_month")
    async def audit_month(self, month: AuditMonth) -> AuditPart:
        """Compared by the database; only what differs is read."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return AuditPart(checks=await books.compare_month(connection, month))

    @activity.defn(name="audit_amounts")
    async def audit_amounts(self, month: AuditMonth) -> AuditPart:
        """Compared by the database, which marks in the same transaction."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return AuditPart(checks=await books.compare_amounts(connection, month))

    @activity.defn(name="audit_members")
    async def audit_members(self, page: AuditPage) -> AuditPart:
        """Compared by the database; only what differs is read."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            return AuditPart(checks=await books.compare_members(connection, page))

    @activity.defn(name="audit_sample")
    async def audit_sample(self, plan: AuditPlan) -> AuditPart:
        """Planned here, by the same pure rules as in a workflow, from the facts in the database."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            return AuditPart(checks=await books.compare_sample(connection, rulebook, plan))

    @activity.defn(name="audit_errands")
    async def audit_errands(self, plan: AuditPlan) -> AuditPart:
        """Looks for runs that were missed, have stopped or should be gone as well.

        The server's index lags, so each is asked itself before it is started, under the id that it
        can have once.
        """
        async with without_values(), heartbeats():
            stopped = await unattended.look_after_unattended(self._pool, self._client, plan)
            missed = await missed_runs.find_missed_runs(self._pool, self._client, plan)
            unended = await stopped_runs.find_stopped_runs(self._pool, self._client, plan)
            kept = await kept_runs.find_kept_runs(self._pool, self._client, plan)
            overdue = await self._find_overdue(plan)
            return AuditPart(checks=(*stopped, *missed, *unended, *kept, *overdue))

    async def _find_overdue(self, plan: AuditPlan) -> tuple[CheckReport, ...]:
        async with self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            async with patiently(connection):
                policies = rulebook.policies_on(plan.opening.today)
                return await overdue_erasures.find_overdue(connection, policies, plan)

    @activity.defn(name="find_untold_file")
    async def find_untold_file(self, plan: AuditPlan) -> AuditPart:
        """One is enough: telling about any of them tells of all that wait."""
        async with without_values(), heartbeats():
            checks, file_id = await unattended.find_untold(self._pool, plan)
            return AuditPart(checks=checks, untold_file=file_id)

    @activity.defn(name="compare_workflows")
    async def compare_workflows(self, plan: AuditPlan) -> AuditPart:
        """By the server's index, a thousand at a time, and the rows of the same members."""
        async with without_values(), heartbeats():
            beat = activity.heartbeat
            return await workflow_drift.compare_workflows(self._pool, self._client, plan, beat)

    @activity.defn(name="look_again")
    async def look_again(self, suspects: Suspects) -> AuditPart:
        """By their ``state`` query, since the index may only lag behind."""
        async with without_values(), heartbeats():
            return await workflow_drift.look_again(self._pool, self._client, suspects)

    @activity.defn(name="check_occupant")
    async def check_occupant(self, run: RunId) -> bool:
        """Idempotent by the id: the same matter is one task."""
        async with without_values():
            return await occupants.is_of_its_type(self._pool, self._client, run)

    @activity.defn(name="close_audit")
    async def close_audit(self, closing: AuditClosing) -> int:
        """In one transaction: an attempt after one whose answer was lost finds nobody held.

        What is kept no longer by policy is forgotten, too.
        """
        plan = closing.plan
        async with (
            without_values(),
            heartbeats(),
            self._pool.acquire() as connection,
            patiently(connection),
        ):
            rulebook = await self._rulebooks.current(connection)
            today = plan.opening.today
            await forget_long_ago(connection, rulebook.policies_on(today), today=today)
            return await release(connection, plan, closing.checks, plan.months[0])
