"""One member whose statement the database refuses keeps no other one's back (invariant 9)."""

from datetime import date

from tests.dues.spoiling import unguarded
from tests.statements.making import invoice_of, member, pays, stated, year_end

NOVEMBER = date(2024, 11, 5)
MOST = 2**63 - 1


async def test_the_neighbours_have_their_statements(pool, persistence, statements):
    """What one is said to have paid overflows; the others are told, again: nothing new."""
    bad, *others = [await member(persistence, pool) for _ in range(4)]
    for one in (bad, *others):
        await pays(pool, one, 49500, NOVEMBER)
    number = await invoice_of(pool, bad)
    async with unguarded(pool) as connection:
        await connection.execute(
            "UPDATE allocations SET amount_ore = $2 WHERE invoice_number = $1", number, MOST
        )
        await connection.execute(
            "INSERT INTO allocations (reference, serial, invoice_number, amount_ore, allocated_on,"
            " allocated_by) SELECT reference, serial + 1, invoice_number, amount_ore,"
            " allocated_on, allocated_by FROM allocations WHERE invoice_number = $1",
            number,
        )
    for statements_made in (3, 0):
        found = await year_end(statements)
        assert found.statements == statements_made
        tasks = await pool.fetch("SELECT membership_id, says FROM tasks WHERE key LIKE 'tax-q%'")
        says = (
            "the statement for 2024 can't be made: an amount or a number is too large (22003); "
            "put that right, then run the year end again"
        )
        assert [tuple(row) for row in tasks] == [(bad, says)]
    for one in others:
        assert await stated(pool, one) == [(49500, 49500)]
    assert await stated(pool, bad) == []
