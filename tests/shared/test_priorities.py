"""What runs over many members do never keeps a member's own decision waiting (ADR 53)."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowHandle
from temporalio.common import Priority

from activities.shared.files import keep_file
from schemas.names import BULK_QUEUE, NOTIFICATIONS_QUEUE, PERSISTENCE_QUEUE, WorkflowType
from tests import clock
from tests.life import application
from workers.persistence import AT_ONCE, BULK_AT_ONCE
from workflows.shared.options import FIRST, LAST, LATER, PRIORITIES

SOMEBODY_LOOKS_ON = {
    WorkflowType.BANK_IMPORT,
    WorkflowType.DEDUCTION_REPORT,
    WorkflowType.DEDUCTION_SETTLEMENT,
}


@pytest.mark.parametrize("kind", WorkflowType)
def test_a_member_comes_first_and_runs_over_all_members_come_late(kind):
    """1 before 3, the server's own for whoever names none, before 4, before 5."""
    priority = PRIORITIES.get(kind, LATER)
    if kind in SOMEBODY_LOOKS_ON:
        assert priority == Priority.default
    else:
        assert priority is (FIRST if kind is WorkflowType.MEMBERSHIP else LATER)
    assert (FIRST.priority_key, LATER.priority_key, LAST.priority_key) == (1, 4, 5)


async def asked_for(handle: WorkflowHandle[Any, Any]) -> set[tuple[str, int]]:
    """The queues of a workflow's activities, with their priorities."""
    history = await handle.fetch_history()
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    return {(one.task_queue.name, one.priority.priority_key) for one in scheduled}


async def places_taken(handles: Iterable[WorkflowHandle[Any, Any]]) -> int:
    """How many of them a worker is at; the others wait for a place."""
    described = [await handle.describe() for handle in handles]
    return sum(
        activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        for one in described
        for activity in one.raw_description.pending_activities
    )


@asynccontextmanager
async def every_place_of_bulk_taken(
    client: Client, lock: asyncpg.Connection
) -> AsyncIterator[list[WorkflowHandle[Any, Any]]]:
    """Have more files booked than there are places, all of which wait for a lock."""
    kept = [
        await keep_file(
            lock, kind="payments", name="innbetalinger.txt", content=content, today=clock.today()
        )
        for content in (f"no bank writes {uuid.uuid4()}".encode() for _ in range(AT_ONCE + 2))
    ]
    async with lock.transaction():
        await lock.execute("LOCK TABLE inbound_files IN ACCESS EXCLUSIVE MODE")
        handles = [
            await client.start_workflow(
                "BankImport",
                {"file_id": file_id},
                id=f"bank-import-{uuid.uuid4().hex[:16]}",
                task_queue="membership",
            )
            for file_id in kept
        ]
        while await places_taken(handles) < BULK_AT_ONCE:
            await asyncio.sleep(0.05)  # nobody says when
        yield handles
    for handle in handles:
        assert (await handle.result())["outcome"] == "refused"


async def test_a_caseworker_is_answered_while_every_place_of_bulk_work_is_taken(
    apply, client, shared_database_url
):
    """Twelve files wait for a lock, in six places of their own: the approval has ten others."""
    life = await apply(application())
    lock = await asyncpg.connect(shared_database_url)
    try:
        async with every_place_of_bulk_taken(client, lock) as files:
            answer = await life.approve()
            taken = await places_taken(files)
    finally:
        await lock.close()
    assert answer["applied"]
    assert taken == BULK_AT_ONCE, "one more would have a decision's place"
    assert await asked_for(life.handle) >= {(PERSISTENCE_QUEUE, 1), (NOTIFICATIONS_QUEUE, 1)}
    assert await asked_for(files[0]) == {(BULK_QUEUE, 0)}, "0 is the server's default, 3"
