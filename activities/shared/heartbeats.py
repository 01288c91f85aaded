"""Heartbeats beside work that takes longer than a moment."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from temporalio import activity

HEARTBEAT_SECONDS = 2.0
"""Several within any heartbeat timeout: a slow database or mail server is no dead worker."""


@asynccontextmanager
async def heartbeats(
    says: Callable[[], object] | None = None, every: float = HEARTBEAT_SECONDS
) -> AsyncIterator[None]:
    """Tell Temporal again and again that the activity is alive, until the block ends.

    What is over sooner says nothing: each beat is a call to the server, which writes it down.

    Args:
        says: how far it has come, for the attempt after one that was cut off.
        every: seconds.
    """

    async def beat() -> None:
        while activity.in_activity():
            await asyncio.sleep(every)  # a heart beats by the clock; the block's end cancels it
            activity.heartbeat(*(() if says is None else (says(),)))

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
