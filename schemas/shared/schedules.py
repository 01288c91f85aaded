"""What runs by the calendar: which workflow, under which id, for which day."""

from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from schemas import names
from schemas.names import WorkflowType
from schemas.shared.base import Inbound


class ScheduleName(StrEnum):
    """The Temporal Schedules, by their ids."""

    DUES_RUN = "dues-run"
    ARREARS = "arrears"
    AUDIT = "audit"
    YEAR_END = "year-end"
    DIRECT_DEBIT = "direct-debit"
    RETENTION = "retention"


class ScheduledOrder(Inbound):
    """The argument of the ``OnSchedule`` workflow."""

    schedule: ScheduleName


class Run(NamedTuple):
    """A run to start: its workflow type, its id, and its order as JSON."""

    workflow: str
    id: str
    order: dict[str, Any]


def run_of(schedule: ScheduleName, day: date) -> Run:
    """Return the run that a schedule starts on a day, the same however often it is asked.

    Args:
        schedule: whose turn it is.
        day: on which it was, in Oslo.
    """
    match schedule:
        case ScheduleName.DUES_RUN:
            month = f"{day:%Y-%m}"
            return Run(WorkflowType.DUES_RUN, names.dues_run_id(month), {"period": month})
        case ScheduleName.ARREARS:
            return Run(
                WorkflowType.ARREARS_RUN, names.arrears_run_id(day), {"today": day.isoformat()}
            )
        case ScheduleName.AUDIT:
            return Run(WorkflowType.AUDIT, names.audit_id(day), {"today": day.isoformat()})
        case ScheduleName.YEAR_END:
            year = day.year - 1
            return Run(WorkflowType.YEAR_END_STATEMENTS, names.year_end_id(year), {"year": year})
        case ScheduleName.DIRECT_DEBIT:
            return Run(
                WorkflowType.DIRECT_DEBIT_RUN,
                names.direct_debit_run_id(day),
                {"today": day.isoformat()},
            )
        case ScheduleName.RETENTION:
            return Run(WorkflowType.RETENTION, names.retention_id(day), {"today": day.isoformat()})
