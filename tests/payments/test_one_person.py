"""Money of one person: whatever they have with us pays what they owe, under any membership (P3)."""

from datetime import date

import pytest

from activities.arrears import reinstating
from activities.payments.booking import apply_credits, use_money, use_suspense
from schemas.payments.kid import invoice_kid
from schemas.shared.vocabulary import Event, Outcome, Stage
from tests.arrears.making import owe
from tests.builders import BOOK
from tests.dues.lives import ends, life
from tests.dues.test_ledger import UNBOOKED
from tests.letters.making import end_membership, make_membership
from tests.membership.making import (
    JANUARY,
    KARI,
    OLA,
    TODAY,
    approval,
    decision,
    intake,
    order,
    payment,
    standing,
)
from tests.payments.making import Money, bring, camt

ONE = 49500
BACK = date(2027, 1, 10)


async def number_of(pool, member):
    """The member number."""
    return await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", member
    )


async def stands(pool, *members):
    """What is open of each invoice of some memberships, and what each has in suspense."""
    found = {}
    for member in members:
        open_ore = await pool.fetch(
            "SELECT open_ore FROM invoice_balances WHERE membership_id = $1 ORDER BY serial", member
        )
        held = await pool.fetchval(
            "SELECT coalesce(sum(suspense_ore), 0)::bigint FROM payment_balances"
            " WHERE membership_id = $1",
            member,
        )
        found[member] = ([row["open_ore"] for row in open_ore], held)
    return found


async def left(persistence, outcome=Outcome.RESIGNED):
    """Let Kari join on 22 November, be charged for it, and leave on 10 December."""
    await persistence.receive_application(intake(KARI))
    await persistence.record_decision(approval(KARI))
    await persistence.record_decision(
        decision(
            3,
            KARI,
            event=Event.CHANGE_TOOK_EFFECT,
            standing=standing(Stage.ENDED, outcome=outcome),
            facts=life(ends(date(2026, 12, 10), outcome), since=TODAY),
        )
    )


async def comes_back(persistence):
    """Let the same person be approved as another membership, charged from January on."""
    await persistence.receive_application(intake(OLA))
    receipt = await persistence.record_decision(approval(OLA, invoice=order(period_from=JANUARY)))
    assert receipt.recorded


async def test_a_first_invoice_is_paid_by_what_was_there(persistence, pool):
    """P3: 495.00 + 695.00 paid on 495.00; 495.00 of the rest pay January, 200.00 stay."""
    await left(persistence)
    kid = invoice_kid(await number_of(pool, KARI), 1)
    await bring(pool, camt(Money(kid, ONE, key="K1"), Money(kid, 69500, key="K2")))
    assert await stands(pool, KARI) == {KARI: ([0], 69500)}
    await comes_back(persistence)
    assert await stands(pool, KARI, OLA) == {KARI: ([0], 20000), OLA: ([0], 0)}
    async with pool.acquire() as connection:
        await use_money(connection, OLA, BACK)
    assert await pool.fetchval("SELECT count(*) FROM allocations") == 2
    assert await pool.fetch(UNBOOKED) == []


async def test_money_that_came_before_the_approval_pays_the_first_invoice(persistence, pool):
    """Reported while the application was under review: it was in suspense until there was one."""
    await persistence.receive_application(intake(KARI))
    paid = payment("B-1", ONE, None)
    under_review = decision(2, event=Event.PAYMENT_RECORDED, payment=paid).model_copy(
        update={"standing": standing(Stage.UNDER_REVIEW, member_since=None)}
    )
    assert (await persistence.record_decision(under_review)).recorded
    assert await stands(pool, KARI) == {KARI: ([], ONE)}
    await persistence.record_decision(approval(KARI, number=3))
    assert await stands(pool, KARI) == {KARI: ([0], 0)}


async def test_a_credit_of_a_former_membership_pays_the_first_invoice(persistence, pool):
    """A31: 200.00 of 495.00; what is left of it is asked for, 295.00."""
    await left(persistence)
    await bring(pool, camt(Money(invoice_kid(await number_of(pool, KARI), 1), ONE)))
    await owe(pool, KARI, date(2026, 12, 1), -20000, period_from=date(2026, 12, 1))
    await comes_back(persistence)
    assert await stands(pool, KARI, OLA) == {KARI: ([0, 0], 0), OLA: ([29500], 0)}


async def test_who_came_back_and_pays_the_old_debt_is_not_taken_up_twice(persistence, pool):
    """A30: a member again already; what was owed is paid, and no second membership follows."""
    await left(persistence, Outcome.STRUCK_OFF)
    await comes_back(persistence)
    await bring(pool, camt(Money(invoice_kid(await number_of(pool, KARI), 1), ONE)))
    assert await stands(pool, KARI, OLA) == {KARI: ([0], 0), OLA: ([ONE], 0)}
    async with pool.acquire() as connection:
        (policies,) = BOOK.policies
        assert await reinstating.open_reinstatements(connection, BACK, policies) == 0


@pytest.fixture
async def both(pool):
    """A former membership and a present one of one person, with 495.00 owed on each."""
    former = await make_membership(pool, stage="active")
    await end_membership(pool, former, "resigned")
    present = await make_membership(pool, stage="active")
    await join(pool, former, present)
    for member, month in ((former, 3), (present, 5)):
        kid = invoice_kid(await number_of(pool, member), 1)
        await owe(pool, member, date(2027, month, 15), kid=kid, period_from=date(2027, month, 1))
    return former, present


async def join(pool, member, other):
    """Let a membership be the person's whose the first one is; return whose it was."""
    was = await pool.fetchval("SELECT person_id FROM memberships WHERE membership_id = $1", other)
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        member,
        other,
    )
    return was


# (which membership's KID, its serial, øre) of each, then the open and the suspense of both.
PAID = {
    "each its own": ([(0, 1, ONE), (1, 1, ONE)], [([0], 0), ([0], 0)]),
    "both in one sum": ([(0, 1, 2 * ONE)], [([0], 0), ([0], 0)]),
    "the old debt by the present number": ([(1, 1, 2 * ONE)], [([0], 0), ([0], 0)]),
    "a serial that was never used": ([(1, 7, ONE)], [([0], 0), ([ONE], 0)]),
    "too little for either": ([(1, 1, 20000)], [([ONE], 0), ([ONE], 20000)]),
    # 200.00 + 300.00 of two memberships: the oldest, 495.00, and 5.00 left
    "parts under both": ([(0, 1, 20000), (1, 1, 30000)], [([0], 0), ([ONE], 500)]),
}


@pytest.mark.parametrize(("paid", "stand"), PAID.values(), ids=PAID)
async def test_the_oldest_of_a_person_comes_first(pool, both, paid, stand):
    """P3: exact KID, then the oldest that is open, whichever membership asks it."""
    numbers = [await number_of(pool, member) for member in both]
    money = [
        Money(invoice_kid(numbers[whose], serial), ore, number=n, key=f"K{n}", on=date(2027, 6, 1))
        for n, (whose, serial, ore) in enumerate(paid, 1)
    ]
    await bring(pool, camt(*money), today=date(2027, 6, 1))
    assert list((await stands(pool, *both)).values()) == stand


async def test_what_is_charged_later_is_paid_by_money_of_another_membership(pool, both):
    """A run that charges the present member finds what is left under the former number."""
    former, present = both
    numbers = [await number_of(pool, member) for member in both]
    kid = invoice_kid(numbers[0], 1)
    day = date(2027, 6, 1)
    await bring(pool, camt(Money(kid, 3 * ONE, on=day)), today=day)
    await owe(pool, former, day, -30000, period_from=date(2027, 8, 1))
    for month in (6, 7):
        await owe(pool, present, date(2027, month, 15), period_from=date(2027, month, 1))
    async with pool.acquire() as connection:
        # 300.00 of credit and 195.00 of the money pay June; 300.00 are less than July asks.
        assert await apply_credits(connection, numbers[1], numbers[1], day) == 1
        await use_suspense(connection, numbers[1], numbers[1], day)
    assert await stands(pool, *both) == {former: ([0, 0], 30000), present: ([0, 0, ONE], 0)}


async def test_two_who_become_one_and_two_again(pool, both):
    """N9: money of one pays the other's oldest, and goes back when the two are parted."""
    former, present = both
    rich = await make_membership(pool, stage="active")
    kid = invoice_kid(await number_of(pool, rich), 1)
    await owe(pool, rich, date(2027, 5, 1), kid=kid, period_from=date(2027, 5, 1))
    day = date(2027, 6, 1)
    await bring(pool, camt(Money(kid, 3 * ONE, on=day)), today=day)
    await owe(pool, rich, day, -10000, period_from=date(2027, 6, 1))
    alone = await stands(pool, former, present, rich)
    was = await join(pool, present, rich)
    async with pool.acquire() as connection, connection.transaction():
        await use_money(connection, present, day)
    # 100.00 of credit and 395.00 of the money for the oldest, 495.00 for the other: 100.00 left.
    assert await stands(pool, former, present, rich) == {
        former: ([0], 0),
        present: ([0], 0),
        rich: ([0, 0], 10000),
    }
    await pool.execute("UPDATE memberships SET person_id = $1 WHERE membership_id = $2", was, rich)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT part_money($1, $2)", [former, present, rich], day)
    assert await stands(pool, former, present, rich) == alone
    assert [row for row in await pool.fetch(UNBOOKED) if "charge" not in row[0]] == []
