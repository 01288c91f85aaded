"""Where later lives are recorded: its prices, rules and mail are its own, for stories to spoil."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.persons.merging import MergeOrder, merge
from activities.shared.files import keep_file
from schemas.deduction.contracts import (
    DeductionListsOrder,
    SettlementState,
)
from schemas.names import report_id, settlement_id
from tests.arrears.making import owe
from tests.clock import Skipper, today
from tests.deduction.making import Office
from tests.letters.conftest import settings_for
from tests.letters.mailserver import MailServer, mail_server
from tests.life import PATIENCE_SECONDS, Json, Life
from tests.pricing.hall import Hall, open_hall
from workers import versions, workflows

Handle = WorkflowHandle[Any, Any]


@dataclass
class Month:
    """One employer's list of this month, with two members on it.

    Attributes:
        handle: of its settlement.
        members: their ids; nobody lives behind them.
    """

    handle: Handle
    number: str
    period: str
    employer: str
    members: tuple[str, str]


@dataclass
class Town:
    """A whole service for the stories to be recorded."""

    hall: Hall
    office: Office
    mails: MailServer
    stack: AsyncExitStack

    async def deploy(self, build_id: str) -> None:
        """Put workers of another build to work, and let all runs to come be theirs."""
        client = await Client.connect(self.hall.address, data_converter=workflows.CONVERTER)
        await self.stack.enter_async_context(workflows.worker(client, build_id))
        await versions.promote(client, build_id, unseen=True)

    @property
    def pool(self) -> asyncpg.Pool:
        """Connections to its database."""
        return self.hall.pool

    async def month(self, *, channel: str = "folder") -> Month:
        """Make a list, and begin its settlement.

        Args:
            channel: how the employer gets lists; ``none``: nobody has said so yet.
        """
        period, employer = f"{today():%Y-%m}", f"9{uuid.uuid4().int % 10**8:08d}"
        members = (
            await self.office.joins(employer=employer),
            await self.office.joins(employer=employer),
        )
        for member in members:
            await self.office.charge(member, period, employer=employer)
        order = DeductionListsOrder(period_from=today().replace(day=1), today=today())
        await ActivityEnvironment().run(self.office.deduction.make_deduction_lists, order)
        number = await self.office.number_of(employer, period)
        if channel == "none":
            await self.without_channel(employer)
        handle = await self.hall.client.start_workflow(
            "DeductionSettlement",
            {"list_number": number},
            id=settlement_id(number[:8], period),
            task_queue="membership",
        )
        return Month(handle, number, period, employer, members)

    async def merge(self, stays: str, goes: str) -> None:
        """Say that two members are one person, and which membership goes on."""
        order = MergeOrder(stays, goes, stays, today())
        async with self.pool.acquire() as connection, connection.transaction():
            await merge(connection, order, caseworker="ola", reason="Samme person")

    async def without_channel(self, employer: str) -> None:
        """Let an employer want its lists by mail, and have no address."""
        await self.pool.execute(
            "ALTER TABLE employers DROP CONSTRAINT employers_mail_is_locked;"
            f"UPDATE employers SET list_channel = 'email' WHERE orgnr = '{employer}';"
            "ALTER TABLE employers ADD CONSTRAINT employers_mail_is_locked CHECK ("
            "list_channel = 'folder' OR (email IS NOT NULL AND list_password IS NOT NULL))"
            " NOT VALID"
        )

    async def delivered(self, month: Month) -> bytes:
        """Return a list's file once it lies in its employer's folder."""
        await self.stands(month, lambda state: state.figures.delivered_on is not None)
        return await self.office.file_of(month.number)

    async def stands(
        self, month: Month, until: Callable[[SettlementState], bool]
    ) -> SettlementState:
        """Return where a settlement stands, once it stands there."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await month.handle.query("state")
                if answer is not None and until(SettlementState.model_validate(answer)):
                    return SettlementState.model_validate(answer)
                await asyncio.sleep(0.05)  # its activities run in real time

    async def report(self, content: bytes) -> Handle:
        """Take an employer's report; return the run that took it."""
        async with self.pool.acquire() as connection:
            file_id = await keep_file(
                connection, kind="deduction_report", name="r.csv", content=content, today=today()
            )
        handle: Handle = await self.hall.client.start_workflow(
            "DeductionReport", {"file_id": file_id}, id=report_id(file_id), task_queue="membership"
        )
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
        return handle

    async def days(self, month: Month, count: float) -> None:
        """Let days pass for a settlement."""
        skipper = Skipper(self.hall.client)
        ahead = skipper.fast_forward(month.handle, timedelta(days=count))
        await asyncio.wait_for(ahead, PATIENCE_SECONDS)

    async def charge(self) -> tuple[Handle, Handle]:
        """Run the coming month's dues; return the run and the mailing of its invoices."""
        period = f"{self.hall.coming:%Y-%m}"
        handle: Handle = await self.hall.client.start_workflow(
            "DuesRun", {"period": period}, id=f"dues-run-{period}", task_queue="membership"
        )
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
        mailing = self.hall.client.get_workflow_handle(f"mailing-dues-run-{period}")
        await asyncio.wait_for(mailing.result(), PATIENCE_SECONDS)
        return handle, mailing

    async def invoice_of(self, membership_id: str) -> Json:
        """Return the newest invoice of a member: its number, its KID and what it asks."""
        row = await self.pool.fetchrow(
            "SELECT number, kid, total_ore FROM invoices WHERE membership_id = $1"
            " ORDER BY number DESC LIMIT 1",
            membership_id,
        )
        assert row is not None, "nobody charged them"
        return dict(row)

    async def later_invoice(self, life: Life) -> Json:
        """Let a member owe one more month, and return its invoice."""
        await owe(self.pool, life.id, await life.today() + timedelta(days=30))
        return await self.invoice_of(life.id)

    async def warn(self, membership_id: str) -> None:
        """Let somebody owe four months, and have been warned long enough ago (A30)."""
        numbers = [
            await owe(self.pool, membership_id, today() - timedelta(days=30 * months))
            for months in range(1, 5)
        ]
        await self.pool.executemany(
            "INSERT INTO arrears_steps (invoice_number, step, membership_id, taken_on)"
            " VALUES ($1, 'warning', $2, $3)",
            [(number, membership_id, today() - timedelta(days=20)) for number in numbers],
        )

    @asynccontextmanager
    async def payment_first(self) -> AsyncIterator[None]:
        """Let employers of those who join be asked once the first invoice is paid (A20)."""
        query = "UPDATE policies SET value = $1 WHERE name = 'payroll_needs_first_payment'"
        await self.pool.execute(query, True)
        try:
            yield
        finally:
            await self.pool.execute(query, False)

    @asynccontextmanager
    async def gap(self, table: str) -> AsyncIterator[None]:
        """Take all rows out of a table of the rulebook, and put them back afterwards."""
        kept = await self.pool.fetchval(f"SELECT jsonb_agg(to_jsonb({table})) FROM {table}")
        await self.pool.execute(f"DELETE FROM {table}")
        try:
            yield
        finally:
            await self.pool.execute(
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1)",
                kept,
            )


@asynccontextmanager
async def open_town(folder: Path, database_url: str) -> AsyncIterator[Town]:
    """Open a service whose mail server says what it is told to."""
    async with mail_server() as mails:
        settings = replace(settings_for(mails.port), list_folder=folder / "lists")
        async with (
            open_hall(folder, database_url, settings, folder) as hall,
            AsyncExitStack() as stack,
        ):
            yield Town(hall, Office(hall.pool, folder / "lists"), mails, stack)
