"""Money that is reported to one membership: written down, and allocated by the one rule."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from schemas.membership.decision import Applied, Decision, Payment, PaymentReceipt
from schemas.payments.allocation import Allocation, AllocationReason

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

_BY_RULE = {"kid": AllocationReason.KID, "oldest": AllocationReason.OLDEST}


async def book_payment(
    connection: Connection, decision: Decision, payment: Payment
) -> PaymentReceipt:
    """Write the payment of a decision and allocate it, in the transaction of the decision.

    More than it brought, or than an invoice asks, is refused by the trigger ``check_allocations``.

    Args:
        connection: in that transaction, with the membership locked.
        decision: that records it; its own row may follow.
        payment: as it was reported.

    Returns:
        Where the money went. When it says ``known`` or ``otherwise``, nothing was written.

    Source: P3.
    """
    if not payment.decided_for_one_place:
        return await _book(connection, decision, payment)
    attempt = connection.transaction()
    await attempt.start()
    receipt = await _book(connection, decision, payment)
    if receipt.known or (receipt.invoice_number or "") == payment.goes_to:
        await attempt.commit()
        return receipt
    await attempt.rollback()
    return receipt.model_copy(update={"otherwise": True})


def as_allocated(decision: Decision, payment: Payment, receipt: PaymentReceipt) -> Decision:
    """Return a decision with the letters, rules and words that fit where its payment went."""
    if payment.outcomes is None or receipt.went_to is None:
        return decision
    outcome = payment.outcomes.get(receipt.went_to)
    fits: dict[str, Any] = {"applies": _in_words(decision.applies, payment, receipt)}
    if outcome is not None:
        fits |= {"letters": outcome.letters, "rules": outcome.rules}
    return decision.model_copy(update=fits)


def _in_words(applies: Applied | None, payment: Payment, receipt: PaymentReceipt) -> Applied | None:
    """Return what the sender of an update is told, with where the payment went."""
    if applies is None or receipt.went_to is None:
        return applies
    says = receipt.in_words(payment.amount_ore, receipt.went_to)
    answer = applies.answer.model_copy(update={"says": says})
    return applies.model_copy(update={"answer": answer})


async def _book(connection: Connection, decision: Decision, payment: Payment) -> PaymentReceipt:
    new = await _SQL.write_payment(
        connection,
        membership_id=decision.membership_id,
        number=decision.number,
        **payment.model_dump(include={"reference", "amount_ore", "paid_on", "kid"}),
    )
    if new:
        await _SQL.settle_payment(
            connection, reference=payment.reference, today=decision.decided_on
        )
    found = await _SQL.find_payment(
        connection,
        reference=payment.reference,
        membership_id=decision.membership_id,
        first_invoice=payment.first_invoice,
    )
    if new or await _adopted(connection, decision, payment, found):
        return _receipt(payment, found)
    conflict = not _is_same(payment, found)
    paid_ore = 0 if conflict else found["paid_ore"]
    return PaymentReceipt(paid_ore=paid_ore, known=True, allocated=False, conflict=conflict)


async def _adopted(
    connection: Connection, decision: Decision, payment: Payment, found: Mapping[str, Any]
) -> bool:
    """Take in what a file of the bank has booked, and tell whether it is the first time."""
    if not found["from_file"] or not _is_same(payment, found):
        return False
    first: bool = await _SQL.adopt_payment(
        connection,
        reference=payment.reference,
        membership_id=decision.membership_id,
        number=decision.number,
    )
    return first


def _is_same(payment: Payment, found: Mapping[str, Any]) -> bool:
    """Tell whether the books hold what is reported under a reference, of the same person."""
    booked = (found["amount_ore"], found["paid_on"], found["kid"])
    told = (payment.amount_ore, payment.paid_on, payment.kid)
    return bool(found["own"]) and booked == told


def _receipt(payment: Payment, found: Mapping[str, Any]) -> PaymentReceipt:
    number = found["invoice_number"]
    return PaymentReceipt(
        paid_ore=found["paid_ore"],
        known=False,
        allocated=number is not None,
        invoice_number=number,
        went_to=_went_to(payment, found),
        reason=_reason(found),
        others=found["others"],
        left_ore=max(found["suspense_ore"], 0) if number is not None else 0,
    )


def _went_to(payment: Payment, found: Mapping[str, Any]) -> Allocation:
    """Return where a payment went. Source: P3."""
    number = found["invoice_number"]
    if number is None:
        return Allocation.SUSPENSE if found["suspense_ore"] > 0 else Allocation.RETURNED
    if number == payment.first_invoice and found["settled"]:
        return Allocation.FIRST_INVOICE
    return Allocation.INVOICE


def _reason(found: Mapping[str, Any]) -> AllocationReason | None:
    """Return why a payment went where it did, or None where nothing says. Source: P3."""
    if found["invoice_number"] is not None:
        by = _BY_RULE.get(found["allocated_by"], AllocationReason.BY_HAND)
        over = by is AllocationReason.KID and (found["others"] or found["suspense_ore"] > 0)
        return AllocationReason.OVER if over else by
    if found["suspense_ore"] <= 0:
        return None
    asked = found["claimed_ore"]
    if asked is None:
        return AllocationReason.NONE_OPEN if found["own_kid"] else AllocationReason.FOREIGN_KID
    if asked <= 0:
        return AllocationReason.PAID
    if found["amount_ore"] == asked:
        return None  # it fits by now: what is in suspense is allocated by a caseworker
    return AllocationReason.PART if found["amount_ore"] < asked else AllocationReason.OVER
