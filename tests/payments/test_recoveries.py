"""What was paid back and then taken back by the bank is asked for, once, and paid (P8)."""

import pytest

from activities.arrears import pursuing
from activities.payments.refunds import ask_refund, refuse_refund
from activities.payments.suspense import NotPossible
from activities.shared.rulebook import RulebookReader
from schemas.arrears.contracts import ArrearsDay
from schemas.payments.refunds import RefundState
from tests.payments.making import TODAY, Money, bring, camt, camt_of, payer, stands
from tests.payments.refunding import ASKED, debit, told_to_the_bank
from tests.payments.test_refunds import ONE, audited, do, paid_back_and_taken_back


async def recover(pool, on=TODAY):
    """What the arrears run of a day does first."""
    async with pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=True).current(connection)
        await pursuing.recover(connection, ArrearsDay(today=on), rulebook.policies_on(on))


ASKED_FOR = (
    "SELECT number, total_ore, open_ore FROM invoice_balances"
    " WHERE number IN (SELECT invoice_number FROM recoveries) ORDER BY serial"
)


@pytest.mark.parametrize("first", ["reversal", "debit"])
async def test_what_is_overdrawn_is_asked_for_once(pool, persistence, first):
    """Refunded, paid out and taken back in either order: one invoice, and a payment clears it."""
    kari = await payer(pool, persistence, "2026-10")
    await bring(pool, camt(*(Money(kari.kids[0], ONE, key=key) for key in ("K1", "K2"))))
    refund = await do(pool, told_to_the_bank, reference="K2")
    told = [
        camt_of(debit(ONE, id_of=refund.refund_id)),
        camt(Money(kari.kids[0], ONE, key="K2", reversal=True)),
    ]
    for content in told if first == "debit" else reversed(told):
        await recover(pool)
        assert await pool.fetch(ASKED_FOR) == []
        await bring(pool, content)
    for _ in range(2):
        await recover(pool)
    [(number, total, open_ore)] = [tuple(row) for row in await pool.fetch(ASKED_FOR)]
    assert (total, open_ore) == (ONE, ONE)
    books = (await stands(pool))["balances"]
    # 495.00 paid and paid for; 495.00 came, left, and were taken back: owed by the member.
    assert [books.get(each, 0) for each in ("suspense", "refunds", "bank", "members")] == [
        0,
        0,
        0,
        ONE,
    ]
    assert await pool.fetchval("SELECT overdrawn_of($1)", kari.membership_id) == 0
    # It is asked for by a letter, and is no month of dues.
    key = f"invoice-{number}"
    assert await pool.fetchval("SELECT count(*) FROM letters WHERE key = $1", key) == 1
    assert await pool.fetchval("SELECT months_covered($1)", number) == 0
    await bring(pool, camt(Money(kari.kid(int(number.split("-")[1])), ONE, key="K3")))
    assert [row["open_ore"] for row in await pool.fetch(ASKED_FOR)] == [0]
    assert (await stands(pool))["suspense"] == {"K1": 0, "K2": 0, "K3": 0}
    assert await audited(pool) == []


async def test_what_comes_back_after_all_is_credited(pool, persistence):
    """The refund is sent back by the bank after it was asked for: nobody owes, nothing is held."""
    kari, second, third, _ = await paid_back_and_taken_back(pool, persistence, RefundState.PAID)
    await do(pool, refuse_refund, third.refund_id, today=TODAY, by="eva", why="taken back")
    await recover(pool)
    # K3, which was paid too much, has paid it at once.
    assert [tuple(row)[1:] for row in await pool.fetch(ASKED_FOR)] == [(ONE, 0)]
    back = debit(
        ONE,
        key="D2",
        id_of=second.refund_id,
        kind="CRDT",
        more="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>",
    )
    await bring(pool, camt_of(back))
    await recover(pool)
    assert [row["total_ore"] for row in await pool.fetch(ASKED_FOR)] == [ONE, -ONE]
    assert (await stands(pool))["suspense"] == {"K1": 0, "K2": 0, "K3": 0}
    assert await pool.fetchval("SELECT credit_of($1)", kari.membership_id) == ONE
    assert await audited(pool) == []


async def test_who_owes_it_is_not_paid_back(pool, persistence):
    """Asked for 495.00, and 300.00 are in suspense: not enough for it, and not to be had."""
    kari, _, third, _ = await paid_back_and_taken_back(pool, persistence, RefundState.PAID)
    await do(pool, refuse_refund, third.refund_id, today=TODAY, by="eva", why="taken back")
    await bring(pool, camt(Money(kari.kids[0], ONE, key="K3", reversal=True)))
    await recover(pool)
    await bring(pool, camt(Money(kari.kids[0], 30000, key="K9")))
    with pytest.raises(NotPossible, match=r"the member owes 495\.00 kr of a payment"):
        await do(pool, ask_refund, reference="K9", today=TODAY, **ASKED)


async def test_two_memberships_make_up_for_it_once(pool, persistence):
    """Until it is asked for: 495.00 overdrawn, 495.00 and 300.00 held by the two: 300.00 left."""
    kari, _, third, _ = await paid_back_and_taken_back(pool, persistence, RefundState.INSTRUCTED)
    await do(pool, refuse_refund, third.refund_id, today=TODAY, by="eva", why="taken back")
    other = await payer(pool, persistence, "2026-10")
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        kari.membership_id,
        other.membership_id,
    )
    await bring(
        pool,
        camt(Money(other.kids[0], ONE, key="K5"), Money(other.kids[0], 30000, key="K6")),
    )
    left = [
        await pool.fetchval("SELECT credit_of($1)", one)
        for one in (kari.membership_id, other.membership_id)
    ]
    assert sum(left) == 30000


async def test_of_nobody_it_is_made_up_for_by_hand(pool, command):
    """Nobody's payment, paid back and taken back: a task; 200.00 and then the rest close it."""
    await bring(pool, camt(Money(None, ONE)))
    refund = await do(pool, told_to_the_bank, reference="K1")
    await bring(pool, camt_of(debit(ONE, id_of=refund.refund_id)))
    await bring(pool, camt(Money(None, ONE, reversal=True)))
    await recover(pool)
    assert "recovery/K1" in (await stands(pool))["tasks"]
    await bring(pool, camt(Money(None, 20000, key="K7"), Money(None, ONE, key="K8")))
    for key, ore in (("K7", 20000), ("K8", 29500)):
        ran = await command("allocate", key, "--recovers", "K1", "--by", "ola", "--json")
        assert ran.json["allocated_ore"] == ore
    assert "recovery/K1" not in (await stands(pool))["tasks"]
    assert (await stands(pool))["suspense"] == {"K1": 0, "K7": 0, "K8": 20000}
    again = await command("allocate", "K8", "--recovers", "K1", "--by", "ola")
    assert (again.code, "nothing is owed of payment K1" in again.err) == (2, True)
    # What made up for it is taken back as well: it is owed again.
    await bring(pool, camt(Money(None, 20000, key="K7", reversal=True)))
    await recover(pool)
    assert "recovery/K1" in (await stands(pool))["tasks"]
    assert await audited(pool) == []
