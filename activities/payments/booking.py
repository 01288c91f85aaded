"""Booking a file of the bank: checked whole, then booked batch by batch; or not at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.payments.formats import format_of
from activities.payments.transactions import BankTransaction, Faults, FileRefused
from activities.shared.files import InboundFile
from activities.shared.quarantine import in_halves, is_of_the_row, reason_of
from activities.shared.tasks import open_task
from schemas.payments.contracts import MAX_FAULTS, BankFile, BankFileReport

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

READ_AT_ONCE = 5_000
"""Payments read at a time: so many are in memory, and a worker shows that it lives after each."""

BATCH = 1_000
"""Payments booked at a time: whoever needs an invoice of theirs waits for these alone."""

_COLUMNS = ("place", "reference", "amount_ore", "paid_on", "kid", "reversal", "takes_back", "name")

_values = attrgetter(*(field.name for field in fields(BankTransaction)))


@dataclass
class Import:
    """A file under way, on a connection whose transactions are a batch each."""

    connection: Connection
    file: BankFile
    format: str

    async def book(self, batch: Sequence[Mapping[str, Any]]) -> Counter[str]:
        """Book a batch; what the database refuses is a task, and stops no other."""
        return sum(await in_halves(batch, self._book, self._leave), Counter())

    async def _book(
        self, batch: Sequence[Mapping[str, Any]], *, allocate: bool = True
    ) -> Counter[str]:
        async with self.connection.transaction():
            await _SQL.give_batch_time(self.connection)
            booked = await _SQL.book_transactions(
                self.connection,
                file_id=self.file.file_id,
                format=self.format,
                today=self.file.today,
                allocate=allocate,
                references=[row["reference"] for row in batch],
                owners=[row["membership_id"] for row in batch],
                amounts=[row["amount_ore"] for row in batch],
                days=[row["paid_on"] for row in batch],
                kids=[row["kid"] for row in batch],
                reversals=[row["reversal"] for row in batch],
                takes_back=[row["takes_back"] for row in batch],
                names=[row["name"] for row in batch],
            )
            counted = dict(booked)
            differing = set(counted.pop("differing"))
            for row in batch:
                if row["reference"] in differing:
                    await self._unbooked(row, "another payment has come under its reference")
        return Counter(counted)

    async def _leave(self, row: Mapping[str, Any], error: asyncpg.PostgresError) -> Counter[str]:
        """Book what can't be allocated to suspense; what can't even be booked is a task."""
        try:
            counted = await self._book([row], allocate=False)
        except asyncpg.PostgresError as refused:
            if not is_of_the_row(refused):
                raise
            await self._unbooked(row, reason_of(refused))
            return Counter()
        await open_task(
            self.connection,
            key=f"suspense/{row['reference']}",
            kind="suspense",
            says=f"Payment {row['reference']} can't be allocated: {reason_of(error)}. "
            "Place it by hand.",
            today=self.file.today,
            membership_id=row["membership_id"],
        )
        return counted

    async def _unbooked(self, row: Mapping[str, Any], why: str) -> None:
        await open_task(
            self.connection,
            key=f"unbooked/{row['reference']}",
            kind="unbooked_payment",
            says=f"{row['place']} of the file {self.file.file_id[:12]} can't be booked: {why}. "
            "The others are; this money stands in no account of ours.",
            today=self.file.today,
        )


async def book(
    pool: asyncpg.Pool, file: BankFile, content: bytes, account: str, beat: Callable[[], None]
) -> BankFileReport:
    """Check a file whole, then book its payments and reversals batch by batch.

    What a batch books stands, whatever becomes of the next: tried again, it is known, and the rest
    follows.

    Args:
        pool: one connection holds what the file brings, another books it.
        file: its id and the business date.
        content: as it came.
        account: ours, 11 digits.
        beat: called after each batch.

    Returns:
        What was booked.

    Raises:
        FileRefused: something is wrong with the file; nothing of it is booked.

    Source: P3, P5.
    """
    async with pool.acquire() as reading, reading.transaction():
        await _SQL.begin_import(reading)
        form = await _take_in(reading, file, content, account, beat)
        async with pool.acquire() as writing:
            work, total = Import(writing, file, form), Counter[str]()
            async for batch in _batches(reading):
                total += await work.book(batch)
                beat()
            report = _report(file, total)
            await note_outcome(writing, file, report)
    return report


def _report(file: BankFile, total: Counter[str]) -> BankFileReport:
    return BankFileReport.model_validate({"file_id": file.file_id, "outcome": "applied", **total})


async def _take_in(
    connection: Connection,
    file: BankFile,
    content: bytes,
    account: str,
    beat: Callable[[], None],
) -> str:
    """Read a file into ``bank_transactions``, check it whole, and return its format."""
    faults = Faults()
    form = format_of(content, faults)
    transactions = form.read(content, account, file.today, faults)
    await _SQL.open_bank_transactions(connection)
    position = 0
    while rows := await asyncio.to_thread(_rows, transactions, position):
        await connection.copy_records_to_table(
            "bank_transactions", records=rows, columns=("position", *_COLUMNS)
        )
        position += len(rows)
        beat()
    faults.check()
    await _SQL.analyze_bank_transactions(connection)
    async for twin in _SQL.find_twins(connection, most=MAX_FAULTS):
        faults.add(twin["place"], f"it has the reference of {twin['first']}: ask the bank")
    faults.check()
    async for other in _SQL.find_contradictions(connection, most=MAX_FAULTS):
        faults.add(
            other["place"],
            "its reference was booked before with another amount or KID: ask the bank which holds",
        )
    faults.check()
    return form.name


async def _batches(connection: Connection) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield what a file brings, as ``read_batches`` cuts it."""
    batch: list[dict[str, Any]] = []
    async for row in connection.cursor(_SQL.read_batches.sql, BATCH, prefetch=READ_AT_ONCE):
        if batch and row["batch"] != batch[0]["batch"]:
            yield batch
            batch = []
        batch.append(dict(row))
    if batch:
        yield batch


def _rows(transactions: Iterator[BankTransaction], position: int) -> list[tuple[object, ...]]:
    return [
        (number, *_values(transaction))
        for number, transaction in enumerate(islice(transactions, READ_AT_ONCE), start=position + 1)
    ]


async def note_outcome(connection: Connection, file: BankFile, report: BankFileReport) -> None:
    """Note what became of a file, in the transaction that books it or after it was undone."""
    await _SQL.decide_file(
        connection,
        file_id=file.file_id,
        outcome=report.outcome,
        report=report.model_dump(mode="json"),
        decided_on=file.today,
    )


def known_report(kept: InboundFile) -> BankFileReport | None:
    """Return what was answered about a file that is booked already, or None."""
    if kept.outcome != "applied" or kept.report is None:
        return None
    return BankFileReport.model_validate(kept.report)


def refusal(file: BankFile, refused: FileRefused) -> BankFileReport:
    """Return the report on a file that is refused."""
    return BankFileReport(
        file_id=file.file_id,
        outcome="refused",
        faults=tuple(refused.faults.found),
        more_faults=refused.faults.more,
    )


async def apply_credits(connection: Connection, first: str, last: str, today: date) -> int:
    """Pay the oldest open invoices of members with what is left of their credit notes.

    Args:
        connection: a transaction of its own is enough: the invoices are locked meanwhile.
        first: the first member number of the range.
        last: the last one, included.
        today: the business date.

    Returns:
        How many allocations were written. Again: none, until there is another credit note or
        another invoice.

    Source: P3, A31.
    """
    return int(await _SQL.apply_credits(connection, first=first, last=last, today=today))


async def use_suspense(connection: Connection, first: str, last: str, today: date) -> None:
    """Pay the oldest open invoices of members with what they have in suspense; again: nothing.

    Args:
        connection: a transaction of its own is enough: the invoices are locked meanwhile.
        first: the first member number of the range.
        last: the last one, included.
        today: the business date.

    Whole invoices only. Money with somebody else's KID stays: it is a caseworker's.

    Source: P3.
    """
    await _SQL.use_suspense(connection, first=first, last=last, today=today)


async def use_money(connection: Connection, membership_id: str, today: date) -> None:
    """Pay what somebody owes with whatever they have with us, under all their memberships.

    Args:
        connection: in the transaction that has changed what is owed, or whose it is.
        membership_id: one of the person's.
        today: the business date.

    Again: nothing, until there is another invoice or more money.

    Source: P3.
    """
    await _SQL.use_money(connection, membership_ids=[membership_id], today=today)
