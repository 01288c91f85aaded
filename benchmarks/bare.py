"""The floor of what begins and does nothing else: a workflow that is over at once.

    python -m benchmarks.bare ADDRESS

runs a worker of it, until that is ended.
"""

import asyncio
import sys

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

QUEUE = "bare"


@workflow.defn
class Nothing:
    """What every workflow costs, whatever it does."""

    @workflow.run
    async def run(self, _argument: str) -> int:
        """Do nothing."""
        return 0


async def main(address: str) -> None:
    """Run a worker of it."""
    client = await Client.connect(address)
    await Worker(client, task_queue=QUEUE, workflows=[Nothing]).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
