"""What an operator sees of the union's work: how much waits, and since when. Numbers of nobody."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.audit.stalled import WEDGED
from activities.database.pool import load_queries
from schemas.names import WorkflowType, events_delivery_id
from schemas.shared.calendar import add_working_days
from schemas.shared.schedules import ScheduleName, run_of

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

STATUSES = ("pending", "sending", "held")
"""Of letters that have not gone out."""

OWNERS = ("member", "nobody")
"""Whose money is in suspense: a known member's, or nobody's that we know."""


MOST_EVENTS = 10_000
"""Counted for a consumer, once a minute: of one that is further behind it is known by then."""


@dataclass(frozen=True)
class Waiting:
    """How many cases wait, and the day of the oldest; None: there is none."""

    cases: int = 0
    since: date | None = None


@dataclass(frozen=True)
class Backlog:
    """What waits for a consumer.

    Attributes:
        events: how many, `MOST_EVENTS` at most.
        since: when it last had all there was; None: it has, or it is paused.
    """

    events: int
    since: datetime | None


@dataclass(frozen=True)
class Figures:
    """What the database says.

    Attributes:
        stages: memberships, by stage.
        waiting: by who is waited for, and for what.
        overdue_reviews: applications under review for longer than until they are raised (A33).
        letters: that have not gone out, by status.
        suspense_ore: by whose it is.
        quarantined: memberships that could not be charged for a month.
        held: memberships that a finding of the audit holds.
        events: facts that nobody has been told yet.
        consumers: what waits for each, by the id of the workflow that posts to it.
    """

    stages: dict[str, int] = field(default_factory=dict)
    waiting: dict[tuple[str, str], Waiting] = field(default_factory=dict)
    overdue_reviews: int = 0
    letters: dict[str, Waiting] = field(default_factory=dict)
    suspense_ore: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    held: int = 0
    events: int = 0
    consumers: dict[str, Backlog] = field(default_factory=dict)


async def read_figures(connection: asyncpg.pool.PoolConnectionProxy, today: date) -> Figures:
    """Return how the union's work stands.

    Args:
        connection: of the persistence worker.
        today: in Oslo; what is overdue is so on that day.

    Raises:
        asyncpg.PostgresError: the database refuses us, or stops answering.
    """
    days: int = await _SQL.read_escalation_days(connection, today=today)
    before = overdue_before(today, days)
    aside = await _SQL.count_set_aside(connection)
    return Figures(
        stages={row["stage"]: row["memberships"] async for row in _SQL.count_stages(connection)},
        waiting={
            (row["role"], row["what"]): Waiting(row["cases"], row["since"])
            async for row in _SQL.count_waiting(connection)
        },
        overdue_reviews=await _SQL.count_overdue_reviews(connection, received_before=before),
        letters=dict.fromkeys(STATUSES, Waiting())
        | {
            row["status"]: Waiting(row["letters"], row["since"])
            async for row in _SQL.count_letters(connection)
        },
        suspense_ore=dict.fromkeys(OWNERS, 0)
        | {row["owner"]: row["ore"] async for row in _SQL.sum_suspense(connection)},
        quarantined=aside["quarantined"],
        held=aside["held"],
        events=aside["events"],
        consumers={
            events_delivery_id(row["consumer"]): Backlog(row["events"], row["since"])
            async for row in _SQL.count_for_consumers(connection, most=MOST_EVENTS)
        },
    )


def overdue_before(today: date, working_days: int) -> date:
    """Return the day before which an application was received whose review is overdue today."""
    day = today
    while add_working_days(day - timedelta(days=1), working_days) >= today:
        day -= timedelta(days=1)
    return day


async def last_success(client: Client, schedule: ScheduleName) -> datetime | None:
    """Return when the work of a schedule was last done to its end; None: never that is known.

    Whoever began it: a run that was ordered by hand does the same work.

    Raises:
        RPCError: Temporal does not answer.
    """
    workflow = run_of(schedule, date.min.replace(year=2)).workflow
    query = f"WorkflowType = '{workflow}' AND ExecutionStatus = 'Completed'"
    async for found in client.list_workflows(query, limit=1):
        return found.close_time
    return None


async def waits_since(client: Client, schedule: ScheduleName) -> datetime | None:
    """Return since when the work of a schedule is waited for: its last success, or its making.

    Returns:
        None: it was not done, and there is no such schedule.

    Raises:
        RPCError: Temporal does not answer.
    """
    found = await last_success(client, schedule)
    if found is not None:
        return found
    try:
        described = await client.get_schedule_handle(schedule).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return described.info.created_at


async def count_wedged(client: Client) -> int:
    """Return how many memberships can't go on: their own code fails.

    Raises:
        RPCError: Temporal does not answer.
    """
    found = await client.count_workflows(f"{WEDGED} AND WorkflowType = '{WorkflowType.MEMBERSHIP}'")
    return found.count
