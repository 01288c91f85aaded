"""Somebody who kills a part of a union's stack every few seconds, and those who try again."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.union.playing import Union

PARTS = {
    "worker workflows": "worker workflows",
    "worker persistence": "worker persistence",
    "worker notifications": "worker notifications",
    "gateway": "-m workers gateway",
    "PostgreSQL": "bin/postgres",
    "Temporal": "server start-dev",
}
"""What is killed, and what its command line holds."""

PAUSES = (3.0, 9.0)
"""Seconds between two kills: time to come back, and to die in the middle of something."""


@asynccontextmanager
async def killed(union: Union, chance: random.Random | None) -> AsyncIterator[Counter[str]]:
    """Kill a part of a union again and again until the block is left.

    Args:
        union: it runs, and whoever gives it a command does so again where a part was away.
        chance: which part, and when; None: nobody is killed.

    Yields:
        How often each part has died.
    """
    deaths: Counter[str] = Counter()
    if chance is None:
        yield deaths
        return

    async def kill() -> None:
        while True:
            # No waiting for anything: death is to come whatever goes on.
            await asyncio.sleep(chance.uniform(*PAUSES))
            part = chance.choice(sorted(PARTS))
            deaths[part] += union.kill(PARTS[part])

    killer = asyncio.create_task(kill())
    try:
        yield deaths
    finally:
        killer.cancel()
        with suppress(asyncio.CancelledError):
            await killer
        await union.whole()
