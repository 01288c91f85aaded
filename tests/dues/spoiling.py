"""Rows that no code of ours writes, put where they stand in the way of a member's next month."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date

import asyncpg

from schemas.payments.kid import invoice_kid

ELSEWHERE = date(2020, 1, 1)
"""A month that nobody is charged for."""

Spoil = Callable[[asyncpg.Pool, str], Awaitable[None]]
"""Puts something in the way of a membership."""


@asynccontextmanager
async def unguarded(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """Open a transaction in which no trigger and no foreign key is in the way."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        yield connection


async def _number_of(pool: asyncpg.Pool, membership_id: str) -> str:
    return str(
        await pool.fetchval(
            "SELECT member_number FROM memberships WHERE membership_id = $1", membership_id
        )
    )


async def add_invoice(
    pool: asyncpg.Pool,
    membership_id: str,
    *,
    number: str,
    kid: str,
    serial: int,
    total_ore: int = 49500,
    due_on: date = ELSEWHERE,
) -> None:
    """Write an invoice that has no lines."""
    async with unguarded(pool) as connection:
        await connection.execute(
            "INSERT INTO invoices (number, kid, membership_id, serial, period_from, issued_on,"
            " due_on, total_ore, currency, carried_over)"
            " VALUES ($1, $2, $3, $4, $5, $5, $6, $7, 'NOK', true)",
            number,
            kid,
            membership_id,
            serial,
            ELSEWHERE,
            due_on,
            total_ore,
        )


async def take_number(pool: asyncpg.Pool, membership_id: str) -> None:
    """Let somebody else's invoice have the number of the member's first one."""
    number = f"{await _number_of(pool, membership_id)}-1"
    await add_invoice(pool, "nobody", number=number, kid=invoice_kid("99999999", 1), serial=1)


async def take_kid(pool: asyncpg.Pool, membership_id: str) -> None:
    """Let somebody else's invoice have the KID of the member's first one."""
    kid = invoice_kid(await _number_of(pool, membership_id), 1)
    await add_invoice(pool, "nobody", number="99999999-1", kid=kid, serial=1)


async def use_up_serials(pool: asyncpg.Pool, membership_id: str) -> None:
    """Give the member the last invoice that a KID has room for."""
    number = await _number_of(pool, membership_id)
    kid = invoice_kid(number, 999_999)
    await add_invoice(pool, membership_id, number=f"{number}-999999", kid=kid, serial=999_999)


async def take_entry(pool: asyncpg.Pool, membership_id: str, month: date) -> None:
    """Write the entry of a charge that was never made."""
    async with unguarded(pool) as connection:
        await connection.execute(
            "INSERT INTO entries (booked_on, source, membership_id, period_from, kind, debit,"
            " credit, amount_ore)"
            " VALUES ($2, 'charge', $1, $2, 'central_dues', 'members', 'central_dues', 49500)",
            membership_id,
            month,
        )


async def clear_away(pool: asyncpg.Pool, membership_id: str) -> None:
    """Take away what was put in a member's way."""
    async with unguarded(pool) as connection:
        await connection.execute(
            "DELETE FROM invoices WHERE membership_id IN ($1, 'nobody')", membership_id
        )
        await connection.execute("DELETE FROM entries WHERE membership_id = $1", membership_id)
