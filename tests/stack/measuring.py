"""What a process measures, read as Prometheus would read it, and a state in which much waits."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

import httpx2
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.database.pool import open_pool
from workers.observability.core import Core, page_of
from workers.observability.listener import application
from workers.observability.metrics import Business, registry
from workers.observability.readiness import Readiness
from workers.stack import TemporalServer
from workers.stack.ports import HOST

PERSON = "person-00000000-0000-4000-8000-000000000016"
KARI = "membership-00000000-0000-4000-8000-000000000016"
OPEN = "membership-00000000-0000-4000-8000-000000000017"

MUCH_WAITS = f"""
INSERT INTO people (person_id, name, name_key, birth_date, email, email_key, language)
VALUES ('{PERSON}', 'Kari Hemmelig', 'karihemmelig', '1990-01-01', 'kari@example.org',
        'kari@example.org', 'nb');
INSERT INTO memberships (membership_id, person_id, stage, hidden, received_at, received_on,
                         last_decision)
VALUES ('{KARI}', '{PERSON}', 'under_review', true, '2026-10-01 12:00Z', '2026-10-01', 0);
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
VALUES ('suspense/kari', 'suspense', 'Something', '{KARI}', '2026-09-01');
INSERT INTO letters (membership_id, key, template, audience, figures, status, batch, ordered_on)
VALUES ('{KARI}', 'a', 'invoice', 'member', '{{}}', 'pending', 'batch', '2026-08-01');
INSERT INTO payments (reference, amount_ore, paid_on) VALUES ('KARI-1', 4200, '2026-07-01');
INSERT INTO dues_runs VALUES ('2026-10-01', '2026-10-01', '2026-10-14');
INSERT INTO dues_quarantine VALUES ('2026-10-01', '{KARI}', 'A reason');
INSERT INTO holds VALUES ('{KARI}', 'check', 'A reason', '2026-10-01');
INSERT INTO outbox (membership_id, type, key, happened_on)
VALUES ('{KARI}', 'approved', '1', '2026-10-01');
INSERT INTO memberships (membership_id, person_id, stage, hidden, received_at, received_on,
                         last_decision)
VALUES ('{OPEN}', '{PERSON}', 'under_review', false, '2026-10-01 12:00Z', '2026-11-28', 0);
INSERT INTO events (number, membership_id, type, key, happened_on)
VALUES (1, '{KARI}', 'approved', '2', '2026-10-01'), (2, '{OPEN}', 'approved', '1', '2026-10-01');
INSERT INTO consumers (consumer, url, secret, delivered_to, caught_up_at)
VALUES ('kari-hemmelig', 'https://crm.example', 'file:/s', 0, '2026-11-26 12:00Z'),
       ('paused', 'https://b.example', 'file:/s', 1, '2026-11-26 12:00Z'),
       ('quick', 'https://c.example', 'file:/s', 2, '2026-11-26 12:00Z');
UPDATE consumers SET paused_at = '2026-11-27 12:00Z', paused_by = 'ola', paused_why = 'moving'
WHERE consumer = 'paused';
"""
"""One of each thing that waits, of a hidden member of a known name; open to others: an event."""

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


stumbled_once: set[str] = set()


@workflow.defn
class Stumbling:
    """Has its first task failed, and then two attempts of an activity."""

    @workflow.run
    async def run(self) -> None:
        """Stumble once, and go on."""
        if workflow.info().workflow_id not in stumbled_once:
            stumbled_once.add(workflow.info().workflow_id)
            raise RuntimeError("a defect")
        await workflow.execute_activity("fail_twice", start_to_close_timeout=timedelta(minutes=1))


@workflow.defn
class Passing:
    """Is over at its first task."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


class Holding:
    """An activity that fails twice, and then holds the one place of its worker until let go."""

    def __init__(self) -> None:
        self.held = asyncio.Event()
        self.let_go = asyncio.Event()

    @activity.defn
    async def fail_twice(self) -> None:
        """Fail at first, for the metrics of failing."""
        if activity.info().attempt <= 2:
            raise ApplicationError("not yet")
        self.held.set()
        await self.let_go.wait()


class Page:
    """What a process and its server say, at a moment."""

    def __init__(self, text: str, of_the_server: str) -> None:
        self.text = text
        lines = (text + of_the_server).splitlines()
        # By the job that asks for them, which Prometheus adds to each: the server has workers, too.
        self.families: dict[str, list[Metric]] = {
            "medlemsflyt": list(text_string_to_metric_families(text)),
            "temporal": list(text_string_to_metric_families(of_the_server)),
        }

        # As Prometheus reads them: the parser ends each counter's name in _total.
        self.names = {line.partition("{")[0].partition(" ")[0] for line in lines}

    @property
    def samples(self) -> Iterable[Sample]:
        """All that is measured."""
        for job, families in self.families.items():
            for one in chain.from_iterable(family.samples for family in families):
                name = one.name if one.name in self.names else one.name.removesuffix("_total")
                yield one._replace(name=name, labels={**one.labels, "job": job})

    def value(self, name: str, **labels: str) -> float:
        """Return the one value of a metric with such labels."""
        (found,) = [
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return found

    @property
    def all(self) -> list[Sample]:
        """All that is measured, as a list."""
        return list(self.samples)


@dataclass(frozen=True)
class Pages:
    """What one worker and its server said, one after the other.

    Attributes:
        idle: a worker that has done nothing, of a union in which nothing waits.
        first: it has stumbled, and one of each thing waits.
        second: it has stumbled once more.
        seconds: between the last two.
    """

    idle: Page
    first: Page
    second: Page
    seconds: float


CROWD = 12
"""Workflows that wait beside: of all tasks most have then waited for a worker."""

LATE_SECONDS = 1.2
"""A task that waits for longer than a second is what a rule is about."""


async def stumbled(server: TemporalServer, database_url: str) -> Pages:
    """Return what a real worker says that is idle, and then stumbles twice before our eyes.

    Args:
        server: tells what it measures, too.
        database_url: as an operator finds it, with nothing in it.
    """
    core, kept_in = Core(), registry()
    business = Business(kept_in)
    client = await Client.connect(server.address, runtime=core.runtime)
    async with await open_pool(database_url, size=2) as pool, asyncio.timeout(120):
        await business.look(pool, client, NOW)
        async with _worker(client, Holding(), f"idle-{uuid.uuid4()}"):
            idle = await _page(server, kept_in, core)
        await pool.execute(MUCH_WAITS)
        await business.look(pool, client, NOW)
    pages, moments, queue = [], [], f"stumbling-{uuid.uuid4()}"
    for number in range(2):
        holding = Holding()
        handle = await client.start_workflow("Stumbling", id=f"{queue}-{number}", task_queue=queue)
        crowd = [
            await client.start_workflow("Passing", id=f"{handle.id}-{each}", task_queue=queue)
            for each in range(CROWD)
        ]
        for _ in range(CROWD):
            with contextlib.suppress(RPCError):
                await client.start_workflow("Stumbling", id="n" * 2000, task_queue=queue)
        # The wait is what is measured.
        await asyncio.sleep(LATE_SECONDS)
        async with asyncio.timeout(60), _worker(client, holding, queue):
            await asyncio.gather(holding.held.wait(), *(one.result() for one in crowd))
            pages.append(await _page(server, kept_in, core))
            moments.append(time.monotonic())
            holding.let_go.set()
            await handle.result()
    return Pages(idle, pages[0], pages[1], moments[1] - moments[0])


def _worker(client: Client, holding: Holding, queue: str) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[Stumbling, Passing],
        activities=[holding.fail_twice],
        max_concurrent_activities=1,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


async def _page(server: TemporalServer, kept_in: CollectorRegistry, core: Core) -> Page:
    transport = httpx2.ASGITransport(application(Readiness(), page_of(kept_in, core)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as asking:
        ours = await asking.get("/metrics")
    assert ours.headers["content-type"].startswith("text/plain; version=0.0.4")
    async with httpx2.AsyncClient(trust_env=False) as asking:
        theirs = await asking.get(f"http://{HOST}:{server.metrics_port}/metrics")
    return Page(ours.text, theirs.text)
