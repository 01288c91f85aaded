"""Telling the tax authority what members paid, and whoever does not want that (X3)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries, streamed
from activities.statements.yearly import REPORT_BASIS
from schemas.statements.deliveries import Delivery, Sender, StillToTell

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

YEARS_AHEAD = 1
"""An objection from a later year on is taken for a typing error."""

Connection = asyncpg.pool.PoolConnectionProxy


class NotReported(Exception):
    """What was asked for can't be done; the text says why."""


async def object_to_report(
    connection: Connection,
    membership_id: str,
    *,
    from_year: int,
    objects: bool,
    today: date,
    by: str,
) -> bool:
    """Note that somebody wants the tax authority to be told nothing, or no longer wants that.

    Args:
        connection: in a transaction of the caller's.
        membership_id: one of the person's, whether or not it has ended.
        from_year: the first income year that it is about.
        objects: False withdraws an objection.
        today: the business date.
        by: who says so.

    Returns:
        Whether it was not so before.

    Raises:
        NotReported: there is no such member, or the year lies too far ahead.

    Source: X3.
    """
    if from_year > today.year + YEARS_AHEAD:
        raise NotReported(f"from-year: at most {today.year + YEARS_AHEAD}")
    done = await _SQL.write_objection(
        connection,
        membership_id=membership_id,
        from_year=from_year,
        objects=objects,
        today=today,
        by=by,
    )
    if not done["known"]:
        raise NotReported("there is no such member")
    return bool(done["written"])


async def still_to_tell(connection: Connection, year: int) -> StillToTell:
    """Return what a next delivery of a year would hold.

    Raises:
        NotReported: the year has no statements.
    """
    said = await _SQL.count_statements(connection, year=year)
    if not said["statements"]:
        raise NotReported(
            f"{year} has no statements: make them with `medlemsflyt year-end {year}`, once the "
            "year is over"
        )
    due = await _SQL.count_due(connection, year=year)
    return StillToTell(
        **due,
        without_national_id=said["without_national_id"],
        objecting=said["objecting"],
    )


async def deliveries_of(connection: Connection, year: int) -> list[Delivery]:
    """Return what was delivered of a year, the first file first."""
    return [_delivery(row) async for row in _SQL.list_deliveries(connection, year=year)]


async def make_delivery(
    connection: Connection, year: int, sender: Sender, *, today: date, by: str
) -> Delivery | None:
    """Note what is told now, with its basis, before any file of it is there (R2).

    Args:
        connection: in a transaction of the caller's.
        year: the income year; its statements have been made.
        sender: who tells it.
        today: the business date.
        by: who delivers it.

    Returns:
        The delivery; None: all has been told.

    Source: X3.
    """
    await _SQL.lock_deliveries(connection)
    number = await _SQL.make_delivery(
        connection,
        year=year,
        orgnr=sender.orgnr,
        name=sender.name,
        email=sender.email,
        basis=REPORT_BASIS,
        today=today,
        by=by,
    )
    if number is None:
        return None
    return (await deliveries_of(connection, year))[int(number) - 1]


async def lines_of(
    connection: Connection, delivery: Delivery
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the lines of a delivery as they stand in its file: national id, name, kroner."""
    rows = streamed(connection, _SQL.read_lines, year=delivery.year, number=delivery.number)
    async with aclosing(rows):
        async for row in rows:
            yield dict(row)


def _delivery(row: asyncpg.Record) -> Delivery:
    values = dict(row)
    sender = Sender(
        orgnr=values.pop("sender_orgnr"),
        name=values.pop("sender_name"),
        email=values.pop("sender_email"),
    )
    return Delivery(sender=sender, **values)
