"""The Temporal Schedules: what the service does by the calendar, in Norwegian time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, scheduled_id
from schemas.shared.schedules import ScheduleName

CATCH_UP = timedelta(days=7)
"""A server that was away for a week still runs what it missed; longer is a matter for people."""


DAILY, MONTHLY = timedelta(hours=30), timedelta(days=32)
"""Between two times that the work of a schedule is done, with hours for a run that takes long."""

ANY_DAY, ANY_MONTH = ScheduleRange(1, 31), ScheduleRange(1, 12)


@dataclass(frozen=True)
class ScheduledTime:
    """When it is a schedule's turn, and in words."""

    says: str
    calendar: ScheduleCalendarSpec

    @property
    def monthly(self) -> bool:
        """Whether it is its turn once a month, and not each day."""
        return self.calendar.day_of_month != [ANY_DAY]

    @property
    def overdue_after(self) -> timedelta:
        """How long after its work was last done something has gone wrong."""
        return MONTHLY if self.monthly else DAILY


def _at(hour: int, *, day: ScheduleRange = ANY_DAY) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(hour=[ScheduleRange(hour)], day_of_month=[day], month=[ANY_MONTH])


TURNS: dict[ScheduleName, ScheduledTime] = {
    # After the audit, so that what it found is left out.
    ScheduleName.DUES_RUN: ScheduledTime(
        "on the 1st of each month at 04:00", _at(4, day=ScheduleRange(1))
    ),
    # After the bank's files of the night: who has paid gets no reminder.
    ScheduleName.ARREARS: ScheduledTime("each day at 08:00", _at(8)),
    # Not at 02:00, which a night in March lacks; nor at 01:00, after which Temporal comes again at
    # 02:00 when the clock is set back.
    ScheduleName.AUDIT: ScheduledTime("each night at 03:00", _at(3)),
    # In January, when the payments of the last days of the year have arrived; then for what the
    # bank takes back, or tells late, of the year that is over.
    ScheduleName.YEAR_END: ScheduledTime(
        "on the 10th of each month at 05:00", _at(5, day=ScheduleRange(10))
    ),
    # After the bank's files of the night, which bring mandates and what has been collected; the
    # bank takes until 14:00 what is to count on the day.
    ScheduleName.DIRECT_DEBIT: ScheduledTime("each day at 07:00", _at(7)),
    # After the audit, which holds whom it has found something about.
    ScheduleName.RETENTION: ScheduledTime("each night at 04:00", _at(4)),
}


async def keep_schedules(client: Client) -> dict[ScheduleName, datetime | None]:
    """Make each schedule, or bring it up to date; one that is paused stays paused.

    Args:
        client: any client of the namespace.

    Returns:
        When it is each one's turn next; None while it is paused.

    Raises:
        RPCError: the server can't be reached.
    """
    coming: dict[ScheduleName, datetime | None] = {}
    for name in ScheduleName:
        schedule = _schedule(name)
        try:
            handle = await client.create_schedule(name, schedule)
        except ScheduleAlreadyRunningError:
            handle = client.get_schedule_handle(name)
            await handle.update(partial(_updated, schedule))
        described = await handle.describe()
        times = described.info.next_action_times
        coming[name] = times[0].astimezone(UTC) if times else None
    return coming


def _schedule(name: ScheduleName) -> Schedule:
    turn = TURNS[name]
    return Schedule(
        action=ScheduleActionStartWorkflow(
            WorkflowType.ON_SCHEDULE,
            {"schedule": name},
            id=scheduled_id(name),
            task_queue=MEMBERSHIP_QUEUE,
            static_summary=f"{name}, {turn.says}",
        ),
        spec=ScheduleSpec(calendars=[turn.calendar], time_zone_name="Europe/Oslo"),
        policy=SchedulePolicy(catchup_window=CATCH_UP),
    )


def _updated(new: Schedule, found: ScheduleUpdateInput) -> ScheduleUpdate:
    return ScheduleUpdate(replace(new, state=found.description.schedule.state))
