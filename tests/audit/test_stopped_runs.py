"""A run or a file that was begun and has stopped is found, and the task says what to do."""

import uuid
from datetime import date

from temporalio import workflow
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.arrears.activities import Arrears
from activities.audit.stopped_runs import REMEDIES, find_stopped_runs
from activities.dues.activities import Dues
from activities.pricing.activities import Pricing
from activities.shared.begun_runs import begin_run, end_run
from activities.shared.files import keep_file
from activities.statements.activities import Statements
from schemas.arrears.contracts import ArrearsDay
from schemas.audit.contracts import MEANS, AuditAction, AuditOpening, AuditPlan, Check
from schemas.dues.contracts import DuesOpening
from schemas.names import WorkflowType, bank_import_id, price_announcement_id
from schemas.pricing.contracts import RefreshPage, RepricingOrder
from schemas.statements.contracts import YearEndOpening
from schemas.statements.tax import TaxCap

BEGUN, TODAY = date(2027, 2, 19), date(2027, 2, 20)
UNENDED = "SELECT workflow_id FROM begun_runs WHERE NOT ended ORDER BY workflow_id"


async def stopped(pool, client, today=TODAY) -> dict[str, str]:
    """Return what an audit finds to have stopped: what it says, by workflow id."""
    plan = AuditPlan(opening=AuditOpening(run=str(uuid.uuid4()), today=today), page_size=1)
    [report] = await find_stopped_runs(pool, client, plan)
    assert report.check is Check.RUN_STOPPED
    return {one.subject: one.says for one in report.named}


async def begins(pool, workflow_id, workflow_type, on=BEGUN) -> None:
    """Note a run as the one that opens it does."""
    async with pool.acquire() as connection:
        await begin_run(connection, workflow_id, workflow_type, on)


async def starts(client, workflow_id, workflow_type):
    """Start a run that no worker takes up."""
    return await client.start_workflow(workflow_type, id=workflow_id, task_queue="nobody")


async def test_who_was_terminated_is_a_task_with_its_remedy(pool, client):
    """Terminated, never started, or another workflow's: each by its id, with what to do."""
    announcement, repricing, missing, squatted = (f"{name}-{uuid.uuid4()}" for name in "arms")
    await begins(pool, announcement, WorkflowType.PRICE_ANNOUNCEMENT)
    await begins(pool, repricing, WorkflowType.REPRICING)
    await begins(pool, missing, WorkflowType.DUES_RUN)
    await begins(pool, squatted, WorkflowType.YEAR_END_STATEMENTS)
    handle = await starts(client, announcement, WorkflowType.PRICE_ANNOUNCEMENT)
    goes_on = await starts(client, repricing, WorkflowType.REPRICING)
    squatter = await starts(client, squatted, "Anything")
    await handle.terminate()
    found = await stopped(pool, client)
    assert set(found) == {announcement, missing, squatted}
    assert f"was begun on {BEGUN}, and has neither ended nor goes on" in found[announcement]
    assert "run the same reprice command again" in found[announcement]
    assert "medlemsflyt dues-run" in found[missing]
    tasks = await pool.fetch("SELECT key FROM tasks WHERE kind = 'audit' ORDER BY key")
    assert [row["key"] for row in tasks] == sorted(f"audit/run_stopped/{one}" for one in found)
    assert MEANS[Check.RUN_STOPPED].cure is AuditAction.ASK
    for one in (goes_on, squatter):
        await one.terminate()


async def test_what_has_ended_or_only_begins_is_no_finding(pool, client):
    """Nor is a day of arrears that a later one has made up for."""
    for workflow_id, workflow_type, on, ended in (
        ("dues-run-2027-02", WorkflowType.DUES_RUN, BEGUN, True),
        ("year-end-2026", WorkflowType.YEAR_END_STATEMENTS, TODAY, False),
        ("arrears-2027-02-17", WorkflowType.ARREARS_RUN, date(2027, 2, 17), False),
        ("arrears-2027-02-18", WorkflowType.ARREARS_RUN, date(2027, 2, 18), True),
        ("arrears-2027-02-19", WorkflowType.ARREARS_RUN, BEGUN, False),
    ):
        await begins(pool, workflow_id, workflow_type, on)
        if ended:
            async with pool.acquire() as connection:
                await end_run(connection, workflow_id)
    assert set(await stopped(pool, client)) == {"arrears-2027-02-19"}
    # Begun again, it has yet to end.
    await begins(pool, "dues-run-2027-02", WorkflowType.DUES_RUN)
    assert "dues-run-2027-02" in await stopped(pool, client)


async def test_a_file_of_which_nothing_became_is_a_task(pool, client):
    """It was kept, and whoever should read it does not run."""
    file_id = await keep_file(pool, kind="payments", name="a", content=b"a", today=BEGUN)
    assert set(await stopped(pool, client, BEGUN)) == set()
    found = await stopped(pool, client)
    assert set(found) == {bank_import_id(file_id)}
    assert "send the same file again" in found[bank_import_id(file_id)]


@workflow.defn(name=WorkflowType.REPRICING)
class Done:
    """A run that has nothing left to do."""

    @workflow.run
    async def run(self) -> None:
        """End at once."""


async def test_what_temporal_knows_to_have_ended_is_written_down(pool, client):
    """So that it has ended when Temporal has forgotten it, and is in nobody's way."""
    queue = workflow_id = f"repricing-{uuid.uuid4()}"
    await begins(pool, workflow_id, WorkflowType.REPRICING)
    async with Worker(
        client, task_queue=queue, workflows=[Done], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        await client.execute_workflow(Done.run, id=workflow_id, task_queue=queue)
    assert await stopped(pool, client) == {}
    assert await pool.fetch(UNENDED) == []


async def test_whoever_opens_a_run_notes_it_and_whoever_sums_it_up(pool, client):
    """Between the two it has begun and not ended: the month, the day, the year, the prices."""
    environment = ActivityEnvironment()
    dues, arrears, pricing = Dues(pool), Arrears(pool, client), Pricing(pool, client)
    month = await environment.run(
        dues.open_dues_run, DuesOpening(period="2026-11", today=date(2026, 10, 20))
    )
    day = ArrearsDay(today=BEGUN)
    await environment.run(arrears.plan_arrears, day)
    order = RepricingOrder(effective_on=date(2027, 3, 1), rulebook="a" * 64)
    prices = price_announcement_id(order.effective_on, order.rulebook)
    await begins(pool, prices, WorkflowType.PRICE_ANNOUNCEMENT)
    unended = [row["workflow_id"] for row in await pool.fetch(UNENDED)]
    assert unended == ["arrears-2027-02-19", "dues-run-2026-11", prices]
    await environment.run(dues.report_dues_run, month)
    await environment.run(arrears.reinstate_members, day)
    await environment.run(pricing.refresh_records, RefreshPage(order=order, after="99999999"))
    assert await pool.fetch(UNENDED) == []


async def test_a_year_that_is_refused_has_not_begun(pool):
    """One that is opened has, until it is summed up."""
    environment, statements = ActivityEnvironment(), Statements(pool)
    refused = YearEndOpening(year=2027, today=BEGUN)
    assert (await environment.run(statements.open_year_end, refused)).refused is not None
    assert await pool.fetch(UNENDED) == []
    period = await environment.run(statements.open_year_end, YearEndOpening(year=2024, today=BEGUN))
    assert [row["workflow_id"] for row in await pool.fetch(UNENDED)] == ["year-end-2024"]
    assert isinstance(period.cap, TaxCap)
    await environment.run(statements.report_year_end, period)
    assert await pool.fetch(UNENDED) == []


def test_every_run_that_may_stop_has_a_remedy():
    """A new run must say what to do when it has stopped."""
    others = {
        WorkflowType.AUDIT,  # the next one says that it was missed
        WorkflowType.DEDUCTION_SETTLEMENT,  # started by the audit itself
        WorkflowType.EVENT_DELIVERY,  # started by the audit itself
        WorkflowType.MAILING,  # started by the audit itself
        WorkflowType.ERASURE,  # named where it has no certificate in time (erasure_overdue)
        WorkflowType.MEMBERSHIP,  # compared with its row
        WorkflowType.RETENTION,  # the next one begins what this one has not
        WorkflowType.ON_SCHEDULE,  # the run that it did not start is missed
    }
    assert {str(one) for one in WorkflowType} == {*REMEDIES, *others}
