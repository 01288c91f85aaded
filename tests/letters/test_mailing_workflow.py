"""The workflow `Mailing` on the real server; `make chaos` kills its workers."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.letters.settings import NotificationSettings
from schemas.letters.contracts import MailingCounts, MailingProgress
from schemas.names import MAILINGS_QUEUE
from tests.letters.mailserver import MailServer
from tests.letters.making import end_membership
from tests.letters.post_office import PostOffice, batch_of, outcome, post_office
from tests.life import PATIENCE_SECONDS
from tests.runs import own_failures
from workers import persistence
from workflows.shared import options
from workflows.shared.options import LAST


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostOffice]:
    """A server whose queues only these tests use."""
    async with post_office(tmp_path_factory.mktemp("office") / "temporal.log") as it:
        yield it


@pytest.fixture
def batch() -> str:
    """A batch of the test's own."""
    return f"deduction-settlement-{uuid.uuid4().int % 10**8:08d}-2026-12"


async def asked_for(handle: Any, activity: str) -> set[tuple[str, int]]:
    """The queues an activity was asked for on, with its priorities."""
    history = await handle.fetch_history()
    scheduled = (event.activity_task_scheduled_event_attributes for event in history.events)
    return {
        (one.task_queue.name, one.priority.priority_key)
        for one in scheduled
        if one.activity_type.name == activity
    }


async def test_progress_and_outcome(
    office: PostOffice,
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    batch: str,
) -> None:
    """Five letters, one suppressed: the query and the result agree; again there is nothing."""
    members = await batch_of(pool, batch, 5)
    await end_membership(pool, members[2], "deceased")
    async with office.worker(pool, settings):
        handle = await office.mail(batch=batch)
        done = await outcome(handle)
        assert done == MailingProgress(
            batch=batch, letters=5, done=MailingCounts(sent=4, suppressed=1), waiting=0
        )
        assert MailingProgress.model_validate(await handle.query("progress")) == done
        assert await asked_for(handle, "deliver_batch") == {(MAILINGS_QUEUE, LAST.priority_key)}
        again = await outcome(await office.mail(batch=batch))
    assert again.done == MailingCounts()
    assert len(mails.mails) == 4


async def test_what_is_not_taken_is_tried_again_and_at_last_handed_to_a_caseworker(
    office: PostOffice,
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    batch: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One letter is never taken: after the sweeps there is a task, and the mailing ends."""
    monkeypatch.setattr(options, "MAILING_PAUSE", timedelta(milliseconds=50))
    monkeypatch.setattr(options, "MAILING_SWEEPS", 2)
    await batch_of(pool, batch, 1)
    mails.answers = ["451 4.7.1 try later"] * 10
    async with office.worker(pool, settings):
        done = await outcome(await office.mail(batch=batch))
        assert (done.letters, done.waiting, done.done) == (1, 1, MailingCounts())
        (task,) = await pool.fetch("SELECT key, kind FROM tasks")
        assert tuple(task) == (f"mailing/{batch}", "mailing_incomplete")
        mails.answers = []
        await pool.execute("UPDATE letters SET not_before = NULL WHERE batch = $1", batch)
        assert (await outcome(await office.mail(batch=batch))).done.sent == 1


async def test_a_long_mailing_goes_on_in_a_new_run(
    office: PostOffice,
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    batch: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is done is carried over, and nothing is sent twice."""
    monkeypatch.setattr(options, "RENEW_RUN_AFTER_EVENTS", 3)
    await batch_of(pool, batch, 3)
    async with office.worker(pool, settings):
        handle = await office.mail(batch=batch)
        assert (await outcome(handle)).done.sent == 3
    first = await office.client.get_workflow_handle(
        handle.id, run_id=handle.first_execution_run_id
    ).describe()
    assert first.status is not None
    assert first.status.name == "CONTINUED_AS_NEW"
    assert len(mails.mails) == 3


async def test_a_run_starts_a_mailing_or_tells_the_one_under_way(
    office: PostOffice,
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    batch: str,
) -> None:
    """Ordered twice: once while the mailing is about to end, and once after it has ended."""
    await batch_of(pool, batch, 2)
    mailing = office.client.get_workflow_handle(f"mailing-{batch}")

    async def order() -> None:
        await office.client.execute_workflow(
            "Ordering", batch, id=f"ordering-{uuid.uuid4()}", task_queue="ordering"
        )

    acting = await Client.connect(office.address, data_converter=pydantic_data_converter)
    rooms = persistence.rooms(pool, acting, allow_synthetic_ids=True)
    async with persistence.worker(acting, rooms):  # sees who stands under the mailing's id
        await order()
        await order()  # under way: no worker sends yet
    async with office.worker(pool, settings):
        assert (await outcome(mailing)).done.sent == 2
        await batch_of(pool, batch, 1)
        await order()
        assert (await outcome(mailing)).done.sent == 1
    assert len(mails.mails) == 3
    assert own_failures(await mailing.fetch_history()) == []


@pytest.mark.parametrize(
    "order", [{}, {"batch": "Kari Nordmann"}, {"batch": "x", "today": "soon"}, "x", None, 7]
)
async def test_a_wrong_order_fails_with_a_reason(office: PostOffice, order: Any) -> None:
    """It ends as failed in one task and sends nothing; a batch's name is no place for a person."""
    handle = await office.mail(order, batch=f"wrong-{uuid.uuid4().hex}")
    with pytest.raises(WorkflowFailureError):
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert own_failures(await handle.fetch_history()) == []
