"""What a part of the audit found: counted, kept, and acted upon."""

from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from schemas.audit.contracts import (
    MAX_NAMED,
    MEANS,
    AuditAction,
    AuditPlan,
    Check,
    CheckReport,
    Found,
)

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

MAX_FINDINGS = 5_000
"""Findings of a part that are taken up: more are one fault of ours, and no work for caseworkers."""

Connection = asyncpg.pool.PoolConnectionProxy


@dataclass(frozen=True)
class Finding:
    """One thing that has drifted. No personal data.

    Attributes:
        subject: what it is about: opaque ids and references.
        says: what is the matter.
        membership_id: whom it is about, if it is about a member.
        about: the month it is about, if audits must look back so far.
    """

    check: Check
    subject: str
    says: str
    membership_id: str | None = None
    about: date | None = None


class Findings:
    """What one part of an audit has looked at and found.

    Args:
        looked_at: how many were compared, by check: every check of the part.
    """

    def __init__(self, looked_at: Mapping[Check, int]) -> None:
        self._looked_at = dict(looked_at)
        self._drifted = dict.fromkeys(looked_at, 0)
        self._found: dict[Check, list[Finding]] = {check: [] for check in looked_at}

    def look(self, check: Check, count: int) -> None:
        """Say how many a check has compared, once that is known."""
        self._looked_at[check] = count

    def add(self, finding: Finding) -> None:
        """Add a finding."""
        self._found[finding.check].append(finding)
        self._drifted[finding.check] += 1

    async def read(self, rows: AsyncIterable[Mapping[str, Any]]) -> None:
        """Add what a query has found: ``MAX_FINDINGS`` rows at most, with how many there are."""
        async for row in rows:
            check = Check(row["name"])
            self._found[check].append(
                Finding(check, row["subject"], row["says"], row["membership_id"], row["about"])
            )
            self._drifted[check] = row["drifted"]

    def of(self, check: Check) -> list[Finding]:
        """Return the findings of a check."""
        return self._found[check]

    async def keep(self, connection: Connection, plan: AuditPlan) -> tuple[CheckReport, ...]:
        """Keep the findings, hold the members, ask the caseworkers; return what came of it.

        Idempotent by (run, check, subject). Whoever calls it has mended what can be mended.
        """
        return tuple([await self._keep(connection, plan, check) for check in self._looked_at])

    async def _keep(self, connection: Connection, plan: AuditPlan, check: Check) -> CheckReport:
        found, cure = self._found[check], MEANS[check].cure
        if found and not plan.opening.dry_run:
            await _SQL.keep_findings(
                connection,
                run=plan.opening.run,
                today=plan.opening.today,
                check_name=check,
                subjects=[one.subject for one in found],
                memberships=[one.membership_id for one in found],
                abouts=[one.about for one in found],
                says=[one.says for one in found],
                mended=cure is AuditAction.MEND,
                holds=cure is AuditAction.HOLD,
            )
        done = 0 if plan.opening.dry_run else len(found)
        return CheckReport(
            check=check,
            looked_at=self._looked_at[check],
            drifted=self._drifted[check],
            mended=done if cure is AuditAction.MEND else 0,
            held=done if cure is not AuditAction.MEND else 0,
            cut=self._drifted[check] > len(found),
            named=tuple(Found(subject=one.subject, says=one.says) for one in found[:MAX_NAMED]),
        )


async def release(
    connection: Connection, plan: AuditPlan, checks: Iterable[Check], since: date
) -> int:
    """Release whom nothing holds any more and close the tasks of what is over.

    Args:
        connection: of a transaction of the caller's.
        plan: of the audit, whose findings have all been kept.
        checks: those that were made whole.
        since: the first day that was looked at.

    Returns:
        How many members were released.
    """
    names = [str(check) for check in checks]
    run, today = plan.opening.run, plan.opening.today
    released: int = await _SQL.release(connection, run=run, checks=names)
    await _SQL.close_tasks(connection, run=run, checks=names, since=since, today=today)
    return released
