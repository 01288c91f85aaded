"""Who gets the newsletter: anybody who asked for it, member or not (S36)."""

from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from schemas.letters.addresses import email_key
from schemas.shared.vocabulary import Language

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


async def subscribe(
    connection: Connection, email: str, name: str | None, language: Language, today: date
) -> None:
    """Keep that somebody wants the newsletter. Idempotent. Source: S36."""
    await _SQL.subscribe(
        connection,
        email_key=email_key(email),
        email=email,
        name=name,
        language=language,
        today=today,
    )


async def unsubscribe(connection: Connection, email: str, today: date) -> None:
    """Keep that an address gets no newsletter any more; whether it got one is not told. S36."""
    await _SQL.unsubscribe(connection, email_key=email_key(email), today=today)


async def readers(connection: Connection) -> list[dict[str, Any]]:
    """Return address, name and language of all who want it, each address once. Source: S36."""
    return [dict(row) async for row in _SQL.newsletter_readers(connection)]
