"""Heartbeats beside work that takes longer than a moment."""

import asyncio

from temporalio.testing import ActivityEnvironment

from activities.shared.heartbeats import heartbeats


def beating() -> tuple[ActivityEnvironment, list[tuple[object, ...]]]:
    """Return an environment for an activity, and what it will be told."""
    environment, told = ActivityEnvironment(), []
    environment.on_heartbeat = lambda *details: told.append(details)
    return environment, told


async def test_what_is_over_at_once_says_nothing():
    """A call to the server for each of a member's activities would be one too many."""
    environment, told = beating()

    async def act() -> None:
        async with heartbeats():
            await asyncio.sleep(0)

    await environment.run(act)
    assert told == []


async def test_what_takes_longer_tells_how_far_it_has_come():
    """Again and again, until it ends."""
    environment, told = beating()
    enough = asyncio.Event()

    def place() -> int:
        if len(told) == 2:
            enough.set()
        return len(told)

    async def act() -> None:
        async with heartbeats(place, every=0.001):
            await enough.wait()

    await environment.run(act)
    assert told[:2] == [(0,), (1,)]
