"""What stands where a run of ours should: the run itself, or somebody in its way."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.testing import ActivityEnvironment

from schemas.audit.contracts import RunId
from schemas.shared.schedules import ScheduleName, run_of
from tests.clock import today
from tests.life import PATIENCE_SECONDS
from workers import persistence


async def squats(client: Client, workflow_id: str):
    """Start a workflow that is none of ours."""
    return await client.start_workflow("Anything", id=workflow_id, task_queue="nobody")


async def opened(pool) -> list[str]:
    """Return the keys of the tasks about such ids, and take them away."""
    rows = await pool.fetch("DELETE FROM tasks WHERE kind = 'run_occupied' RETURNING key")
    return [row["key"] for row in rows]


async def on_schedule(client: Client) -> str:
    """Have today's arrears run started by the calendar."""
    handle = await client.start_workflow(
        "OnSchedule",
        {"schedule": "arrears"},
        id="scheduled-arrears",
        task_queue="membership",
    )
    return await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)


async def test_the_calendar_tells_the_run_from_a_squatter(hall):
    """Where the run itself stands nothing is to be done; anything else fails with a task."""
    run = run_of(ScheduleName.ARREARS, today())
    squatter = await squats(hall.client, run.id)
    with pytest.raises(WorkflowFailureError) as failed:
        await on_schedule(hall.client)
    assert f"another workflow stands under {run.id}" in str(failed.value.cause)
    assert await opened(hall.pool) == [f"run-occupied/{run.id}"]
    await squatter.terminate()
    waits = await hall.client.start_workflow(
        run.workflow, run.order, id=run.id, task_queue="nobody"
    )
    assert await on_schedule(hall.client) == run.id
    assert await opened(hall.pool) == []
    await waits.terminate()


async def test_a_mailing_that_can_t_start_is_a_task(hall):
    """The run goes on, the letters wait, and the squatter is told of nothing."""
    day = today() - timedelta(days=1)
    squatter = await squats(hall.client, f"mailing-arrears-{day}")
    run = await hall.client.start_workflow(
        "ArrearsRun", {"today": str(day)}, id=f"arrears-{day}", task_queue="membership"
    )
    await asyncio.wait_for(run.result(), PATIENCE_SECONDS)
    assert await opened(hall.pool) == [f"run-occupied/{squatter.id}"]
    signalled = [
        event
        async for event in squatter.fetch_history_events()
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert signalled == []
    await squatter.terminate()


async def test_who_is_gone_is_in_nobodys_way(hall):
    """An id that nothing stands under opens no task: whoever asked starts the run again."""
    rooms = persistence.rooms(hall.pool, hall.client, allow_synthetic_ids=True)
    run = RunId(workflow_id=f"mailing-{uuid.uuid4()}", workflow_type="Mailing", today=today())
    assert await ActivityEnvironment().run(rooms.audit.check_occupant, run)
    assert await opened(hall.pool) == []
