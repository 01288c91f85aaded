"""Telling who waits for a run that an activity of it keeps failing."""

import asyncio
from contextlib import suppress
from typing import Any

from rich.console import Console
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from activities.shared.failing import failing_activities

LOOK_EVERY_SECONDS = 1.0


async def tell_of_failures(handle: WorkflowHandle[Any, Any], console: Console) -> None:
    """Print a line for each reason why an activity of a run keeps failing, until told to stop.

    Args:
        handle: of the run, which goes on trying.
        console: of the errors: what a command prints is its report alone.
    """
    told = set()
    while True:
        with suppress(RPCError):  # a busy server is asked again
            for failing in await failing_activities(await handle.describe()):
                if (failing.name, failing.reason) not in told:
                    told.add((failing.name, failing.reason))
                    console.print(
                        f"{failing.name} keeps failing, {failing.attempt} times by now: "
                        f"{failing.reason}. It is tried again until that is mended.",
                        markup=False,
                        highlight=False,
                        soft_wrap=True,
                    )
        await asyncio.sleep(LOOK_EVERY_SECONDS)
