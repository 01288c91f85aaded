"""What the command line reads and keeps: open matters, and the contacts of others."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.letters.lost_letters import LostLetter, list_lost_letters
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class RejectedIntake(Contract):
    """An application that can't be read or breaks a rule."""

    membership_id: str
    received_on: date
    faults: tuple[str, ...]


class SuspendedPayment(Contract):
    """Money that no invoice could be found for."""

    reference: str
    membership_id: str | None
    amount_ore: int
    paid_on: date


class OpenMatters(Contract):
    """What waits for a caseworker beside the memberships themselves. No personal data."""

    rejected_intakes: tuple[RejectedIntake, ...]
    suspended_payments: tuple[SuspendedPayment, ...]
    lost_letters: tuple[LostLetter, ...] = ()


async def open_matters(pool: asyncpg.Pool) -> OpenMatters:
    """Return the rejected applications, the payments in suspense and the letters that are lost."""
    async with pool.acquire() as connection:
        return OpenMatters(
            rejected_intakes=tuple(
                [RejectedIntake(**row) async for row in _SQL.rejected_intakes(connection)]
            ),
            suspended_payments=tuple(
                [SuspendedPayment(**row) async for row in _SQL.suspended_payments(connection)]
            ),
            lost_letters=await list_lost_letters(connection),
        )


async def set_employer_contact(
    pool: asyncpg.Pool, orgnr: str, name: str | None, email: str | None
) -> None:
    """Keep where an employer takes payroll requests, in place of what was known.

    Args:
        pool: from ``activities.database.pool.open_pool``.
        orgnr: 9 digits, checked by the caller.
        name: the employer's.
        email: None when requests go through the caseworkers.
    """
    async with pool.acquire() as connection:
        await _SQL.put_employer(connection, orgnr=orgnr, name=name, email=email)


async def set_branch(
    pool: asyncpg.Pool,
    code: str,
    *,
    name: str,
    email: str | None,
    valid_from: date,
    local_ore: int,
    halves: bool,
) -> None:
    """Keep a branch, its contact, and what it charges from a day on (S4, A3).

    Args:
        pool: from ``activities.database.pool.open_pool``.
        code: the branch's; an unknown one is added.
        name: the branch's.
        email: where it is told of new members; None when through the caseworkers.
        valid_from: the first day of the amount; an amount from the same day is replaced.
        local_ore: a month.
        halves: whether half dues halve it.
    """
    async with pool.acquire() as connection, connection.transaction():
        await _SQL.put_branch(connection, code=code, name=name, email=email)
        await _SQL.put_branch_dues(
            connection, code=code, valid_from=valid_from, local_ore=local_ore, halves=halves
        )
