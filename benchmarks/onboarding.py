"""Onboardings a second against a no-op workflow with the same commands, in the same run.

    python -m benchmarks.onboarding [COUNT]

Server, database, mail sink, workers and client share this machine, each a process of its own; each
side has three workers. Each side runs COUNT workflows, IN_FLIGHT at once: start, approval, the
employer's answer; done when that has been applied.
"""

import asyncio
import logging
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from activities.database.examples import add_examples
from activities.database.migrate import migrate
from benchmarks.figures import Progress, say, used_s
from benchmarks.floor import APPLICATION, QUEUE, Floor
from benchmarks.floor_worker import QUEUES
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, membership_id
from workers.logging import LogFormat, configure_logging
from workers.pollers import pollers
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import MailSink, PostgresServer, TemporalServer
from workers.stack.parts import Command, Part
from workers.stack.ports import HOST
from workers.stack.processes import WorkerKind, WorkerProcess

IN_FLIGHT = 50
DEFAULT_COUNT = 300
WARM_UP = 3 * IN_FLIGHT
"""So often every connection of a pool has planned each statement for good."""

BIRTHDAYS = 10_000

One = Callable[[Client], Awaitable[None]]
"""One workflow's way, from its start to the last answer."""


async def main(count: int) -> None:
    """Measure both sides and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with _servers() as servers:
        print(f"workflows {count}")
        floor = await _side("floor", servers, servers.floor_workers(), _floor, count)
        member = await _side("onboarding", servers, servers.workers(), _membership, count)
    print(f"onboarding_ratio {member.per_s / floor.per_s:.2f}")
    if all_ms := sum(member.each_ms.values()):
        print(f"onboarding_processor_ratio {sum(floor.each_ms.values()) / all_ms:.2f}")


@dataclass(frozen=True)
class Side:
    """What one side came to.

    Attributes:
        per_s: workflows a second.
        each_ms: milliseconds of processor for each of them, by the process that used them.
    """

    per_s: float
    each_ms: Mapping[str, float]


async def _side(
    name: str, servers: "Servers", workers: Mapping[str, Part], one: One, count: int
) -> Side:
    """Measure one side with workers that have been warmed up, and print what it came to."""
    client = await servers.temporal.connect()
    async with AsyncExitStack() as stack:
        say(f"{name}: its workers start")
        for worker in workers.values():
            await stack.enter_async_context(worker)
        await _measure(client, one, WARM_UP, f"{name}, to warm up")
        parts = {**servers.parts, **workers}
        before = _used_s(parts)
        per_s = await _measure(client, one, count, name)
        after = _used_s(parts)
    each_ms = {part: 1000 * (after[part] - before[part]) / count for part in parts}
    print(f"{name}_per_s {per_s:.1f}")
    for part, milliseconds in each_ms.items():
        print(f"{name}_{part}_ms {milliseconds:.1f}", flush=True)
    return Side(per_s, each_ms)


def _used_s(parts: Mapping[str, Part]) -> dict[str, float]:
    """Return the seconds of processor that each process has used so far."""
    return {
        name: used_s(part.process.pid) if part.process is not None else 0.0
        for name, part in parts.items()
    }


async def _measure(client: Client, one: One, count: int, what: str) -> float:
    """Return how many a second, with IN_FLIGHT under way at once."""
    gate = asyncio.Semaphore(IN_FLIGHT)
    progress = Progress(what, count)

    async def guarded() -> None:
        async with gate:
            await one(client)
            progress.one_more()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as everybody:
        for _ in range(count):
            everybody.create_task(guarded())
    return count / (time.perf_counter() - started)


async def _floor(client: Client) -> None:
    handle = await client.start_workflow(
        Floor.run, APPLICATION, id=f"floor-{uuid.uuid4()}", task_queue=QUEUE
    )
    await handle.signal(Floor.go)
    await handle.execute_update(Floor.last)


async def _membership(client: Client) -> None:
    mark = str(uuid.uuid4())
    handle = await client.start_workflow(
        WorkflowType.MEMBERSHIP,
        _application(mark),
        id=membership_id(mark),
        task_queue=MEMBERSHIP_QUEUE,
    )
    await handle.signal("decide_application", {"decision": "approve", "caseworker": "bench"})
    answer: dict[str, Any] = await handle.execute_update(
        "answer_payroll_request", {"answer": "accepted"}
    )
    assert answer["applied"], answer


def _application(mark: str) -> dict[str, Any]:
    """Return one of somebody nobody resembles: of a union's members few are born on one day."""
    born = date(1965, 1, 1) + timedelta(days=int(mark[:8], 16) % BIRTHDAYS)
    return {
        "applicant": {
            "name": f"Bench {mark}",
            "birth_date": f"{born:%Y-%m-%d}",
            "email": f"{mark}@example.org",
        },
        "category": "ordinary",
        "employment": {"employer_orgnr": "974760673", "position_percent": "100"},
        "consents": {"terms": True},
    }


class FloorWorker(Part):
    """One of the floor's workers, a process as the product's are."""

    def __init__(self, kind: WorkerKind, temporal: TemporalServer, log_file: Path) -> None:
        super().__init__(f"floor {kind}", log_file)
        self._kind = kind
        self._temporal = temporal

    async def prepare(self) -> Command:
        """Say how to run it."""
        argv = (sys.executable, "-m", "benchmarks.floor_worker", self._kind, self._temporal.address)
        return Command(argv)

    async def answers(self) -> bool:
        """Whether it asks for work."""
        client = await self._temporal.connect()
        return bool(await pollers(client, QUEUES[self._kind], since=self.started_at))


@dataclass(frozen=True)
class Servers:
    """What both sides stand on."""

    folder: Path
    temporal: TemporalServer
    postgres: PostgresServer
    sink: MailSink
    environment: Mapping[str, str]

    @property
    def parts(self) -> dict[str, Part]:
        """Return the servers by their names."""
        return {"temporal": self.temporal, "postgresql": self.postgres, "mail_sink": self.sink}

    def floor_workers(self) -> dict[str, Part]:
        """Return the floor's three processes."""
        log_file = self.folder / "floor.log"
        return {kind: FloorWorker(kind, self.temporal, log_file) for kind in WorkerKind}

    def workers(self) -> dict[str, Part]:
        """Return the product's three processes."""
        log_file = self.folder / "workers.log"
        return {
            kind: WorkerProcess(kind, self.temporal, self.environment, log_file)
            for kind in WorkerKind
        }


@asynccontextmanager
async def _servers() -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        temporal = await stack.enter_async_context(
            TemporalServer(folder / "temporal.log", ui=False)
        )
        postgres = await stack.enter_async_context(PostgresServer(folder / "pg"))
        sink = await stack.enter_async_context(MailSink(folder / "mails", folder / "mail.log"))
        url = await postgres.create_database()
        await asyncio.to_thread(migrate, url)
        await add_examples(url)
        environment = _environment(folder, temporal, sink, url)
        yield Servers(folder, temporal, postgres, sink, environment)


def _environment(
    folder: Path, temporal: TemporalServer, sink: MailSink, database_url: str
) -> dict[str, str]:
    """Return the settings of the product's workers: those of a stack on one machine."""
    return {
        "TEMPORAL_ADDRESS": temporal.address,
        "DATABASE_URL": database_url,
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(sink.smtp_port),
        "SMTP_TLS": "none",
        "SMTP_FROM": "post@example.org",
        "MEDLEMSFLYT_ENVIRONMENT": "development",
        "MEDLEMSFLYT_BUILD_ID": DEVELOPMENT_BUILD,
        "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS": "1",
        "MEDLEMSFLYT_LOG": "json",
        "MEDLEMSFLYT_LIST_FOLDER": str(folder / "lists"),
    }


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_COUNT))
