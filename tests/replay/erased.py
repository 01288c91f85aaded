"""The erasure of somebody, told for the corpus: it waits, hears that it may look, and erases."""

import asyncio
from datetime import timedelta

from schemas.names import erasure_id, person_id
from tests.clock import Skipper
from tests.life import PATIENCE_SECONDS
from tests.replay.later import Recorded, Story
from tests.replay.town import Town


async def erased(town: Town) -> Recorded:
    """A hold, an open task that a caseworker closes, and then nothing that names anybody."""
    life = await town.hall.applies()
    await life.update("withdraw_application", {})
    await life.result()
    day = await life.today()
    await town.pool.execute(
        "INSERT INTO erasure_holds (membership_id, until_on, reason, decided_by, decided_on)"
        " VALUES ($1, $2, 'a dispute', 'kari', $3)",
        life.id,
        day + timedelta(days=3),
        day,
    )
    skipper = Skipper(town.hall.client)
    whose = person_id(life.id)
    handle = await skipper.client.start_workflow(
        "Erasure",
        {"whose": whose, "requested_by": "member"},
        id=erasure_id(whose),
        task_queue="membership",
    )
    await handle.signal("look_again")
    for days in (1, 3):
        ahead = skipper.fast_forward(handle, timedelta(days=days))
        await asyncio.wait_for(ahead, PATIENCE_SECONDS)
    await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    return {"erased": handle}


ERASED: dict[str, Story] = {"erased": erased}
