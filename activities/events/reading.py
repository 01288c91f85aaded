"""Reading events: in their order, from wherever somebody has come to.

Nobody here writes one: triggers do, with the fact itself (``tell_decisions``, ``tell_standing``,
``tell_invoices``, ``tell_paid``, ``tell_deductions``).
"""

import re
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.events.cloud_event import PREFIX, CloudEvent, EventData, EventPage
from schemas.events.types import OF_INVOICES, OF_LISTS, Fact

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

BEGINNING = 0
"""The cursor before all events."""

NUMBERED_AT_ONCE = 5000
"""Facts that get their numbers in one transaction."""

PAGE = 1000
"""Events that are read at a time."""


class UnknownCursor(ValueError):
    """It is none that a page has given."""


def cursor_of(given: str) -> int:
    """Read a cursor: the number of an event.

    Raises:
        UnknownCursor: it is none.
    """
    if re.fullmatch(r"0|[1-9][0-9]{0,17}", given, re.ASCII) is None:
        raise UnknownCursor
    return int(given)


async def number_events(connection: Connection) -> int:
    """Give committed facts their numbers, and return how many; not within a transaction.

    Where somebody else is doing it, they are numbered by them.
    """
    return int(await _SQL.number_events(connection, most=NUMBERED_AT_ONCE))


async def number_all(connection: Connection) -> None:
    """Give all facts their numbers that are committed by now."""
    while await number_events(connection):
        pass


async def last_number(connection: Connection) -> int:
    """Return the number of the last event there is, once all that is committed has one."""
    await number_all(connection)
    return int(await _SQL.last_number(connection))


async def read_page(
    connection: Connection,
    after: int,
    *,
    cleared: bool,
    most: int,
    types: Collection[str] | None = None,
    since: date | None = None,
) -> EventPage:
    """Return the events behind a number; nothing is written.

    The cursor of a last page is behind what its reader may not see as well: once a member is hidden
    no more, what happened meanwhile is not told.

    Args:
        connection: of any kind.
        after: the number that somebody has come to; ``BEGINNING`` for all.
        cleared: whether hidden members may be among them, and those about to be.
        most: so many.
        types: only these; None: all.
        since: only what happened on this day or later.
    """
    until = int(await _SQL.last_number(connection))
    found = _SQL.list_events(
        connection,
        after=after,
        since=since,
        types=None if types is None else sorted(types),
        cleared=cleared,
        until=until,
        most=most + 1,
    )
    rows = [row async for row in found]
    page, more = rows[:most], len(rows) > most
    return EventPage(
        items=tuple(event_of(row) for row in page),
        next=str(page[-1]["number"] if more else max(after, until)),
        more=more,
    )


async def hold_standing(connection: Connection, page: EventPage) -> bool:
    """Let nobody on a page hide before the transaction ends.

    Whoever asks to be hidden is answered once it has ended: what is on its way has arrived by then.

    Returns:
        Whether somebody had asked before: the page is to be read anew.
    """
    ids = sorted({event.subject for event in page.items})
    return bool(await _SQL.hold_standing(connection, membership_ids=ids))


async def events_in_order(
    pool: asyncpg.Pool,
    after: int,
    *,
    cleared: bool,
    types: Collection[str] | None = None,
    since: date | None = None,
) -> AsyncIterator[CloudEvent]:
    """Yield all events behind a number that there are by now, a page of them at a time."""
    async with pool.acquire() as connection:
        await number_all(connection)
    while True:
        async with pool.acquire() as connection:
            page = await read_page(
                connection, after, cleared=cleared, most=PAGE, types=types, since=since
            )
        for event in page.items:
            yield event
        if not page.more:
            return
        after = int(page.next)


def event_of(row: Mapping[str, Any]) -> CloudEvent:
    """Return a row of ``events`` as others get it."""
    return CloudEvent(
        id=str(row["event_id"]),
        type=PREFIX + row["type"],
        subject=row["membership_id"],
        sequence=f"{row['number']:020}",
        data=_data(row["type"], row["key"], row["happened_on"]),
    )


def _data(kind: str, key: str, happened_on: date) -> EventData:
    # What a list is called names the employer: the event does not.
    if kind in OF_LISTS or kind == Fact.MEMBERSHIP_ERASED:
        return EventData(happened_on=happened_on)
    if kind in OF_INVOICES:
        return EventData(happened_on=happened_on, invoice=int(key.split("/", 1)[0]))
    return EventData(happened_on=happened_on, decision=int(key))
