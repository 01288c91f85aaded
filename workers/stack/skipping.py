"""Letting time pass for one workflow, surely: a server that is busy may stop short of the goal."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

MAX_SKIPS = 5000
"""The server stops after 200 skips unless told otherwise."""

CLOSE = timedelta(seconds=5)
"""What may be missing at the goal: the clock of a workflow goes on while it is asked."""

PAUSE_SECONDS = 0.1


class Skipper(TimeSkipper):
    """Fast-forwards on purpose only, and until the time has come.

    Args:
        client: one that may start the workflows.
    """

    def __init__(self, client: Client) -> None:
        config = TimeSkippingConfig(enabled=False, max_session_skip_count=MAX_SKIPS)
        super().__init__(client, config=config)

    async def fast_forward(
        self, handle: WorkflowHandle[Any, Any], duration: timedelta | float | None = None, /
    ) -> bool:
        """Let time pass for a workflow.

        A skip that the server gives up answers no otherwise than one whose workflow has ended: it
        is asked for again until the workflow's own clock shows the time, or the workflow is over.

        Returns:
            Whether the time has come; False when the workflow ended before.
        """
        if duration is None:
            return await super().fast_forward(handle)
        ahead = duration if isinstance(duration, timedelta) else timedelta(seconds=duration)
        goal = await self.get_current_time(handle) + ahead
        while True:
            await super().fast_forward(handle, ahead)
            if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
                return False
            ahead = goal - await self.get_current_time(handle)
            if ahead <= CLOSE:
                return True
            await asyncio.sleep(PAUSE_SECONDS)
