"""Money that is reported to one membership: written down, and allocated by the one rule."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from schemas.membership.decision import Decision, Payment, PaymentReceipt

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


class Otherwise(Exception):
    """The money went elsewhere than the decision says; the transaction is to be undone.

    Attributes:
        receipt: where it would go, for the decision to be made anew.
    """

    def __init__(self, receipt: PaymentReceipt) -> None:
        super().__init__("the money goes elsewhere")
        self.receipt = receipt


async def book_payment(
    connection: Connection, decision: Decision, payment: Payment
) -> PaymentReceipt:
    """Write the payment of a decision and allocate it, in the transaction of the decision.

    Args:
        connection: in that transaction, with the membership locked.
        decision: that records it; its own row may follow.
        payment: as it was reported.

    Returns:
        Where the money went. When it says ``known``, nothing was written.

    Raises:
        Otherwise: the decision was made for another outcome.

    Source: P3.
    """
    new = await _SQL.write_payment(
        connection,
        membership_id=decision.membership_id,
        number=decision.number,
        **payment.model_dump(exclude={"goes_to"}),
    )
    if new:
        row = await _SQL.settle_payment(
            connection,
            reference=payment.reference,
            today=decision.decided_on,
            kid=payment.kid,
            membership_id=decision.membership_id,
        )
    else:
        row = await _adopted(connection, decision, payment)
    receipt = _receipt(row)
    if not receipt.known and payment.goes_to is not None:
        where = receipt.invoice_number or ""
        if where != payment.goes_to:
            raise Otherwise(receipt.model_copy(update={"otherwise": True}))
    return receipt


async def _adopted(
    connection: Connection, decision: Decision, payment: Payment
) -> Mapping[str, Any]:
    """Take in what a file of the bank has booked, once; else say that it is known."""
    found: Mapping[str, Any] = await _SQL.find_payment(connection, reference=payment.reference)
    same = (found["membership_id"], found["amount_ore"], found["paid_on"], found["kid"]) == (
        decision.membership_id,
        payment.amount_ore,
        payment.paid_on,
        payment.kid,
    )
    if not same:
        return {"paid_ore": 0, "invoice_number": None, "known": True, "conflict": True}
    first = found["from_file"] and await _SQL.adopt_payment(
        connection,
        reference=payment.reference,
        membership_id=decision.membership_id,
        number=decision.number,
    )
    return {**found, "known": not first}


def _receipt(row: Mapping[str, Any]) -> PaymentReceipt:
    known, number = row.get("known", False), row["invoice_number"]
    return PaymentReceipt(
        paid_ore=row["paid_ore"],
        known=known,
        allocated=number is not None and not known,
        conflict=row.get("conflict", False),
        invoice_number=None if known else number,
    )
