"""The workflow `DuesRun` on the real server."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from schemas.dues.contracts import DuesProgress, DuesReport
from schemas.shared.vocabulary import Payer
from tests.dues.lives import A
from tests.dues.making import charged, term
from tests.dues.spoiling import clear_away, take_number
from tests.life import PATIENCE_SECONDS
from tests.runs import names_of, own_failures


async def result_of(handle):
    """Return the report of a run."""
    return DuesReport.model_validate(await asyncio.wait_for(handle.result(), PATIENCE_SECONDS))


async def test_a_run_charges_and_reports(hall):
    """Direct and by payroll, one set aside: the report says so, and the query how far it came."""
    period, start, members = await hall.members(
        term(), term(24750, payer=Payer.PAYROLL, employer=A), term(payer=Payer.PAYROLL)
    )
    handle = await hall.start({"period": period}, id=f"dues-run-{period}")
    report = await result_of(handle)
    assert (report.period, report.members, report.charges) == (period, 2, 2)
    assert (report.invoices, report.amount_ore) == (1, 49500 + 24750)
    assert (report.new_charges, report.new_invoices) == (2, 1)
    assert [held.membership_id for held in report.quarantined] == [members[2]]
    assert {(total.payer, total.amount_ore) for total in report.totals} == {
        (Payer.DIRECT, 49500),
        (Payer.PAYROLL, 24750),
    }
    progress = DuesProgress.model_validate(await handle.query("progress"))
    assert progress == DuesProgress(
        doing="Summing up", pages=1, pages_done=1, new_charges=2, new_invoices=1
    )
    found = [await charged(hall.pool, member, start) for member in members]
    assert found == [{"central_dues": 49500}, {f"central_dues {A}": 24750}, {}]


async def test_started_again_it_charges_what_is_missing(hall):
    """Under the same id, after it ended: the late one alone, and then nobody."""
    period, _, _ = await hall.members()
    first = await result_of(await hall.start({"period": period}, id=f"dues-run-{period}"))
    # Whoever joins late owes something in the same month.
    hall._months.pop()
    assert (await hall.members(term()))[0] == period
    second = await result_of(await hall.start({"period": period}, id=f"dues-run-{period}"))
    third = await result_of(await hall.start({"period": period}, id=f"dues-run-{period}"))
    runs = (first, second, third)
    assert [run.new_charges for run in runs] == [3, 1, 0]
    assert [run.charges for run in runs] == [3, 4, 4]


async def test_a_worker_that_dies_in_the_middle_costs_time_only(hall):
    """Every page is charged and its answer lost: tried again, nobody is charged twice."""
    period, start, members = await hall.members(*[term() for _ in range(9)])
    hall.dues.months.add(start)
    order = {"period": period, "page_size": 4}
    handle = await hall.start(order, id=f"dues-run-{period}")
    report = await result_of(handle)
    assert (report.members, report.charges, report.amount_ore) == (9, 9, 9 * 49500)
    assert len(hall.dues.died) >= 3
    for member in members:
        assert await charged(hall.pool, member, start) == {"central_dues": 49500}
    progress = DuesProgress.model_validate(await handle.query("progress"))
    assert progress.pages == progress.pages_done == len(hall.dues.died)


async def test_a_row_that_is_taken_stops_nobody_else(hall):
    """One invoice number is taken: all others are charged at once, and the run says who is not."""
    period, start, members = await hall.members(*[term() for _ in range(5)])
    bad, *others = members
    await take_number(hall.pool, bad)
    report = await result_of(await hall.start({"period": period}, id=f"dues-run-{period}"))
    assert [held.membership_id for held in report.quarantined] == [bad]
    assert report.charges == 4
    await clear_away(hall.pool, bad)
    report = await result_of(await hall.start({"period": period}, id=f"dues-run-{period}"))
    assert (report.quarantined, report.new_charges) == ((), 1)
    for member in (bad, *others):
        assert await charged(hall.pool, member, start) == {"central_dues": 49500}


WRONG = {
    "no argument": (),
    "null": (None,),
    "text": ("2026-12",),
    "a number": (42,),
    "a list": (["2026-12"],),
    "an empty object": ({},),
    "no such month": ({"period": "2026-13"},),
    "a date": ({"period": "2026-12-01"},),
    "a line break": ({"period": "2026-12\n"},),
    "another script's digits": ({"period": "２０２６-12"},),
    "a number for a month": ({"period": 202612},),
    "pages of nobody": ({"period": "2026-12", "page_size": 0},),
    "bytes": (b"\x00\xff\xfe",),
    "1 MB of text": ({"period": "x" * 1_000_000},),
}


async def ended(handle):
    """Wait until a run has ended, and return how; one that is wedged is ended here."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            status = (await handle.describe()).status
            if status is not WorkflowExecutionStatus.RUNNING:
                return status
            if failures := own_failures(await handle.fetch_history()):
                await handle.terminate()
                raise AssertionError(failures[0])
            await asyncio.sleep(0.05)  # a wedged run never answers `result`: it is looked at


async def test_two_arguments_fail_with_a_reason(hall):
    """Two orders in one are none."""
    period, start, members = await hall.members(term())
    handle = await hall.start({"period": period}, {"period": period})
    assert await ended(handle) is WorkflowExecutionStatus.FAILED
    assert await charged(hall.pool, members[0], start) == {}


async def test_a_cancelled_run_ends(hall):
    """The button of the Temporal UI stops a run; what is charged stands, the next run goes on."""
    period, _, _ = await hall.members(term())
    handle = await hall.start({"period": period}, id=f"dues-run-{period}")
    await handle.cancel()
    assert await ended(handle) in {
        WorkflowExecutionStatus.CANCELED,
        WorkflowExecutionStatus.COMPLETED,
    }
    assert (await result_of(await hall.start({"period": period}, id=handle.id))).charges == 1


async def test_wrong_orders_fail_with_a_reason_and_charge_nobody(hall):
    """Each ends as failed, in one task, and says what is wrong with it; none wedges."""
    await hall.members()
    before = await hall.pool.fetchval("SELECT count(*) FROM charges")
    handles = {what: await hall.start(*values) for what, values in WRONG.items()}
    for what, handle in handles.items():
        with pytest.raises(WorkflowFailureError) as caught:
            await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
        cause = caught.value.cause
        assert isinstance(cause, ApplicationError), what
        assert cause.non_retryable, what
        assert 5 < len(cause.message) < 1000, (what, cause.message[:200])
        assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED
        history = await handle.fetch_history()
        assert own_failures(history) == [], what
        assert "ACTIVITY_TASK_SCHEDULED" not in names_of(history), what
    assert await hall.pool.fetchval("SELECT count(*) FROM charges") == before


async def test_the_reason_names_the_field(hall):
    """An operator reads in the Temporal UI what to write instead."""
    handle = await hall.start({"period": "2026-13"})
    with pytest.raises(WorkflowFailureError) as caught:
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert "period: " in str(caught.value.cause)


async def test_signals_and_unknown_queries_do_not_disturb(hall):
    """A run takes no signal: one that is sent to it changes nothing."""
    period, _, _ = await hall.members()
    handle = await hall.start({"period": period}, id=f"dues-run-{period}")
    await handle.signal("decide_application", {"decision": "approve"})
    assert (await result_of(handle)).charges == 3
