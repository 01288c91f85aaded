"""Whoever is approved and was known before is that person again: one row, all memberships."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.shared.vocabulary import LineKind

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def find_known(connection: Connection, membership_id: str) -> str | None:
    """Return the person who certainly is the one that a membership's applicant claims to be.

    Only somebody without a living membership: a member is nobody else's application. Certain is
    the same national id, or the same name, birth date and e-mail address.
    """
    known: str | None = await _SQL.find_known(connection, membership_id=membership_id)
    return known


async def charged_already(
    connection: Connection,
    membership_id: str,
    known: str | None,
    month: date,
    kinds: Iterable[LineKind],
    yearly: Iterable[LineKind],
) -> tuple[LineKind, ...]:
    """Return which lines of a month the person was charged for under another membership.

    Args:
        connection: of the caller.
        membership_id: the one membership.
        known: whose it will be; None: whose it is.
        month: its first day.
        kinds: of the lines that are asked about.
        yearly: those of them that are a fee for the year.

    Source: S2, S12, S18, S26, invariant 10.
    """
    rows = _SQL.find_charged(
        connection,
        membership_id=membership_id,
        known=known,
        month=month,
        kinds=list(kinds),
        yearly=list(yearly),
    )
    return tuple([LineKind(row["kind"]) async for row in rows])


async def become_known(connection: Connection, membership_id: str, known: str, today: date) -> None:
    """Let a membership be a known person's, brought up to date by the application.

    What the person was called and how reached before is kept; the row that came with the
    application stays as it was, merged into theirs. An application says no less than it says: a
    national id, phone or address that it leaves out stays.
    """
    await _SQL.become_known(connection, membership_id=membership_id, known=known, today=today)
