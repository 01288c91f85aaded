"""Leads a union month by month, and shrinks the life that something is wrong with."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import asyncpg

from activities.database.examples import add_examples
from activities.database.migrate import migrate
from activities.database.pool import open_pool
from activities.database.roles import OWNER
from tests.simulation.prices import START, months, set_prices
from tests.simulation.stories import Author, Story
from tests.simulation.union import Finding, Union
from workers.stack import PostgresServer

TEMPLATE = "migrated"
TRIES = 60
"""Databases that a life is tried on at most, while it is shrunk."""


@dataclass
class Led:
    """What became of a union."""

    seed: int
    member_years: float
    messages: int
    findings: list[str] = field(default_factory=list)


async def ready_database(server: PostgresServer) -> str:
    """Make a database to copy, with all prices; return the URL of another of that server."""
    url = await server.create_database(TEMPLATE)
    await asyncio.to_thread(migrate, url)
    await add_examples(url)
    owner = await asyncpg.connect(url)
    await set_prices(owner)
    await owner.close()
    return server.url("postgres")


async def lead(
    url: str,
    seed: int,
    lives: int,
    years: int,
    count: Callable[[], None] = lambda: None,
    *,
    pause: int = 2400,
    stories: bool = True,
) -> Led:
    """Lead a union until its last month, or until something is wrong.

    Args:
        url: of a database of the server that has the template.
        seed: of the lives, and of what is paid.
        lives: how many.
        years: how long it goes on.
        count: called after each month.
        pause: days between what is told of a life, at most.
        stories: whether a life that something is wrong with is shrunk and told.
    """
    union = await _led(
        url, Author(seed, START, years, pause).write(lives), seed, months(years), count
    )
    messages = sum(member.applied + member.refused for member in union.members)
    led = Led(seed, union.member_months / 12, messages)
    if union.findings:
        led.findings = [str(finding) for finding in union.findings[:8]]
    if union.findings and stories:
        led.findings.append(await _told(url, union, seed))
    return led


async def _led(
    url: str,
    stories: Sequence[Story],
    seed: int,
    through: Sequence[date],
    count: Callable[[], None] = lambda: None,
) -> Union:
    name = f"union_{uuid.uuid4().hex}"
    server = await asyncpg.connect(url)
    await server.execute(
        f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{TEMPLATE}" STRATEGY FILE_COPY'
    )
    own = url.replace("/postgres?", f"/{name}?")
    try:
        async with await open_pool(own, size=4) as pool:
            owner = await asyncpg.connect(own)
            union = Union(stories, pool, owner, seed)
            for month in through:
                await union.pass_month(month)
                count()
                if union.findings:
                    break
            await owner.close()
        return union
    finally:
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()


async def _told(url: str, union: Union, seed: int) -> str:
    """Return the first life that something is wrong with, as short as it still is wrong."""
    whose = next((one for one in union.findings if one.membership_id), None)
    if whose is None:
        return "it is about no single life"
    stories = {member.story.membership_id: member.story for member in union.members}
    story, month = stories[whose.membership_id or ""], whose.month
    through = [one for one in months(80) if story.applied_on.replace(day=1) <= one <= month]

    async def fails(tried: Story) -> list[Finding]:
        return (await _led(url, [tried], seed, through)).findings

    if not await fails(story):
        return f"alone it is right, beside others wrong:\n{story}"
    short = await shrunk(story, fails)
    alone = await _led(url, [short], seed, through)
    heard = "\n".join(alone.members[0].heard)
    wrong = "\n".join(map(str, alone.findings[:3]))
    return f"the shortest life that is wrong:\n{short}\n\nwhat it came to:\n{heard}\n{wrong}"


async def shrunk(story: Story, fails: Callable[[Story], Awaitable[object]]) -> Story:
    """Return a story with as much left out as may be while it still fails.

    Args:
        story: that fails.
        fails: an async function that tells whether a story does.
    """
    size, tries = max(1, len(story.told) // 2), 0
    while size and story.told and tries < TRIES:
        start = 0
        while start < len(story.told) and tries < TRIES:
            tried = story.without(frozenset(range(start, start + size)))
            tries += 1
            if await fails(tried):
                story = tried
            else:
                start += size
        size //= 2
    return story
