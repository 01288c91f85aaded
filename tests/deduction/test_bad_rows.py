"""A line or a list that the database refuses keeps no other one back (invariant 9)."""

from tests.deduction.making import MADE_ON, A, B
from tests.dues.spoiling import unguarded
from tests.kids import list_kid
from tests.refusing import REFUSED, refuse

MOST = 2**63 - 1


async def members_of(office, employer, count=3):
    """Let some members be charged through an employer."""
    members = [await office.joins(employer=employer) for _ in range(count)]
    for member in members:
        await office.charge(member, employer=employer)
    return members


async def listed(office, employer):
    """Return who stands on an employer's list of the month."""
    return set(await office.lines_of(await office.number_of(employer)))


async def tasks(office):
    """Return the tasks about lists: whom each is about, and what it says."""
    rows = await office.pool.fetch(
        "SELECT membership_id, says FROM tasks WHERE kind = 'list_quarantine'"
    )
    return [tuple(row) for row in rows]


async def test_an_absurd_charge_stands_on_no_list(office):
    """Two of them overflow the total; the others of the same employer are listed, as are B's."""
    bad, worse, *good = await members_of(office, A, 5)
    others = await members_of(office, B)
    async with unguarded(office.pool) as connection:
        await connection.execute(
            "UPDATE charges SET amount_ore = $2 WHERE membership_id = ANY ($1)", [bad, worse], MOST
        )
    for lists, lines in ((2, 6), (0, 0)):
        made = await office.make()
        assert (made.lists, made.lines) == (lists, lines)
    assert await listed(office, A) == set(good)
    assert await listed(office, B) == set(others)
    says = (
        "The charges of 2026-12 can't stand on a deduction list: an amount that can't be meant. "
        "The list went without them: have them put right, or paid directly."
    )
    assert sorted(await tasks(office)) == sorted([(bad, says), (worse, says)])


async def test_a_refused_line_is_left_out(office):
    """The list goes without it, and says nothing about who is left out."""
    bad, *good = await members_of(office, A, 4)
    others = await members_of(office, B)
    await refuse(office.pool, "deduction_lines", f"NEW.membership_id = '{bad}'")
    made = await office.make()
    assert (made.lists, made.lines) == (2, 6)
    assert await listed(office, A) == set(good)
    assert await listed(office, B) == set(others)
    [(member, says)] = await tasks(office)
    assert member == bad
    assert REFUSED in says


async def test_a_taken_list_number_keeps_one_employer_back(office):
    """A's list has to wait for a caseworker; B has its own, and A's follows once that is mended."""
    members, others = await members_of(office, A), await members_of(office, B)
    payer = await office.pool.fetchval("SELECT payer_number FROM employers WHERE orgnr = $1", A)
    async with unguarded(office.pool) as connection:
        await connection.execute(
            "INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, period_from,"
            " made_on, report_due_on, total_ore, line_count)"
            " VALUES ($1, $2, '999999999', 1, '2020-01-01', $3, $3, 0, 1)",
            f"{payer}-1",
            list_kid("99999999", 1),
            MADE_ON,
        )
    for lists in (1, 0):
        assert (await office.make()).lists == lists
        assert await listed(office, B) == set(others)
        [(member, says)] = await tasks(office)
        assert member is None
        assert says == (
            f"The deduction list of payer {payer} for 2026-12 can't be made: a number or a line "
            "that must be its own is taken already (23505 deduction_lists_pkey). Put that right, "
            "and run the month again."
        )
    async with unguarded(office.pool) as connection:
        await connection.execute("DELETE FROM deduction_lists WHERE employer_orgnr = '999999999'")
    assert (await office.make()).lists == 1
    assert await listed(office, A) == set(members)
