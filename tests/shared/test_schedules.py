"""What runs by the calendar, on a server of its own: nobody else's day is disturbed."""

import asyncio
import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import (
    Client,
    ScheduleBackfill,
    ScheduleOverlapPolicy,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.service import RPCError

from schemas.shared.calendar import OSLO, oslo_date
from schemas.shared.schedules import Run, ScheduleName, run_of
from tests.life import PATIENCE_SECONDS
from workers import versions, workflows
from workers.schedules import TURNS, keep_schedules
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer

DAY = date(2027, 1, 10)

RUNS = {
    ScheduleName.DUES_RUN: Run("DuesRun", "dues-run-2027-01", {"period": "2027-01"}),
    ScheduleName.ARREARS: Run("ArrearsRun", "arrears-2027-01-10", {"today": "2027-01-10"}),
    ScheduleName.AUDIT: Run("Audit", "audit-2027-01-10", {"today": "2027-01-10"}),
    ScheduleName.DIRECT_DEBIT: Run(
        "DirectDebitRun", "direct-debit-2027-01-10", {"today": "2027-01-10"}
    ),
    ScheduleName.RETENTION: Run("Retention", "retention-2027-01-10", {"today": "2027-01-10"}),
    # The year that is over.
    ScheduleName.YEAR_END: Run("YearEndStatements", "year-end-2026", {"year": 2026}),
}


@pytest.mark.parametrize("name", list(ScheduleName))
def test_each_schedule_starts_the_run_of_its_day(name):
    """Under the id of the contract, so that one started by hand is the same run."""
    assert run_of(name, DAY) == RUNS[name]


@pytest.fixture(scope="module")
async def calendar(tmp_path_factory):
    """A server and the worker that decides; what it starts waits for the other workers."""
    log = tmp_path_factory.mktemp("calendar") / "temporal.log"
    async with TemporalServer(log, time_skipping=True, ui=False) as server:
        deciding = await Client.connect(server.address, data_converter=workflows.CONVERTER)
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        async with workflows.worker(deciding):
            yield await server.connect()


async def test_turns_are_in_norwegian_time(calendar):
    """The dues run's turns are at four in the morning in Oslo, summer and winter."""
    await keep_schedules(calendar)
    described = await calendar.get_schedule_handle("dues-run").describe()
    times = [at.astimezone(OSLO) for at in described.info.next_action_times]
    assert len(times) > 6
    assert {(at.day, at.hour, at.minute) for at in times} == {(1, 4, 0)}
    assert len({at.utcoffset() for at in times}) == 2


YEARS = range(2026, 2041)


def local_times(calendar, year):
    """Return when it is a schedule's turn in a year, by the wall clock."""
    [hour], [days], [months] = calendar.hour, calendar.day_of_month, calendar.month
    for month in range(months.start, max(months.start, months.end) + 1):
        for day in range(days.start, max(days.start, days.end) + 1):
            with suppress(ValueError):  # no 30 February
                yield datetime(year, month, day, hour.start)  # noqa: DTZ001 - by the wall clock


@pytest.mark.parametrize("name", list(ScheduleName))
def test_no_turn_falls_into_a_change_of_the_clock(name):
    """Every turn of fifteen years is at an hour that exists, and exists once."""
    turns = [at for year in YEARS for at in local_times(TURNS[name].calendar, year)]
    assert len(turns) >= len(YEARS)
    for at in turns:
        early, late = (at.replace(tzinfo=OSLO, fold=fold) for fold in (0, 1))
        assert early.utcoffset() == late.utcoffset(), f"{at} exists twice, or not at all"
        assert early.astimezone(UTC).astimezone(OSLO).replace(tzinfo=None) == at


async def test_every_day_has_its_turn_on_the_server(calendar):
    """As Temporal itself works them out, over two years with four changes of the clock."""
    await keep_schedules(calendar)
    begins, ends = datetime(2027, 1, 1, tzinfo=OSLO), datetime(2029, 1, 1, tzinfo=OSLO)
    for name in ScheduleName:
        request = ListScheduleMatchingTimesRequest(namespace=calendar.namespace, schedule_id=name)
        request.start_time.FromDatetime(begins)
        request.end_time.FromDatetime(ends)
        answer = await calendar.workflow_service.list_schedule_matching_times(request)
        found = [one.ToDatetime(UTC).astimezone(OSLO) for one in answer.start_time]
        expected = [at for year in (2027, 2028) for at in local_times(TURNS[name].calendar, year)]
        assert [at.replace(tzinfo=None) for at in found] == expected


async def test_kept_again_they_stay_paused(calendar):
    """Bringing them up to date is no reason to start what an operator has paused."""
    await keep_schedules(calendar)
    handle = calendar.get_schedule_handle("arrears")
    await handle.pause(note="the bank is late")
    coming = await keep_schedules(calendar)
    described = await handle.describe()
    assert (described.schedule.state.paused, described.schedule.state.note) == (
        True,
        "the bank is late",
    )
    assert set(coming) == set(ScheduleName)
    await handle.unpause()


async def test_a_turn_starts_the_run_once(calendar):
    """Twice on one day it is one run, whether by the calendar or by hand."""
    await keep_schedules(calendar)
    handle = calendar.get_schedule_handle("arrears")
    for _ in range(2):
        await handle.trigger()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (known := (await handle.describe()).info).recent_actions:
            await asyncio.sleep(0.05)  # the server starts it in its own time
        day = oslo_date(known.recent_actions[0].scheduled_at)  # by the server's clock
        run = calendar.get_workflow_handle(f"arrears-{day}")
        while True:
            try:
                described = await run.describe()
                break
            except RPCError:
                await asyncio.sleep(0.05)  # and so does the workflow
    assert described.workflow_type == "ArrearsRun"
    assert described.status is WorkflowExecutionStatus.RUNNING


async def test_a_turn_that_was_missed_is_for_its_own_day(calendar):
    """A server that was away starts December's run in December's name."""
    await keep_schedules(calendar)
    handle = calendar.get_schedule_handle("dues-run")
    missed = datetime(2026, 3, 1, 4, tzinfo=OSLO)
    await handle.backfill(
        ScheduleBackfill(
            start_at=missed - timedelta(hours=1),
            end_at=missed + timedelta(hours=1),
            overlap=ScheduleOverlapPolicy.ALLOW_ALL,
        )
    )
    run = calendar.get_workflow_handle("dues-run-2026-03")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                described = await run.describe()
                break
            except RPCError:
                await asyncio.sleep(0.05)  # the server starts it in its own time
    assert described.workflow_type == "DuesRun"


@pytest.mark.parametrize("order", [(), (None,), ({"schedule": "lunch"},), ("dues-run",)])
async def test_a_wrong_order_ends_with_a_reason(calendar, order):
    """Nothing is started, and the failure says what was expected."""
    handle = await calendar.start_workflow(
        "OnSchedule", args=list(order), id="scheduled-year-end", task_queue="membership"
    )
    with pytest.raises(WorkflowFailureError) as caught:
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert re.search("schedule|the message", str(caught.value.cause))
