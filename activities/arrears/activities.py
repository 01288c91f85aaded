"""The arrears run's activities: PostgreSQL, and word to the memberships it is about."""

from datetime import date

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.arrears import overdue, pursuing, reinstating
from activities.declarations.arrears import ArrearsActivities
from activities.shared.begun_runs import begin_run, end_run
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.rulebook import RulebookReader
from activities.shared.tasks import close_task_of, open_task
from schemas.arrears.contracts import ArrearsCounts, ArrearsDay, ArrearsPage, ArrearsPlan
from schemas.membership.messages.leaving import Reopen, ReportArrears
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, arrears_run_id

REINSTATES = "arrears_run"
"""Who takes a membership up again by policy."""


class Arrears(ArrearsActivities):
    """What is done about unpaid invoices.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        client: to tell memberships, and to start those of who comes back.
    """

    def __init__(self, pool: asyncpg.Pool, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._rulebooks = RulebookReader(allow_synthetic_ids=False)

    @activity.defn(name="plan_arrears")
    async def plan_arrears(self, day: ArrearsDay) -> ArrearsPlan:
        """From the highest member number; what has fallen due since the last run is listed."""
        async with without_values(), self._pool.acquire() as connection:
            await begin_run(
                connection, arrears_run_id(day.today), WorkflowType.ARREARS_RUN, day.today
            )
            rulebook = await self._rulebooks.current(connection)
            await pursuing.recover(connection, day, rulebook.policies_on(day.today))
            await overdue.list_overdue(connection, day.today)
            return await pursuing.plan(connection)

    @activity.defn(name="pursue_arrears")
    async def pursue_arrears(self, page: ArrearsPage) -> ArrearsCounts:
        """In one transaction, down to single members where the database refuses more.

        Whoever can't be pursued is a task.
        """
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            return await pursuing.pursue(connection, page, rulebook)

    @activity.defn(name="report_arrears_to_members")
    async def report_arrears_to_members(self, page: ArrearsPage) -> int:
        """Each attempt works out anew what is owed, so that who has paid meanwhile is not told.

        One that is told twice refuses the second report.

        Raises:
            RPCError: Temporal does not answer; retried.
        """
        async with without_values(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            owing = await pursuing.to_be_struck_off(connection, page, rulebook)
        told = 0
        for membership_id, owed_ore, owed_months in owing:
            report = ReportArrears(as_of=page.today, owed_ore=owed_ore, owed_months=owed_months)
            told += await self._tell(membership_id, report, page.today)
            activity.heartbeat(told)
        return told

    async def _tell(self, membership_id: str, report: ReportArrears, today: date) -> bool:
        """Send a report; a membership that has no workflow becomes a task (invariant 9).

        One of another type under its id would swallow the report.
        """
        handle = self._client.get_workflow_handle(membership_id)
        try:
            is_membership = (await handle.describe()).workflow_type == WorkflowType.MEMBERSHIP
            if is_membership:
                await handle.signal(ReportArrears.card.name, report.model_dump(mode="json"))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            is_membership = False
        key = f"arrears-untold/{membership_id}"
        async with without_values(), self._pool.acquire() as connection:
            if is_membership:
                await close_task_of(connection, key, today=today, by="arrears")
                return True
            await open_task(
                connection,
                key=key,
                kind="arrears_untold",
                says="Is to be struck off, but its workflow does not run. Find out why.",
                today=today,
                membership_id=membership_id,
            )
        return False

    @activity.defn(name="reinstate_members")
    async def reinstate_members(self, day: ArrearsDay) -> int:
        """The new membership's id is made of the old one's and the payment's.

        One that was noted and not started is started now.
        """
        async with without_values(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            policies = rulebook.policies_on(day.today)
            back = await reinstating.open_reinstatements(connection, day.today, policies)
        for membership_id in await reinstating.to_be_reopened(self._pool, day.today):
            await self._reopen(membership_id)
        unstarted = await reinstating.unstarted(self._pool, rulebook, day.today)
        for membership_id, application in unstarted:
            try:
                await self._client.start_workflow(
                    WorkflowType.MEMBERSHIP,
                    application,
                    id=membership_id,
                    task_queue=MEMBERSHIP_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                )
            except WorkflowAlreadyStartedError:
                continue
        async with without_values(), self._pool.acquire() as connection:
            await end_run(connection, arrears_run_id(day.today))
        return back

    async def _reopen(self, membership_id: str) -> None:
        """Have a membership taken up again; one that no longer listens is left as it is."""
        word = Reopen(caseworker=REINSTATES, reason="All that was owed is paid (A30)")
        handle = self._client.get_workflow_handle(membership_id)
        try:
            await handle.signal(Reopen.card.name, word.model_dump(mode="json"))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
