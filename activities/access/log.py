"""The access log, and which logins are over: rows that are written before anything is passed on."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import asyncpg

from activities.database.pool import load_queries
from activities.secrecy.words import words_of
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

LOGIN_LASTS = timedelta(hours=9)
"""A working day; then somebody logs in anew, and a cookie that was copied is worth nothing."""

LOGIN_RESTS = timedelta(hours=1)
"""How long nobody may ask for anything: a browser that was left standing asks for a login."""

PAGE = 500
"""Entries that are read at a time."""

Act = Literal[
    "login",
    "logout",
    "list",
    "read",
    "query",
    "start",
    "message",
    "operate",
    "decode",
    "encode",
    "search",
]


class Entry(Contract):
    """What somebody asked for: a row of the log.

    Attributes:
        subject: as the login provider knows them.
        name: as it called them then.
        what: the call, the message or the query.
        workflow_id: about whom, if it is an id of ours.
        why: the reason given.
        refused: the code of the refusal; None: it was let through.
        hits: how many a search found.
    """

    at: datetime
    subject: str
    name: str
    roles: tuple[str, ...]
    act: Act
    what: str
    workflow_id: str | None = None
    why: str | None = None
    refused: str | None = None
    hits: int | None = None


class KeptEntry(Entry):
    """An entry as it stands in the log."""

    entry_id: int


async def keep(pool: asyncpg.Pool, entry: Entry) -> None:
    """Keep an entry: what can't be kept must not happen."""
    row = entry.model_dump(exclude={"roles"})
    async with pool.acquire() as connection:
        if entry.why is not None:
            row["why"] = await words_of(connection).seal(
                entry.why, entry.workflow_id, "access_log.why", row
            )
        await _SQL.keep_entry(connection, **row, roles=list(entry.roles))


async def read(
    pool: asyncpg.Pool,
    *,
    workflow_id: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    refused: bool = False,
    most: int = PAGE,
) -> list[KeptEntry]:
    """Return entries, the newest first.

    Args:
        pool: of the database.
        workflow_id: about this one only.
        subject: of this person or system only.
        since: from then on.
        until: before then.
        refused: only what was refused.
        most: so many at most.
    """
    found: list[KeptEntry] = []
    before: int | None = None
    while len(found) < most:
        async with pool.acquire() as connection:
            rows = _SQL.read_entries(
                connection,
                workflow_id=workflow_id,
                subject=subject,
                since=since,
                until=until,
                refused=refused,
                before=before,
                most=min(PAGE, most - len(found)),
            )
            words = words_of(connection)
            page = [
                KeptEntry.model_validate(await words.row_shown("access_log", row))
                for row in [row async for row in rows]
            ]
        if not page:
            break
        found += page
        before = page[-1].entry_id
    return found


async def end_login(pool: asyncpg.Pool, session_id: str, at: datetime) -> None:
    """Have the cookie of a session count no more."""
    await _SQL.end_login(pool, session_id=session_id, ended_at=at)


async def is_ended(pool: asyncpg.Pool, session_id: str) -> bool:
    """Tell whether somebody has logged out of a session."""
    return bool(await _SQL.is_ended(pool, session_id=session_id))


async def seen_as(pool: asyncpg.Pool, membership_id: str) -> tuple[str | None, bool | None]:
    """Return a member's branch and whether they are hidden or about to be; None: not known."""
    row = await _SQL.read_seen(pool, membership_id=membership_id)
    return (row["branch"], row["hidden"]) if row else (None, None)
