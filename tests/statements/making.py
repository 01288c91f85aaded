"""Money as it stands in the tables once it has come, and a year end over it."""

import uuid
from datetime import date

import asyncpg

from activities.membership.activities import Persistence
from activities.statements.activities import Statements
from schemas.statements.contracts import (
    YearEndOpening,
    YearEndPage,
    YearEndPageReport,
    YearEndReport,
)
from tests.builders import national_id
from tests.dues.lives import A, life
from tests.dues.making import joins
from tests.dues.spoiling import unguarded
from tests.persons.making import change_person

SINCE = date(2024, 10, 14)
"""When members joined: in a year whose cap is confirmed, 8,000 kr (S25)."""

TODAY = date(2025, 1, 15)
YEAR = 2024


async def member(
    persistence: Persistence,
    pool: asyncpg.Pool,
    *,
    branch: str | None = None,
    **changes: str | None,
) -> str:
    """Let somebody join with a first invoice of 495.00, with a national id unless told."""
    membership_id = await joins(persistence, life(since=SINCE, branch=branch))
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", membership_id
    )
    known = {"national_id": national_id(date(1986, 4, 12), int(number) * 7 % 900)} | changes
    await change_person(pool, membership_id, **known)
    return membership_id


async def lives(
    pool: asyncpg.Pool, membership_id: str, since: date, *spans: tuple[str, date, date | None]
) -> None:
    """Let somebody have been a member since a day, and have paid by these rates.

    Args:
        since: the day of joining.
        spans: each a rate, its first month, and the first one that it no longer holds for.
    """
    async with unguarded(pool) as connection:
        await connection.execute(
            "UPDATE memberships SET member_since = $2 WHERE membership_id = $1",
            membership_id,
            since,
        )
        await connection.execute("DELETE FROM terms WHERE membership_id = $1", membership_id)
        for rate, first, until in spans:
            await connection.execute(
                "INSERT INTO rates VALUES ($1) ON CONFLICT DO NOTHING",
                rate,
            )
            await connection.execute(
                "INSERT INTO terms (membership_id, kind, rate, cadence, payer, valid, decision) "
                "VALUES ($1, 'central_dues', $2, $3, 'direct', daterange($4, $5), 1)",
                membership_id,
                rate,
                "yearly" if rate.endswith(".year") else "monthly",
                first,
                until,
            )


async def one_person(pool: asyncpg.Pool, stays: str, goes: str) -> None:
    """Let two memberships be one person's, as when somebody comes back or is merged."""
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        stays,
        goes,
    )


async def invoice_of(pool: asyncpg.Pool, membership_id: str) -> str:
    """Return the number of a member's first invoice."""
    number: str = await pool.fetchval(
        "SELECT number FROM invoices WHERE membership_id = $1 ORDER BY serial", membership_id
    )
    return number


async def pays(
    pool: asyncpg.Pool,
    membership_id: str,
    amount_ore: int,
    on: date,
    *,
    allocated_ore: int | None = None,
    month: date | None = None,
) -> str:
    """Let money come; what is not allocated to the first invoice stays in suspense.

    Args:
        month: what the invoice is for, in place of the month of joining.
    """
    if month is not None:
        async with unguarded(pool) as connection:
            await connection.execute(
                "UPDATE invoices SET period_from = $2 WHERE membership_id = $1",
                membership_id,
                month,
            )
    reference = f"B-{uuid.uuid4().hex}"
    await pool.execute(
        "INSERT INTO payments (reference, membership_id, amount_ore, paid_on) "
        "VALUES ($1, $2, $3, $4)",
        reference,
        membership_id,
        amount_ore,
        on,
    )
    await allocates(pool, reference, membership_id, amount_ore, on, ore=allocated_ore)
    return reference


async def allocates(
    pool: asyncpg.Pool,
    reference: str,
    membership_id: str,
    amount_ore: int,
    on: date,
    *,
    ore: int | None = None,
) -> None:
    """Put a payment, or a part of it, on the first invoice; less than nothing takes it back."""
    amount = amount_ore if ore is None else ore
    if amount:
        await pool.execute(
            "INSERT INTO allocations (reference, serial, invoice_number, amount_ore,"
            " allocated_on, allocated_by) "
            "SELECT $1, 1 + count(*), $2, $3, $4, 'kid' FROM allocations WHERE reference = $1",
            reference,
            await invoice_of(pool, membership_id),
            amount,
            on,
        )


async def credit_of_10000(pool: asyncpg.Pool, who: str) -> tuple[str, str]:
    """Give a member a credit note; return the numbers of the first invoice and of the note."""
    number = await invoice_of(pool, who)
    credit = number.replace("-1", "-2")
    await pool.execute(
        "WITH invoice AS (INSERT INTO invoices (number, kid, membership_id, serial, period_from,"
        "  issued_on, due_on, total_ore, currency)"
        "  VALUES ($1, '19999999999999', $2, 2, '2024-11-01', '2024-11-01', '2024-11-15', -10000,"
        "  'NOK')) "
        "INSERT INTO charges (invoice_number, membership_id, period_from, kind, amount_ore,"
        "  content_hash, person_id) VALUES ($1, $2, '2024-11-01', 'correction', -10000,"
        "  charge_hash($2, '2024-11-01', 'correction', -10000),"
        "  (SELECT person_id FROM memberships WHERE membership_id = $2))",
        credit,
        who,
    )
    return number, credit


async def pays_out(
    pool: asyncpg.Pool,
    membership_id: str,
    credit: str,
    ore: int,
    on: date,
    *,
    comes_back_on: date | None = None,
) -> None:
    """Pay out of a credit note, by the day the bank is told; it may come back."""
    refund = f"R{uuid.uuid4().int % 10**16:016d}"
    back = None if comes_back_on is None else "b"
    async with unguarded(pool) as connection:
        await connection.execute(
            "INSERT INTO refunds (refund_id, membership_id, amount_ore, reason, requested_on,"
            " requested_by, account, receiver, account_by, approved_on, approved_by,"
            " instructed_on, released_on, released_by, released_why)"
            " VALUES ($1, $2, $3, 'r', $4, 'Berit', '12345678903', 'n', 'Berit', $4, 'Arne',"
            " $4, $5, $6, $6)",
            refund,
            membership_id,
            ore,
            on,
            comes_back_on,
            back,
        )
        for serial, part in enumerate((ore,) if back is None else (ore, -ore), 1):
            await connection.execute(
                "INSERT INTO refund_parts VALUES ($1, $2, NULL, $3, $4)",
                refund,
                serial,
                credit,
                part,
            )


async def is_deducted(
    pool: asyncpg.Pool,
    membership_id: str,
    month: date,
    ore: int,
    *,
    local_ore: int = 0,
    settled_on: date | None = None,
) -> None:
    """Let an employer deduct for a month, and be settled in January unless it is another day."""
    serial = await pool.fetchval(
        "SELECT coalesce(max(serial) FILTER (WHERE period_from = $1), count(*) + 1)"
        " FROM deduction_lists",
        month,
    )
    number = f"00000001-{serial}"
    await pool.execute(
        "INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, period_from, made_on,"
        " report_due_on, total_ore, line_count) VALUES ($1, $2, $3, $4, $5, $5, $5, $6, 1)"
        " ON CONFLICT DO NOTHING",
        number,
        f"2{serial:015d}",
        A,
        serial,
        month,
        ore,
    )
    await pool.execute(
        "INSERT INTO deduction_lines (list_number, membership_id, central_ore, local_ore,"
        " premium_ore, total_ore, code) VALUES ($1, $2, $3, $5, 0, $4, 'CONTINUE')",
        number,
        membership_id,
        ore - local_ore,
        ore,
        local_ore,
    )
    await pool.execute(
        "INSERT INTO deductions (list_number, membership_id, outcome, expected_ore, deducted_ore,"
        " decided_by, settled_on) VALUES ($1, $2, 'deducted', $3, $3, 'rule', $4)",
        number,
        membership_id,
        ore,
        settled_on or date(month.year + 1, 1, 20),
    )


async def year_end(
    statements: Statements, *, year: int = YEAR, today: date = TODAY
) -> YearEndPageReport:
    """Make a year's statements as the workflow does."""
    period = await statements.open_year_end(YearEndOpening(year=year, today=today))
    assert period.cap is not None, period.refused
    found = YearEndPageReport()
    for first in period.pages:
        one = await statements.make_year_end_page(
            YearEndPage(
                year=year,
                today=today,
                cap=period.cap,
                first=first,
                page_size=period.page_size,
            )
        )
        found = YearEndPageReport(
            statements=found.statements + one.statements,
            corrections=found.corrections + one.corrections,
            letters=found.letters + one.letters,
        )
    return found


async def report(statements: Statements, *, year: int = YEAR, today: date = TODAY) -> YearEndReport:
    """Sum a year up as the workflow does at its end."""
    period = await statements.open_year_end(YearEndOpening(year=year, today=today))
    return await statements.report_year_end(period)


async def stated(pool: asyncpg.Pool, membership_id: str, year: int = YEAR) -> list[tuple[int, int]]:
    """Return what a member was told of a year, version by version: paid, deductible."""
    rows = await pool.fetch(
        "SELECT paid_ore, deductible_ore FROM tax_statements "
        "WHERE membership_id = $1 AND year = $2 ORDER BY version",
        membership_id,
        year,
    )
    return [(row["paid_ore"], row["deductible_ore"]) for row in rows]
