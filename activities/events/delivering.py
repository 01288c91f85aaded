"""A turn: posting to one consumer what there is for it, in order, until it fails or all is told."""

from datetime import datetime
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.events.consumers import SELF, Changing, pause_consumer
from activities.events.posting import Answer, Destination, Poster
from activities.events.reading import hold_standing, number_all, read_page
from activities.shared.tasks import Connection
from schemas.events.cloud_event import EventPage
from schemas.events.delivery import Delivered, DeliveryTurn, Verdict
from schemas.events.types import Fact

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

POSTS = 200
"""Requests of a turn at most: then Temporal is told how far it has come."""


async def deliver(pool: asyncpg.Pool, poster: Poster, turn: DeliveryTurn) -> Delivered:
    """Post what there is for a consumer, one request after the other.

    Args:
        pool: of a worker that posts.
        poster: whose connections are used.
        turn: to whom.

    Returns:
        How it ended; where somebody else is delivering to that consumer, nothing was done.
    """
    async with pool.acquire() as connection:
        await number_all(connection)
        events = 0
        for _ in range(POSTS):
            # One transaction a request: who is hidden, and how far the consumer has come, is what
            # holds at that moment, and nobody else delivers to it meanwhile.
            async with connection.transaction():
                step = await _step(connection, poster, turn)
            events += step.events
            if step.verdict is not Verdict.MORE:
                break
        return step.model_copy(update={"events": events})


async def _step(connection: Connection, poster: Poster, turn: DeliveryTurn) -> Delivered:
    if not await _SQL.take_turn(connection, consumer=turn.consumer):
        return Delivered(verdict=Verdict.DONE)
    row = await _SQL.read_destination(connection, consumer=turn.consumer)
    if row is None or row["paused"]:
        return Delivered(verdict=Verdict.PAUSED)
    before = row["delivered_to"]
    page = await _page_for(connection, row)
    answer = Answer()
    if page.items:
        to = Destination(row["url"], _secrets(row), batched=row["batch_size"] > 1)
        answer = await poster.post(to, page.items)
    if answer.gone:
        why = "it answered 410: nobody wants events there any more"
        await pause_consumer(connection, turn.consumer, Changing(SELF, turn.at), why)
        return Delivered(verdict=Verdict.PAUSED, delivered_to=before, status=answer.status)
    if answer.trouble is not None:
        return Delivered(
            verdict=Verdict.FAILED,
            delivered_to=before,
            trouble=answer.trouble,
            status=answer.status,
            wait_seconds=answer.wait_seconds,
        )
    after = int(page.next)
    await _move(connection, turn, before, after, None if page.more else turn.at)
    return Delivered(
        verdict=Verdict.MORE if page.more else Verdict.DONE,
        events=len(page.items),
        delivered_to=after,
    )


async def _page_for(connection: Connection, row: asyncpg.Record) -> EventPage:
    """Read what is to be posted next; who may hide from its reader does not while it is posted."""
    types, cleared = row["types"], row["cleared"]
    while True:
        page = await read_page(
            connection,
            row["delivered_to"],
            cleared=cleared,
            most=row["batch_size"],
            # Whoever has been told of somebody has to erase it, whatever else they want (Art. 19).
            types=None if types is None else {*types, Fact.MEMBERSHIP_ERASED},
        )
        if cleared or not await hold_standing(connection, page):
            return page


async def _move(
    connection: Connection, turn: DeliveryTurn, before: int, after: int, all_at: datetime | None
) -> None:
    await _SQL.move_consumer(
        connection,
        consumer=turn.consumer,
        before=before,
        delivered_to=after,
        caught_up_at=all_at,
    )


def _secrets(row: asyncpg.Record) -> tuple[str, ...]:
    return tuple(one for one in (row["secret"], row["former_secret"]) if one is not None)
