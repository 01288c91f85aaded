"""Whoever should have been erased by now, and erasures that have stopped half-way (R4)."""

from datetime import timedelta

from activities.audit.findings import Connection, Finding, Findings
from activities.privacy.erasing import due_erasures, unended_erasures
from schemas.audit.contracts import AuditPlan, Check, CheckReport
from schemas.pricing.rulebook import Policies
from schemas.privacy.erasure import RetentionStep

LAG = timedelta(days=7)
"""A thousand a night: a register that was imported brings more than one night's."""


async def find_overdue(
    connection: Connection, policies: Policies, plan: AuditPlan
) -> tuple[CheckReport, ...]:
    """Look for memberships that were due a week ago, and erasures that do not end."""
    overdue = plan.opening.today - LAG
    due = await due_erasures(connection, RetentionStep(today=overdue), policies)
    stopped = await unended_erasures(connection, overdue)
    findings = Findings({Check.ERASURE_OVERDUE: len(due.memberships) + len(stopped)})
    for membership in due.memberships:
        findings.add(
            Finding(
                Check.ERASURE_OVERDUE,
                membership,
                "it should have been erased by itself and was not: see whether the Schedule "
                "retention is paused",
                membership,
            )
        )
    for erasure in stopped:
        findings.add(
            Finding(
                Check.ERASURE_OVERDUE,
                erasure,
                "its rows are erased and it does not end: see in Temporal what it waits for",
            )
        )
    return await findings.keep(connection, plan)
