"""Placing money in suspense as somebody has decided: an invoice, a member, a list, a proposal."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.proposals import proposal_of
from activities.payments.suspense import (
    NotPossible,
    allocate,
    allocate_to_list,
    allocate_to_member,
    check_left,
    invoice_called,
    recover_by,
)

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

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


class Target(StrEnum):
    """What a share of a payment is for."""

    MEMBER = "member"
    INVOICE = "invoice"
    LIST = "list"


Paid = tuple[Target, str]
"""An invoice or a list by its number: one of each may be called the same."""


@dataclass(frozen=True)
class Share:
    """A part of a payment.

    Attributes:
        number: the member's, the invoice's or the list's.
        ore: how much; None: what is asked there, as far as there is so much.
        first: of a member's invoices the one before the oldest.
    """

    target: Target
    number: str
    ore: int | None = None
    first: str | None = None


async def place_shares(
    connection: Connection,
    reference: str,
    shares: Sequence[Share],
    *,
    seen_ore: int,
    today: date,
    by: str,
) -> tuple[dict[Paid, int], dict[str, str]]:
    """Allocate what is in suspense of a payment to several: all of the shares, or none.

    Sent twice, it counts once: the second time there is not as much in suspense as was seen.

    Args:
        connection: in a transaction of the caller's, who undoes it where this fails.
        reference: the payment's.
        shares: in the order in which they are served.
        seen_ore: what was in suspense when somebody decided.
        today: the business date.
        by: who decides.

    Returns:
        How much of what it pays, in øre; and of lists the month: their settlements must hear of it.

    Raises:
        NotPossible: there is more or less in suspense by now, or a share does not get what it says.

    Source: P3, P6.
    """
    # All invoices before the payment, in one order, as the rule does: nobody waits in a circle.
    invoices = {one.number for one in shares if one.target is Target.INVOICE}
    called = {number: await invoice_called(connection, number) for number in invoices}
    members = [one.number for one in shares if one.target is Target.MEMBER]
    await _SQL.lock_owed(connection, numbers=list(called.values()), members=list(members))
    await check_left(connection, reference, seen_ore)
    paid: Counter[Paid] = Counter()
    periods: dict[str, str] = {}
    for share in shares:
        got: dict[str, int]
        if share.target is Target.MEMBER:
            got = await allocate_to_member(
                connection,
                reference,
                share.number,
                today=today,
                by=by,
                first=share.first,
                at_most_ore=share.ore,
            )
        elif share.target is Target.LIST:
            ore, periods[share.number] = await allocate_to_list(
                connection, reference, share.number, today=today, by=by, at_most_ore=share.ore
            )
            got = {share.number: ore}
        else:
            number = called[share.number]
            got = {
                number: await allocate(
                    connection, reference, number, today=today, by=by, at_most_ore=share.ore
                )
            }
        if share.ore is not None and sum(got.values()) != share.ore:
            raise NotPossible(
                f"{share.target} {share.number} takes {sum(got.values())} øre, and not {share.ore}"
            )
        kind = Target.LIST if share.target is Target.LIST else Target.INVOICE
        paid.update({(kind, number): ore for number, ore in got.items()})
    return dict(paid), periods
