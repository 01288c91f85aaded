"""Noting that the database was put back: no number is given twice (ADR 102)."""

from datetime import date
from pathlib import Path

from activities.database.pool import load_queries
from activities.shared.tasks import Connection

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def note_restore(
    connection: Connection, today: date, *, numbers: int, serials: int
) -> tuple[int, int]:
    """Pass over all numbers that may have been given since, and let numbers be given again.

    Args:
        connection: within a transaction.
        today: the business date.
        numbers: member and payer numbers that are passed over.
        serials: invoices of each membership that are passed over.

    Returns:
        The last member number, and the last serial, that is passed over.
    """
    row = await _SQL.note_restore(connection, today=today, serials=serials, numbers=numbers)
    return row["last_member_number"], row["last_serial"]
