"""Letters that did not arrive: what the command line shows of them."""

from collections.abc import AsyncIterator
from pathlib import Path

from activities.database.pool import load_queries, streamed
from activities.shared.tasks import Connection
from schemas.shared.base import Contract, Day

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class LostLetter(Contract):
    """A letter that came back, or that nobody knows to have arrived. No personal data.

    Attributes:
        letter: what ``resend`` knows it by.
        status: ``bounced`` or ``unanswered``.
        why: what the mail server said.
    """

    letter: str
    membership_id: str
    key: str
    status: str
    ordered_on: Day
    why: str


async def list_lost_letters(
    connection: Connection, membership_id: str | None = None
) -> tuple[LostLetter, ...]:
    """Return the letters that are lost and were not sent again, the latest first.

    Args:
        connection: of the caller.
        membership_id: whose; None: everybody's.
    """
    rows = _SQL.list_lost_letters(connection, membership_id=membership_id, most=None)
    return tuple([LostLetter(**row) async for row in rows])


async def stream_lost_letters(
    connection: Connection, most: int | None = None
) -> AsyncIterator[LostLetter]:
    """Yield everybody's letters that are lost and not sent again, the latest; ``most`` or all."""
    async for row in streamed(connection, _SQL.list_lost_letters, membership_id=None, most=most):
        yield LostLetter(**row)
