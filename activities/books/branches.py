"""Settling with branches what came in for them, month by month (P11)."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import SETTLING_SECONDS, load_queries, patiently
from activities.payments.refunds import (
    MAX_NAME,
    approve_refund,
    checked_account,
    new_refund_id,
)
from activities.payments.suspense import NotPossible
from schemas.books.branches import BranchDues, BranchLine, BranchSettlement
from schemas.shared.calendar import day_before, month_after

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def name_account(
    connection: Connection,
    branch: str,
    account: str,
    *,
    from_on: date,
    today: date,
    by: str,
    subject: str | None = None,
) -> str:
    """Keep to which account a branch's money goes from a day on; return it as eleven digits.

    Args:
        connection: in a transaction of the caller's.
        branch: its code.
        account: its number.
        from_on: the first day.
        today: the business date.
        by: who has been told it.
        subject: who that is for ever, where that is known.

    Raises:
        NotPossible: there is no such branch or account, or another stands for that day.
    """
    number = checked_account(account)
    if await _SQL.find_branch(connection, branch=branch) is None:
        raise NotPossible(f"there is no branch {branch}; `medlemsflyt contact branch` adds one")
    kept = await _SQL.name_account(
        connection,
        branch=branch,
        valid_from=from_on,
        account=number,
        named_by=by,
        named_on=today,
        subject=subject,
    )
    if kept != number:
        raise NotPossible(f"branch {branch} has another account from {from_on}: name a later day")
    return number


async def foretell(connection: Connection, period_from: date, today: date) -> BranchDues:
    """Return a month's settlements, those that stand or those that would be made; writes nothing.

    Raises:
        NotPossible: the month is not over, or a later one is settled.
    """
    standing = await read_settlements(connection, period_from)
    if standing.settlements:
        return standing
    await _refuse_month(connection, period_from, today)
    sums: dict[str | None, list[BranchLine]] = {}
    until = day_before(month_after(period_from))
    async with patiently(connection, seconds=SETTLING_SECONDS):
        async for row in _SQL.read_unsettled(connection, until=until):
            line = BranchLine(dues_of=row["dues_of"], amount_ore=row["ore"])
            sums.setdefault(row["branch"], []).append(line)
    found = [
        BranchSettlement(
            branch=row["code"],
            name=row["name"],
            period_from=period_from,
            amount_ore=sum(line.amount_ore for line in sums.get(row["code"], [])),
            lines=tuple(sums.get(row["code"], [])),
        )
        async for row in _SQL.list_branches(connection)
    ]
    unplaced = sum(line.amount_ore for line in sums.get(None, []))
    return BranchDues(period_from=period_from, settlements=tuple(found), unplaced_ore=unplaced)


async def _refuse_month(connection: Connection, period_from: date, today: date) -> None:
    over = month_after(period_from)
    if today < over:
        raise NotPossible(f"{period_from:%Y-%m} is not over: it is settled from {over} on")
    latest = await _SQL.latest_settled(connection)
    if latest is not None and latest > period_from:
        raise NotPossible(
            f"{latest:%Y-%m} is settled already: what came in before stands in the next settlement"
        )


async def settle(
    connection: Connection, period_from: date, *, today: date, by: str, subject: str | None = None
) -> BranchDues:
    """Settle a month with every branch, once, with the entries; again: what stands.

    What branches are owed is asked to be paid out; who has no account yet waits for one.

    Args:
        connection: in a transaction of the caller's.
        period_from: the first day of a month that is over.
        today: the business date.
        by: who makes it.
        subject: who that is for ever, where that is known.

    Raises:
        NotPossible: see ``foretell``.
    """
    await _SQL.lock_settlements(connection)
    found = await foretell(connection, period_from, today)
    for one in found.settlements:
        if one.made_by is None:
            await _SQL.write_settlement(
                connection,
                branch=one.branch,
                period_from=period_from,
                amount_ore=one.amount_ore,
                made_on=today,
                made_by=by,
                lines=[line.model_dump(mode="json") for line in one.lines],
            )
    await _ask_payouts(connection, period_from, today, by, subject)
    return await read_settlements(connection, period_from)


async def _ask_payouts(
    connection: Connection, period_from: date, today: date, by: str, subject: str | None
) -> None:
    """Ask for each branch that has an account to be paid what it is owed, once a settlement."""
    rows = [row async for row in _SQL.read_owed(connection, period_from=period_from, today=today)]
    for row in rows:
        await _SQL.ask_payout(
            connection,
            branch=row["branch"],
            period_from=period_from,
            refund_id=new_refund_id(),
            amount_ore=row["owed_ore"],
            reason=f"Lokal kontingent {period_from:%Y-%m}",
            today=today,
            by=by,
            account=row["account"],
            receiver=row["name"][:MAX_NAME],
            account_by=row["named_by"],
            subject=subject,
            account_by_subject=row["named_by_subject"],
        )


async def approve(
    connection: Connection, period_from: date, *, today: date, by: str, subject: str | None = None
) -> BranchDues:
    """Approve the payouts of a month: they go into the next file for the bank.

    Args:
        connection: in a transaction of the caller's.
        period_from: the first day of the month.
        today: the business date.
        by: who approves.
        subject: who that is for ever, where that is known.

    Raises:
        NotPossible: nothing is asked for, or by the same person.
    """
    found = await read_settlements(connection, period_from)
    asked = [one.refund_id for one in found.settlements if one.refund_id and not one.approved_by]
    if not asked:
        raise NotPossible(f"no payout of {period_from:%Y-%m} waits for an approval")
    for refund_id in asked:
        await approve_refund(connection, refund_id, today=today, by=by, subject=subject)
    return await read_settlements(connection, period_from)


async def read_settlements(connection: Connection, period_from: date) -> BranchDues:
    """Return the settlements of a month as they stand; none: it is not settled."""
    rows = _SQL.read_settlements(connection, period_from=period_from)
    found = [BranchSettlement.model_validate(dict(row)) async for row in rows]
    return BranchDues(period_from=period_from, settlements=tuple(found))
