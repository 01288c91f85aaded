"""The delivery of events to a consumer, told for the corpus: given up, and paused by somebody."""

import asyncio
from datetime import UTC, datetime, timedelta

from activities.events.reading import number_all
from schemas.names import events_delivery_id
from tests.clock import Skipper
from tests.events.making import IDS, add, decide
from tests.life import PATIENCE_SECONDS
from tests.replay.later import Recorded, Story
from tests.replay.town import Handle, Town

CONSUMER = (
    "INSERT INTO consumers (consumer, url, secret, delivered_to, caught_up_at)"
    " VALUES ($1, 'https://127.0.0.1/', 'env:MEDLEMSFLYT_WEBHOOK_CRM', $2, $3)"
)


async def posted(town: Town) -> Recorded:
    """Three days are nearly over, and then are; another has all there is, looks, and is paused."""
    await add(town.pool, IDS[0])
    await decide(town.pool, IDS[0], 1)
    async with town.pool.acquire() as connection:
        await number_all(connection)
    last = await town.pool.fetchval("SELECT max(number) FROM events")
    now = datetime.now(UTC)
    skipper = Skipper(town.hall.client)

    async def start(name: str, at: int, **before: object) -> Handle:
        await town.pool.execute(CONSUMER, name, at, now)
        handle: Handle = await skipper.client.start_workflow(
            "EventDelivery",
            {"consumer": name, **before},
            id=events_delivery_id(name),
            task_queue="membership",
        )
        return handle

    since = now - timedelta(hours=71)
    down = await start("down", last - 1, failures=80, failing_since=since.isoformat())
    await asyncio.wait_for(skipper.fast_forward(down, timedelta(hours=3)), PATIENCE_SECONDS)
    await asyncio.wait_for(down.result(), PATIENCE_SECONDS)
    told = await start("told", last)
    await asyncio.wait_for(skipper.fast_forward(told, timedelta(minutes=3)), PATIENCE_SECONDS)
    await told.signal("look_again", 1)
    await town.pool.execute(
        "UPDATE consumers SET paused_at = $1, paused_by = 'kari', paused_why = 'x'"
        " WHERE consumer = 'told'",
        now,
    )
    await told.signal("look_again")
    await asyncio.wait_for(told.result(), PATIENCE_SECONDS)
    return {"events_given_up": down, "events_paused": told}


POSTED: dict[str, Story] = {"posted": posted}
