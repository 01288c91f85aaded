"""A service of its own for settlements: a real server that may skip time, and the workers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from activities.database.pool import open_pool
from schemas.deduction.contracts import SettlementState
from schemas.names import report_id, settlement_id
from tests.clock import Skipper
from tests.deduction.making import Office
from tests.life import PATIENCE_SECONDS
from tests.roles import pools_of_workers
from workers import notifications, persistence, versions, workflows
from workers.demo.settled import is_settled
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import MailSink, TemporalServer


@dataclass
class Bureau:
    """Where the settlements of these tests take place."""

    temporal: TemporalServer
    client: Client
    skipper: TimeSkipper
    office: Office
    database_url: str
    mail_sink: MailSink

    async def start(self, *arguments: Any, id: str) -> WorkflowHandle[Any, Any]:
        """Start a settlement as another system would."""
        return await self.client.start_workflow(
            "DeductionSettlement", args=list(arguments), id=id, task_queue="membership"
        )

    async def settle(self, number: str, period: str) -> WorkflowHandle[Any, Any]:
        """Start the settlement of a list."""
        return await self.start({"list_number": number}, id=settlement_id(number[:8], period))

    async def report(self, content: bytes) -> Any:
        """Send a report, as the command line does, and return the verdict."""
        file_id = await self.keep(content)
        handle = await self.client.start_workflow(
            "DeductionReport", {"file_id": file_id}, id=report_id(file_id), task_queue="membership"
        )
        return await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)

    async def keep(self, content: bytes) -> str:
        """Keep a file."""
        from activities.shared.files import keep_file
        from tests.deduction.making import MADE_ON

        async with self.office.pool.acquire() as connection:
            return await keep_file(
                connection, kind="deduction_report", name="r.csv", content=content, today=MADE_ON
            )

    async def state(
        self, handle: WorkflowHandle[Any, Any], until: Callable[[SettlementState], bool]
    ) -> SettlementState:
        """Return where a settlement stands, once it stands there."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await handle.query("state")
                if answer is not None:
                    state = SettlementState.model_validate(answer)
                    if until(state):
                        return state
                await asyncio.sleep(0.05)  # its activities run in real time

    async def rest(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait until nothing of a settlement is under way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_settled(handle, self.client):
                await asyncio.sleep(0.05)  # its activities run in real time

    async def pass_days(self, handle: WorkflowHandle[Any, Any], days: float) -> None:
        """Let time pass for a settlement."""
        await asyncio.wait_for(
            self.skipper.fast_forward(handle, timedelta(days=days)), PATIENCE_SECONDS
        )


async def look(handle: WorkflowHandle[Any, Any]) -> None:
    """Have a settlement look again, unless an earlier look has seen all and settled it."""
    try:
        await handle.signal("look")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


@asynccontextmanager
async def open_bureau(
    folder: Path, database_url: str, mail_sink: MailSink
) -> AsyncIterator[Bureau]:
    """Open a Temporal server and the workers that a settlement needs."""
    async with (
        TemporalServer(folder / "temporal.log", time_skipping=True, ui=False) as server,
        await open_pool(database_url, size=12) as pool,
        pools_of_workers(database_url, size=12) as (keeping, sending),
    ):
        office = Office(pool, folder / "lists")
        office.settings = office.settings.__class__(
            host="127.0.0.1",
            port=mail_sink.smtp_port,
            sender="post@example.org",
            caseworkers="sak@example.org",
            insurance_office="forsikring@example.org",
            ui_url="http://ui.example",
            list_folder=folder / "lists",
        )
        deciding = await Client.connect(server.address, data_converter=workflows.CONVERTER)
        acting = await Client.connect(server.address, data_converter=pydantic_data_converter)
        rooms = persistence.rooms(keeping, acting, allow_synthetic_ids=True)
        office.deduction = rooms.deduction
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        async with (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(sending, office.settings)),
        ):
            client = await server.connect()
            skipper = Skipper(client)
            yield Bureau(server, client, skipper, office, database_url, mail_sink)
