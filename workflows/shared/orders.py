"""How runs over many members are ordered."""

from datetime import date, timedelta
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from schemas.names import FORMS, SHOWN, is_own_id
from schemas.secrecy.marks import CLOSED, is_unreadable
from schemas.shared.calendar import oslo_date
from schemas.shared.faults import faults_of

Order = TypeVar("Order", bound=BaseModel)

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
    if order is not None and is_unreadable(order.payload.metadata):
        raise ApplicationError(f"the order {CLOSED}", type="Refused", non_retryable=True)
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
