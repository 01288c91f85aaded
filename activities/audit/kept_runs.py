"""Histories that hold what somebody wrote, and should have been deleted by now (ADR 75)."""

from datetime import timedelta
from pathlib import Path

import asyncpg
from temporalio.client import Client

from activities.audit.findings import MAX_FINDINGS, Finding, Findings
from activities.database.pool import load_queries, patiently
from activities.secrecy.deleting import delete_runs
from schemas.audit.contracts import AuditPlan, Check, CheckReport

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

LAG = timedelta(days=1)
"""A mail server that is away keeps a member's letters under way, and the run with them."""


async def find_kept_runs(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan
) -> tuple[CheckReport, ...]:
    """Delete what no worker came to, and look for what still stands after a day.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    overdue = plan.opening.today - LAG
    if not plan.opening.dry_run:
        await delete_runs(pool, client, noted_before=overdue)
    async with pool.acquire() as connection, patiently(connection):
        rows = [
            row async for row in _SQL.find_kept_runs(connection, before=overdue, most=MAX_FINDINGS)
        ]
        findings = Findings({Check.RUN_KEPT: rows[0]["kept"] if rows else 0})
        for row in rows:
            findings.add(
                Finding(
                    Check.RUN_KEPT,
                    row["run_id"],
                    "a run holds what somebody wrote and has stood for more than a day: see in "
                    "Temporal what keeps it from going on in another",
                )
            )
        return await findings.keep(connection, plan)
