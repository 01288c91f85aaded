"""Which workers ask a task queue for work, as Temporal knows them."""

from temporalio.api.enums.v1 import DescribeTaskQueueMode, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue, TaskQueueVersionSelection
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

_BOTH = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


async def pollers(client: Client, task_queue: str, since: float) -> list[PollerInfo]:
    """The workers that asked a task queue for work, whichever partition of it they asked.

    The plain description knows those that asked the first of them: with several workers one may
    stand at the others for minutes.

    Args:
        client: Any client of the namespace.
        task_queue: The queue's name.
        since: Leaves out who last asked before then, in seconds since 1970.
    """
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            api_mode=DescribeTaskQueueMode.DESCRIBE_TASK_QUEUE_MODE_ENHANCED,
            versions=TaskQueueVersionSelection(unversioned=True, all_active=True),
            task_queue_types=_BOTH,
            report_pollers=True,
        )
    )
    return [
        poller
        for version in answer.versions_info.values()
        for kind in version.types_info.values()
        for poller in kind.pollers
        if poller.last_access_time.ToNanoseconds() / 1e9 >= since
    ]
