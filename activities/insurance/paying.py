"""Paying the office what it is owed, by the instruction and the approval of a refund (P15, P8)."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.refunds import (
    MAX_NAME,
    approve_refund,
    checked_account,
    new_refund_id,
    read_refund,
)
from activities.payments.suspense import NotPossible
from schemas.payments.refunds import Refund

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def name_account(
    connection: Connection,
    account: str,
    receiver: str,
    *,
    from_on: date,
    today: date,
    by: str,
    subject: str | None = None,
) -> str:
    """Keep to which account the office's money goes from a day on; return it as eleven digits.

    Args:
        connection: in a transaction of the caller's.
        account: its number.
        receiver: whose it is.
        from_on: the first day.
        today: the business date.
        by: who has been told it.
        subject: who that is for ever, where that is known.

    Raises:
        NotPossible: there is no such account, or another stands for that day.
    """
    said = {"account": checked_account(account), "receiver": receiver[:MAX_NAME]}
    kept = await _SQL.name_account(
        connection, valid_from=from_on, named_by=by, named_on=today, subject=subject, **said
    )
    if dict(kept) != said:
        raise NotPossible(f"the office has another account from {from_on}: name a later day")
    return said["account"]


async def ask_payout(
    connection: Connection, period_from: date, *, today: date, by: str, subject: str | None = None
) -> Refund | None:
    """Ask for the office to be paid all it is owed until a month; again: what stands.

    What was refused, rejected or returned is owed again, and may be asked for again.

    Args:
        connection: in a transaction of the caller's.
        period_from: the first day of the last month that is settled.
        today: the business date.
        by: who asks.
        subject: who that is for ever, where that is known.

    Returns:
        The payout, to be approved by somebody else; None: nothing is owed.

    Raises:
        NotPossible: a later month is settled, or nobody has named an account.

    Source: P15.
    """
    await _SQL.lock_settlements(connection)
    standing = await read_payout(connection, period_from)
    if standing is not None and standing.released_on is None:
        return standing
    latest = await _SQL.latest_settlement(connection)
    if latest != period_from:
        raise NotPossible(f"{latest:%Y-%m} is settled: what is owed is paid with that")
    owed = await _SQL.owed_to_office(connection, period_from=period_from)
    if owed <= 0:
        return None
    known = await _SQL.read_account(connection, today=today)
    if known is None:
        raise NotPossible("nobody has named the office's account: do it with insurance-account")
    refund_id = new_refund_id()
    await _SQL.ask_payout(
        connection,
        period_from=period_from,
        refund_id=refund_id,
        amount_ore=owed,
        reason=f"Forsikringspremie {period_from:%Y-%m}",
        today=today,
        by=by,
        account=known["account"],
        receiver=known["receiver"],
        account_by=known["named_by"],
        subject=subject,
        account_by_subject=known["named_by_subject"],
    )
    return await read_refund(connection, refund_id)


async def approve_payout(
    connection: Connection, period_from: date, *, today: date, by: str, subject: str | None = None
) -> Refund:
    """Approve the payout of a settlement: it goes into the next file for the bank.

    Args:
        connection: in a transaction of the caller's.
        period_from: the first day of the month.
        today: the business date.
        by: who approves.
        subject: who that is for ever, where that is known.

    Raises:
        NotPossible: nothing is asked for, or by the same person.
    """
    asked = await read_payout(connection, period_from)
    if asked is None:
        raise NotPossible(f"no payout of {period_from:%Y-%m} waits for an approval")
    return await approve_refund(connection, asked.refund_id, today=today, by=by, subject=subject)


async def read_payout(connection: Connection, period_from: date) -> Refund | None:
    """Return how the office is paid with a settlement; None: nobody has asked for it."""
    refund_id = await _SQL.find_payout(connection, period_from=period_from)
    return None if refund_id is None else await read_refund(connection, refund_id)
