"""Whether a membership has come to rest, as far as a server tells."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client, WorkflowHandle

LATEST = 30
"""Events that are looked at: more than one task of a membership leaves."""


async def is_settled(
    handle: WorkflowHandle[Any, Any], client: Client, *, apart: Collection[str] = ()
) -> bool:
    """Tell whether nothing is under way.

    A moment that has passed rings by a timer of no time. Until it rings, the server knows of no
    task and no activity: only history tells that more is to come.

    Args:
        handle: of the membership, whichever run it is in.
        client: that may read its history.
        apart: activities that nobody waits for.
    """
    # Asked ten times a second: the library's own description decodes all that is known of a run.
    found = await client.workflow_service.describe_workflow_execution(
        DescribeWorkflowExecutionRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=handle.id, run_id=handle.run_id or ""),
        ),
        retry=True,
    )
    pending = {activity.activity_type.name for activity in found.pending_activities}
    if pending - set(apart) or found.HasField("pending_workflow_task"):
        return False
    info = found.workflow_execution_info
    answer = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(
                workflow_id=info.execution.workflow_id, run_id=info.execution.run_id
            ),
            maximum_page_size=LATEST,
        )
    )
    latest = list(reversed(answer.history.events))
    return latest[-1].event_id == info.history_length and not rings_at_once(latest)


def rings_at_once(events: Sequence[HistoryEvent]) -> bool:
    """Tell whether a timer of no time has been started and has not rung."""
    open_timers: set[str] = set()
    for event in events:
        if event.HasField("timer_started_event_attributes"):
            started = event.timer_started_event_attributes
            if started.start_to_fire_timeout.ToTimedelta() <= timedelta(seconds=1):
                open_timers.add(started.timer_id)
        elif event.HasField("timer_fired_event_attributes"):
            open_timers.discard(event.timer_fired_event_attributes.timer_id)
        elif event.HasField("timer_canceled_event_attributes"):
            open_timers.discard(event.timer_canceled_event_attributes.timer_id)
    return bool(open_timers)
