"""Deleting every run of somebody who is erased, whatever state it is in."""

import asyncio

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

PAUSE_SECONDS = 1.0
"""The server deletes after it has said so, and its index lags behind that."""


async def delete_all_runs(client: Client, workflow_id: str) -> int:
    """Delete every run of a workflow, and wait until the server has none; return how many.

    Args:
        client: of the namespace.
        workflow_id: of a membership that is erased: a run that goes on is ended by it.

    Raises:
        RPCError: Temporal does not answer; what was deleted stays so.
    """
    deleted: set[str] = set()
    while runs := await _runs_of(client, workflow_id):
        for run in runs - deleted:
            await _delete(client, workflow_id, run)
        deleted |= runs
        await asyncio.sleep(PAUSE_SECONDS)
    return len(deleted)


async def _runs_of(client: Client, workflow_id: str) -> set[str]:
    """Return the runs that the server's index names, and the latest one, which it may not yet."""
    query = f'WorkflowId="{workflow_id}"'
    runs = {found.run_id async for found in client.list_workflows(query)}
    try:
        latest = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    else:
        runs.add(latest.run_id)
    return runs


async def _delete(client: Client, workflow_id: str, run_id: str) -> None:
    try:
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
            )
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
