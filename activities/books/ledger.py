"""Reads the ledger as the accounting wants it: by days and accounts, and nobody's name."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.books.balances import AGES
from schemas.books.contracts import Account, Books, GivenUp, Movement, Receivable, Series

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy

EMPLOYERS = "employers"


async def read_chart(connection: Connection) -> tuple[Account, ...]:
    """Return the chart in the order of its numbers."""
    return tuple([Account(**row) async for row in _SQL.read_chart(connection)])


async def write_account(
    connection: Connection, account: str, *, number: str | None, title: str | None
) -> Account | None:
    """Rename an account of ours, or move it to another number; None: there is no such account."""
    row = await _SQL.write_account(connection, account=account, number=number, title=title)
    return None if row is None else Account(**row)


async def read_books(connection: Connection, first: date, last: date) -> Books:
    """Return what moved from one day to another, and all that came before in one sum.

    Args:
        connection: in a transaction of its own, so that chart and movements are of one moment.
        first, last: both in it.
    """
    chart = await read_chart(connection)
    rows = _SQL.read_movements(connection, first=first, last=last)
    movements = [Movement(**row) async for row in rows]
    return Books(first=first, last=last, chart=chart, movements=tuple(movements))


async def read_series(connection: Connection, first: date, last: date) -> tuple[Series, ...]:
    """Return the series of the years that a span of days touches: ``number_invoice`` counts it.

    Source: P10.
    """
    years = {"first": first.year, "last": last.year}
    up = [GivenUp(**row) async for row in _SQL.read_given_up(connection, **years)]
    return tuple(
        [
            Series(**row, given_up=tuple(one for one in up if one.year == row["year"]))
            async for row in _SQL.read_series(connection, **years)
        ]
    )


async def read_receivables(connection: Connection, on: date) -> tuple[Receivable, ...]:
    """Return what members and employers owe on a day, by how long it has been overdue.

    What an employer is to deduct and stands on no list yet is a claim without one. The sums are
    those of the two accounts: claims of the ledger, and none beside it.
    """
    rows = _SQL.read_receivables(connection, on_day=on, ages=list(AGES))
    found = [Receivable(**row) async for row in rows]
    listed = sum(claim.ore for claim in found if claim.debtor == EMPLOYERS)
    waiting = await _SQL.read_account(connection, account=EMPLOYERS, last=on) - listed
    if waiting:
        found.append(Receivable(debtor=EMPLOYERS, overdue_days=None, claims=0, ore=waiting))
    return tuple(found)
