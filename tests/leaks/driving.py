"""Calls single activities on their real workers, as a workflow does, and tells how they failed."""

import uuid
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError

QUEUE = "calls"


@workflow.defn(sandboxed=False)
class Call:
    """One attempt at one activity; what it fails with is only told."""

    @workflow.run
    async def run(self, queue: str, activity: str, arguments: list[str]) -> bool:
        """Call an activity with arguments as JSON; tell whether it succeeded."""
        payloads = [
            RawValue(Payload(metadata={"encoding": b"json/plain"}, data=argument.encode()))
            for argument in arguments
        ]
        try:
            await workflow.execute_activity(
                activity,
                args=payloads,
                task_queue=queue,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=RetryPolicy(maximum_attempts=1),
                result_type=RawValue,
            )
        except ActivityError:
            return False
        return True


async def call(
    client: Client, queue: str, activity: str, arguments: list[bytes]
) -> tuple[bool, bytes]:
    """Call an activity once.

    Returns:
        Whether it succeeded, and everything the server keeps of its failure.
    """
    handle = await client.start_workflow(
        Call.run,
        args=[queue, activity, [argument.decode() for argument in arguments]],
        id=f"call-{uuid.uuid4()}",
        task_queue=QUEUE,
    )
    succeeded = await handle.result()
    history: Any = await handle.fetch_history()
    failures = [
        event.activity_task_failed_event_attributes.SerializeToString() for event in history.events
    ]
    return succeeded, b"".join(failures)
