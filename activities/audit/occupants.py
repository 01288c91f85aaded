"""Who stands where a run of ours should: a workflow of another type keeps it from running."""

import asyncpg
from temporalio.client import Client

from activities.audit.unattended import describe
from activities.shared.tasks import close_task_of, open_task
from schemas.audit.contracts import RunId


async def is_of_its_type(pool: asyncpg.Pool, client: Client, run: RunId) -> bool:
    """Tell whether a workflow is of the type it should be, and open a task if it is not.

    One that is gone meanwhile is in nobody's way: whoever asks tries again.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    found = await describe(client, run.workflow_id)
    key = f"run-occupied/{run.workflow_id}"
    async with pool.acquire() as connection:
        if found is None or found.workflow_type == run.workflow_type:
            await close_task_of(connection, key, today=run.today, by="audit")
            return True
        await open_task(
            connection,
            key=key,
            kind="run_occupied",
            says=f"another workflow stands under {run.workflow_id}, so that {run.workflow_type} "
            "does not run. Find out who started the other, terminate it, and start the run",
            today=run.today,
        )
    return False
