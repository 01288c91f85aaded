"""Branches: their contacts, and what one charges first."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class PricedOtherwise(Exception):
    """A branch has dues already: another amount is previewed, approved and told (A40)."""


@dataclass(frozen=True)
class FirstDues:
    """What a branch charges a month once it charges anything, from a day on."""

    valid_from: date
    local_ore: int
    halves: bool


async def set_branch(
    pool: asyncpg.Pool, code: str, *, name: str, email: str | None, dues: FirstDues | None = None
) -> None:
    """Keep a branch and its contact, and its first amount, which nobody pays yet (S4, A3, A40).

    Args:
        pool: from ``activities.database.pool.open_pool``.
        code: the branch's; an unknown one is added.
        name: the branch's.
        email: where it is told of new members; None when through the caseworkers.
        dues: of a branch that has none; what stands there already may be repeated.

    Raises:
        PricedOtherwise: the branch charges something else; nothing is written.
    """
    async with pool.acquire() as connection, connection.transaction():
        await _SQL.lock_rulebook(connection)
        await _SQL.put_branch(connection, code=code, name=name, email=email)
        if dues is None:
            return
        known = [FirstDues(**row) async for row in _SQL.read_branch_dues(connection, code=code)]
        if not known:
            await _SQL.write_branch(
                connection,
                code=code,
                effective_on=dues.valid_from,
                local_ore=dues.local_ore,
                halves=dues.halves,
            )
        elif dues not in known:
            raise PricedOtherwise
