"""Heartbeats beside work that takes longer than a moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

HEARTBEAT_SECONDS = 2.0
"""Several within any heartbeat timeout: a slow database or mail server is no dead worker."""


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Tell Temporal every few seconds that the activity is alive, until the block ends."""

    async def beat() -> None:
        while activity.in_activity():
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
