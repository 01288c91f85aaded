"""How runs over many members are ordered, and how they call for work on PostgreSQL."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

# By its full name: `from workflows import` loads it anew for each instance.
import workflows.shared.options as options
from schemas.names import FORMS, PERSISTENCE_QUEUE, SHOWN, is_own_id
from schemas.shared.calendar import oslo_date
from schemas.shared.faults import faults_of

Order = TypeVar("Order", bound=BaseModel)
Input = TypeVar("Input")
Answer = TypeVar("Answer")

MADE_UP_FOR = timedelta(days=31)
"""A day's run that was missed is made up for within a month."""

TOMORROW = timedelta(days=1)
"""A run may be ordered for the day that begins while it waits."""


def check_run_id(workflow_type: str, workflow_id: str) -> None:
    """Refuse to run under an id that is another type's, or nobody's.

    Raises:
        ApplicationError: it ends visibly and does nothing; the id itself is not repeated.
    """
    if workflow_type not in FORMS or is_own_id(workflow_type, workflow_id):
        return
    says = f"{workflow_type} runs under an id of its own only: {SHOWN[workflow_type]}"
    raise ApplicationError(says, type="Refused", non_retryable=True)


def read_order(order: RawValue | None, contract: type[Order]) -> Order:
    """Return what a run was ordered to do.

    Args:
        order: the workflow's argument, as it came; nothing is an empty order.
        contract: what it must be.

    Raises:
        ApplicationError: it can't be read; a wrong order ends visibly and does nothing.
    """
    data = order.payload.data if order is not None else b""
    try:
        return contract.model_validate_json(data or b"{}")
    except ValidationError as error:
        faults = "; ".join(faults_of(error))
        raise ApplicationError(faults, type="Refused", non_retryable=True) from None


def business_day(ordered: date | None, *, ahead: timedelta = TOMORROW) -> date:
    """Return the day that a run is for.

    Args:
        ordered: by whoever started it; None: today.
        ahead: how far it may lie ahead.

    Raises:
        ApplicationError: no day near today: what is due then, or was long ago, takes no effect now.
    """
    today = oslo_date(workflow.now())
    earliest, latest = today - MADE_UP_FOR, today + ahead
    if ordered is not None and not earliest <= ordered <= latest:
        faults = f"today: must be a day from {earliest} to {latest}"
        raise ApplicationError(faults, type="Refused", non_retryable=True)
    return ordered or today


async def on_database(
    activity: Callable[[Any, Input], Awaitable[Answer]],
    order: Input,
    *,
    summary: str,
    timeout: timedelta = options.PAGE_TIMEOUT,
    heartbeat: timedelta | None = None,
) -> Answer:
    """Have the persistence worker do a part of a run; it is tried until it is done.

    Args:
        activity: of the declarations.
        order: its argument.
        summary: shown in the Temporal UI; opaque ids only.
        timeout: for one attempt.
        heartbeat: for one that beats: a worker that died is noticed after this.
    """
    return await workflow.execute_activity_method(
        activity,
        order,
        task_queue=PERSISTENCE_QUEUE,
        start_to_close_timeout=timeout,
        heartbeat_timeout=heartbeat,
        retry_policy=options.UNTIL_MENDED,
        summary=summary,
    )
