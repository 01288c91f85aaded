"""All runs of one membership: each goes on from the one before (ADR 11)."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.enums.v1 import WorkflowTaskFailedCause as Cause
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

PREFIX = "EVENT_TYPE_"


async def runs_of(handle: WorkflowHandle[Any, Any], client: Client) -> list[WorkflowHistory]:
    """Return the history of every run that has not been deleted, the first one first."""
    found = [await handle.fetch_history()]
    while before := _run_before(found[0]):
        run = client.get_workflow_handle(handle.id, run_id=before)
        try:
            found.insert(0, await run.fetch_history())
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            break
    return found


def _run_before(history: WorkflowHistory) -> str:
    """Return the run that a run goes on from, or an empty text."""
    started = history.events[0].workflow_execution_started_event_attributes
    before: str = started.continued_execution_run_id
    return before


def payloads_of(history: WorkflowHistory) -> str:
    """Return what all payloads of a history say, and nothing of its ids and moments."""
    events = (said for event in history.events for said in _payloads_in(event))
    return "\n".join(data.decode(errors="replace") for data in events)


def _payloads_in(message: Message) -> Iterator[bytes]:
    if isinstance(message, Payload):
        yield message.data
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        many = [value] if isinstance(value, Message) else value
        for inner in many.values() if hasattr(many, "values") else many:
            if isinstance(inner, Message):
                yield from _payloads_in(inner)


def names_of(history: WorkflowHistory) -> list[str]:
    """Return the kinds of a history's events, in order."""
    return [EventType.Name(event.event_type)[len(PREFIX) :] for event in history.events]


def own_failures(history: WorkflowHistory) -> list[str]:
    """Return the tasks that failed by our code, not since something else had come meanwhile."""
    failed = [event.workflow_task_failed_event_attributes for event in history.events]
    return [
        task.failure.message
        for task in failed
        if task.cause and task.cause != Cause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    ]


def left_behind(history: WorkflowHistory) -> int:
    """Return how many activities and updates a run began and did not see the end of."""
    names = names_of(history)
    begun = names.count("ACTIVITY_TASK_SCHEDULED") + names.count(
        "WORKFLOW_EXECUTION_UPDATE_ACCEPTED"
    )
    ended = names.count("ACTIVITY_TASK_COMPLETED") + names.count(
        "WORKFLOW_EXECUTION_UPDATE_COMPLETED"
    )
    return begun - ended
