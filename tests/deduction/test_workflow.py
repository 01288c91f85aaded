"""The workflows `DeductionSettlement` and `DeductionReport` on the real server."""

import asyncio
import uuid

import pytest
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ActivityError, CancelledError
from temporalio.testing import ActivityEnvironment

from schemas.deduction.contracts import DeductionListsOrder, Discrepancy
from schemas.names import settlement_id
from tests import clock
from tests.deduction.bureau import look
from tests.deduction.making import filled
from tests.life import PATIENCE_SECONDS
from tests.runs import own_failures, payloads_of

TODAY = clock.today()
PERIOD = f"{TODAY:%Y-%m}"


def an_id(workflow: str) -> str:
    """Return an id of a type that nothing stands under."""
    digits = uuid.uuid4().int % 10**8
    return {
        "BankImport": f"bank-import-{digits:016x}",
        "DeductionReport": f"deduction-report-{digits:016x}",
        "DeductionSettlement": f"deduction-settlement-{digits:08d}-2099-12",
    }[workflow]


@pytest.fixture
async def month(bureau):
    """A list of this month for an employer of the test's own, and its two members."""
    office = bureau.office
    employer = f"9{uuid.uuid4().int % 10**8:08d}"
    members = [await office.joins(employer=employer) for _ in range(2)]
    for member in members:
        await office.charge(member, PERIOD, employer=employer)
    order = DeductionListsOrder(period_from=TODAY.replace(day=1), today=TODAY)
    await ActivityEnvironment().run(office.deduction.make_deduction_lists, order)
    return await office.number_of(employer, PERIOD), members, employer


async def delivered(bureau, handle, number):
    """Return the delivered file."""
    await bureau.state(handle, lambda state: state.figures.delivered_on is not None)
    return await bureau.office.file_of(number)


async def test_a_month_is_settled(bureau, month):
    """Delivered, reported, paid: it ends, and an invoice with its letter is on its way."""
    number, members, employer = month
    first, _ = members
    handle = await bureau.settle(number, PERIOD)
    content = await delivered(bureau, handle, number)
    answers = {bureau.office.numbers[first]: ("0", "NAV")}
    verdict = await bureau.report(filled(content, answers))
    assert (verdict["outcome"], verdict["counted"]) == ("applied", 2)
    await bureau.state(handle, lambda state: state.figures.open_lines == 0)
    await bureau.office.pay(number, 49500)
    await look(handle)
    result = await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert result["settled"]
    mailing = bureau.client.get_workflow_handle(
        f"mailing-deduction-settlement-{number[:8]}-{PERIOD}"
    )
    done = await asyncio.wait_for(mailing.result(), PATIENCE_SECONDS)
    assert done["done"]["sent"] == 1
    history = await handle.fetch_history()
    assert own_failures(history) == []
    said = payloads_of(history)
    assert number in said
    national_ids = await bureau.office.pool.fetch(
        "SELECT national_id FROM people JOIN memberships USING (person_id)"
        " WHERE membership_id = ANY($1)",
        list(members),
    )
    secrets = ("Nordmann", employer, bureau.office.numbers[first] + '"')
    for secret in (*secrets, *(row["national_id"] for row in national_ids)):
        assert secret not in said, secret


async def test_whom_it_waits_for_is_visible(bureau, month):
    """AwaitingRoles and the page; overdue it reminds, and asks a caseworker."""
    number, _, _ = month
    handle = await bureau.settle(number, PERIOD)
    await delivered(bureau, handle, number)
    described = await handle.describe()
    attributes = described.search_attributes
    assert attributes["AwaitingRoles"] == ["employer"]
    assert attributes["WaitingSince"]
    await bureau.pass_days(handle, 60)
    state = await bureau.state(handle, lambda state: bool(state.matters))
    assert [matter.finding for matter in state.matters] == [Discrepancy.REPORT_MISSING]
    tasks = await bureau.office.pool.fetch("SELECT kind FROM tasks WHERE key LIKE $1", f"%{number}")
    assert [row["kind"] for row in tasks] == ["deduction_report_missing"]
    await handle.terminate()


async def test_decisions_by_update_and_signal(bureau, month):
    """Applied or refused with its reason, as an update's answer or on the page."""
    number, (first, second), _ = month
    handle = await bureau.settle(number, PERIOD)
    content = await delivered(bureau, handle, number)
    office = bureau.office
    answers = {office.numbers[first]: ("0", "OTHER"), office.numbers[second]: ("0", "OTHER")}
    await bureau.report(filled(content, answers))
    await bureau.state(handle, lambda state: state.figures.undecided == 2)
    assert (await handle.describe()).search_attributes["AwaitingRoles"] == ["caseworker"]
    decision = {"decision": "write_off", "caseworker": "ola", "reason": "avtalt"}
    for wrong, says in (
        ({**decision, "membership_id": "membership-x"}, "is not on this list"),
        ({**decision, "decision": "forgive"}, "must be one of invoice, write_off, wait"),
        ({"membership_id": first}, "is required"),
        ({**decision, "decision": "invoice"}, "membership_id is required"),
    ):
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await handle.execute_update("decide_deduction", wrong)
        assert says in str(caught.value.cause), wrong
    answer = await handle.execute_update("decide_deduction", {**decision, "membership_id": first})
    assert answer["applied"]
    await bureau.state(handle, lambda state: state.figures.undecided == 1)
    await handle.signal("decide_deduction", {**decision, "membership_id": second})
    assert (await asyncio.wait_for(handle.result(), PATIENCE_SECONDS))["settled"]


GARBAGE = {
    "nothing": (),
    "null": (None,),
    "text": ("avskriv",),
    "a list": ([1, 2],),
    "an empty object": ({},),
    "bytes": (b"\x00\xff",),
    "two arguments": ({}, {}),
    "unknown fields": ({"membership_id": "x", "decision": "wait", "who": 1},),
    "much": ({"reason": "x" * 100_000},),
}


async def test_garbage_never_wedges_it(bureau, month):
    """Every signal ends as applied or on the page; then the month is settled as any other."""
    number, _, _ = month
    handle = await bureau.settle(number, PERIOD)
    content = await delivered(bureau, handle, number)
    for values in GARBAGE.values():
        for name in ("decide_deduction", "look", "no_such_signal"):
            await handle.signal(name, args=list(values))
    for values in list(GARBAGE.values())[:-3]:
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update("decide_deduction", args=list(values))
    page = (await handle.query("__temporal_workflow_metadata")).current_details
    assert "de kjente er look, decide_deduction" in page.replace("\\", "")
    await bureau.report(filled(content))
    await bureau.office.pay(number, 99000)
    await look(handle)
    assert (await asyncio.wait_for(handle.result(), PATIENCE_SECONDS))["settled"]
    assert own_failures(await handle.fetch_history()) == []


async def test_a_settlement_may_be_cancelled(bureau, month):
    """Nobody's life hangs on it: it ends, where a membership would record who asked for that."""
    number, _, _ = month
    handle = await bureau.settle(number, PERIOD)
    await delivered(bureau, handle, number)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as caught:
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert isinstance(caught.value.cause, CancelledError)


UNKNOWN = {
    "DeductionReport": ({"file_id": "0" * 64}, "no such file was kept"),
    "DeductionSettlement": ({"list_number": "99999999-1"}, "there is no such list"),
    "BankImport": ({"file_id": "0" * 64}, "no such file was kept"),
}


@pytest.mark.parametrize("workflow", UNKNOWN)
async def test_an_id_that_nothing_has_is_not_tried_for_ever(bureau, workflow):
    """The run ends as failed at its first attempt, says what there is none of, repeats no id."""
    order, says = UNKNOWN[workflow]
    handle = await bureau.client.start_workflow(
        workflow, order, id=an_id(workflow), task_queue="membership"
    )
    with pytest.raises(WorkflowFailureError) as caught:
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert isinstance(caught.value.cause, ActivityError)
    assert says in str(caught.value.cause.cause)
    (failed,) = [
        event.activity_task_failed_event_attributes
        for event in (await handle.fetch_history()).events
        if event.HasField("activity_task_failed_event_attributes")
    ]
    assert failed.failure.application_failure_info.non_retryable
    assert next(iter(order.values())) not in str(failed)


async def test_wrong_orders_fail_with_a_reason(bureau):
    """Each ends as failed, and says what is wrong; none wedges."""
    for values in ((), (None,), ({},), ("00000001-1",), ({"list_number": "1-1"},), (1, 2)):
        for workflow in ("DeductionSettlement", "DeductionReport"):
            handle = await bureau.client.start_workflow(
                workflow,
                args=list(values),
                id=an_id(workflow),
                task_queue="membership",
            )
            with pytest.raises(WorkflowFailureError):
                await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
            assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED


async def test_settlements_are_started_once(bureau, month):
    """By the activity of the dues run, again without effect; the ids name nobody."""
    number, _, employer = month
    room = bureau.office.deduction
    environment = ActivityEnvironment()
    counted = await environment.run(room.start_settlements, PERIOD)
    assert counted == await environment.run(room.start_settlements, PERIOD) >= 1
    handle = bureau.client.get_workflow_handle(settlement_id(number[:8], PERIOD))
    await delivered(bureau, handle, number)
    assert employer not in handle.id


async def test_what_comes_after_the_end_is_still_looked_at(bureau, month):
    """A second, different answer when all was settled: a new run sees it, and a task is opened."""
    number, (first, _), _ = month
    handle = await bureau.settle(number, PERIOD)
    content = await delivered(bureau, handle, number)
    await bureau.report(filled(content))
    await bureau.office.pay(number, 99000)
    await look(handle)
    await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    await bureau.report(filled(content, {bureau.office.numbers[first]: ("0", "NAV")}))
    again = bureau.client.get_workflow_handle(handle.id)
    assert (await asyncio.wait_for(again.result(), PATIENCE_SECONDS))["settled"]
    task = await bureau.office.pool.fetchval(
        "SELECT membership_id FROM tasks WHERE kind = 'deduction_contradicted' AND key LIKE $1",
        f"%{number}%",
    )
    assert task == first


async def test_a_list_without_a_channel_goes_out_once_it_has_one(bureau, month):
    """It waits for a caseworker, tries every day, and goes on by itself."""
    number, _, employer = month
    office = bureau.office
    await office.pool.execute(
        "ALTER TABLE employers DROP CONSTRAINT employers_mail_is_locked;"
        f"UPDATE employers SET list_channel = 'email' WHERE orgnr = '{employer}';"
        # Others use this database: what is not so is kept from everybody but this employer.
        "ALTER TABLE employers ADD CONSTRAINT employers_mail_is_locked CHECK ("
        "list_channel = 'folder' OR (email IS NOT NULL AND list_password IS NOT NULL)) NOT VALID"
    )
    handle = await bureau.settle(number, PERIOD)
    state = await bureau.state(handle, lambda state: bool(state.matters))
    assert [matter.finding for matter in state.matters] == [Discrepancy.NOT_DELIVERED]
    assert (await handle.describe()).search_attributes["AwaitingRoles"] == ["caseworker"]
    await office.pool.execute(
        "UPDATE employers SET list_channel = 'folder' WHERE orgnr = $1", employer
    )
    await bureau.pass_days(handle, 1.5)
    await delivered(bureau, handle, number)
    await handle.terminate()


async def test_a_long_wait_renews_its_history(bureau, month, monkeypatch):
    """Many looks: the run goes on in a new one, and nothing is lost."""
    from workflows.shared import options

    monkeypatch.setattr(options, "RENEW_AFTER_EVENTS", 40)
    number, _, _ = month
    handle = await bureau.settle(number, PERIOD)
    content = await delivered(bureau, handle, number)
    for _ in range(12):
        await handle.signal("look")
        await bureau.rest(handle)  # each look by itself: those that come together are one
    await bureau.office.pay(number, 99000)
    await bureau.report(filled(content))  # which has it looked at: it may be settled at once
    latest = bureau.client.get_workflow_handle(handle.id)
    assert (await asyncio.wait_for(latest.result(), PATIENCE_SECONDS))["settled"]
    assert (await latest.describe()).run_id != handle.first_execution_run_id


async def test_an_occupied_id_stops_no_settlement(bureau, month):
    """The list goes out under another id, somebody is told, and what comes later finds it."""
    number, _, _ = month
    usual = settlement_id(number[:8], PERIOD)
    squatter = await bureau.client.start_workflow("Anything", id=usual, task_queue="nobody")
    room = bureau.office.deduction
    for _ in range(2):
        await ActivityEnvironment().run(room.start_settlements, PERIOD)
    handle = bureau.client.get_workflow_handle(f"{usual}.2")
    content = await delivered(bureau, handle, number)
    says = await bureau.office.pool.fetch(
        "SELECT says FROM tasks WHERE key = $1", f"settlement-moved/{number}"
    )
    assert [handle.id in row["says"] for row in says] == [True]
    await bureau.report(filled(content))
    await bureau.state(handle, lambda state: state.figures.open_lines == 0)
    await squatter.terminate()
