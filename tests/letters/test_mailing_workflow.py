"""The workflow `Mailing` on the real server, with notifications workers as real processes."""

import asyncio
import os
import signal
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.database.roles import NOTIFICATIONS, as_role
from activities.letters.settings import NotificationSettings
from schemas.letters.contracts import MailingCounts, MailingProgress
from schemas.names import MAILINGS_QUEUE
from tests.letters.mailserver import MailServer
from tests.letters.making import end_membership, make_membership, order_batch
from tests.life import PATIENCE_SECONDS
from tests.runs import own_failures
from workers import notifications, persistence, versions, workflows
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer
from workflows.letters.mailing import start_mailing
from workflows.shared import options
from workflows.shared.options import LAST


@workflow.defn(name="Ordering")
class Ordering:
    """Stands for a run that has ordered letters."""

    @workflow.run
    async def run(self, batch: str) -> None:
        """Have the batch sent."""
        await start_mailing(batch)


@dataclass
class PostOffice:
    """A Temporal server with a workflows worker; the tests bring the notifications workers."""

    client: Client
    address: str

    async def mail(self, *arguments: Any, batch: str) -> Any:
        """Start a mailing as another system would."""
        return await self.client.start_workflow(
            "Mailing",
            args=list(arguments) or [{"batch": batch}],
            id=f"mailing-{batch}",
            task_queue="membership",
        )

    @asynccontextmanager
    async def worker(
        self, pool: asyncpg.Pool, settings: NotificationSettings
    ) -> AsyncIterator[None]:
        """Run a notifications worker in this process."""
        acting = await Client.connect(self.address, data_converter=pydantic_data_converter)
        async with notifications.worker(acting, notifications.rooms(pool, settings)):
            yield

    async def process(self, database_url: str, port: int) -> asyncio.subprocess.Process:
        """Start a notifications worker as a process of its own."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "workers",
            "worker",
            "notifications",
            cwd=Path(__file__).parents[2],
            env={
                **os.environ,
                "TEMPORAL_ADDRESS": self.address,
                "DATABASE_URL": as_role(database_url, NOTIFICATIONS),
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(port),
                "SMTP_FROM": "brev@union.example",
            },
        )


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostOffice]:
    """A server whose queues only these tests use."""
    log = tmp_path_factory.mktemp("office") / "temporal.log"
    async with TemporalServer(log, time_skipping=True, ui=False) as it:
        deciding = await Client.connect(it.address, data_converter=workflows.CONVERTER)
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        ordering = Worker(
            deciding,
            task_queue="ordering",
            workflows=[Ordering],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with workflows.worker(deciding), ordering:
            yield PostOffice(await it.connect(), it.address)


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


async def outcome(handle: Any) -> MailingProgress:
    """Return what a mailing ended with."""
    return MailingProgress.model_validate(await asyncio.wait_for(handle.result(), PATIENCE_SECONDS))


async def batch_of(pool: asyncpg.Pool, batch: str, count: int) -> list[str]:
    """Order a letter for so many members, each with an address of their own."""
    members = [await make_membership(pool, email=f"m{n}@example.org") for n in range(count)]
    await order_batch(pool, members, batch=batch)
    return members


async def test_killed_in_the_middle_each_letter_goes_out_once(
    office: PostOffice,
    pool: asyncpg.Pool,
    database_url: str,
    mails: MailServer,
    batch: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kill -9 of a worker process after ten of forty; one has died meanwhile; another takes over.

    By Message-ID every letter is there once, and a second copy of one is the same to the byte.
    """
    monkeypatch.setattr(options, "MAILING_HEARTBEAT", timedelta(seconds=6))
    members = await batch_of(pool, batch, 40)
    dying = await office.process(database_url, mails.port)
    killed = asyncio.Event()

    async def kill() -> None:
        if len(mails.mails) == 10:
            dying.send_signal(signal.SIGKILL)
            killed.set()

    mails.on_mail = kill
    handle = await office.mail(batch=batch)
    await asyncio.wait_for(killed.wait(), PATIENCE_SECONDS)
    await dying.wait()
    died = await pool.fetchval(
        "UPDATE memberships SET stage = 'ended', outcome = 'deceased' WHERE membership_id ="
        " (SELECT membership_id FROM letters WHERE batch = $1 AND status = 'pending'"
        "  ORDER BY membership_id DESC LIMIT 1) RETURNING membership_id",
        batch,
    )
    assert died in members
    other = await office.process(database_url, mails.port)
    try:
        done = (await outcome(handle)).done
    finally:
        other.terminate()
        await other.wait()
    assert (done.sent, done.suppressed, done.bounced) == (39, 1, 0)
    by_id: dict[str, set[bytes]] = {}
    for mail in mails.mails:
        by_id.setdefault(str(mail.message["Message-ID"]), set()).add(mail.content)
    assert len(by_id) == 39
    assert all(len(copies) == 1 for copies in by_id.values())
    statuses = Counter(
        row["status"]
        for row in await pool.fetch("SELECT status FROM letters WHERE batch = $1", batch)
    )
    assert statuses == {"sent": 39, "suppressed": 1}


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
