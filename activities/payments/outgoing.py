"""What has left the account and is no refund that we know of, and who says which one it is."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.refund_entries import confirm
from activities.payments.refunds import read_refund
from activities.payments.suspense import NotPossible
from activities.shared.tasks import close_task_of
from schemas.payments.refunds import Refund, RefundState
from schemas.shared.amounts import kroner
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class Outgoing(Contract):
    """A debit of the bank that no refund explains; to whom it went is secret."""

    entry: str
    booked_on: date
    amount_ore: int
    receiver: str | None = None
    account: str | None = None
    text: str | None = None


async def list_outgoing(connection: Connection) -> list[Outgoing]:
    """Return what has left the account unexplained, the oldest first."""
    return [Outgoing(**row) async for row in _SQL.list_outgoing(connection, entry=None)]


async def confirm_by_hand(
    connection: Connection, refund_id: str, entry: str, *, today: date, by: str
) -> Refund:
    """Note which debit of the bank a refund is, by a person's word.

    Args:
        connection: in a transaction of the caller's.
        refund_id: of one that is approved, or on its way.
        entry: the debit, unexplained until now.
        today: the business date.
        by: who says so.

    Raises:
        NotPossible: there is no such debit, or it is of another amount.

    Source: P8.
    """
    found = [row async for row in _SQL.list_outgoing(connection, entry=entry)]
    if not found:
        raise NotPossible(f"no debit {entry} is unexplained")
    await _SQL.lock_refund(connection, refund_id=refund_id)
    refund = await read_refund(connection, refund_id)
    if refund.state not in {RefundState.APPROVED, RefundState.INSTRUCTED}:
        raise NotPossible(f"refund {refund_id} is {refund.state}")
    debit = Outgoing(**found[0])
    if debit.amount_ore != refund.amount_ore:
        raise NotPossible(
            f"debit {entry} is of {kroner(debit.amount_ore)}, and refund {refund_id} of "
            f"{kroner(refund.amount_ore)}"
        )
    await confirm(connection, refund_id, entry, debit.booked_on, today)
    note = f"it is refund {refund_id}"
    await close_task_of(connection, f"entry/{entry}", today=today, by=by, note=note)
    return await read_refund(connection, refund_id)
