"""How workflows call for work: on PostgreSQL, and of whoever sends. Options are given here only."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import Priority

# By its full name: `from workflows import` loads it anew for each instance.
import workflows.shared.options as options
from schemas.names import (
    BULK_QUEUE,
    DELIVERIES_QUEUE,
    MAILINGS_QUEUE,
    NOTIFICATIONS_QUEUE,
    PERSISTENCE_QUEUE,
    WorkflowType,
)

Input = TypeVar("Input")
Answer = TypeVar("Answer")


async def on_database(
    activity: Callable[[Any, Input], Awaitable[Answer]],
    order: Input,
    *,
    summary: str,
    timeout: timedelta = options.PAGE_TIMEOUT,
    heartbeat: timedelta | None = None,
    priority: Priority | None = None,
) -> Answer:
    """Have the persistence worker do something; it is tried until it is done.

    What runs over many members ask for has places of its own in the worker, so that no member's
    decision waits for one.

    Args:
        activity: of the declarations.
        order: its argument.
        summary: shown in the Temporal UI; opaque ids only.
        timeout: for one attempt.
        heartbeat: for one that beats: a worker that died is noticed after this.
        priority: among all that waits for the worker; None: as ``options.PRIORITIES`` says.
    """
    return await _call(_database_queue(), activity, (order,), summary, timeout, heartbeat, priority)


async def read_on_database(activity: Callable[[Any], Awaitable[Answer]], *, summary: str) -> Answer:
    """Have the persistence worker read what takes no argument, in one short transaction.

    Args:
        activity: of the declarations.
        summary: shown in the Temporal UI; opaque ids only.
    """
    return await _call(_database_queue(), activity, (), summary, options.PERSISTENCE_TIMEOUT, None)


async def on_notifications(
    activity: Callable[[Any, Input], Awaitable[Answer]],
    order: Input,
    *,
    summary: str,
    timeout: timedelta = options.PAGE_TIMEOUT,
    heartbeat: timedelta | None = None,
) -> Answer:
    """Have the notifications worker do something; otherwise as ``on_database``."""
    return await _call(NOTIFICATIONS_QUEUE, activity, (order,), summary, timeout, heartbeat)


async def on_mailings(
    activity: Callable[[Any, Input], Awaitable[Answer]], order: Input, *, summary: str
) -> Answer:
    """Have whichever notifications worker has room send a page of letters, after all else."""
    return await _call(
        MAILINGS_QUEUE,
        activity,
        (order,),
        summary,
        options.MAILING_TIMEOUT,
        options.MAILING_HEARTBEAT,
        options.LAST,
    )


async def on_deliveries(
    activity: Callable[[Any, Input], Awaitable[Answer]], order: Input, *, summary: str
) -> Answer:
    """Have whichever notifications worker has room post events, after all else."""
    return await _call(
        DELIVERIES_QUEUE,
        activity,
        (order,),
        summary,
        options.EVENTS_TIMEOUT,
        options.EVENTS_HEARTBEAT,
        options.LAST,
    )


def _database_queue() -> str:
    ours = workflow.info().workflow_type == WorkflowType.MEMBERSHIP
    return PERSISTENCE_QUEUE if ours else BULK_QUEUE


async def _call(
    queue: str,
    activity: Callable[..., Awaitable[Answer]],
    arguments: tuple[object, ...],
    summary: str,
    timeout: timedelta,
    heartbeat: timedelta | None,
    priority: Priority | None = None,
) -> Answer:
    if priority is None:
        priority = options.PRIORITIES.get(workflow.info().workflow_type, options.LATER)
    return await workflow.execute_activity_method(
        activity,
        args=arguments,
        task_queue=queue,
        start_to_close_timeout=timeout,
        heartbeat_timeout=heartbeat,
        retry_policy=options.UNTIL_MENDED,
        summary=summary,
        priority=priority,
    )
