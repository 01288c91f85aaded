"""What tests of secrecy wait for."""

import asyncio

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tests.life import PATIENCE_SECONDS


async def is_gone(client: Client, workflow_id: str, run_id: str) -> bool:
    """Tell whether the server has deleted a run, which it does after it has said so."""
    try:
        await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
    except RPCError as error:
        return error.status is RPCStatusCode.NOT_FOUND
    return False


async def until_gone(client: Client, workflow_id: str, run_id: str) -> None:
    """Wait until the server has deleted a run."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await is_gone(client, workflow_id, run_id):
            await asyncio.sleep(0.05)  # the server tells nobody when it has
