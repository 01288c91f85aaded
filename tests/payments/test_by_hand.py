"""What caseworkers do with money in suspense, and what credit notes pay."""

from datetime import date

import pytest

from activities.payments.booking import apply_credits
from activities.payments.refunds import ask_refund
from activities.payments.suspense import NotPossible, allocate, list_suspense
from tests.dues.test_ledger import UNBOOKED
from tests.payments.making import TODAY, Money, bring, camt, payer, stands
from tests.payments.refunding import told_to_the_bank

ONE = 49500


@pytest.fixture
async def kari(pool, persistence):
    """A member who owes 495.00 for each of two months."""
    return await payer(pool, persistence, "2026-10", "2026-11")


async def by_hand(pool, reference, number):
    """Allocate in a transaction of its own."""
    async with pool.acquire() as connection, connection.transaction():
        return await allocate(connection, reference, number, today=TODAY, by="ola")


async def pay_back(pool, reference):
    """Ask for a refund in a transaction of its own."""
    async with pool.acquire() as connection, connection.transaction():
        asked = await ask_refund(
            connection, reference=reference, today=TODAY, by="ola", reason="paid twice"
        )
        return asked.amount_ore


async def test_a_part_is_allocated_and_the_rest_paid_back(pool, kari):
    """700.00: 495.00 to one invoice, 100.00 left of another asked, the rest refunded."""
    await bring(pool, camt(Money(None, 70000), Money(None, ONE - 10000, key="K2")))
    assert await by_hand(pool, "K2", f"{kari.number}-2") == ONE - 10000
    assert await by_hand(pool, "K1", f"{kari.number}-1") == ONE
    assert await by_hand(pool, "K1", f"{kari.number}-2") == 10000
    async with pool.acquire() as connection:
        [left] = await list_suspense(connection)
    assert (left.reference, left.suspense_ore) == ("K1", 70000 - ONE - 10000)
    assert await pay_back(pool, "K1") == 70000 - ONE - 10000
    found = await stands(pool)
    assert list(found["open"].values()) == [0, 0]
    # Set apart, and still owed until the bank is told.
    assert (found["balances"]["suspense"], set(found["suspense"].values())) == (-10500, {0})
    assert found["tasks"] == set()
    assert await pool.fetch(UNBOOKED) == []


async def test_what_can_not_be_done_says_why(pool, kari):
    """Nothing there, nothing asked, taken back: a sentence, and nothing changed."""
    await bring(pool, camt(Money(None, 100), Money(kari.kids[0], ONE, key="K2")))
    for reference, number, says in (
        ("none", f"{kari.number}-2", "there is no payment none"),
        ("K1", "none", "there is no invoice none"),
        ("K1", f"{kari.number}-1", "asks nothing"),
        ("K2", f"{kari.number}-2", "nothing is in suspense of payment K2"),
    ):
        with pytest.raises(NotPossible, match=says):
            await by_hand(pool, reference, number)
    await bring(pool, camt(Money(None, 100, reversal=True)))
    with pytest.raises(NotPossible, match="taken payment K1 back"):
        await pay_back(pool, "K1")


async def test_what_was_paid_back_in_part_may_be_taken_back(pool, kari):
    """The bank's word stands: what the payment had paid is owed again, the refund is a loss."""
    await bring(pool, camt(Money(None, ONE + 500)))
    await by_hand(pool, "K1", f"{kari.number}-1")
    async with pool.acquire() as connection, connection.transaction():
        await told_to_the_bank(connection, reference="K1")
    assert (await bring(pool, camt(Money(None, ONE + 500, reversal=True)))).reversals == 1
    found = await stands(pool)
    assert found["open"][kari.kids[0]] == ONE
    assert found["suspense"] == {"K1": -500}
    assert found["balances"]["suspense"] == 500


async def credit_note(pool, member, ore, month):
    """Issue a credit note, as a dues run does for a correction."""
    serial = await pool.fetchval(
        "SELECT max(serial) + 1 FROM invoices WHERE membership_id = $1", member.membership_id
    )
    await pool.execute(
        """WITH invoice AS (
            INSERT INTO invoices (number, kid, membership_id, serial, period_from, issued_on,
                                  due_on, total_ore, currency)
            VALUES ($1, $2, $3, $4, $5, $5, $5, $6, 'NOK'))
        INSERT INTO charges (invoice_number, membership_id, period_from, kind, amount_ore,
                             content_hash, person_id)
        VALUES ($1, $3, $5, 'correction', $6, repeat('0', 64),
                (SELECT person_id FROM memberships WHERE membership_id = $3))""",
        f"{member.number}-{serial}",
        member.kid(serial),
        member.membership_id,
        serial,
        month,
        -ore,
    )


async def applied(pool):
    """Apply the credit notes of everybody."""
    async with pool.acquire() as connection:
        return await apply_credits(connection, "00000001", "99999999", TODAY)


async def test_credit_notes_pay_the_oldest(pool, persistence, kari):
    """600.00 in two notes: 495.00 of the first invoice and 105.00 of the second; once."""
    other = await payer(pool, persistence, "2026-10")
    await bring(pool, camt(Money(None, 30000)))
    await credit_note(pool, kari, 40000, date(2027, 1, 1))
    await credit_note(pool, kari, 20000, date(2027, 2, 1))
    # 400.00 to the first; of the second note 95.00 to the first and 105.00 to the second.
    assert await applied(pool) == 3
    found = (await stands(pool))["open"]
    assert [found[kid] for kid in kari.kids] == [0, ONE - 10500]
    assert [found[kari.kid(serial)] for serial in (3, 4)] == [0, 0]
    assert {found[kid] for kid in other.kids} == {ONE}
    assert (await stands(pool))["suspense"] == {"K1": 30000}
    assert await applied(pool) == 0
    # What is exactly still asked is paid by rule.
    assert (await bring(pool, camt(Money(kari.kids[1], ONE - 10500, key="K2")))).allocated == 1


async def test_what_is_left_of_a_credit_note_waits(pool, kari):
    """More credit than is asked pays what there is, and the rest what is charged later."""
    await credit_note(pool, kari, 2 * ONE + 700, date(2027, 1, 1))
    assert await applied(pool) == 2
    assert (await stands(pool))["open"][kari.kid(3)] == -700
    assert await applied(pool) == 0
