"""Which entries of the bank are refunds of ours, and what follows from the bank's word."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.camt_entries import BARE
from activities.payments.entries import Entry
from activities.payments.pain import TEXT
from activities.payments.refunds import ask_about, owed_again, read_refund, release
from schemas.payments.contracts import BankFile
from schemas.payments.entries import SetAside
from schemas.payments.refunds import Awaited, Explained, Unexplained, explain_entries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

BANK = "bank"
"""Who has released what came back."""


async def explain(connection: Connection, file: BankFile) -> dict[int, Explained]:
    """Find out which entries of a file are refunds, by their places (P8).

    Args:
        connection: that holds ``bank_transactions`` and ``bank_verdicts``.
        file: whose entries they are.
    """
    rows = _SQL.read_unexplained(connection, file_id=file.file_id, bare=BARE, words=TEXT)
    entries = [Unexplained(**row) async for row in rows]
    if not entries:
        return {}
    awaited = [Awaited(**row) async for row in _SQL.read_awaited(connection)]
    return explain_entries(entries, awaited)


async def book_refunds(connection: Connection, entries: Sequence[Entry], file: BankFile) -> None:
    """Note the refunds that leave or come back among what a batch brings.

    Args:
        connection: in the transaction that writes the batch.
        entries: of it; what an earlier attempt has written is noted.
        file: that brings it.

    Source: P8.
    """
    for one in entries:
        if one.refund_id is None or one.stands or one.booked_on is None:
            continue
        if one.aside is SetAside.REFUND:
            await confirm(connection, one.refund_id, one.called, one.booked_on, file.today)
        elif one.aside is SetAside.RETURNED:
            await _come_back(connection, one.refund_id, one.called, one.booked_on, file.today)


async def confirm(
    connection: Connection, refund_id: str, entry: str, paid_on: date, today: date
) -> None:
    """Note that the bank has paid a refund, told by file or by hand; again: refused by its key.

    Args:
        connection: in a transaction of the caller's.
        refund_id: approved, and not paid as far as we knew.
        entry: the bank's debit.
        paid_on: its day.
        today: the business date.
    """
    await _SQL.lock_refund(connection, refund_id=refund_id)
    before = await read_refund(connection, refund_id)
    if before.instructed_on is None:
        await _SQL.instruct(connection, refund_ids=[refund_id], message_id=None, today=paid_on)
    await _SQL.note_paid(connection, refund_id=refund_id, entry=entry, paid_on=paid_on)
    if before.released_on is not None and before.returned_on is None:
        says = (
            f"The bank has paid refund {refund_id}, which had been given up: what it was of is "
            "free, and paid out. Ask the receiver for it, unless the bank sends it back."
        )
        whose = before.membership_id
        await ask_about(connection, refund_id, "paid", says, membership_id=whose, today=today)


async def _come_back(
    connection: Connection, refund_id: str, entry: str, on: date, today: date
) -> None:
    """Take in what the bank sends back: it is owed again, and somebody asks for another account."""
    await _SQL.lock_refund(connection, refund_id=refund_id)
    await release(connection, refund_id, today=today, by=BANK, why="the bank sent it back")
    await _SQL.note_returned(connection, refund_id=refund_id, entry=entry, returned_on=on)
    await _SQL.take_off_returned(connection, refund_id=refund_id, today=today)
    refund = await read_refund(connection, refund_id)
    says = f"The bank has sent refund {refund_id} back. {owed_again(refund)}"
    whose = refund.membership_id
    await ask_about(connection, refund_id, "returned", says, membership_id=whose, today=today)
