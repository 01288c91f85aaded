"""Booking a file of the bank: whole, in one transaction, set by set; or not at all."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple
from datetime import date
from itertools import islice
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.formats import format_of
from activities.payments.transactions import BankTransaction, Faults, FileRefused
from activities.shared.files import InboundFile
from activities.shared.quarantine import in_halves, reason_of
from activities.shared.tasks import open_task
from schemas.payments.contracts import MAX_FAULTS, BankFile, BankFileReport

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

BATCH = 5_000
"""Payments read at a time: so many are in memory, and a worker shows that it lives after each."""

_COLUMNS = ("place", "reference", "amount_ore", "paid_on", "kid", "reversal", "takes_back", "name")


async def book(
    connection: Connection, file: BankFile, content: bytes, account: str, beat: Callable[[], None]
) -> BankFileReport:
    """Book all payments and reversals of a file, in the caller's transaction.

    Args:
        connection: in a transaction, which the caller rolls back when this raises.
        file: its id and the business date.
        content: as it came.
        account: ours, 11 digits.
        beat: called after each batch.

    Returns:
        What was booked.

    Raises:
        FileRefused: something is wrong with the file; nothing of it may stay.

    Source: P3.
    """
    faults = Faults()
    form = format_of(content, faults)
    transactions = form.read(content, account, file.today, faults)
    await _SQL.set_import_timeouts(connection)
    await _SQL.open_bank_transactions(connection)
    position = 0
    while batch := await asyncio.to_thread(_rows, transactions, position):
        await connection.copy_records_to_table(
            "bank_transactions", records=batch, columns=("position", *_COLUMNS)
        )
        position += len(batch)
        beat()
    faults.check()
    await _SQL.index_bank_transactions(connection)
    async for twin in _SQL.find_twins(connection, most=MAX_FAULTS):
        faults.add(twin["place"], f"it has the reference of {twin['first']}: ask the bank")
    faults.check()
    await _SQL.keep_names(connection, format=form.name)
    await _SQL.mark_known(connection)
    await _write(connection, file, position)
    await _SQL.mark_booked(connection, file_id=file.file_id)
    async for other in _SQL.find_contradictions(connection, most=MAX_FAULTS):
        faults.add(
            other["place"],
            "its reference was booked before with another amount or KID: ask the bank which holds",
        )
    faults.check()
    await _settle(connection, file, position)
    counted = await _SQL.count_booked(connection)
    return BankFileReport(file_id=file.file_id, outcome="applied", **counted)


async def _write(connection: Connection, file: BankFile, count: int) -> None:
    """Write all that a file brings; what the database refuses is a task, and stops no other."""

    async def write(positions: Sequence[int]) -> None:
        part = {"file_id": file.file_id, "first": positions[0], "last": positions[-1]}
        async with connection.transaction():
            await _SQL.write_payments(connection, **part)
            await _SQL.write_reversals(connection, today=file.today, **part)

    async def leave(position: int, error: asyncpg.PostgresError) -> None:
        left = await _SQL.leave_unbooked(connection, position=position)
        await open_task(
            connection,
            key=f"unbooked/{left['reference']}",
            kind="unbooked_payment",
            says=f"{left['place']} of the file {file.file_id[:12]} can't be booked: "
            f"{reason_of(error)}. The others are; this money stands in no account of ours.",
            today=file.today,
        )

    if count:
        await in_halves(range(1, count + 1), write, leave)


async def _settle(connection: Connection, file: BankFile, count: int) -> None:
    """Allocate all that is new; what can't be allocated stays in suspense, with a task."""

    async def settle(positions: Sequence[int]) -> None:
        async with connection.transaction():
            await _SQL.settle(connection, first=positions[0], last=positions[-1], today=file.today)

    async def leave(position: int, error: asyncpg.PostgresError) -> None:
        left = await _SQL.read_bank_transaction(connection, position=position)
        if left["fresh"]:
            await open_task(
                connection,
                key=f"suspense/{left['reference']}",
                kind="suspense",
                says=f"Payment {left['reference']} can't be allocated: {reason_of(error)}. "
                "Place it by hand.",
                today=file.today,
                membership_id=left["membership_id"],
            )

    if count:
        await in_halves(range(1, count + 1), settle, leave)


def _rows(transactions: Iterator[BankTransaction], position: int) -> list[tuple[object, ...]]:
    return [
        (number, *astuple(transaction))
        for number, transaction in enumerate(islice(transactions, BATCH), start=position + 1)
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
