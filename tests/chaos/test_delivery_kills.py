"""Events on their way to a consumer while what posts them is killed, as real processes."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import asyncpg
import pytest

from activities.events import consumers
from activities.events.consumers import Changing, Consumer
from schemas.names import MEMBERSHIP_QUEUE, events_delivery_id
from tests.chaos.test_mailing_kills import process
from tests.events.making import IDS, add, decide
from tests.events.receiver import AT_CRM, SECRETS, Receiver, receiving
from tests.letters.post_office import post_office
from tests.life import PATIENCE_SECONDS
from workflows.shared import options

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
TOLD = [(one, number) for number in range(1, 21) for one in IDS[:2]]
"""Forty facts of two people, by turns."""


async def make_consumer(pool: asyncpg.Pool, url: str) -> None:
    """Add the consumer ``crm``, and all that is to be told to it."""
    new = Consumer(
        consumer="crm", url=url, types=None, batch_size=1, secret=AT_CRM, former_secret=None,
        delivered_to=0, caught_up_at=AT - timedelta(days=1),
    )  # fmt: skip
    async with pool.acquire() as connection, connection.transaction():
        await consumers.add_consumer(
            connection, new, Changing("Kari Moe", AT), asks_clearance=False
        )
        await add(connection, *IDS[:2])
        for one, number in TOLD:
            await decide(connection, one, number)


async def has_taken(crm: Receiver, events: int) -> None:
    """Wait until the consumer has answered so many by a success."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(crm.taken) < events:
            await asyncio.sleep(0.05)  # neither server tells when it has happened


async def test_killed_in_the_middle_no_event_is_missing_or_out_of_order(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 while the tenth and the twentieth are posted: each of them comes again, at once.

    Whoever passes by the ids it knows has all forty once, each person's in their order.
    """
    monkeypatch.setattr(options, "EVENTS_HEARTBEAT", timedelta(seconds=6))
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    async with post_office(tmp_path / "temporal.log") as office, receiving() as crm:
        posting = await process(office.address, database_url, 1)

        async def kill() -> None:
            if len(crm.taken) in (9, 20) and posting.returncode is None:
                posting.send_signal(signal.SIGKILL)

        crm.before = kill
        await make_consumer(pool, crm.url)
        await office.client.start_workflow(
            "EventDelivery",
            {"consumer": "crm"},
            id=events_delivery_id("crm"),
            task_queue=MEMBERSHIP_QUEUE,
        )
        for _ in range(2):
            assert await asyncio.wait_for(posting.wait(), PATIENCE_SECONDS) == -signal.SIGKILL
            posting = await process(office.address, database_url, 1)
        try:
            await has_taken(crm, len(TOLD) + 2)
        finally:
            posting.terminate()
            await posting.wait()
    came = [which for which, _ in groupby(crm.decisions)]
    for one in IDS[:2]:
        assert [number for whose, number in came if whose == one] == list(range(1, 21))
    assert len(crm.taken) == len(TOLD) + 2
    assert len({one["id"] for one in crm.taken}) == len(TOLD)
    assert await pool.fetchval(
        "SELECT paused_at IS NULL AND delivered_to = (SELECT max(number) FROM events)"
        " FROM consumers"
    )
