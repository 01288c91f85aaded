"""Telling a workflow that something has happened, from an activity."""

from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode


async def tell(client: Client, workflow_id: str, name: str, *message: Any) -> bool:
    """Send a signal to a workflow that may have ended.

    Args:
        client: of the worker.
        workflow_id: whom to tell.
        name: the signal's.
        message: its one argument, or none.

    Returns:
        Whether there is such a running workflow. A repeated attempt sends the signal again: its
        receiver knows it by its business key.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    try:
        await client.get_workflow_handle(workflow_id).signal(name, args=list(message))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
