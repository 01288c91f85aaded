"""A30 from the first reminder to the way back, on a server of its own in skipped time."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkipper

from activities.database.pool import open_pool
from activities.letters.settings import NotificationSettings
from schemas.arrears.contracts import ArrearsProgress, ArrearsReport
from schemas.shared.calendar import OSLO
from tests.arrears.making import kid_of, owe, tasks
from tests.clock import Skipper, today
from tests.letters.making import pay
from tests.life import PATIENCE_SECONDS, Life, application, synthetic_id
from tests.payments.making import Money, bring, camt
from tests.roles import pools_of_workers
from tests.runs import own_failures
from workers import notifications, persistence, versions, workflows
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import MailSink, TemporalServer


@dataclass
class Town:
    """A service with nobody in it but the members of these tests."""

    skipper: TimeSkipper
    pool: asyncpg.Pool
    sink: MailSink

    async def joins(self) -> Life:
        """Let somebody join whose employer is asked to deduct."""
        handle = await self.skipper.client.start_workflow(
            "Membership",
            application(applicant={"national_id": synthetic_id()}),
            id=f"membership-{uuid.uuid4()}",
            task_queue="membership",
        )
        return self.life(handle.id)

    def life(self, membership_id: str) -> Life:
        """Return a membership by its id."""
        handle = self.skipper.client.get_workflow_handle(membership_id)
        return Life(handle, self.skipper, self.pool, self.sink.mail_dir)

    async def run(self, today: date) -> ArrearsReport:
        """Run a day's arrears, and wait until its letters have gone out."""
        client = self.skipper.client
        # Its own clock must have come to that day.
        ahead = max(datetime.combine(today, time(12), OSLO) - datetime.now(UTC), timedelta())
        handle = await client.start_workflow(
            "ArrearsRun",
            {"today": str(today)},
            id=f"arrears-{today}",
            task_queue="membership",
            start_delay=ahead,
        )
        if ahead:
            await asyncio.wait_for(self.skipper.fast_forward(handle, ahead), PATIENCE_SECONDS)
        report = await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
        mailing = client.get_workflow_handle(f"mailing-arrears-{today}")
        await asyncio.wait_for(mailing.result(), PATIENCE_SECONDS)
        assert own_failures(await handle.fetch_history()) == []
        progress = ArrearsProgress.model_validate(await handle.query("progress"))
        assert progress.pages == progress.pages_done
        return ArrearsReport.model_validate(report)


@pytest.fixture
async def town(
    tmp_path_factory: pytest.TempPathFactory,
    database_url: str,
    mail_sink: MailSink,
    letters: NotificationSettings,
) -> AsyncIterator[Town]:
    """A Temporal server, a database and the three workers."""
    async with AsyncExitStack() as stack:
        log = tmp_path_factory.mktemp("town") / "temporal.log"
        server = await stack.enter_async_context(TemporalServer(log, time_skipping=True, ui=False))
        pool = await stack.enter_async_context(await open_pool(database_url, size=10))
        deciding = await Client.connect(server.address, data_converter=workflows.CONVERTER)
        acting = await Client.connect(server.address, data_converter=pydantic_data_converter)
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        keeping, sending = await stack.enter_async_context(pools_of_workers(database_url, size=10))
        rooms = persistence.rooms(keeping, acting, allow_synthetic_ids=True)
        for worker in (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(sending, letters)),
        ):
            await stack.enter_async_context(worker)
        yield Town(Skipper(await server.connect()), pool, mail_sink)


async def ordered(pool: asyncpg.Pool) -> list[tuple[str, str]]:
    """Return (template, status) of the letters the runs ordered, in order of their day."""
    rows = await pool.fetch(
        "SELECT template, status FROM letters WHERE batch IS NOT NULL ORDER BY ordered_on, key"
    )
    return [(row["template"], row["status"]) for row in rows]


async def rows_of(pool: asyncpg.Pool) -> tuple[int, ...]:
    """Return how many rows there are of everything a run could write."""
    names = ("letters", "tasks", "arrears_steps", "reinstatements", "memberships", "decisions")
    return tuple([await pool.fetchval(f"SELECT count(*) FROM {name}") for name in names])


async def test_from_an_unpaid_invoice_to_the_way_back(town: Town) -> None:
    """Four months unpaid: reminders, a task, a warning, struck off by the workflow; paid: back.

    Due on D, D+30, D+60, D+90. On D+14 the first reminder; on D+28 the second; on D+44 the second
    month is overdue: a task; on D+74 the third: the warning; on D+104 the fourth, and the warning
    is 30 days old: struck off.
    """
    life = await town.joins()
    await life.settle()
    await life.approve()
    due_on = date.fromisoformat((await life.state())["first_invoice"]["due_on"])
    numbers = [
        await town.pool.fetchval("SELECT number FROM invoices"),
        *[await owe(town.pool, life.id, due_on + timedelta(days=days)) for days in (30, 60, 90)],
    ]
    expected = {
        14: ["reminder_first"],
        28: ["reminder_second"],
        44: ["reminder_first"],
        74: ["reminder_first", "reminder_second", "struck_off_warning"],
    }
    letters: list[tuple[str, str]] = []
    for days, templates in expected.items():
        today = due_on + timedelta(days=days)
        await life.reach(today)
        report = await town.run(today)
        letters += [(template, "sent") for template in templates]
        assert await ordered(town.pool) == letters, days
        assert report.reported == 0
    assert await tasks(town.pool) == [("arrears", True)]
    assert (await life.state())["outcome"] is None

    today = due_on + timedelta(days=104)
    await life.reach(today)
    report = await town.run(today)
    assert (report.counts.struck_off, report.reported, report.reinstated) == (1, 1, 0)
    result = await life.result()
    assert result["outcome"] == "struck_off"
    diary = await life.diary()
    assert diary[-1][1] == "membership_ended"
    said = {letter.partition(" ")[0] for letter in diary[-1][2]}
    assert {"member/struck_off", "employer/payroll_stop"} <= said

    before = await rows_of(town.pool)
    assert (await town.run(today)).counts.struck_off == 0
    assert await rows_of(town.pool) == before

    late = "SELECT count(*) FROM tasks WHERE kind = 'late' AND closed_on IS NULL"
    await _pay_by_file(town.pool, numbers[:-1], today)
    assert (await town.run(today + timedelta(days=1))).reinstated == 0
    await _pay_by_file(town.pool, numbers[-1:], today)
    assert await town.pool.fetchval(late) == len(numbers)
    assert (await town.run(today + timedelta(days=2))).reinstated == 1
    # One task is about the person, and none about each payment any more; all of it is placed.
    assert await town.pool.fetchval(late) == 0
    assert await town.pool.fetchval("SELECT count(*) FROM payments_in_suspense") == 0
    new_id = await town.pool.fetchval("SELECT new_membership_id FROM reinstatements")
    again = town.life(new_id)
    state = await again.state()
    assert state["stage"] == "under_review"
    assert ("member", "application_received", "sent") in await again.letters()
    says = await town.pool.fetchval("SELECT says FROM tasks WHERE kind = 'reinstatement'")
    assert life.id in says
    assert new_id in says

    before = await rows_of(town.pool)
    assert (await town.run(today + timedelta(days=3))).reinstated == 0
    assert await rows_of(town.pool) == before
    await again.approve()
    assert (await again.state())["stage"] == "onboarding"


async def test_by_policy_a_payment_takes_the_membership_up_again(town: Town) -> None:
    """Struck off with four months owed, paid the next day: the same terms, no gap, no month twice.

    Warned on D+74, struck off on D+104, paid on D+105 (A30, L9).
    """
    await town.pool.execute(
        "UPDATE policies SET value = 'true' WHERE name = 'reinstate_on_payment'"
    )
    life = await town.joins()
    await life.settle()
    await life.approve()
    state = await life.state()
    due_on, terms = date.fromisoformat(state["first_invoice"]["due_on"]), state["terms"]
    numbers = [
        await town.pool.fetchval("SELECT number FROM invoices"),
        *[await owe(town.pool, life.id, due_on + timedelta(days=days)) for days in (30, 60, 90)],
    ]
    for days in (74, 104):
        await life.reach(due_on + timedelta(days=days))
        await town.run(due_on + timedelta(days=days))
    assert (await life.state())["outcome"] == "struck_off"
    for number in numbers:
        await _pay_all(town.pool, number)
    assert (await town.run(due_on + timedelta(days=105))).reinstated == 1
    state = await life.state()
    assert (state["outcome"], state["leaves_on"]) == (None, None)
    central = [term for term in state["terms"] if term["kind"] == "central_dues"]
    assert central == [term for term in terms if term["kind"] == "central_dues"]
    assert (await town.run(due_on + timedelta(days=106))).reinstated == 0
    assert await town.pool.fetchval("SELECT count(*) FROM memberships") == 1
    assert await town.pool.fetchval("SELECT count(*) FROM tasks WHERE kind = 'reinstatement'") == 0


async def _pay_by_file(pool: asyncpg.Pool, numbers: list[str], today: date) -> None:
    """Let the bank tell of money for invoices, each with its KID."""
    rows = await pool.fetch(
        "SELECT kid, total_ore, number FROM invoices WHERE number = ANY($1)", numbers
    )
    money = [Money(row["kid"], row["total_ore"], key=row["number"], on=today) for row in rows]
    report = await bring(pool, camt(*money), today=today)
    assert (report.allocated, report.suspended) == (len(numbers), 0)


async def _pay_all(pool: asyncpg.Pool, number: str) -> None:
    total = await pool.fetchval("SELECT total_ore FROM invoices WHERE number = $1", number)
    await pay(pool, await kid_of(pool, number), total)


async def test_nobody_is_struck_off_on_the_word_of_a_message(town: Town) -> None:
    """What a sender says of months and money is not believed: the books decide, and say so."""
    life = await town.joins()
    await life.settle()
    await life.approve()
    today = await life.today()
    said = {"as_of": str(today), "owed_ore": 1, "owed_months": 99}
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await life.handle.execute_update("report_arrears", said)
    assert "not confirmed: by the books" in str(caught.value.cause)
    await life.handle.signal("report_arrears", said)
    await life.settle()
    state = await life.state()
    assert (state["stage"], state["outcome"]) == ("onboarding", None)
    assert [one["name"] for one in state["rejected_messages"]] == ["report_arrears"] * 2
    events = await town.pool.fetch("SELECT event FROM decisions WHERE event = 'membership_ended'")
    assert events == []


async def test_a_day_that_is_not_near_pursues_nobody(town: Town) -> None:
    """An order for another year, or for long ago, reminds nobody of what is not due."""
    life = await town.joins()
    await life.settle()
    await life.approve()
    before = await rows_of(town.pool)
    now = today()
    for day in (now + timedelta(days=1000), now + timedelta(days=3), now - timedelta(days=40)):
        handle = await town.skipper.client.start_workflow(
            "ArrearsRun", {"today": str(day)}, id=f"arrears-{day}", task_queue="membership"
        )
        with pytest.raises(WorkflowFailureError) as caught:
            await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
        assert "today: must be a day from" in str(caught.value.cause)
    assert await rows_of(town.pool) == before


async def test_a_wrong_order_fails_with_a_reason(town: Town) -> None:
    """It ends as failed and pursues nobody."""
    for day, order in enumerate(({"today": "2026-13-01"}, "x", 7), start=1):
        handle = await town.skipper.client.start_workflow(
            "ArrearsRun", order, id=f"arrears-2099-01-0{day}", task_queue="membership"
        )
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert await rows_of(town.pool) == (0, 0, 0, 0, 0, 0)
