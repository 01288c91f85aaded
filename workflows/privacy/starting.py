"""Starting an erasure from within another workflow."""

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, erasure_id
from schemas.privacy.erasure import ErasureOrder


async def start_erasure(order: ErasureOrder) -> bool:
    """Start an erasure, which goes its own way; tell whether it is new: there is one of each."""
    try:
        _ = await workflow.start_child_workflow(
            WorkflowType.ERASURE,
            order,
            id=erasure_id(order.whose),
            task_queue=MEMBERSHIP_QUEUE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
