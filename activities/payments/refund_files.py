"""The files that tell the bank what to pay out: each refund in one, each file written once."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.pain import Order, Payer, payment_file
from activities.payments.refunds import ask_about
from activities.payments.suspense import NotPossible

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


@dataclass(frozen=True)
class RefundFile:
    """A file for the bank. ``content`` holds names and accounts: secret."""

    message_id: str
    content: bytes


async def make_refund_file(
    connection: Connection, payer: Payer, *, today: date, by: str
) -> RefundFile | None:
    """Put all that is approved into a file for the bank, and book it as on its way.

    Args:
        connection: in a transaction of the caller's; what it keeps is the file.
        payer: us.
        today: the business date; paid on the first bank day from then.
        by: who tells the bank.

    Returns:
        The file; None: nothing is approved that is in none yet. What the bank has taken back
        meanwhile is in none, with a task.

    Source: P8.
    """
    rows = [row async for row in _SQL.lock_approved(connection)]
    await _tell_held_back(connection, today)
    if not rows:
        return None
    number = await _SQL.count_files(connection, today=today) + 1
    message_id = f"REFUNDS-{today:%Y%m%d}-{number}"
    content = payment_file(
        [Order(**row) for row in rows],
        payer,
        message_id=message_id,
        today=today,
    )
    await _SQL.keep_file(connection, message_id=message_id, content=content, today=today, by=by)
    await _SQL.instruct(
        connection,
        refund_ids=[row["refund_id"] for row in rows],
        message_id=message_id,
        today=today,
    )
    return RefundFile(message_id, content)


async def list_held_back(connection: Connection) -> list[str]:
    """Return which approved refunds go into no file: what they are of is not there any more."""
    return [row["refund_id"] async for row in _SQL.list_held_back(connection)]


async def _tell_held_back(connection: Connection, today: date) -> None:
    async for row in _SQL.list_held_back(connection):
        refund_id = row["refund_id"]
        says = (
            f"Refund {refund_id} is approved and in no file: the bank has taken back what it is "
            "of, or as much that was paid back before. Give it up with approve-refund "
            f"{refund_id} --refuse."
        )
        whose = row["membership_id"]
        await ask_about(connection, refund_id, "held", says, membership_id=whose, today=today)


async def read_refund_file(connection: Connection, message_id: str) -> RefundFile:
    """Return a file as it was written the first time.

    Raises:
        NotPossible: there is none of that name.
    """
    found = await _SQL.read_refund_file(connection, message_id=message_id)
    if found is None:
        raise NotPossible(f"there is no file {message_id}")
    if found["content"] is None:
        raise NotPossible(f"file {message_id} is forgotten: all of it was over years ago")
    return RefundFile(message_id, bytes(found["content"]))
