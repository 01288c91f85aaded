"""The import's activities, on PostgreSQL and Temporal."""

import asyncio
from pathlib import Path

import asyncpg
from temporalio import activity
from temporalio.client import Client

from activities.database.pool import load_queries
from activities.declarations.payments import BankActivities
from activities.deduction.lists import wake_settlement
from activities.payments.booking import known_report, note_outcome, refusal
from activities.payments.transactions import FileRefused
from activities.payments.wrappers import book_whole
from activities.shared.errors import without_values
from activities.shared.files import read_file
from activities.shared.heartbeats import heartbeats
from activities.shared.signals import tell
from schemas.payments.contracts import BankFile, BankFileReport, Told

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE = 200
"""Memberships told between two marks: a worker that dies tells so many a second time at most."""
AT_ONCE = 20
"""Signals under way at once."""


class Bank(BankActivities):
    """Books files of the bank, and tells who must hear of it.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        client: to tell workflows.
        account: ours, 11 digits; a file for another one is refused.
    """

    def __init__(self, pool: asyncpg.Pool, client: Client, *, account: str) -> None:
        self._pool = pool
        self._client = client
        self._account = account
        # Each holds a connection while it asks for a second one: together they could hold them all.
        self._one_at_a_time = asyncio.Lock()

    @activity.defn(name="book_bank_file")
    async def book_bank_file(self, file: BankFile) -> BankFileReport:
        """A file that is booked is answered from its outcome.

        The bank's reference of each payment is unique in the database.

        Raises:
            Unknown: no such file was kept; not retried.
            DatabaseRefused: a constraint does not let it pass, or a lock took too long.
        """
        async with without_values(), heartbeats(), self._one_at_a_time:
            async with self._pool.acquire() as connection:
                kept = await read_file(connection, file.file_id)
            if (known := known_report(kept)) is not None:
                return known
            try:
                return await book_whole(self._pool, file, kept, self._account, activity.heartbeat)
            except FileRefused as refused:
                report = refusal(file, refused)
            async with self._pool.acquire() as connection:
                await note_outcome(connection, file, report)
            return report

    @activity.defn(name="tell_about_payments")
    async def tell_about_payments(self, file: BankFile) -> Told:
        """Who has been told is noted page by page.

        A repeated signal is refused by its reference.
        """
        told, after = 0, ""
        async with without_values(), heartbeats():
            while page := await self._unreported(after):
                for start in range(0, len(page), AT_ONCE):
                    await asyncio.gather(*map(self._tell, page[start : start + AT_ONCE]))
                after, told = page[-1]["reference"], told + len(page)
                async with self._pool.acquire() as connection:
                    references = [row["reference"] for row in page]
                    await _SQL.mark_told(connection, references=references, today=file.today)
            settlements = await self._settlements(file)
            for list_number, period in settlements:
                await wake_settlement(self._client, list_number, period)
        return Told(memberships=told, settlements=len(settlements))

    async def _unreported(self, after: str) -> list[asyncpg.Record]:
        async with self._pool.acquire() as connection:
            return [row async for row in _SQL.read_untold(connection, after=after, most=PAGE)]

    async def _tell(self, paid: asyncpg.Record) -> None:
        await tell(
            self._client,
            paid["membership_id"],
            "record_payment",
            {
                "reference": paid["reference"],
                "amount_ore": paid["amount_ore"],
                "paid_on": paid["paid_on"].isoformat(),
                "kid": paid["kid"],
            },
        )

    async def _settlements(self, file: BankFile) -> list[tuple[str, str]]:
        """Return the number and month of each deduction list that a file pays."""
        async with self._pool.acquire() as connection:
            found = _SQL.read_settlements(connection, file_id=file.file_id)
            return [(row["number"], row["period"]) async for row in found]
