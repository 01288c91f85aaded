"""A run that was due and did not happen is found, whichever it is and whyever it was not made."""

from datetime import date, timedelta

import pytest

from activities.audit import missed_runs
from schemas.audit.contracts import MEANS, AuditAction, AuditOpening, AuditPlan, Check
from schemas.shared.schedules import ScheduleName, run_of
from tests.audit.making import drift
from workers.schedules import TURNS, keep_schedules
from workers.stack import TemporalServer


@pytest.mark.parametrize(
    ("harm", "today", "missed"),
    [
        ("", date(2026, 12, 31), set()),
        # The first member came in October: the run of its 1st was nobody's.
        ("DELETE FROM dues_runs", date(2026, 11, 1), set()),
        ("DELETE FROM dues_runs", date(2026, 11, 2), {"dues-run-2026-11"}),
        ("DELETE FROM dues_runs", date(2026, 12, 1), {"dues-run-2026-11"}),
        ("DELETE FROM dues_runs", date(2026, 12, 2), {"dues-run-2026-11", "dues-run-2026-12"}),
        # A month that was never run, although one after it was.
        (
            "DELETE FROM dues_runs WHERE period_from = '2026-11-01'",
            date(2026, 12, 20),
            {"dues-run-2026-11"},
        ),
        ("", date(2027, 1, 1), set()),
        ("", date(2027, 1, 2), {"dues-run-2027-01"}),
        ("", date(2027, 1, 10), {"dues-run-2027-01"}),
        ("", date(2027, 1, 11), {"dues-run-2027-01", "year-end-2026"}),
        # Nobody was a member before this month.
        ("UPDATE memberships SET received_on = '2026-12-03'", date(2026, 12, 31), set()),
    ],
)
async def test_months_and_years_that_nobody_ran(books, harm, today, missed):
    """By the books: who joined this month is no alarm, nor is a day that has only begun."""
    async with books.tried() as connection:
        await drift(connection, "UPDATE memberships SET received_on = '2026-10-14'")
        if harm:
            await drift(connection, harm)
        found = await missed_runs._missed_in_the_books(connection, today)
    assert {one.subject for one in found} == missed
    assert {one.check for one in found} <= {Check.RUN_MISSED}
    assert MEANS[Check.RUN_MISSED].cure is AuditAction.ASK


def test_the_year_end_is_due_when_its_schedule_says():
    """What the audit expects and what the Schedule promises is one day."""
    calendar = TURNS[ScheduleName.YEAR_END].calendar
    [day], [month] = calendar.day_of_month, calendar.month
    assert (month.start, day.start) == (missed_runs.YEAR_END_MONTH, missed_runs.YEAR_END_DAY)


@pytest.fixture(scope="module")
async def server(tmp_path_factory):
    """A Temporal server of its own, with no worker."""
    async with TemporalServer(tmp_path_factory.mktemp("t") / "temporal.log", ui=False) as running:
        yield running


async def test_yesterdays_run_is_looked_for(server, books):
    """On the real server: promised, not made; under way; ended by somebody; not yet promised."""
    client = await server.connect()
    today = date(2099, 3, 2)
    yesterday = today - timedelta(days=1)
    run = run_of(ScheduleName.ARREARS, yesterday)

    async def missed(day=today):
        plan = AuditPlan(
            opening=AuditOpening(run="rehearsed", today=day, dry_run=True), page_size=1
        )
        [report] = await missed_runs.find_missed_runs(books.pool, client, plan)
        assert report.check is Check.RUN_MISSED
        return {one.subject for one in report.named} & {"arrears", "audit"}

    assert await missed() == set(), "no Schedule has promised anything"
    await keep_schedules(client)
    assert await missed() == {"arrears", "audit"}
    started = await client.start_workflow(
        run.workflow, run.order, id=run.id, task_queue="membership"
    )
    assert await missed() == {"audit"}
    await started.terminate("by mistake")
    squatter = await client.start_workflow("Anything", id=run.id, task_queue="nobody")
    assert await missed() == {"arrears", "audit"}, "another workflow has its id"
    await squatter.terminate()
    assert await missed() == {"arrears", "audit"}
    schedule = await client.get_schedule_handle("audit").describe()
    assert await missed(schedule.info.created_at.date()) == set(), "it was made today"
