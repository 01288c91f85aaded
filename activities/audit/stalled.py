"""Workflows that can't go on: an activity keeps failing, or their own code does."""

import asyncio

from temporalio.client import Client, WorkflowExecutionStatus

from activities.audit.findings import Finding, Findings
from activities.shared.failing import failing_activities
from schemas.audit.contracts import Check
from schemas.names import WorkflowType

AT_ONCE = 10

_RUNS = (
    'ExecutionStatus="Running" AND WorkflowType NOT IN '
    f'("{WorkflowType.MEMBERSHIP}", "{WorkflowType.AUDIT}")'
)

WEDGED = 'ExecutionStatus="Running" AND TemporalReportedProblems IS NOT NULL'
"""Set by the server after five failed workflow tasks."""


async def find_stalled(client: Client, findings: Findings) -> None:
    """Look for runs and settlements whose activities keep failing, and for whatever is wedged.

    Memberships are too many to be asked one by one each night: the sample is.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    ids = [found.id async for found in client.list_workflows(_RUNS, page_size=1000)]
    running = 0
    for start in range(0, len(ids), AT_ONCE):
        described = await asyncio.gather(
            *(client.get_workflow_handle(one).describe() for one in ids[start : start + AT_ONCE])
        )
        for found in described:
            if found.status is not WorkflowExecutionStatus.RUNNING:
                continue
            running += 1
            for failing in await failing_activities(found):
                findings.add(Finding(Check.ACTIVITY_FAILING, found.id, failing.says))
    findings.look(Check.ACTIVITY_FAILING, running)
    async for wedged in client.list_workflows(WEDGED, page_size=1000):
        says = f"the workflow tasks of this {wedged.workflow_type} fail: see its history"
        findings.add(Finding(Check.WORKFLOW_WEDGED, wedged.id, says))
