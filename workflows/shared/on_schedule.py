"""What a Temporal Schedule starts: the run of that day, under the id that everybody knows it by.

A Schedule appends the time to the ids of what it starts. The runs have ids of their own, so that
one that was started by hand is the same run.
"""

from datetime import date
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, SearchAttributeKey, VersioningBehavior
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    from schemas.names import MEMBERSHIP_QUEUE, WorkflowType
    from schemas.shared.calendar import oslo_date
    from schemas.shared.schedules import ScheduledOrder, run_of
    from workflows.shared.occupied import is_run_itself
    from workflows.shared.orders import read_order

SCHEDULED_AT = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""Set by the server: when it was the schedule's turn, even if it was away then."""


@workflow.defn(name=WorkflowType.ON_SCHEDULE, versioning_behavior=VersioningBehavior.PINNED)
class OnSchedule:
    """Starts the run whose turn it is, unless it has been started, and lets it go its way."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> str:
        """Start a run.

        Args:
            order: ``schemas.shared.schedules.ScheduledOrder`` as JSON.

        Returns:
            The id of the run.

        Raises:
            ApplicationError: the order is none, or something else stands where the run should;
                not retried.
        """
        run = run_of(read_order(order, ScheduledOrder).schedule, _day())
        try:
            started = await workflow.start_child_workflow(
                run.workflow,
                run.order,
                id=run.id,
                task_queue=MEMBERSHIP_QUEUE,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            if not await is_run_itself(run.id, run.workflow, oslo_date(workflow.now())):
                says = f"another workflow stands under {run.id}: terminate it, then start the run"
                raise ApplicationError(says, type="Refused", non_retryable=True) from None
            return run.id
        return started.id


def _day() -> date:
    """Return the day whose turn it was: a server that was down makes up for it later."""
    at = workflow.info().typed_search_attributes.get(SCHEDULED_AT)
    return oslo_date(at or workflow.now())
