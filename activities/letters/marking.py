"""Marks of letters that may go out from now on, committed before the first is handed over."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities.database.pool import load_queries
from activities.letters.sending import Attempt
from schemas.letters.contracts import LetterCursor

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def mark(
    connection: "PoolConnectionProxy[Any]", letters: Sequence[LetterCursor], today: date
) -> dict[LetterCursor, Attempt]:
    """Note of letters to members and to us that they may go out from now on, in one transaction.

    Those to others build on one another, and are marked one by one, as the gate lets them pass.
    """
    rows = _SQL.mark_some_sending(
        connection,
        ids=[letter.membership_id for letter in letters],
        keys=[letter.key for letter in letters],
        today=today,
        moment=datetime.now(UTC),
    )
    return {
        LetterCursor(membership_id=row["membership_id"], key=row["key"]): Attempt(
            row["attempts"], doubtful=row["doubtful"]
        )
        async for row in rows
    }


async def unmark(
    connection: "PoolConnectionProxy[Any]", marked: Mapping[LetterCursor, Attempt]
) -> None:
    """Take back the marks of letters that nobody has taken up; in vain, they are in doubt."""
    certain = [(letter, each) for letter, each in marked.items() if not each.doubtful]
    if certain and not connection.is_closed():
        await _SQL.unmark_sending(
            connection,
            ids=[letter.membership_id for letter, _ in certain],
            keys=[letter.key for letter, _ in certain],
            attempts=[attempt.number for _, attempt in certain],
        )
