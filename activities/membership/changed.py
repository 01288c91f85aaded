"""Which memberships have changed since somebody last asked.

The trigger ``mark_changed`` notes of each row which transaction wrote it last.
"""

import re
from pathlib import Path

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.shared.base import Contract
from schemas.shared.vocabulary import Category, Outcome, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

BEGINNING = "0."
_CURSOR = r"(0|[1-9][0-9]{0,18})\.(membership-[0-9a-f-]{36})?"


class ChangedMembership(Contract):
    """How a membership stands; what it says of somebody is asked of it itself."""

    id: str
    stage: Stage
    outcome: Outcome | None
    category: Category | None


class ChangedPage(Contract):
    """Memberships that have changed, each once, the longest ago first."""

    items: tuple[ChangedMembership, ...]
    next: str
    """To ask for what changes after these, now or later."""
    more: bool
    """Whether there is more already."""


class UnknownCursor(ValueError):
    """It is none that a page has given."""


async def list_changed(
    connection: Connection, cursor: str, *, hidden: bool, most: int
) -> ChangedPage:
    """Return a page of what has changed.

    Args:
        connection: of any kind; nothing is written.
        cursor: of the page before; ``BEGINNING`` for all there are.
        hidden: whether hidden members may be among them, and those about to be.
        most: so many.

    Raises:
        UnknownCursor: the cursor is none.
    """
    match = re.fullmatch(_CURSOR, cursor, re.ASCII)
    if match is None:
        raise UnknownCursor
    after, after_id = match.groups()
    found = _SQL.list_changed(
        connection, after=after, after_id=after_id or "", hidden=hidden, most=most + 1
    )
    rows = [row async for row in found]
    page = rows[:most]
    return ChangedPage(
        items=tuple(
            ChangedMembership(
                id=row["membership_id"],
                stage=row["stage"],
                outcome=row["outcome"],
                category=row["category"],
            )
            for row in page
        ),
        next=f"{page[-1]['changed']}.{page[-1]['membership_id']}" if page else cursor,
        more=len(rows) > most,
    )
