"""What the calendar promises: runs that were due and did not happen.

A Schedule that is paused, a server that was away for longer than it makes up for, or a run that
failed: nobody else would notice that nothing came.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import asyncpg
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.audit.findings import Connection, Finding, Findings
from activities.audit.unattended import describe
from activities.database.pool import load_queries, patiently
from schemas.audit.contracts import AuditPlan, Check, CheckReport
from schemas.shared.calendar import months_before, oslo_date
from schemas.shared.schedules import ScheduleName, run_of

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

YEAR_END_MONTH, YEAR_END_DAY = 1, 10
"""When a year's statements are due; tests hold the Schedule to it."""

YEARS_BACK = 5
"""As long as accounts are kept; an older year is no longer anybody's task."""

DAILY = (
    ScheduleName.ARREARS,
    ScheduleName.AUDIT,
    ScheduleName.DIRECT_DEBIT,
    ScheduleName.RETENTION,
)
"""A day's run makes up for the days before it: only yesterday's is looked for."""

MADE = {
    WorkflowExecutionStatus.RUNNING,
    WorkflowExecutionStatus.COMPLETED,
    WorkflowExecutionStatus.CONTINUED_AS_NEW,
}


async def find_missed_runs(
    pool: asyncpg.Pool, client: Client, plan: AuditPlan
) -> tuple[CheckReport, ...]:
    """Look for every run that was due before today and was not made."""
    findings = Findings({Check.RUN_MISSED: len(ScheduleName)})
    today = plan.opening.today
    for name in DAILY:
        yesterday = today - timedelta(days=1)
        if await _was_missed(client, name, yesterday):
            findings.add(_missed(name, name, f"that of {yesterday}"))
    async with pool.acquire() as connection, patiently(connection):
        for missed in await _missed_in_the_books(connection, today):
            findings.add(missed)
    async with pool.acquire() as connection:
        return await findings.keep(connection, plan)


async def _missed_in_the_books(connection: Connection, today: date) -> list[Finding]:
    """Return the months and years that PostgreSQL has no run of."""
    months = [row["month"] async for row in _SQL.find_missed_months(connection, today=today)]
    years = [
        row["year"]
        async for row in _SQL.find_missed_years(
            connection,
            today=today,
            since=months_before(today, 12 * YEARS_BACK),
            month=YEAR_END_MONTH,
            day=YEAR_END_DAY,
        )
    ]
    return list(_findings(months, years))


def _findings(months: list[date], years: list[int]) -> Iterator[Finding]:
    for month in months:
        run = run_of(ScheduleName.DUES_RUN, month)
        yield _missed(ScheduleName.DUES_RUN, run.id, f"that of {month:%Y-%m}")
    for year in years:
        run = run_of(ScheduleName.YEAR_END, date(year + 1, YEAR_END_MONTH, YEAR_END_DAY))
        yield _missed(ScheduleName.YEAR_END, run.id, f"that of {year}")


def _missed(name: ScheduleName, subject: str, which: str) -> Finding:
    return Finding(
        Check.RUN_MISSED,
        subject,
        f"a run of {name} was due and was not made, {which}: see why in Temporal, whether its "
        "Schedule is paused too, and run it by hand",
    )


async def _was_missed(client: Client, name: ScheduleName, day: date) -> bool:
    """Tell whether a Schedule promised a run of a day, and there is none that goes on or ended.

    Raises:
        RPCError: Temporal does not answer; retried.
    """
    try:
        schedule = await client.get_schedule_handle(name).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    if oslo_date(schedule.info.created_at) >= day:
        return False
    run = run_of(name, day)
    found = await describe(client, run.id)
    return found is None or found.workflow_type != run.workflow or found.status not in MADE
