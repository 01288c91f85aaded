"""Where a payment of a member went and why, and how that is said (P3)."""

from enum import StrEnum


class Allocation(StrEnum):
    """Where a payment went, as far as something follows from it.

    ``FIRST_INVOICE``: it settles the invoice of the approval, whatever else it pays. ``INVOICE``:
    others, or part of that one. ``SUSPENSE``: all of it. ``RETURNED``: nothing is left of it, the
    bank took it back or it was refunded.
    """

    FIRST_INVOICE = "first_invoice"
    INVOICE = "invoice"
    SUSPENSE = "suspense"
    RETURNED = "returned"


class AllocationReason(StrEnum):
    """Why a payment went there: by what an invoice took it, or why none did."""

    KID = "kid"
    OLDEST = "oldest"
    BY_HAND = "by_hand"
    PART = "part"
    OVER = "over"
    PAID = "paid"
    FOREIGN_KID = "foreign_kid"
    NONE_OPEN = "none_open"


IN_WORDS: dict[AllocationReason, str] = {
    AllocationReason.KID: "exactly what it asks",
    AllocationReason.OLDEST: "the oldest that was open",
    AllocationReason.BY_HAND: "allocated by a caseworker",
    AllocationReason.PART: "it is less than the invoice asks",
    AllocationReason.OVER: "it is more than the invoice asks",
    AllocationReason.PAID: "the invoice it names is paid",
    AllocationReason.FOREIGN_KID: "its KID names no invoice of this member",
    AllocationReason.NONE_OPEN: "the member has no open invoice",
}


def payment_in_words(
    amount_ore: int,
    allocation: Allocation,
    invoice_number: str | None = None,
    reason: AllocationReason | None = None,
    *,
    others: int = 0,
    left_ore: int = 0,
) -> str:
    """Return the sentence of a decision log about a payment.

    Args:
        amount_ore: what came in, in øre.
        allocation: where it went.
        invoice_number: the invoice it went to; None: to none, or to the first one.
        reason: why there; None: an older worker did not say.
        others: how many other invoices it pays as well.
        left_ore: what of it is in suspense all the same.

    Source: P3.
    """
    place = {
        Allocation.FIRST_INVOICE: "on the first invoice",
        Allocation.INVOICE: f"on invoice {invoice_number}",
        Allocation.SUSPENSE: "in suspense",
        Allocation.RETURNED: "and taken back or refunded since",
    }[allocation]
    more = f" and {others} more" if others else ""
    left = f", {left_ore} øre in suspense" if left_ore else ""
    why = f": {IN_WORDS[reason]}" if reason is not None else ""
    return f"{amount_ore} øre received, {place}{more}{left}{why}"
