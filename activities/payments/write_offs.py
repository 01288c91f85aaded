"""Letting go what will not be paid: a loss in the books, decided by somebody, and undone so."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.suspense import NotPossible
from activities.secrecy.words import words_of
from schemas.pricing.rulebook import Policies

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def write_off(
    connection: Connection, number: str, policies: Policies, *, today: date, by: str, reason: str
) -> int:
    """Let go all that is open of an invoice.

    Args:
        connection: in a transaction of the caller's.
        number: the invoice's.
        policies: in force today.
        today: the business date.
        by: who decides.
        reason: for the books.

    Returns:
        How much, in øre.

    Raises:
        NotPossible: nothing is open of it, or more than may be let go.

    Source: A30.
    """
    open_ore = await _open(connection, number)
    if open_ore <= 0:
        raise NotPossible(f"nothing is open of invoice {number}")
    if open_ore > policies.write_off_at_most_ore:
        raise NotPossible(
            f"{open_ore} øre are open of invoice {number}, and at most "
            f"{policies.write_off_at_most_ore} are written off (policy write_off_at_most_ore)"
        )
    await _decide(connection, number, open_ore, today, by, reason)
    return open_ore


async def undo_write_off(
    connection: Connection, number: str, *, today: date, by: str, reason: str
) -> int:
    """Ask again for all that was let go of an invoice; return how much, in øre.

    Raises:
        NotPossible: nothing of it is written off.
    """
    await _open(connection, number)
    gone: int = await _SQL.read_written_off(connection, number=number)
    if gone <= 0:
        raise NotPossible(f"nothing is written off of invoice {number}")
    await _decide(connection, number, -gone, today, by, reason)
    return gone


async def _open(connection: Connection, number: str) -> int:
    """Lock an invoice and return what is open of it."""
    if await _SQL.lock_invoice(connection, number=number) is None:
        raise NotPossible(f"there is no invoice {number}")
    invoice = await _SQL.read_invoice(connection, number=number)
    return int(invoice["open_ore"])


async def _decide(
    connection: Connection, number: str, amount_ore: int, today: date, by: str, reason: str
) -> None:
    """Write it down; more than is open is refused by the trigger ``check_allocations``."""
    why = await words_of(connection).seal(
        reason,
        await _SQL.read_invoiced(connection, number=number),
        "write_offs.reason",
        {"invoice_number": number, "decided_on": today},
    )
    await _SQL.write_off(
        connection, number=number, amount_ore=amount_ore, today=today, by=by, reason=why
    )
