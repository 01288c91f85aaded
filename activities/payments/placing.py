"""Placing money in suspense as somebody has decided: an invoice, a member, a list, a proposal."""

from dataclasses import dataclass
from datetime import date

import asyncpg

from activities.payments.proposals import proposal_of
from activities.payments.suspense import (
    allocate,
    allocate_to_list,
    allocate_to_member,
    invoice_called,
    recover_by,
)

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


@dataclass(frozen=True)
class Placing:
    """Where a payment is to go: one of the five is given.

    Attributes:
        by: who decides.
        proposal: its place among the proposals for the payment.
        recovers: a payment that was paid back and then taken back by the bank.
    """

    reference: str
    by: str
    invoice: str | None = None
    member: str | None = None
    on_list: str | None = None
    proposal: int | None = None
    recovers: str | None = None


async def place(
    connection: Connection, order: Placing, *, today: date
) -> tuple[dict[str, int], dict[str, str]]:
    """Allocate what is in suspense of a payment.

    Args:
        connection: in a transaction of the caller's.
        order: the payment, and where it goes.
        today: the business date.

    Returns:
        How much of what it pays, in øre; and of lists the month: their settlements must hear of it.

    Raises:
        NotPossible: nothing is in suspense of it, or nothing is asked there.

    Source: P3, P6.
    """
    if order.recovers is not None:
        ore = await recover_by(
            connection, order.reference, order.recovers, today=today, by=order.by
        )
        return {order.recovers: ore}, {}
    member, on_list, first = order.member, order.on_list, None
    if order.proposal is not None:
        chosen = await proposal_of(connection, order.reference, order.proposal)
        member = chosen.number if chosen.membership_id is not None else None
        on_list = chosen.number if chosen.membership_id is None else None
        first = chosen.pays
    if member is not None:
        paid = await allocate_to_member(
            connection, order.reference, member, today=today, by=order.by, first=first
        )
        return paid, {}
    if on_list is not None:
        ore, period = await allocate_to_list(
            connection, order.reference, on_list, today=today, by=order.by
        )
        return {on_list: ore}, {on_list: period}
    number = await invoice_called(connection, order.invoice or "")
    ore = await allocate(connection, order.reference, number, today=today, by=order.by)
    return {number: ore}, {}
