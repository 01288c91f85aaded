"""Runs that were begun and have neither ended nor go on: they were terminated, or failed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client, WorkflowExecutionStatus

from activities.audit.findings import Finding, Findings
from activities.audit.unattended import describe
from activities.database.pool import load_queries, patiently
from activities.shared.begun_runs import end_run
from schemas.audit.contracts import AuditPlan, Check, CheckReport
from schemas.names import WorkflowType, bank_import_id, report_id

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

_REPRICE = "run the same reprice command again: it tells nobody twice"

REMEDIES: dict[str, str] = {
    WorkflowType.DIRECT_DEBIT_RUN: "run medlemsflyt claims: it makes up for the days before",
    WorkflowType.ARREARS_RUN: "run medlemsflyt arrears: it makes up for the days before",
    WorkflowType.BANK_IMPORT: "send the same file again: no payment is booked twice",
    WorkflowType.DEDUCTION_REPORT: "send the same file again: no answer counts twice",
    WorkflowType.DUES_RUN: "run medlemsflyt dues-run for its month: it adds what is missing",
    WorkflowType.PRICE_ANNOUNCEMENT: _REPRICE,
    WorkflowType.REPRICING: _REPRICE,
    WorkflowType.YEAR_END_STATEMENTS: "run medlemsflyt year-end for its year: it adds what is "
    "missing",
}
"""What puts each right: all of them may be begun again."""

_FILES = {
    "payments": (WorkflowType.BANK_IMPORT, bank_import_id),
    "deduction_report": (WorkflowType.DEDUCTION_REPORT, report_id),
}

GOES_ON = {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW}


async def find_stopped_runs(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan
) -> tuple[CheckReport, ...]:
    """Look for runs that were begun before today, have not ended and do not go on.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    today = plan.opening.today
    async with pool.acquire() as connection, patiently(connection):
        rows = [row async for row in _SQL.find_unended_runs(connection, today=today)]
        rows += [_of_file(row) async for row in _SQL.find_undecided_files(connection, today=today)]
    findings = Findings({Check.RUN_STOPPED: len(rows)})
    for row in rows:
        workflow_id, workflow_type = row["workflow_id"], row["workflow_type"]
        found = await describe(client, workflow_id)
        if found is not None and found.workflow_type == workflow_type:
            if found.status in GOES_ON:
                continue
            if found.status is WorkflowExecutionStatus.COMPLETED:
                await _note_end(pool, plan, workflow_id)
                continue
        findings.add(
            Finding(
                Check.RUN_STOPPED,
                workflow_id,
                f"{workflow_type} {workflow_id} was begun on {row['begun_on']}, and has neither "
                f"ended nor goes on: {REMEDIES[workflow_type]}",
            )
        )
    async with pool.acquire() as connection:
        return await findings.keep(connection, plan)


def _of_file(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run that a kept file waits for."""
    workflow_type, id_of = _FILES[row["kind"]]
    return {
        "workflow_id": id_of(row["file_id"]),
        "workflow_type": workflow_type,
        "begun_on": row["received_on"],
    }


async def _note_end(pool: asyncpg.Pool, plan: AuditPlan, workflow_id: str) -> None:
    """Write down what Temporal will have forgotten before long."""
    if plan.opening.dry_run:
        return
    async with pool.acquire() as connection:
        await end_run(connection, workflow_id)
