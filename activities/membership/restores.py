"""Noting that the database was put back: no number is given twice (ADR 102)."""

import json
from datetime import date
from pathlib import Path

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class Passed(Contract):
    """The last numbers that are passed over.

    Attributes:
        last_member_number: payer numbers go on as much further.
        last_serial: of every membership's invoices, and every employer's lists.
        last_in_series: of the union's invoices, by year.
    """

    last_member_number: int
    last_serial: int
    last_in_series: dict[int, int]


async def note_restore(
    connection: Connection, today: date, *, numbers: int, serials: int, invoices: int
) -> Passed:
    """Pass over all numbers that may have been given since, and let numbers be given again.

    Args:
        connection: within a transaction.
        today: the business date.
        numbers: member and payer numbers that are passed over.
        serials: invoices of each membership, and lists of each employer, that are passed over.
        invoices: for each membership so many numbers of the union's series are passed over, and
            ``numbers`` beside; of this year's, and of the last one's.
    """
    row = await _SQL.note_restore(
        connection, today=today, serials=serials, numbers=numbers, invoices=invoices
    )
    return Passed(
        last_member_number=row["last_member_number"],
        last_serial=row["last_serial"],
        last_in_series=json.loads(row["last_in_series"]),
    )
