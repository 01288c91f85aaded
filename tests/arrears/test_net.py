"""Owed months as people pay: net of everything paid, whatever KID it came with (A30, P3)."""

from datetime import date

import asyncpg
import pytest

from activities.arrears.activities import Arrears
from activities.payments.booking import use_suspense
from activities.payments.refunds import ask_refund
from schemas.arrears.contracts import ArrearsCounts
from schemas.payments.kid import invoice_kid
from tests.arrears.making import kid_of, letters, owe, pursue, tasks
from tests.letters.making import end_membership, make_membership, pay
from tests.payments.making import Money, bring, camt

ONE = 49500
PAID = date(2027, 6, 10)
"""The day somebody who owes January to May pays."""


@pytest.fixture
def arrears(pool, client) -> Arrears:
    """The room."""
    return Arrears(pool, client)


async def owes_five(pool: asyncpg.Pool) -> tuple[str, list[str]]:
    """Write a member who owes 495.00 for each of five months; return the id and the KIDs."""
    member = await make_membership(pool, stage="active")
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", member
    )
    kids = [invoice_kid(number, serial) for serial in range(1, 6)]
    for month, kid in enumerate(kids, 1):
        await owe(pool, member, date(2027, month, 15), kid=kid)
    return member, kids


# What is paid, as (serial of its KID, øre), and the months and øre that are owed after it.
WAYS = {
    # 2,475.00 - 1,485.00 = 990.00, two months
    "a standing order, in one sum": ([(1, 148500)], 2, 99000),
    "a standing order, month by month": ([(1, ONE)] * 3, 2, 99000),
    "by the last ones' KIDs": ([(5, ONE), (4, ONE), (3, ONE)], 2, 99000),
    "by a KID that no invoice has": ([(9, 148500)], 2, 99000),
    # 2,475.00 - 1,000.00 = 1,475.00: more than two months, 2 x 495.00 = 990.00, and 485.00
    "in round sums": ([(1, 50000), (1, 50000)], 3, 147500),
    # 200.00 + 200.00 of the first are no whole month: 2,075.00 of 2,475.00 are still five
    "in parts": ([(1, 20000), (1, 20000)], 5, 207500),
    "too little to be a month less": ([(1, 49499)], 5, 198001),
}


@pytest.mark.parametrize(("paid", "months", "owed"), WAYS.values(), ids=WAYS)
async def test_months_are_counted_net(pool, arrears, paid, months, owed):
    """A30: who owes two months is a caseworker's, and nobody warned and struck off."""
    member, kids = await owes_five(pool)
    number = kids[0][1:9]
    money = [
        Money(invoice_kid(number, serial), ore, number=n, key=f"K{n}", on=PAID)
        for n, (serial, ore) in enumerate(paid, 1)
    ]
    await bring(pool, camt(*money), today=PAID)
    counts = await pursue(arrears, PAID)
    assert counts.warning == (months >= 3)
    says = await pool.fetchval("SELECT says FROM tasks WHERE kind = 'arrears'")
    assert says.startswith(f"Owes {owed} øre for {months} months.")
    warned = (member, "struck_off_warning") in await letters(pool)
    assert warned == (months >= 3)
    # 14 days after the warning, and the next month is not due yet.
    assert (await pursue(arrears, date(2027, 6, 24))).struck_off == (months > 3)


async def test_a_sum_that_pays_all_ends_it(pool, arrears):
    """Five months in one sum with the first one's KID: nothing is overdue, and nothing is asked."""
    _, kids = await owes_five(pool)
    assert (await pursue(arrears, PAID)).warning == 1
    await bring(pool, camt(Money(kids[0], 5 * ONE, on=PAID)), today=PAID)
    assert await pursue(arrears, date(2027, 6, 24)) == ArrearsCounts()
    assert await tasks(pool) == [("arrears", False)]


async def test_a_reversal_brings_the_months_back(pool, arrears):
    """What the bank takes back was not paid: five months again, of which one was warned of."""
    _, kids = await owes_five(pool)
    for back in (False, True):
        await bring(pool, camt(Money(kids[0], 148500, on=PAID, reversal=back)), today=PAID)
    assert (await pursue(arrears, PAID)).warning == 1
    says = await pool.fetchval("SELECT says FROM tasks WHERE kind = 'arrears'")
    assert says.startswith("Owes 247500 øre for 5 months.")


async def test_a_credit_note_counts_as_money(pool, arrears):
    """A31: 2,475.00 less a credit of 1,485.00 that no run has applied yet are two months."""
    member, _ = await owes_five(pool)
    await owe(pool, member, PAID, -148500)
    assert (await pursue(arrears, date(2027, 6, 11))).warning == 0
    says = await pool.fetchval("SELECT says FROM tasks WHERE kind = 'arrears'")
    assert says.startswith("Owes 99000 øre for 2 months.")


@pytest.mark.parametrize(
    ("owed_there", "months", "owed"),
    # 1,485.00 on the former membership: 990.00 are left; if 495.00 are owed there, 1,485.00.
    [(0, 2, 99000), (ONE, 3, 148500), (148500, 5, 247500)],
)
async def test_money_on_a_former_membership_counts(pool, arrears, owed_there, months, owed):
    """A30: what the same person paid under another number, as far as it is not owed there."""
    member, _ = await owes_five(pool)
    former = await make_membership(pool, stage="active")
    await end_membership(pool, former, "resigned")
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        member,
        former,
    )
    paid = await owe(pool, former, date(2026, 3, 15), ONE, period_from=date(1999, 3, 1))
    await pay(pool, await kid_of(pool, paid), ONE)
    if owed_there:
        await owe(pool, former, PAID, owed_there, period_from=date(1999, 4, 1))
    await pay(pool, await kid_of(pool, paid), 148500, placed=False)
    await pursue(arrears, PAID)
    says = await pool.fetchval("SELECT says FROM tasks WHERE membership_id = $1", member)
    assert says.startswith(f"Owes {owed} øre for {months} months.")


@pytest.mark.parametrize(
    ("today", "months"),
    # Due on 15 July: one on 15 August, three on 15 October, and six at most, the year's rest.
    [
        (date(2027, 9, 15), 2),
        (date(2027, 10, 15), 3),
        (date(2028, 1, 15), 6),
        (date(2029, 1, 15), 6),
    ],
)
async def test_a_fee_from_july_is_for_six_months(pool, arrears, today, months):
    """A13, A30: a pensioner's 300.00 from July are for half a year, and never twelve months."""
    member = await make_membership(pool, stage="active")
    await owe(pool, member, date(2027, 7, 15), 30000, covers=12, period_from=date(2027, 7, 1))
    await pursue(arrears, today)
    says = await pool.fetchval("SELECT says FROM tasks WHERE kind = 'arrears'")
    assert says.startswith(f"Owes 30000 øre for {months} months.")


async def test_one_unpaid_quarter_is_one_month(pool, arrears):
    """S21: 123.75 of an early pensioner stay one month, however long they are unpaid."""
    member = await make_membership(pool, stage="active")
    await owe(pool, member, date(2027, 3, 15), 12375)
    for today in (date(2027, 4, 15), date(2027, 10, 15), date(2028, 3, 15)):
        counts = await pursue(arrears, today)
        assert (counts.caseworker, counts.warning, counts.struck_off) == (0, 0, 0)


async def test_an_overpayment_is_told_once_and_used_for_what_comes_next(pool, arrears):
    """P3: 2,475.00 owed and 3,000.00 paid; the next 495.00 are paid of it, 30.00 are left."""
    member, kids = await owes_five(pool)
    await bring(pool, camt(Money(kids[0], 300000, on=PAID)), today=PAID)
    for today in (PAID, date(2027, 6, 11)):
        await pursue(arrears, today)
    assert await letters(pool) == [(member, "overpayment")]
    number = kids[0][1:9]
    await owe(pool, member, date(2027, 7, 15), kid=invoice_kid(number, 6))
    async with pool.acquire() as connection:
        await use_suspense(connection, number, number, date(2027, 7, 1))
    assert await pool.fetchval("SELECT sum(open_ore) FROM invoice_balances") == 0
    assert await pool.fetchval("SELECT sum(suspense_ore) FROM payment_balances") == 3000
    await pursue(arrears, date(2027, 7, 20))
    assert await letters(pool) == [(member, "overpayment")]


async def test_who_still_owes_has_paid_nothing_too_much(pool, arrears):
    """A part in suspense is no overpayment; who has left is asked for an account (A37)."""
    owing, kids = await owes_five(pool)
    await bring(pool, camt(Money(kids[0], 20000, on=PAID)), today=PAID)
    left = await make_membership(pool, stage="active")
    paid = await owe(pool, left, PAID, ONE)
    await bring(pool, camt(Money(await kid_of(pool, paid), ONE, key="K2", on=PAID)), today=PAID)
    await pay(pool, await kid_of(pool, paid), ONE, placed=False)
    await end_membership(pool, left, "resigned")
    await pursue(arrears, PAID)
    told = await letters(pool)
    assert (owing, "overpayment") not in told
    assert (left, "overpayment") in told
    figures = "SELECT figures FROM letters WHERE template = 'overpayment'"
    assert "settlement" in await pool.fetchval(figures)


@pytest.mark.parametrize("refunded", [False, True], ids=["used", "paid-out"])
async def test_an_invoice_that_is_paid_twice_is_asked_about_and_used_next(pool, arrears, refunded):
    """P3: a task, a letter, and until the next run it is the member's to ask back; then it pays."""
    member = await make_membership(pool, stage="active")
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", member
    )
    kids = [invoice_kid(number, serial) for serial in (1, 2, 3)]
    for month, kid in zip((5, 8, 9), kids, strict=True):
        await owe(pool, member, date(2027, month, 15), kid=kid)
    twice = [Money(kids[0], ONE, key=key, on=PAID) for key in ("K1", "K2")]
    await bring(pool, camt(*twice), today=PAID)
    # August is not due yet: it does not take what may be a mistake.
    assert await open_of(pool) == [0, ONE, ONE]
    says = await pool.fetchval("SELECT says FROM tasks WHERE closed_on IS NULL")
    assert "was paid twice; it is used for what is charged next" in says
    await pursue(arrears, PAID)
    assert await letters(pool) == [(member, "overpayment")]
    # A month later the same sum with the same KID is a standing order: August, at once.
    later = date(2027, 7, 10)
    await bring(pool, camt(Money(kids[0], ONE, key="K3", on=later)), today=later)
    assert await open_of(pool) == [0, 0, ONE]
    if refunded:
        waiting = await pool.fetchval("SELECT reference FROM payments_in_suspense")
        async with pool.acquire() as connection, connection.transaction():
            asked = await ask_refund(
                connection, reference=waiting, today=PAID, by="ola", reason="asked"
            )
            assert asked.amount_ore == ONE
    await pool.execute("INSERT INTO dues_runs VALUES ('2027-08-01', '2027-08-01', '2027-08-15')")
    async with pool.acquire() as connection:
        await use_suspense(connection, number, number, date(2027, 8, 1))
    assert await open_of(pool) == [0, 0, ONE if refunded else 0]
    assert await pool.fetchval("SELECT count(*) FROM tasks WHERE closed_on IS NULL") == 0


async def open_of(pool: asyncpg.Pool) -> list[int]:
    """What is open of each invoice."""
    rows = await pool.fetch("SELECT open_ore FROM invoice_balances ORDER BY serial")
    return [row["open_ore"] for row in rows]
