"""What the bank takes and gives for itself: an entry of the ledger, and nobody's payment."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.entries import Entry
from schemas.payments.contracts import BankFile
from schemas.payments.entries import OF_THE_BANK

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def book_charges(connection: Connection, entries: Sequence[Entry], file: BankFile) -> None:
    """Book the fees and interest among what a batch brings.

    Args:
        connection: in the transaction that writes the batch.
        entries: of it; what an earlier attempt has written is booked.
        file: that brings it.

    Source: P8.
    """
    found = [
        (one.called, one.aside, one.amount_ore if one.debit else -one.amount_ore, one.booked_on)
        for one in entries
        if one.aside in OF_THE_BANK and not one.stands and one.amount_ore is not None
    ]
    if found:
        names, kinds, amounts, days = zip(*found, strict=True)
        await _SQL.book_charges(
            connection,
            file_id=file.file_id,
            references=names,
            kinds=kinds,
            amounts=amounts,
            days=days,
        )


async def take_in_charge(connection: Connection, reference: str) -> int | None:
    """Book a fee that was set aside since it may have been another one; None: there is none."""
    found = await _SQL.read_unclear_charge(connection, reference=reference)
    if found is None:
        return None
    booked_on: date = found["booked_on"]
    await _SQL.book_charges(
        connection,
        file_id=found["file_id"],
        references=[reference],
        kinds=[found["kind"]],
        amounts=[found["ore"]],
        days=[booked_on],
    )
    return abs(int(found["ore"]))
