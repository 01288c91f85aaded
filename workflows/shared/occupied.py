"""When a run's id is taken: by the run itself, or by somebody who keeps it from running."""

from datetime import date

from temporalio import workflow

from activities.declarations.audit import AuditActivities
from schemas.audit.contracts import RunId
from workflows.shared.calls import on_database


async def is_run_itself(workflow_id: str, workflow_type: str, today: date) -> bool:
    """Tell whether what runs under an id is of the type it should be; else there is a task.

    Args:
        workflow_id: opaque, of ours.
        workflow_type: that should run there.
        today: the business date.
    """
    if not workflow.patched("who-stands-under-an-id"):
        return True  # in a history from before anybody looked
    return await on_database(
        AuditActivities.check_occupant,
        RunId(workflow_id=workflow_id, workflow_type=workflow_type, today=today),
        summary=f"see what stands under {workflow_id}",
    )
