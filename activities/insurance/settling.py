"""Settling with the office what has been received as premium: month by month, from the ledger."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import SETTLING_SECONDS, load_queries, patiently
from activities.payments.outgoing import list_outgoing
from activities.shared.tasks import close_task_of
from schemas.insurance.contracts import SettledMonth, Settlement
from schemas.shared.amounts import kroner
from schemas.shared.calendar import day_before, month_after

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class NotSettled(Exception):
    """A month can't be settled; the text says why."""


async def settle_premiums(connection: Connection, period_from: date, today: date) -> Settlement:
    """Book what is owed to the office for a month, or return what was booked.

    It is all that has been received until the month's end, less what was settled before: what
    came late, was taken back by the bank or given back to a member is in the next one.
    Idempotent: the month is its business key.

    Args:
        connection: in a transaction, which the caller commits.
        period_from: the first day of the month.
        today: the business date.

    Raises:
        NotSettled: the month is not over, or a later one is settled.

    Source: P15, invariant 2.
    """
    # Nobody else settles meanwhile: two months at once would count the same money twice.
    await _SQL.lock_settlements(connection)
    known = await _SQL.read_settlement(connection, period_from=period_from)
    if known is not None:
        rows = _SQL.read_settled(connection, period_from=period_from)
        months = [SettledMonth(**row) async for row in rows]
        return _settlement(period_from, known["settled_on"], months, made_now=False)
    last = day_before(month_after(period_from))
    latest = await _SQL.latest_settlement(connection)
    if latest is not None and latest > period_from:
        raise NotSettled(f"{latest:%Y-%m} is settled, with all that came before")
    if last >= today:
        raise NotSettled(f"{period_from:%Y-%m} is not over")
    async with patiently(connection, seconds=SETTLING_SECONDS):
        rows = _SQL.receive_premiums(connection, last=last)
        months = [SettledMonth(**row) async for row in rows]
    found = _settlement(period_from, today, months)
    await _SQL.write_settlement(
        connection,
        period_from=period_from,
        settled_on=today,
        booked_on=last,
        amount_ore=found.amount_ore,
        months=[month.charged_from for month in months],
        amounts=[month.amount_ore for month in months],
    )
    return found


async def note_payment(
    connection: Connection, period_from: date, entry: str, *, today: date, by: str
) -> int:
    """Note which debit of the bank paid the office, all that was owed until a month.

    Args:
        connection: in a transaction, which the caller commits.
        period_from: the first day of the last month that it pays for.
        entry: the debit, unexplained until now.
        today: the business date.
        by: who says so.

    Returns:
        What was paid, in øre.

    Raises:
        NotSettled: there is no such debit, or it is of another amount than is owed.

    Source: P15.
    """
    await _SQL.lock_settlements(connection)
    if await _SQL.read_settlement(connection, period_from=period_from) is None:
        raise NotSettled(f"{period_from:%Y-%m} is not settled")
    debits = {debit.entry: debit for debit in await list_outgoing(connection)}
    if entry not in debits:
        raise NotSettled(f"no debit {entry} is unexplained")
    debit = debits[entry]
    owed = await _SQL.owed_until(connection, period_from=period_from)
    if debit.amount_ore != owed:
        raise NotSettled(
            f"debit {entry} is of {kroner(debit.amount_ore)}, and until {period_from:%Y-%m} "
            f"{kroner(owed)} is owed"
        )
    await _SQL.write_payment(
        connection,
        entry=entry,
        period_from=period_from,
        amount_ore=owed,
        paid_on=debit.booked_on,
        noted_on=today,
        noted_by=by,
    )
    note = "it is the insurance office's"
    await close_task_of(connection, f"entry/{entry}", today=today, by=by, note=note)
    return debit.amount_ore


def _settlement(
    period_from: date, settled_on: date, months: list[SettledMonth], *, made_now: bool = True
) -> Settlement:
    return Settlement(
        period=f"{period_from:%Y-%m}",
        settled_on=settled_on,
        amount_ore=sum(month.amount_ore for month in months),
        months=tuple(months),
        made_now=made_now,
    )
