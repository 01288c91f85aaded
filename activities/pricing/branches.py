"""Branches: their contacts, and what they charge."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


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
