"""The floor's three workers, a process each, as the product's are.

    python -m benchmarks.floor_worker KIND ADDRESS

The workflow stands in a module of its own, which is loaded once.
"""

import asyncio
import dataclasses
import signal
import sys

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import PollerBehaviorAutoscaling, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from benchmarks.floor import NOTIFICATIONS_QUEUE, PERSISTENCE_QUEUE, QUEUE, Floor, nothing
from workers import versions
from workers.settings import DEVELOPMENT_BUILD
from workers.workflows import CACHED_WORKFLOWS
from workflows.shared.sandbox import sandboxed_runner

QUEUES = {
    "workflows": QUEUE,
    "persistence": PERSISTENCE_QUEUE,
    "notifications": NOTIFICATIONS_QUEUE,
}
"""By the kind of the worker that stands where the product's does."""


async def main(kind: str, address: str) -> None:
    """Run one of the floor's workers until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    await versions.claim(client, DEVELOPMENT_BUILD, always=True)
    async with _worker(client, QUEUES[kind]):
        await stop.wait()


def _worker(client: Client, queue: str) -> Worker:
    if queue == QUEUE:
        return Worker(
            client,
            task_queue=queue,
            workflows=[Floor],
            workflow_runner=_runner(),
            max_cached_workflows=CACHED_WORKFLOWS,
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            deployment_config=versions.deployment(DEVELOPMENT_BUILD),
        )
    return Worker(
        client,
        task_queue=queue,
        activities=[nothing],
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )


def _runner() -> SandboxedWorkflowRunner:
    """Return the product's, which loads the floor once, as it does what memberships are made of."""
    runner = sandboxed_runner()
    restrictions = runner.restrictions.with_passthrough_modules("benchmarks.floor")
    return dataclasses.replace(runner, restrictions=restrictions)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
