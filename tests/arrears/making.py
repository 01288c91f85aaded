"""Members who owe, written straight into the tables, and a page of a run over all of them."""

import uuid
from datetime import date

import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.arrears.activities import Arrears
from schemas.arrears.contracts import ArrearsCounts, ArrearsDay, ArrearsPage

CADENCES = {1: "monthly", 3: "quarterly", 12: "yearly"}


async def owe(
    pool: asyncpg.Pool,
    membership_id: str,
    due_on: date,
    ore: int = 49500,
    *,
    covers: int = 1,
    kid: str | None = None,
    period_from: date | None = None,
) -> str:
    """Write an invoice of one line for a month of its own; return its number."""
    serial = 1 + await pool.fetchval(
        "SELECT count(*) FROM invoices WHERE membership_id = $1", membership_id
    )
    kid = kid or f"1{uuid.uuid4().int % 10**15:015d}"
    number = f"{membership_id[-12:]}-{serial}"
    await pool.execute(
        """
        WITH invoice AS (
            INSERT INTO invoices (number, kid, membership_id, serial, period_from, issued_on,
                                  due_on, total_ore, currency)
            VALUES ($1, $2, $3, $4, $5, $6, $6, $7, 'NOK')
        )
        INSERT INTO charges (invoice_number, membership_id, period_from, kind, amount_ore,
                             content_hash, cadence, person_id)
        VALUES ($1, $3, $5, 'central_dues', $7, repeat('0', 64), $8,
                (SELECT person_id FROM memberships WHERE membership_id = $3))
        """,
        number,
        kid,
        membership_id,
        serial,
        period_from or date(2000 + serial, 1, 1),
        due_on,
        ore,
        CADENCES[covers],
    )
    return number


async def kid_of(pool: asyncpg.Pool, number: str) -> str:
    """Return the KID of an invoice."""
    kid: str = await pool.fetchval("SELECT kid FROM invoices WHERE number = $1", number)
    return kid


def everybody(today: date) -> ArrearsPage:
    """A page of all members."""
    return ArrearsPage(today=today, first="00000001", page_size=1000)


async def pursue(arrears: Arrears, today: date) -> ArrearsCounts:
    """Pursue everybody on a day, as the run does."""
    await ActivityEnvironment().run(arrears.plan_arrears, ArrearsDay(today=today))
    return await ActivityEnvironment().run(arrears.pursue_arrears, everybody(today))


async def letters(pool: asyncpg.Pool) -> list[tuple[str, str]]:
    """Return (membership id, template) of every letter a run has ordered, in order of their day."""
    rows = await pool.fetch(
        "SELECT membership_id, template FROM letters WHERE batch IS NOT NULL"
        " ORDER BY ordered_on, membership_id, key"
    )
    return [(row["membership_id"], row["template"]) for row in rows]


async def tasks(pool: asyncpg.Pool) -> list[tuple[str, bool]]:
    """Return (kind, open) of every task, in order."""
    rows = await pool.fetch("SELECT kind, closed_on IS NULL AS open FROM tasks ORDER BY task_id")
    return [(row["kind"], row["open"]) for row in rows]
