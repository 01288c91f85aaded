"""Booking a file of the bank: checked whole, then booked batch by batch; or not at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from itertools import islice
from operator import attrgetter
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import UUID

import asyncpg

from activities.database.pool import load_queries
from activities.direct_debit.mandates import ASSIGNMENT as MANDATES
from activities.direct_debit.mandates import take_mandates
from activities.payments.bank_costs import book_charges
from activities.payments.entries import (
    ask_about_counts,
    count_aside,
    entry_of,
    know_again,
    write_entries,
)
from activities.payments.formats import format_of
from activities.payments.ocr_lines import lines_of
from activities.payments.refund_entries import book_refunds, explain
from activities.payments.sums import take_sums_out
from activities.payments.suspense import NotPossible, allocate
from activities.payments.transactions import BankTransaction, Faults, FileRefused
from activities.shared.files import InboundFile
from activities.shared.quarantine import in_halves, is_of_the_row, reason_of
from activities.shared.tasks import open_task
from schemas.payments.contracts import MAX_FAULTS, BankFile, BankFileReport, EntryAside
from schemas.payments.refunds import Explained

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

READ_AT_ONCE = 5_000
"""Payments read at a time: so many are in memory, and a worker shows that it lives after each."""

BATCH = 1_000
"""Payments booked at a time: whoever needs an invoice of theirs waits for these alone."""

_values = attrgetter(
    "where", "reference", "amount_ore", "paid_on", "kid", "reversal", "takes_back", "debit",
    "returned", "entry", "channel", "message", "bank_reference", "own", "references", "end_to_end",
    "copy",
    "payer.name", "payer.account", "payer.text", "payer.kids", "aside", "says", "bare",
)  # fmt: skip
_COLUMNS = (
    "position", "place", "reference", "amount_ore", "paid_on", "kid", "reversal", "takes_back",
    "debit", "returned", "entry", "channel", "message", "bank_reference", "own",
    "bank_references", "end_to_end", "copy", "payer_name", "payer_account", "payer_text",
    "payer_kids", "aside", "says", "bare", "identity",
)  # fmt: skip
_IDENTITY = attrgetter(
    "paid_on", "amount_ore", "debit", "kid", "payer", "bank_reference", "references", "aside"
)


@dataclass
class Import:
    """A file under way, on a connection whose transactions are a batch each.

    Attributes:
        explained: by their place, entries that are no payments, and which refund they are of.
    """

    connection: Connection
    file: BankFile
    account: str
    explained: Mapping[int, Explained] = field(default_factory=dict)

    async def book(self, batch: Sequence[Mapping[str, Any]]) -> Counter[str]:
        """Book a batch; what the database refuses is a task, and stops no other."""
        return sum(await in_halves(batch, self._book, self._leave), Counter())

    async def _book(
        self, batch: Sequence[Mapping[str, Any]], *, allocate: bool = True
    ) -> Counter[str]:
        entries = [
            entry_of(row, self.file, self.account, self.explained.get(row["position"]))
            for row in batch
        ]
        money = [row for row, entry in zip(batch, entries, strict=True) if entry.is_money]
        async with self.connection.transaction():
            await _SQL.give_batch_time(self.connection)
            await write_entries(self.connection, entries, self.file)
            await book_charges(self.connection, entries, self.file)
            await book_refunds(self.connection, entries, self.file)
            booked = await _SQL.book_transactions(
                self.connection,
                file_id=self.file.file_id,
                today=self.file.today,
                allocate=allocate,
                references=[row["name"] for row in money],
                owners=[row["membership_id"] for row in money],
                amounts=[row["amount_ore"] for row in money],
                days=[row["paid_on"] for row in money],
                kids=[row["kid"] for row in money],
                reversals=[row["reversal"] for row in money],
                takes_back=[row["back_of"] for row in money],
            )
            counted = dict(booked)
            differing = set(counted.pop("differing"))
            for row in money:
                if row["name"] in differing:
                    await self._unbooked(row, "another payment has come under its reference")
        return Counter(counted) + count_aside(entries)

    async def _leave(self, row: Mapping[str, Any], error: asyncpg.PostgresError) -> Counter[str]:
        """Book what can't be allocated to suspense; what can't even be booked is a task."""
        try:
            counted = await self._book([row], allocate=False)
        except asyncpg.PostgresError as refused:
            if not is_of_the_row(refused):
                raise
            await self._unbooked(row, reason_of(refused))
            return Counter(unbooked=1)
        await open_task(
            self.connection,
            key=f"suspense/{row['name']}",
            kind="suspense",
            says=f"Payment {row['name']} can't be allocated: {reason_of(error)}. Place it by hand.",
            today=self.file.today,
            membership_id=row["membership_id"],
        )
        return counted

    async def _unbooked(self, row: Mapping[str, Any], why: str) -> None:
        await open_task(
            self.connection,
            key=f"unbooked/{row['name'] or row['identity']}",
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
        What was booked, and what was set aside.

    Raises:
        FileRefused: its own counts or sums do not hold; nothing of it is booked.

    Source: P3, P5.
    """
    key = await _identity_key(pool)
    async with pool.acquire() as reading, reading.transaction():
        await _SQL.begin_import(reading)
        await _take_in(reading, file, content, account, key, beat)
        await know_again(reading, file, account)
        async with pool.acquire() as writing:
            explained = await explain(reading, file)
            work, total = Import(writing, file, account, explained), Counter[str]()
            async for batch in _batches(reading, file):
                total += await work.book(batch)
                beat()
            await _place_by_kid(reading, writing, file)
            if days := await _SQL.read_days_of_parts(reading):
                await take_sums_out(writing, file, account, days)
            await ask_about_counts(reading, writing, file, account)
            report = await _report(writing, file, total)
            if MANDATES in content:
                lines = await asyncio.to_thread(list, lines_of(content))
                taken = await take_mandates(writing, file, lines, account)
                report = report.model_copy(update={"mandates": taken})
            await note_outcome(writing, file, report)
    return report


async def _place_by_kid(reading: Connection, writing: Connection, file: BankFile) -> None:
    """Let what had come without a KID pay the invoice whose KID a file tells it with (P4)."""
    found = [row async for row in _SQL.read_kids_of_known(reading)]
    for row in found:
        with suppress(NotPossible):
            async with writing.transaction():
                await allocate(writing, row["reference"], row["number"], today=file.today, by="kid")


async def _report(connection: Connection, file: BankFile, total: Counter[str]) -> BankFileReport:
    """Return what became of a file; what is set aside is read from what was written."""
    found = _SQL.read_set_aside(connection, file_id=file.file_id, most=MAX_FAULTS)
    aside = tuple([EntryAside(**row) async for row in found])
    return BankFileReport.model_validate(
        {"file_id": file.file_id, "outcome": "applied", "aside": aside, **total}
    )


async def _take_in(
    connection: Connection,
    file: BankFile,
    content: bytes,
    account: str,
    key: bytes,
    beat: Callable[[], None],
) -> None:
    """Read a file into ``bank_transactions``, and check it whole."""
    faults = Faults()
    transactions = format_of(content, faults).read(content, account, file.today, faults)
    await _SQL.open_bank_transactions(connection)
    position = 0
    while rows := await asyncio.to_thread(_rows, transactions, position, account, key):
        await connection.copy_records_to_table("bank_transactions", records=rows, columns=_COLUMNS)
        position += len(rows)
        beat()
    faults.check()
    if faults.retracted or faults.copied:
        await _SQL.drop_retracted(connection, entries=faults.retracted, copied=faults.copied)
    await _SQL.analyze_bank_transactions(connection)


async def _identity_key(pool: asyncpg.Pool) -> bytes:
    """Return the key of this database, made by the first import: batches rely on it at once."""
    async with pool.acquire() as connection:
        await _SQL.make_identity_key(connection, key=token_bytes(32))
        return bytes(await _SQL.read_identity_key(connection))


async def _batches(connection: Connection, file: BankFile) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield what a file brings, as ``read_batches`` cuts it."""
    batch: list[dict[str, Any]] = []
    query = _SQL.read_batches.sql
    async for row in connection.cursor(query, file.file_id, BATCH, prefetch=READ_AT_ONCE):
        if batch and row["batch"] != batch[0]["batch"]:
            yield batch
            batch = []
        batch.append(dict(row))
    if batch:
        yield batch


def _rows(
    transactions: Iterator[BankTransaction], position: int, account: str, key: bytes
) -> list[tuple[object, ...]]:
    return [
        (number, *_values(one), _identity(account, one, key))
        for number, one in enumerate(islice(transactions, READ_AT_ONCE), start=position + 1)
    ]


def _identity(account: str, one: BankTransaction, key: bytes) -> UUID:
    """Return the hash of all that tells money apart, under a key. Source: P4, P6."""
    told = repr((account, *_IDENTITY(one), *filter(None, [one.told]))).encode()
    return UUID(bytes=blake2b(told, digest_size=16, key=key).digest())


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
