"""The service as it runs, for measurements: servers, and workers as processes of their own."""

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from temporalio.client import Client, WorkflowHandle

from activities.database.examples import add_examples
from activities.database.migrate import migrate
from benchmarks.latency import delayed
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, membership_id
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import MailSink, PostgresServer, TemporalServer
from workers.stack.ports import HOST
from workers.stack.postgres import ADMINISTRATOR
from workers.stack.processes import WorkerKind, WorkerProcess

Handle = WorkflowHandle[Any, Any]


@dataclass(frozen=True)
class Service:
    """The servers, and what a worker process of theirs is told.

    Attributes:
        client: straight to Temporal, as another system's.
        database_url: straight to PostgreSQL.
    """

    folder: Path
    temporal: TemporalServer
    client: Client
    database_url: str
    environment: Mapping[str, str]

    @asynccontextmanager
    async def workers(self, number: int) -> AsyncIterator[None]:
        """Run one more worker of each kind, each a process."""
        async with AsyncExitStack() as stack:
            for kind in WorkerKind:
                log_file = self.folder / f"{kind}-{number}.log"
                worker = WorkerProcess(kind, self.temporal, self.environment, log_file, number)
                await stack.enter_async_context(worker)
            yield


@asynccontextmanager
async def service(delay_seconds: float = 0.0) -> AsyncIterator[Service]:
    """Run the servers of a service of the measurement's own.

    Args:
        delay_seconds: how long what a worker says to Temporal or PostgreSQL is on its way, and the
            answer again: how far away the servers are.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        temporal = await stack.enter_async_context(TemporalServer(folder / "t.log", ui=False))
        postgres = await stack.enter_async_context(PostgresServer(folder / "pg"))
        sink = await stack.enter_async_context(MailSink(folder / "mails", folder / "mail.log"))
        url = await postgres.create_database()
        await asyncio.to_thread(migrate, url)
        await add_examples(url)
        address, database_url = temporal.address, url
        if delay_seconds:
            port = await stack.enter_async_context(
                delayed(delay_seconds, HOST, temporal.ports.frontend)
            )
            address = f"{HOST}:{port}"
            socket = parse_qs(urlsplit(url).query)["host"][0]
            port = await stack.enter_async_context(
                delayed(delay_seconds, f"{socket}/.s.PGSQL.5432", None)
            )
            database_url = f"postgresql://{ADMINISTRATOR}@{HOST}:{port}{urlsplit(url).path}"
        environment = _environment(address, database_url, sink.smtp_port, folder)
        yield Service(folder, temporal, await temporal.connect(), url, environment)


def _environment(
    address: str, database_url: str, smtp_port: int, folder: Path
) -> Mapping[str, str]:
    return {
        "TEMPORAL_ADDRESS": address,
        "DATABASE_URL": database_url,
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(smtp_port),
        "SMTP_TLS": "none",
        "SMTP_FROM": "post@example.org",
        "MEDLEMSFLYT_ENVIRONMENT": "development",
        "MEDLEMSFLYT_BUILD_ID": DEVELOPMENT_BUILD,
        "MEDLEMSFLYT_PROMOTE": "1",
        "MEDLEMSFLYT_LOG": "json",
        "MEDLEMSFLYT_LIST_FOLDER": str(folder / "lists"),
    }


async def apply(client: Client) -> Handle:
    """Begin an ordinary member's membership."""
    mark = str(uuid.uuid4())
    month = int(mark[:2], 16) % 12 + 1
    handle: Handle = await client.start_workflow(
        WorkflowType.MEMBERSHIP,
        {
            "applicant": {
                "name": f"Bench {mark}",
                # Nobody resembles the others, as in a union few are born on one day.
                "birth_date": f"{1960 + int(mark[2:6], 16) % 40}-{month:02}-11",
                "email": f"{mark}@example.org",
            },
            "category": "ordinary",
            "employment": {"employer_orgnr": "974760673", "position_percent": "100"},
            "consents": {"terms": True},
        },
        id=membership_id(mark),
        task_queue=MEMBERSHIP_QUEUE,
    )
    return handle


async def approve(handle: Handle) -> None:
    """Decide as a caseworker, and wait for the answer."""
    answer: dict[str, Any] = await handle.execute_update(
        "decide_application", {"decision": "approve", "caseworker": "bench"}
    )
    assert answer["applied"], answer
