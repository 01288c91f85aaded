"""`medlemsflyt dev` is ended and killed, whole and in parts, and goes on."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time

import asyncpg
import pytest
from temporalio.client import Client

from tests.devstack import STOP_SECONDS, Dev, free_offset, no_members
from tests.roles import as_administrator
from workers.pollers import pollers
from workers.stack.processes import TASK_QUEUES

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def dev(tmp_path):
    """A stack on ports of its own, ended with the test."""
    stack = Dev(tmp_path / "data", await free_offset())
    yield stack
    stack.end()


async def workers_at_work(record, since):
    """How many of the three queues were asked for work since a moment."""
    client = await Client.connect(record["temporal_address"])
    return sum([bool(await pollers(client, queue, since)) for queue in TASK_QUEUES.values()])


async def is_kept(record):
    """Tell whether the row of the first start is still there."""
    connection = await asyncpg.connect(as_administrator(record["database_url"]))
    try:
        return await connection.fetchval("SELECT one FROM kept") == 1
    finally:
        await connection.close()


async def kill_every_part(dev, record):
    """Kill -9 every part at once, and wait until the workers are at work again."""
    before = dev.children()
    killed_at = time.time()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(RuntimeError):
                if await workers_at_work(record, since=killed_at) == 3:
                    break
            await asyncio.sleep(0.2)
    assert len(dev.children()) == 7
    assert not set(before) & set(dev.children())


async def test_every_end_is_clean_and_the_next_start_has_all_data(dev):
    """SIGTERM, kill -9 of `medlemsflyt dev` itself and Ctrl-C: no orphan, nothing to clean up.

    In between every part is killed at once: all seven are back, the workers at work.
    """
    record = await dev.start()
    assert len(dev.children()) == 7
    connection = await asyncpg.connect(as_administrator(record["database_url"]))
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    await connection.close()
    code, seconds = await dev.stop(signal.SIGTERM)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert not (dev.folder / "stack.json").exists()
    assert await no_members(dev) == {}

    record = await dev.start()
    await kill_every_part(dev, record)
    assert await is_kept(record)
    dev.process.kill()
    dev.process.wait()
    assert await no_members(dev) == {}

    record = await dev.start()
    assert await is_kept(record)
    code, seconds = await dev.stop(signal.SIGINT)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert await no_members(dev) == {}


async def test_stop_during_the_start(dev):
    """Ctrl-C while everything is still coming up leaves nothing behind."""
    with dev.output.open("ab") as output:
        dev.process = subprocess.Popen(dev.command(), stdout=output, stderr=output)
    async with asyncio.timeout(30):
        while not dev.members() or len(dev.children()) < 2:
            await asyncio.sleep(0.02)
    code, seconds = await dev.stop(signal.SIGINT)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert await no_members(dev) == {}
