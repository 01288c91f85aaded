"""Holds, payment plans and write-offs: decided by somebody, for a time, and honoured (A30)."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from activities.arrears import agreements
from activities.arrears.activities import Arrears
from activities.arrears.pursuing import to_be_struck_off
from activities.arrears.reinstating import open_reinstatements
from activities.payments.suspense import NotPossible
from activities.payments.write_offs import undo_write_off, write_off
from activities.shared.rulebook import RulebookReader
from schemas.arrears.contracts import ArrearsCounts
from schemas.arrears.plans import instalments
from schemas.pricing.rulebook import Policies
from tests.arrears.making import everybody, kid_of, letters, owe, pursue, tasks
from tests.arrears.test_pursuing import DUE, on
from tests.dues.test_ledger import UNBOOKED
from tests.letters.making import end_membership, make_membership, pay

POLICIES = Policies(valid_from=date(1970, 1, 1))
ONE = 49500
OLA = {"by": "ola", "reason": "ill"}


@pytest.fixture
def arrears(pool, client) -> Arrears:
    """The room."""
    return Arrears(pool, client)


@pytest.fixture
async def kari(pool) -> str:
    """A member who owes 495.00 for each of four months, all due on 1 March."""
    member = await make_membership(pool, stage="active")
    for _ in range(4):
        await owe(pool, member, DUE)
    return member


def by(**policies: Any) -> Policies:
    """Return policies with some of their own."""
    return Policies(valid_from=POLICIES.valid_from, **policies)


async def hold(
    pool: asyncpg.Pool, member: str, until: date, today: date, policies: Policies = POLICIES
) -> None:
    """Decide a hold."""
    async with pool.acquire() as connection, connection.transaction():
        await agreements.hold_reminders(
            connection, member, policies, until_on=until, today=today, **OLA
        )


async def plan(
    pool: asyncpg.Pool,
    member: str,
    months: int,
    first: date,
    today: date,
    policies: Policies = POLICIES,
) -> list[int]:
    """Make a payment plan; return its amounts."""
    async with pool.acquire() as connection, connection.transaction():
        made = await agreements.make_plan(
            connection, member, policies, first_on=first, months=months, today=today, **OLA
        )
    return [one.amount_ore for one in made]


async def test_a_hold_is_a_pause_until_its_day(pool, arrears, kari):
    """No reminder, no task, no warning before it; on its day all that is due by then."""
    await hold(pool, kari, on(30), today=on(1))
    for day in (14, 28, 29):
        counts = await pursue(arrears, on(day))
        assert counts == ArrearsCounts(owed_ore=4 * ONE), day
    assert await letters(pool) == []
    counts = await pursue(arrears, on(30))
    assert (counts.first_reminder, counts.caseworker, counts.warning) == (4, 1, 1)


async def test_a_hold_keeps_from_being_struck_off(pool, arrears, kari):
    """Warned before, four months owed: nobody is struck off while it is held, nor by a report."""
    await pursue(arrears, on(14))
    await hold(pool, kari, on(40), today=on(20))
    assert (await pursue(arrears, on(30))).struck_off == 0
    async with pool.acquire() as connection:
        book = await RulebookReader(allow_synthetic_ids=False).current(connection)
        assert await to_be_struck_off(connection, everybody(on(39)), book) == []
        assert [row[0] for row in await to_be_struck_off(connection, everybody(on(40)), book)] == [
            kari
        ]


async def test_the_latest_hold_counts(pool, arrears, kari):
    """Another decision ends it: today is the first day on which all is pursued again."""
    await hold(pool, kari, on(60), today=on(1))
    await hold(pool, kari, on(14), today=on(14))
    assert (await pursue(arrears, on(14))).first_reminder == 4


async def test_a_hold_has_bounds(pool, kari):
    """Not in the past, 90 days ahead at most or as the row says, and of a member (A30)."""
    for until, policies in ((on(-1), by()), (on(91), by()), (on(31), by(hold_at_most_days=30))):
        with pytest.raises(agreements.NotPossible, match="hold_at_most_days"):
            await hold(pool, kari, until, on(0), policies)
    with pytest.raises(agreements.NotPossible, match="there is no member"):
        await hold(pool, "nobody", on(1), today=on(0))
    await hold(pool, kari, on(90), today=on(0))


def test_instalments_are_equal_and_sum_up():
    """1,000.00 in three: 333.33 each and one øre more with the first; days move to bank days."""
    made = instalments(100000, date(2027, 1, 31), 3)
    # 31 January 2027 is a Sunday, and so is 28 February; 31 March is a Wednesday.
    assert [(one.due_on, one.amount_ore) for one in made] == [
        (date(2027, 2, 1), 33334),
        (date(2027, 3, 1), 33333),
        (date(2027, 3, 31), 33333),
    ]


async def test_a_plan_that_is_kept_leaves_nothing_pursued(pool, arrears, kari):
    """1,980.00 in four; each paid in time, in parts and with any KID, and then it is over."""
    # 15, 29 March are Mondays; the instalments are due on 15 of March, April, May, June.
    assert await plan(pool, kari, 4, date(2027, 3, 15), today=on(4)) == [ONE] * 4
    number = await pool.fetchval("SELECT max(number) FROM invoices")
    kid = await kid_of(pool, number)
    for day in (date(2027, 3, 16), date(2027, 4, 16), date(2027, 5, 14), date(2027, 6, 15)):
        for ore in (20000, 29500):
            await pay(pool, kid, ore, placed=False)
        assert (await pursue(arrears, day + timedelta(days=5))).first_reminder == 0
    assert await letters(pool) == [(kari, "payment_plan")]
    assert await pool.fetchval("SELECT outcome FROM payment_plan_ends") == "kept"
    figures = await pool.fetchval("SELECT figures FROM letters")
    assert figures["instalments"][0] == {"due_on": "2027-03-15", "amount_ore": ONE}


async def test_a_plan_that_is_broken_is_told_and_pursued(pool, arrears, kari):
    """The first instalment is due on 15 March: five days of grace, broken on the 21st."""
    await plan(pool, kari, 4, date(2027, 3, 15), today=on(4))
    for day in (date(2027, 3, 16), date(2027, 3, 20)):
        assert (await pursue(arrears, day)).first_reminder == 0
    counts = await pursue(arrears, date(2027, 3, 21))
    assert (counts.first_reminder, counts.warning) == (4, 1)
    told = [template for _, template in await letters(pool)]
    assert told.count("payment_plan_broken") == 1
    assert ("payment_plan", True) in await tasks(pool)
    await pursue(arrears, date(2027, 3, 22))
    assert [template for _, template in await letters(pool)] == told


async def test_a_broken_plan_is_told_with_the_instalment_the_rest_and_a_day(pool, arrears, kari):
    """1,980.00 in four: 495.00 + 200.00 paid, so of the second, due on 15 April, is missing.

    Left are 1,980.00 - 695.00 = 1,285.00, to be paid within 14 days of 21 April, 5 May.
    """
    await plan(pool, kari, 4, date(2027, 3, 15), today=on(4))
    kid = await kid_of(pool, await pool.fetchval("SELECT max(number) FROM invoices"))
    await pay(pool, kid, ONE + 20000, placed=False)
    await pursue(arrears, date(2027, 4, 20))
    assert [template for _, template in await letters(pool)] == ["payment_plan"]
    await pursue(arrears, date(2027, 4, 21))
    figures = await pool.fetchval(
        "SELECT figures FROM letters WHERE template = 'payment_plan_broken'"
    )
    assert figures == {
        "instalment": {"due_on": "2027-04-15", "amount_ore": ONE},
        "left_ore": 128500,
        "pay_by": "2027-05-05",
    }


async def test_how_late_an_instalment_may_be_is_a_row(pool, arrears, kari):
    """Due on 15 March: without grace the plan is broken on the 16th (A30, G4)."""
    await pool.execute("UPDATE policies SET value = $1 WHERE name = 'plan_grace_days'", 0)
    await plan(pool, kari, 4, date(2027, 3, 15), today=on(4))
    assert (await pursue(arrears, date(2027, 3, 15))).first_reminder == 0
    assert (await pursue(arrears, date(2027, 3, 16))).first_reminder == 4


async def test_what_is_charged_after_a_plan_is_pursued(pool, arrears, kari):
    """A plan is about what had been invoiced; money in hand is the plan's first."""
    await plan(pool, kari, 4, date(2027, 4, 15), today=on(4))
    new = await owe(pool, kari, date(2027, 3, 8))
    await pay(pool, await kid_of(pool, new), 49400, placed=False)
    counts = await pursue(arrears, date(2027, 3, 22))
    assert (counts.first_reminder, counts.caseworker, counts.owed_ore) == (1, 0, 5 * ONE)
    assert (await letters(pool))[-1] == (kari, "reminder_first")


async def test_a_plan_has_bounds(pool, kari):
    """A year at most, one at a time, of what is owed; and it is withdrawn by a decision."""
    for months, policies in ((0, by()), (13, by()), (7, by(plan_at_most_months=6))):
        with pytest.raises(agreements.NotPossible, match="plan_at_most_months"):
            await plan(pool, kari, months, on(30), on(1), policies)
    for first in (on(0), on(92)):
        with pytest.raises(agreements.NotPossible, match="first: must be from today on"):
            await plan(pool, kari, 2, first, today=on(1))
    await plan(pool, kari, 12, on(30), today=on(1))
    with pytest.raises(agreements.NotPossible, match="a payment plan stands"):
        await plan(pool, kari, 2, on(30), today=on(1))
    async with pool.acquire() as connection, connection.transaction():
        await agreements.withdraw_plan(connection, kari, today=on(2), **OLA)
    with pytest.raises(agreements.NotPossible, match="no payment plan stands"):
        async with pool.acquire() as connection, connection.transaction():
            await agreements.withdraw_plan(connection, kari, today=on(2), **OLA)
    await plan(pool, kari, 2, on(30), today=on(3))
    other = await make_membership(pool, stage="active")
    with pytest.raises(agreements.NotPossible, match="nothing is owed"):
        await plan(pool, other, 2, on(30), today=on(1))


async def test_a_plan_closes_the_task_that_asked_for_it(pool, arrears, kari):
    """Two months owed are a caseworker's; the plan is the answer."""
    await pursue(arrears, on(14))
    await plan(pool, kari, 4, on(30), today=on(15))
    assert await tasks(pool) == [("arrears", False)]


async def test_what_is_written_off_is_a_loss_and_not_owed(pool, arrears, kari):
    """Closed in the books on an account of its own; undone, it is owed again."""
    number = f"{kari[-12:]}-1"
    await pay(pool, await kid_of(pool, number), 10000)
    async with pool.acquire() as connection, connection.transaction():
        assert (await write_off(connection, number, POLICIES, today=on(1), **OLA)).ore == 39500
    counts = await pursue(arrears, on(14))
    # three months are left of four: a warning
    assert (counts.first_reminder, counts.warning, counts.owed_ore) == (3, 1, 3 * ONE)
    assert await losses(pool) == 39500
    async with pool.acquire() as connection, connection.transaction():
        assert await undo_write_off(connection, number, today=on(15), **OLA) == 39500
    assert (await pursue(arrears, on(15))).first_reminder == 1
    assert await losses(pool) == 0
    assert [row for row in await pool.fetch(UNBOOKED) if "write-off" in row[0]] == []
    rows = await pool.fetch("SELECT serial, amount_ore, decided_by, reason FROM write_offs")
    assert [tuple(row) for row in rows] == [(1, 39500, "ola", "ill"), (2, -39500, "ola", "ill")]


async def losses(pool: asyncpg.Pool) -> int:
    """What stands on the account of losses."""
    ore: int = await pool.fetchval(
        "SELECT coalesce(sum(balance_ore), 0)::bigint FROM balances WHERE account = 'losses'"
    )
    return ore


async def test_what_can_not_be_written_off_says_why(pool, kari):
    """Nothing there, nothing open, more than the policy lets go, nothing to undo."""
    number = await pool.fetchval("SELECT min(number) FROM invoices")
    large = await owe(pool, kari, DUE, 594001)
    async with pool.acquire() as connection, connection.transaction():
        for refused, says, policies in (
            ("none", "there is no invoice none", by()),
            (large, "write_off_at_most", by()),
            (number, "write_off_at_most", by(write_off_at_most_ore=ONE - 1)),
        ):
            with pytest.raises(NotPossible, match=says):
                await write_off(connection, refused, policies, today=on(1), **OLA)
        with pytest.raises(NotPossible, match="nothing is written off"):
            await undo_write_off(connection, number, today=on(1), **OLA)
        await write_off(connection, number, POLICIES, today=on(1), **OLA)
        with pytest.raises(NotPossible, match="nothing is open"):
            await write_off(connection, number, POLICIES, today=on(1), **OLA)


async def test_who_was_let_off_has_not_paid(pool, kari):
    """Struck off, and the whole debt written off: no new application is made of that (A30)."""
    await end_membership(pool, kari, "struck_off")
    async with pool.acquire() as connection, connection.transaction():
        for row in await connection.fetch("SELECT number FROM invoices"):
            await write_off(connection, row["number"], POLICIES, today=on(1), **OLA)
    assert await pool.fetchval("SELECT sum(open_ore) FROM invoice_balances") == 0
    async with pool.acquire() as connection:
        assert await open_reinstatements(connection, on(2), POLICIES) == 0


async def test_a_death_ends_what_is_pursued_of_all_memberships(pool, arrears, kari):
    """M17: recorded of one membership, nothing is asked on another, and no task stays open."""
    await pursue(arrears, on(14))
    former = await make_membership(pool, stage="active")
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        kari,
        former,
    )
    # Who has left still owes, and is reminded (A29), until the death is known.
    await end_membership(pool, kari, "resigned")
    await end_membership(pool, former, "deceased")
    assert await pursue(arrears, on(28)) == ArrearsCounts()
    assert await tasks(pool) == [("arrears", False)]
