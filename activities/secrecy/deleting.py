"""Deleting runs whose histories hold what somebody wrote, once another run has gone on."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

LEFT = 4
"""So often a run is left, 20 s each: whoever waits for its end asks again within that, and is told
which run goes on. A run that was deleted could tell nobody."""

PAGE = 200

AT_ONCE = 8
"""Memberships that begin meanwhile have the server to themselves but for this."""


class Deleted(NamedTuple):
    """How many runs were deleted, or had gone before, and how many still go on."""

    gone: int
    kept: int


async def delete_runs(
    pool: asyncpg.Pool, client: Client, noted_before: date | None = None
) -> Deleted:
    """Delete every noted run that has been continued as another, and that alone.

    A run that still goes on, or that ended as the last one of its workflow, is left as it is: what
    is asked of the workflow it answers. Harmless however often it is called, and by several.

    Args:
        pool: connections that no decision waits for.
        client: of the namespace whose runs are noted.
        noted_before: what was noted before that day is not left any longer.

    Raises:
        RPCError: Temporal does not answer; whatever was not deleted is still noted.
    """
    gone = kept = 0
    async with pool.acquire() as connection:
        await _SQL.leave_runs(connection, looks=LEFT)
    after = ("", "")
    while rows := await _page(pool, after, noted_before):
        answers = [
            answer
            for first in range(0, len(rows), AT_ONCE)
            for answer in await _delete(client, rows[first : first + AT_ONCE])
        ]
        went = [row for row, answer in zip(rows, answers, strict=True) if answer]
        await _forget(pool, went)
        gone, kept = gone + len(went), kept + len(rows) - len(went)
        after = rows[-1]["workflow_id"], rows[-1]["run_id"]
    return Deleted(gone, kept)


async def _page(
    pool: asyncpg.Pool, after: tuple[str, str], noted_before: date | None
) -> list[Mapping[str, Any]]:
    workflow, run = after
    async with pool.acquire() as connection, connection.transaction():
        found = _SQL.find_runs(
            connection,
            looks=LEFT,
            before=noted_before,
            after_workflow=workflow,
            after_run=run,
            most=PAGE,
        )
        return [row async for row in found]


async def _forget(pool: asyncpg.Pool, went: Sequence[Mapping[str, Any]]) -> None:
    async with pool.acquire() as connection:
        await _SQL.forget_runs(
            connection,
            workflow_ids=[row["workflow_id"] for row in went],
            run_ids=[row["run_id"] for row in went],
        )


async def _delete(client: Client, rows: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Return of each run whether it is gone."""
    return list(
        await asyncio.gather(
            *(delete_run(client, row["workflow_id"], row["run_id"]) for row in rows)
        )
    )


async def delete_run(client: Client, workflow_id: str, run_id: str) -> bool:
    """Delete a run if another goes on from it; tell whether there is none of it any more.

    Raises:
        RPCError: Temporal does not answer.
    """
    try:
        found = await client.get_workflow_handle(workflow_id, run_id=run_id).describe()
        if found.status is not WorkflowExecutionStatus.CONTINUED_AS_NEW:
            return False
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
            )
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return True
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            return False  # no run has such an id: nobody else's waits for it
        raise
    return True
