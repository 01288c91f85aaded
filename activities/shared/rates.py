"""What rates come to, kept beside the rulebook that says it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.shared.rulebook import RulebookReader
from schemas.dues.rates import amounts_of, rate_of
from schemas.pricing.rulebook import Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def keep_rates(
    connection: Connection, rulebooks: RulebookReader, codes: Collection[str]
) -> Rulebook | None:
    """See to it that there are amounts for rates that terms are about to charge by.

    Args:
        connection: within the transaction that writes the terms.
        rulebooks: of the database.
        codes: of the rates.

    Returns:
        The rulebook that the amounts are worked out from; None: all of them were known.
    """
    known = {row["code"] async for row in _SQL.find_rates(connection, codes=list(codes))}
    new = set(codes) - known
    if not new:
        return None
    # Whoever changes the rulebook meanwhile waits, and then knows of these rates too.
    revision = await _SQL.hold_rulebook(connection)
    book = await rulebooks.current(connection, revision)
    await put_rates(connection, book, new)
    return book


async def put_rates(connection: Connection, book: Rulebook, codes: Iterable[str]) -> None:
    """Write what rates come to by a rulebook, within the caller's transaction."""
    await put_amounts(connection, {code: dict(amounts_of(rate_of(code), book)) for code in codes})


async def put_amounts(connection: Connection, amounts: Mapping[str, Mapping[date, int]]) -> None:
    """Write what rates come to, each amount with its first month, in place of what they did."""
    await _SQL.put_rates(
        connection,
        codes=sorted(amounts),
        amounts=[
            {"code": code, "valid_from": month.isoformat(), "amount_ore": ore}
            for code, months in amounts.items()
            for month, ore in months.items()
        ],
    )


async def read_amounts(connection: Connection) -> dict[str, dict[date, int]]:
    """Read what all rates come to: øre by the first month, by the rate's code."""
    found: dict[str, dict[date, int]] = {}
    async for row in _SQL.read_amounts(connection):
        found.setdefault(row["code"], {})[row["valid_from"]] = row["amount_ore"]
    return found
