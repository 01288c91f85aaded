"""What a process measures, read as Prometheus would read it, and a state in which much waits."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from workers.observability.core import Core, page_of
from workers.observability.listener import application
from workers.observability.metrics import Business, registry
from workers.observability.readiness import Readiness

PERSON = "person-00000000-0000-4000-8000-000000000016"
KARI = "membership-00000000-0000-4000-8000-000000000016"

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
"""
"""One of each thing that waits, all of them about one hidden member of a known name."""

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@activity.defn
async def fail_twice() -> None:
    """Fail at first, for the metrics of failing."""
    if activity.info().attempt <= 2:
        raise ApplicationError("not yet")


@workflow.defn
class Stumbling:
    """Has its first task failed, and then an activity."""

    @workflow.run
    async def run(self) -> None:
        """Stumble once, and go on."""
        if not seen:
            seen.append(workflow.info().workflow_id)
            raise RuntimeError("a defect")
        await workflow.execute_activity(fail_twice, start_to_close_timeout=timedelta(seconds=5))


seen: list[str] = []


class Page:
    """A page of metrics, at a moment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: dict[str, Metric] = {
            family.name: family for family in text_string_to_metric_families(text)
        }

    @property
    def samples(self) -> Iterable[Sample]:
        """All that is measured."""
        return (sample for family in self.families.values() for sample in family.samples)

    def value(self, name: str, **labels: str) -> float:
        """Return the one value of a metric with such labels."""
        (found,) = [
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return found


async def measured_worker(address: str, queue: str, pool: Any, now: datetime = NOW) -> Page:
    """Return the page of a real worker that has stumbled, and looked at a database.

    Args:
        address: of a Temporal server.
        queue: of its own.
        pool: of the database.
        now: by which what waits is overdue.
    """
    core, kept_in = Core(), registry()
    business = Business(kept_in)
    client = await Client.connect(address, runtime=core.runtime)
    await business.look(pool, client, now)
    seen.clear()
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[Stumbling],
        activities=[fail_twice],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker, asyncio.timeout(60):
        await client.execute_workflow(Stumbling.run, id=queue, task_queue=queue)
        with contextlib.suppress(RPCError):
            await client.get_workflow_handle("nobody").describe()
        transport = httpx2.ASGITransport(application(Readiness(), page_of(kept_in, core)))
        async with httpx2.AsyncClient(transport=transport, base_url="http://here") as asking:
            answer = await asking.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return Page(answer.text)
