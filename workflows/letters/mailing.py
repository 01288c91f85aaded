"""A mailing: the letters that a run ordered for many members, page by page."""

import asyncio
from collections.abc import Iterable
from datetime import date
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.letters import MailingActivities
    from schemas.letters.contracts import (
        MailingCounts,
        MailingOrder,
        MailingPage,
        MailingPlan,
        MailingProgress,
        MailingSweep,
    )
    from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, mailing_id
    from schemas.shared.calendar import oslo_date
    from workflows.shared.calls import on_mailings, on_notifications
    from workflows.shared.occupied import is_run_itself
    from workflows.shared.orders import business_day, read_order


@workflow.defn(name=WorkflowType.MAILING, versioning_behavior=VersioningBehavior.PINNED)
class Mailing:
    """Sends the letters of a batch; coming again sends only what is still open."""

    def __init__(self) -> None:
        self._progress = MailingProgress()
        self._more = False

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> MailingProgress:
        """Sweep through the batch until nothing is left that can be sent.

        Args:
            order: ``schemas.letters.contracts.MailingOrder`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        asked = read_order(order, MailingOrder)
        if workflow.info().continued_run_id is None:
            business_day(asked.today)
        idle = asked.idle_sweeps
        self._progress = MailingProgress(batch=asked.batch, done=asked.before)
        while plan := await self._plan(asked):
            before = self._progress.done.closed
            await self._sweep(plan)
            idle = 0 if self._progress.done.closed > before else idle + 1
            if idle >= options.MAILING_SWEEPS:
                await self._report_unsent(asked)
                break
            self._renew_if_long(asked, idle)
            if idle:
                await self._pause(idle)
        return self._progress

    async def _plan(self, asked: MailingOrder) -> MailingPlan | None:
        """Return what is still to be sent, or None when nothing is and nobody asked to look."""
        while True:
            self._more = False
            plan = await on_notifications(
                MailingActivities.plan_mailing,
                self._sweep_of(asked),
                summary="see what is to be sent",
            )
            letters = self._progress.done.closed + plan.letters
            self._progress = self._progress.model_copy(
                update={"letters": letters, "waiting": plan.letters}
            )
            if plan.pages:
                return plan
            if not self._more:
                return None

    async def _sweep(self, plan: MailingPlan) -> None:
        """Try each open letter once."""
        coming = iter(plan.pages)
        await asyncio.gather(*(self._deliver(coming) for _ in range(plan.at_once)))

    async def _deliver(self, coming: Iterable[MailingPage]) -> None:
        """Send one page after the other for as long as there is one."""
        for page in coming:
            self._count(
                await on_mailings(
                    MailingActivities.deliver_batch, page, summary="send a page of letters"
                )
            )

    def _count(self, page: MailingCounts) -> None:
        progress = self._progress
        self._progress = progress.model_copy(
            update={
                "done": progress.done.plus(page),
                "waiting": progress.waiting - page.closed,
            }
        )

    def _renew_if_long(self, asked: MailingOrder, idle: int) -> None:
        """Go on in a new run before the history gets long; it looks for letters anew."""
        if workflow.info().get_current_history_length() > options.RENEW_RUN_AFTER_EVENTS:
            carried = {"before": self._progress.done, "idle_sweeps": idle}
            workflow.continue_as_new(asked.model_copy(update=carried))

    async def _pause(self, idle: int) -> None:
        """Wait for whatever kept the letters back, or for more letters."""
        pause = min(options.MAILING_PAUSE * 2 ** (idle - 1), options.MAILING_PAUSE_AT_MOST)
        try:
            await workflow.wait_condition(
                lambda: self._more, timeout=pause, timeout_summary="letters were not taken"
            )
        except TimeoutError:
            return

    async def _report_unsent(self, asked: MailingOrder) -> None:
        await on_notifications(
            MailingActivities.report_unsent,
            self._sweep_of(asked),
            summary="ask a caseworker about the rest",
        )

    def _sweep_of(self, asked: MailingOrder) -> MailingSweep:
        return MailingSweep(batch=asked.batch, today=asked.today or oslo_date(workflow.now()))

    @workflow.signal(description="More letters of the batch have been ordered: look again.")
    def look_again(self, _raw: RawValue = cast(RawValue, None)) -> None:
        """Look once more before ending."""
        self._more = True

    @workflow.query(
        description="How far the mailing has come: schemas.letters.contracts.MailingProgress."
    )
    def progress(self) -> MailingProgress:
        """Return how far the mailing has come."""
        return self._progress


async def start_mailing(batch: str, today: date | None = None) -> None:
    """Have a batch sent, from within a workflow, which need not wait for it.

    Args:
        batch: the letters' own.
        today: the business date; None: the mailing's own.
    """
    workflow_id = mailing_id(batch)
    while True:
        try:
            _ = await workflow.start_child_workflow(
                WorkflowType.MAILING,
                MailingOrder(batch=batch, today=today),
                id=workflow_id,
                task_queue=MEMBERSHIP_QUEUE,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            day = today or oslo_date(workflow.now())
            if not await is_run_itself(workflow_id, WorkflowType.MAILING, day):
                return  # the audit starts it once nothing else stands there
            if not await _look_again(workflow_id):
                continue
        return


async def _look_again(workflow_id: str) -> bool:
    """Tell a mailing under way of new letters; False when it has ended meanwhile."""
    try:
        await workflow.get_external_workflow_handle(workflow_id).signal("look_again")
    except ApplicationError:
        return False
    return True
