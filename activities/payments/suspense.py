"""What a caseworker does with money in suspense: allocate it by hand, or take it in."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries, streamed
from activities.payments.bank_costs import take_in_charge
from activities.shared.tasks import close_task_of
from schemas.payments.proposals import Proposal
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class Suspended(Contract):
    """Money in suspense, and who paid it: secret, for whoever must place it.

    Attributes:
        payer: the name that the bank tells, ``account`` the number, ``text`` what was written.
        numbers: all that may be a KID, an invoice's or a member's number in it.
        amount_ore: of the whole payment; ``suspense_ore`` is what is left of it: less than
            nothing is owed, since it was paid back and then taken back by the bank.
        open_invoices: of the member, the oldest first, five at most.
        proposals: for whom it may be, the likeliest first, where they are asked for.
    """

    reference: str
    membership_id: str | None
    paid_on: date
    kid: str | None
    amount_ore: int
    suspense_ore: int
    open_invoices: tuple[str, ...]
    payer: str | None = None
    account: str | None = None
    text: str | None = None
    numbers: str | None = None
    proposals: tuple[Proposal, ...] = ()


class NotPossible(Exception):
    """What a caseworker asked for can't be done; the text says why."""


async def list_suspense(connection: Connection) -> list[Suspended]:
    """Return what is in suspense, the oldest first."""
    return [each async for each in stream_suspense(connection)]


async def stream_suspense(
    connection: Connection, most: int | None = None, *, only: Sequence[str] | None = None
) -> AsyncIterator[Suspended]:
    """Yield what is in suspense, the oldest first.

    Args:
        connection: of any kind; nothing is written.
        most: no more than so many; None: all.
        only: of these payments; None: of any.
    """
    async for row in streamed(connection, _SQL.list_suspense, most=most, only=only):
        yield Suspended(**row)


async def allocate(
    connection: Connection,
    reference: str,
    number: str,
    *,
    today: date,
    by: str,
    at_most_ore: int | None = None,
) -> int:
    """Allocate money in suspense to an invoice: what the invoice asks, or all there is.

    More than there is of either is refused by the trigger ``check_allocations``.

    Args:
        connection: in a transaction of the caller's.
        reference: the payment's.
        number: the invoice's, of whatever member.
        today: the business date.
        by: who decides.
        at_most_ore: no more than that; None: what the invoice asks.

    Returns:
        How much, in øre.

    Raises:
        NotPossible: nothing is in suspense of it, or nothing is open of the invoice.

    Source: P3.
    """
    # Invoices first, as the rule does: nobody waits in a circle.
    if await _SQL.lock_invoice(connection, number=number) is None:
        raise NotPossible(f"there is no invoice {number}")
    left = await _left(connection, reference)
    invoice = await _SQL.read_invoice(connection, number=number)
    amount_ore: int = _at_most(min(left, invoice["open_ore"]), at_most_ore)
    if amount_ore <= 0:
        raise NotPossible(f"invoice {number} asks nothing")
    await _SQL.allocate(
        connection, reference=reference, number=number, amount_ore=amount_ore, today=today, by=by
    )
    if amount_ore == left:
        await _settled(connection, reference, today, by)
    return amount_ore


async def allocate_to_member(
    connection: Connection,
    reference: str,
    member_number: str,
    *,
    today: date,
    by: str,
    first: str | None = None,
    at_most_ore: int | None = None,
) -> dict[str, int]:
    """Allocate money in suspense to what a member owes, the oldest first.

    Args:
        connection: in a transaction of the caller's.
        reference: the payment's.
        member_number: the member's.
        today: the business date.
        by: who decides.
        first: the invoice that comes before the oldest.
        at_most_ore: no more than that in all; None: what is owed.

    Returns:
        How much of each invoice, in øre.

    Raises:
        NotPossible: nothing is in suspense of it, or the member owes nothing.
    """
    left = _at_most(await _left(connection, reference), at_most_ore)
    owed = [row["number"] async for row in _SQL.list_owed(connection, member_number=member_number)]
    owed.sort(key=lambda number: number != first)
    if not owed:
        raise NotPossible(f"member {member_number} owes nothing: say --invoice, or refund it")
    paid: dict[str, int] = {}
    for number in owed:
        if left <= 0:
            break
        paid[number] = await allocate(
            connection, reference, number, today=today, by=by, at_most_ore=left
        )
        left -= paid[number]
    return paid


async def allocate_to_list(
    connection: Connection,
    reference: str,
    number: str,
    *,
    today: date,
    by: str,
    at_most_ore: int | None = None,
) -> tuple[int, str]:
    """Allocate all that is in suspense of a payment to an employer's list.

    Args:
        connection: in a transaction of the caller's.
        reference: the payment's.
        number: the list's.
        today: the business date.
        by: who decides.
        at_most_ore: no more than that; None: all.

    Returns:
        How much, in øre, and the list's month: its settlement must hear of it.

    Raises:
        NotPossible: nothing is in suspense of it, or there is no such list.
    """
    left = await _left(connection, reference)
    ore = _at_most(left, at_most_ore)
    period: str | None = await _SQL.allocate_to_list(
        connection, reference=reference, number=number, amount_ore=ore, today=today, by=by
    )
    if period is None:
        raise NotPossible(f"there is no list {number}")
    if ore == left:
        await _settled(connection, reference, today, by)
    return ore, period


async def recover_by(
    connection: Connection, reference: str, recovers: str, *, today: date, by: str
) -> int:
    """Make up for a payment that was paid back and then taken back, with another in suspense.

    More than that one has is refused by the trigger ``check_recoveries``.

    Args:
        connection: in a transaction of the caller's.
        reference: of the payment in suspense.
        recovers: the payment that the bank took back after it had been paid back.
        today: the business date.
        by: who decides.

    Returns:
        How much, in øre.

    Raises:
        NotPossible: nothing is in suspense of the one, or nothing is owed of the other.

    Source: P8.
    """
    await _SQL.lock_payment(connection, reference=recovers)
    left = await _left(connection, reference)
    owed: int | None = await _SQL.read_recoverable(connection, reference=recovers)
    if owed is None or owed <= 0:
        raise NotPossible(f"nothing is owed of payment {recovers}, or its member has an invoice")
    ore = min(left, owed)
    await _SQL.recover_by(
        connection, reference=recovers, paid_by=reference, amount_ore=ore, today=today, by=by
    )
    if ore == left:
        await _settled(connection, reference, today, by)
    if ore == owed:
        key, note = f"recovery/{recovers}", "it is paid"
        await close_task_of(connection, key, today=today, by=by, note=note)
    return ore


async def take_in(connection: Connection, reference: str, *, today: date, by: str) -> int:
    """Book a payment that was set aside since it may have been another one once more.

    Args:
        connection: in a transaction of the caller's.
        reference: as its task names it.
        today: the business date.
        by: who decides that it is a payment of its own.

    Returns:
        How much, in øre.

    Raises:
        NotPossible: nothing is set aside under it, or it is booked already.

    Source: P4.
    """
    ore: int | None = await _SQL.take_in(connection, reference=reference)
    if ore is not None:
        await _SQL.settle_payment(connection, reference=reference, today=today)
    elif (alone := await _SQL.take_sum_in(connection, reference=reference)) is not None:
        ore = alone["amount_ore"]
        await _SQL.settle_payment(connection, reference=alone["reference"], today=today)
    else:
        ore = await take_in_charge(connection, reference)
    if ore is None:
        raise NotPossible(f"no payment {reference} waits to be taken in")
    key, note = f"entry/{reference}", "it is money of its own"
    await close_task_of(connection, key, today=today, by=by, note=note)
    return ore


async def invoice_called(connection: Connection, number: str) -> str:
    """Return an invoice's own number, by it or by the one its member reads; else what was asked.

    Source: P10.
    """
    return str(await _SQL.find_called(connection, number=number) or number)


async def check_left(connection: Connection, reference: str, seen_ore: int) -> None:
    """Lock a payment of which as much is in suspense as somebody has seen.

    Raises:
        NotPossible: it is more or less by now.
    """
    if await _left(connection, reference) != seen_ore:
        raise NotPossible(f"what is in suspense of payment {reference} has changed")


def _at_most(ore: int, at_most_ore: int | None) -> int:
    return ore if at_most_ore is None else min(ore, at_most_ore)


async def _left(connection: Connection, reference: str) -> int:
    """Lock a payment and return what is in suspense of it, more than nothing."""
    if await _SQL.lock_payment(connection, reference=reference) is None:
        raise NotPossible(f"there is no payment {reference}")
    payment = await _SQL.read_payment(connection, reference=reference)
    if payment["reversed"]:
        raise NotPossible(f"the bank has taken payment {reference} back")
    left: int = payment["suspense_ore"]
    if left <= 0:
        raise NotPossible(f"nothing is in suspense of payment {reference}")
    return left


async def _settled(connection: Connection, reference: str, today: date, by: str) -> None:
    note = "nothing is in suspense"
    await close_task_of(connection, f"suspense/{reference}", today=today, by=by, note=note)
