"""The audit's comparison of running memberships with their rows, against listing them alone.

    python -m benchmarks.workflows [MEMBERSHIPS]

The memberships are started on a real server with the search attributes that they would have, and no
worker: what is compared is what the server's index says of them. The floor reads the same pages of
that index and looks at nothing.
"""

import asyncio
import logging
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from activities.audit import workflow_drift
from benchmarks.dues import generate
from benchmarks.scratch import scratch_database
from schemas.audit.contracts import AuditOpening, AuditPlan
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType
from workers.logging import LogFormat, configure_logging
from workers.stack import TemporalServer

DEFAULT_MEMBERSHIPS = 2_000
AT_ONCE = 50
PLAN = AuditPlan(opening=AuditOpening(run="bench", today=date(2027, 2, 20)), page_size=1)


async def main(members: int) -> None:
    """Measure the comparison and its floor, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            TemporalServer(Path(folder) / "temporal.log", ui=False) as server,
            scratch_database(1) as (owner, pool),
        ):
            await generate(owner, pool, members)
            client = await server.connect()
            rows = await owner.fetch("SELECT membership_id, stage, category FROM memberships")
            for start in range(0, members, AT_ONCE):
                some = rows[start : start + AT_ONCE]
                await asyncio.gather(*(_start(client, *row.values()) for row in some))
            await _until_listed(client, members)
            began = time.perf_counter()
            found = await workflow_drift.compare_workflows(pool, client, PLAN, lambda: None)
            compare_s = time.perf_counter() - began
            began = time.perf_counter()
            assert await _listed(client) == members
            floor_s = time.perf_counter() - began
    [whole] = found.checks
    assert (whole.looked_at, whole.drifted) == (members, 0), whole
    print(f"audit_workflows {members}")
    print(f"audit_workflows_per_s {members / compare_s:.0f}")
    print(f"audit_workflows_floor_per_s {members / floor_s:.0f}")
    print(f"audit_workflows_ratio {compare_s / floor_s:.2f}")


async def _start(client: Client, membership_id: str, stage: str, category: str) -> None:
    await client.start_workflow(
        WorkflowType.MEMBERSHIP,
        id=membership_id,
        task_queue=MEMBERSHIP_QUEUE,
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(workflow_drift.STAGE, stage),
                SearchAttributePair(workflow_drift.CATEGORY, category),
            ]
        ),
    )


async def _until_listed(client: Client, members: int) -> None:
    """Wait for the server's index, which comes a moment later."""
    while await _listed(client) < members:
        await asyncio.sleep(0.5)  # the index tells nobody when it has caught up


async def _listed(client: Client) -> int:
    query = f'WorkflowType="{WorkflowType.MEMBERSHIP}" AND ExecutionStatus="Running"'
    pages = client.list_workflows(query, page_size=workflow_drift.PAGE_SIZE)
    return sum([1 async for _ in pages])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERSHIPS))
