"""What a run looks at is what is open, and not all that there ever was."""

from datetime import date, timedelta

import asyncpg
import pytest

from activities.arrears import overdue, pursuing
from activities.arrears.activities import Arrears
from schemas.arrears.contracts import ArrearsCounts
from tests.arrears.making import everybody, kid_of, owe, pursue
from tests.builders import BOOK
from tests.letters.making import make_membership, pay

DUE = date(2027, 3, 1)
REMINDED = DUE + timedelta(days=14)
MONTHS_AGO = date(2026, 1, 15)


@pytest.fixture
def arrears(pool, client) -> Arrears:
    """The room."""
    return Arrears(pool, client)


async def listed(pool: asyncpg.Pool) -> set[str]:
    """Return the invoices that stand in the list."""
    return {row["number"] for row in await pool.fetch("SELECT number FROM overdue_invoices")}


async def look(pool: asyncpg.Pool, today: date) -> None:
    """List what is overdue on a day."""
    async with pool.acquire() as connection:
        await overdue.list_overdue(connection, today)


async def take_back(pool: asyncpg.Pool, reference: str, number: str) -> None:
    """Let the bank take back what has paid an invoice."""
    await pool.execute(
        """
        WITH back AS (
            INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid, reverses)
            SELECT reference || '-back', membership_id, amount_ore, paid_on, kid, reference
            FROM payments WHERE reference = $1
        )
        INSERT INTO allocations
            (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
        SELECT reference, 2, $2, -amount_ore, paid_on, 'taken_back'
        FROM payments WHERE reference = $1
        """,
        reference,
        number,
    )


async def test_what_is_open_past_its_day_is_listed_and_what_is_paid_is_not(pool):
    """Neither what is due on the day itself, nor what is paid; in part is not paid."""
    member = await make_membership(pool, stage="active")
    paid, partly, today = [
        await owe(pool, member, due_on) for due_on in (DUE, DUE, DUE + timedelta(days=1))
    ]
    await pay(pool, await kid_of(pool, paid), 49500)
    await pay(pool, await kid_of(pool, partly), 49499)
    await look(pool, DUE + timedelta(days=1))
    assert await listed(pool) == {partly}
    await pay(pool, await kid_of(pool, partly), 1)
    await look(pool, DUE + timedelta(days=2))
    assert await listed(pool) == {today}


async def test_a_day_is_looked_at_once(pool):
    """What fell due before the last run is not looked for again, on whichever day it comes."""
    await look(pool, DUE)
    async with pool.acquire() as connection:
        assert await overdue.read_watch(connection) == overdue.Watch(DUE, DUE)
    await look(pool, MONTHS_AGO)
    async with pool.acquire() as connection:
        assert await overdue.read_watch(connection) == overdue.Watch(DUE, DUE)


async def test_an_invoice_that_is_issued_overdue_is_pursued(pool, arrears):
    """One from another system, of a day that has been looked at."""
    member = await make_membership(pool, stage="active")
    assert await pursue(arrears, REMINDED) == ArrearsCounts()
    await owe(pool, member, MONTHS_AGO)
    counts = await pursue(arrears, REMINDED)
    assert (counts.first_reminder, counts.owed_ore) == (1, 49500)


async def test_what_is_taken_back_is_pursued_again(pool, arrears):
    """The invoice was paid when its day was looked at, and is open after the bank took it back."""
    member = await make_membership(pool, stage="active")
    number = await owe(pool, member, DUE)
    reference = await pay(pool, await kid_of(pool, number), 49500)
    assert await pursue(arrears, REMINDED) == ArrearsCounts()
    await take_back(pool, reference, number)
    counts = await pursue(arrears, REMINDED)
    assert (counts.first_reminder, counts.owed_ore) == (1, 49500)


async def test_what_is_taken_back_meanwhile_stays_on_the_list(pool):
    """Whoever takes a paid invoice off the list does not see yet that it is owed again."""
    member = await make_membership(pool, stage="active")
    number = await owe(pool, member, DUE)
    await look(pool, REMINDED)
    reference = await pay(pool, await kid_of(pool, number), 49500)
    async with pool.acquire() as connection, connection.transaction():
        await take_back(connection, reference, number)
        await look(pool, REMINDED)
    assert await listed(pool) == {number}


async def test_what_is_being_issued_meanwhile_is_looked_for_by_the_next_run(pool):
    """The day does not move while an invoice is on its way into the books, and nobody waits."""
    member = await make_membership(pool, stage="active")
    await look(pool, DUE)
    async with pool.acquire() as connection, connection.transaction():
        number = await owe(connection, member, DUE)
        await look(pool, REMINDED)
        assert (await listed(pool), await overdue.read_watch(connection)) == (
            set(),
            overdue.Watch(DUE, DUE),
        )
    await look(pool, REMINDED)
    assert await listed(pool) == {number}


async def test_what_is_overdue_and_not_listed_yet_is_pursued_all_the_same(pool):
    """A run whose day could not be moved looks for what has fallen due since."""
    member = await make_membership(pool, stage="active")
    await owe(pool, member, DUE)
    async with pool.acquire() as connection:
        counts = await pursuing.pursue(connection, everybody(REMINDED), BOOK)
    assert counts.first_reminder == 1


async def years_paid(pool: asyncpg.Pool, member: str, months: int) -> None:
    """Let a member have had so many invoices of nothing, long before."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("ALTER TABLE invoices DISABLE TRIGGER invoice_totals")
        await connection.execute(
            """
            INSERT INTO invoices (number, kid, membership_id, serial, period_from, issued_on,
                                  due_on, total_ore, currency)
            SELECT 'paid-' || nth, '9' || lpad(nth::text, 9, '0'), $1, nth, '1990-01-01',
                   '1990-01-01'::date + nth / 300, '1990-01-01'::date + nth / 300, 0, 'NOK'
            FROM generate_series(1, $2::integer) AS nth
            """,
            member,
            months,
        )
        await connection.execute("ALTER TABLE invoices ENABLE TRIGGER invoice_totals")


@pytest.mark.parametrize("months", [10_000, 20_000])
async def test_what_is_paid_costs_a_run_nothing(pool, months):
    """However many months are paid, no more is read than the newest stretch of the invoices."""
    member = await make_membership(pool, stage="active")
    await years_paid(pool, await make_membership(pool, stage="active"), months)
    await owe(pool, member, DUE)
    await look(pool, REMINDED)
    await pool.execute("VACUUM ANALYZE invoices, memberships, overdue_invoices")
    async with pool.acquire() as connection, connection.transaction():
        before = await rows_read(connection)
        counts = await pursuing.pursue(connection, everybody(REMINDED), BOOK)
        assert counts.first_reminder == 1
        # A stretch of the index by days is 32 blocks of hardly a hundred invoices.
        assert await rows_read(connection) - before < 3200


async def rows_read(connection: asyncpg.Connection) -> int:
    """Return how many rows of the invoices a transaction has read, whether one by one or all."""
    count: int = await connection.fetchval(
        "SELECT pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid)"
        " FROM pg_class WHERE relname = 'invoices'"
    )
    return count
