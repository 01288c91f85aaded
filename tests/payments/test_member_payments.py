"""Payments: whole to the invoice they name, or whole to suspense; never twice."""

import asyncio

import pytest

from activities.membership.open_work import inbox_items
from schemas.shared.vocabulary import Event
from tests.membership.making import KARI, OLA, decision, make_member, payment


def paid(number, reference, amount_ore, kid, membership_id=KARI):
    """A decision that records a payment."""
    return decision(
        number,
        membership_id,
        event=Event.PAYMENT_RECORDED,
        decided_by="payer",
        payment=payment(reference, amount_ore, kid),
    )


@pytest.fixture
async def kid(persistence):
    """The KID of Kari's first invoice, 495.00."""
    return (await make_member(persistence)).invoice.kid


async def test_exact_payment_settles_the_invoice(persistence, pool, kid):
    """The KID and the whole amount: allocated, nothing in suspense."""
    receipt = (await persistence.record_decision(paid(3, "B-1", 49500, kid))).payment
    assert (receipt.paid_ore, receipt.known, receipt.allocated) == (49500, False, True)
    assert (await inbox_items(pool)).suspended_payments == ()


@pytest.mark.usefixtures("kid")
async def test_money_without_a_kid_settles_the_oldest_open_invoice(persistence, pool):
    """P3: no KID, but exactly what the member owes; a second time there is nothing open."""
    first = await persistence.record_decision(paid(3, "B-1", 49500, None))
    second = await persistence.record_decision(paid(4, "B-2", 49500, None))
    assert (first.payment.allocated, first.payment.paid_ore) == (True, 49500)
    assert not second.payment.allocated
    assert len((await inbox_items(pool)).suspended_payments) == 1


@pytest.mark.parametrize(
    ("amount_ore", "kid_of"),
    [
        pytest.param(20000, lambda kid: kid, id="part of the invoice"),
        pytest.param(49500, lambda _: "12344", id="unknown KID"),
        pytest.param(20000, lambda _: None, id="part of it without a KID"),
    ],
)
async def test_what_fits_no_invoice_goes_to_suspense(persistence, pool, kid, amount_ore, kid_of):
    """Nothing is dropped: the money is kept whole where a caseworker sees it."""
    decided = paid(3, "B-1", amount_ore, kid_of(kid))
    receipt = await persistence.record_decision(decided)
    assert (receipt.recorded, receipt.payment.allocated, receipt.payment.paid_ore) == (
        True,
        False,
        0,
    )
    [suspended] = (await inbox_items(pool)).suspended_payments
    assert (suspended.reference, suspended.amount_ore) == ("B-1", amount_ore)


async def test_what_is_left_over_goes_to_suspense(persistence, pool, kid):
    """P3: 495.00 of 495.01 pay the invoice; one øre is seen by a caseworker, and said."""
    receipt = (await persistence.record_decision(paid(3, "B-1", 49501, kid))).payment
    assert (receipt.allocated, receipt.paid_ore, receipt.left_ore) == (True, 49500, 1)
    [suspended] = (await inbox_items(pool)).suspended_payments
    assert (suspended.reference, suspended.amount_ore) == ("B-1", 1)


async def test_second_full_payment_goes_to_suspense(persistence, kid):
    """A member who pays twice has the second payment in suspense; the invoice stays paid once."""
    await persistence.record_decision(paid(3, "B-1", 49500, kid))
    receipt = (await persistence.record_decision(paid(4, "B-2", 49500, kid))).payment
    assert (receipt.paid_ore, receipt.allocated) == (49500, False)


async def test_another_members_kid_goes_to_suspense(persistence, kid):
    """Money reported to one membership never settles another one's invoice."""
    await make_member(persistence, OLA, name="Ola", email="ola@example.org")
    receipt = (await persistence.record_decision(paid(3, "B-1", 49500, kid, OLA))).payment
    assert not receipt.allocated


async def test_payment_decision_is_idempotent(persistence, pool, kid):
    """A retry of the decision gets the first receipt: not known, allocated."""
    first = await persistence.record_decision(paid(3, "B-1", 49500, kid))
    assert await persistence.record_decision(paid(3, "B-1", 49500, kid)) == first
    assert await pool.fetchval("SELECT count(*) FROM payments") == 1


async def test_known_reference_records_nothing(persistence, pool, kid):
    """The bank's second report of the same money makes no decision, no booking, no letter."""
    await persistence.record_decision(paid(3, "B-1", 49500, kid))
    receipt = await persistence.record_decision(paid(4, "B-1", 49500, kid))
    assert not receipt.recorded
    assert receipt.payment.model_dump() == {
        "paid_ore": 49500,
        "known": True,
        "allocated": False,
        "conflict": False,
        "invoice_number": None,
        "otherwise": False,
        "went_to": None,
        "reason": None,
        "others": 0,
        "left_ore": 0,
    }
    assert await pool.fetchval("SELECT count(*) FROM decisions") == 3
    assert (await persistence.record_decision(decision(4))).recorded


@pytest.mark.parametrize("change", ["amount", "kid", "membership"])
async def test_known_reference_with_other_content_is_told_apart(persistence, pool, kid, change):
    """The same reference for other money is reported as a contradiction and changes nothing."""
    await make_member(persistence, OLA, name="Ola", email="ola@example.org")
    await persistence.record_decision(paid(3, "B-1", 20000, kid))
    other = {
        "amount": paid(4, "B-1", 29500, kid),
        "kid": paid(4, "B-1", 20000, None),
        "membership": paid(3, "B-1", 20000, kid, OLA),
    }[change]
    receipt = await persistence.record_decision(other)
    assert (receipt.recorded, receipt.payment.known, receipt.payment.conflict) == (
        False,
        True,
        True,
    )
    assert await pool.fetchval("SELECT sum(amount_ore) FROM payments") == 20000


async def test_same_reference_to_two_memberships_at_once_is_booked_once(persistence, pool, kid):
    """The reference is unique in the whole union, not only within a membership."""
    await make_member(persistence, OLA, name="Ola", email="ola@example.org")
    receipts = await asyncio.gather(
        persistence.record_decision(paid(3, "B-1", 49500, kid)),
        persistence.record_decision(paid(3, "B-1", 49500, kid, OLA)),
    )
    assert sorted(receipt.payment.known for receipt in receipts) == [False, True]
    assert await pool.fetchval("SELECT count(*) FROM payments") == 1
