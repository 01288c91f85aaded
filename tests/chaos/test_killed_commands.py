"""A server that is killed while a command waits for it: a sentence, never a traceback."""

import asyncio
import json
import os
import signal
import uuid
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from activities.database.migrate import migrate
from tests.commands import run_process
from tests.life import application
from tests.shared.test_unreachable import NOWHERE
from workers.settings import Stack
from workers.stack import PostgresServer, TemporalServer

pytestmark = pytest.mark.timeout(300)

PATIENCE_SECONDS = 60

ESTABLISHED = "01"
"""A connection that stands, as the kernel writes it."""

WAIT_FOR_TEMPORAL = (
    ("dues-run", "2026-12"),
    ("audit",),
    ("year-end", "2025", "--json"),
    ("apply", "-", "--id", "{new}", "--wait"),
    ("send", "{known}", "withdraw_application", "-"),
)
WAIT_FOR_THE_DATABASE = {
    "memberships": ("dues-run", "2026-12", "--dry-run"),
    "tasks": ("tasks",),
    "employers": ("contact", "employer", "988077917", "--name", "x", "--no-email"),
    "tax_caps": ("tax-cap", "2025", "8000"),
}
"""Each with a table that it reads or writes."""


@asynccontextmanager
async def waiting(commands, tmp_path, *, is_waiting, stdin=None, **parts):
    """Start commands on a stack, yield once all wait, and see that each ends by a sentence."""
    Stack(**{**NOWHERE, **parts}).write(tmp_path)
    started = [
        asyncio.create_task(
            asyncio.to_thread(
                run_process,
                *("medlemsflyt", *command, "--data", str(tmp_path)),
                environ={},
                cwd=tmp_path,
                stdin=stdin,
            )
        )
        for command in commands
    ]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await is_waiting():
            early = [one.result() for one in started if one.done()]
            assert not early, early
            await asyncio.sleep(0.1)
    ended = []
    yield ended
    ended += await asyncio.wait_for(asyncio.gather(*started), PATIENCE_SECONDS)


def connections_to(port: int) -> int:
    """Count the connections of this machine's processes to a port of it."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == ESTABLISHED for row in rows)


async def test_temporal_is_killed_while_commands_wait(tmp_path):
    """For a run, a judgement or an answer: each says so, and a run how to see its end."""
    async with TemporalServer(tmp_path / "temporal.log", time_skipping=True, ui=False) as server:
        client = await server.connect()
        known, new = (f"membership-{uuid.uuid4()}" for _ in range(2))
        await client.start_workflow("Membership", application(), id=known, task_queue="membership")
        commands = [
            [word.format(known=known, new=new) for word in command] for command in WAIT_FOR_TEMPORAL
        ]

        async def all_begun():
            found = [one.workflow_type async for one in client.list_workflows()]
            # One sends to what was there before: of it nothing is seen but that it is connected.
            connected = connections_to(int(server.address.rpartition(":")[2]))
            return len(found) == len(commands) and connected > len(commands)

        async with waiting(
            commands,
            tmp_path,
            is_waiting=all_begun,
            stdin=json.dumps({"reason": "no"}),
            temporal_address=server.address,
        ) as ended:
            await asyncio.sleep(1)  # until they wait for what they began, too
            os.kill(server.process.pid, signal.SIGKILL)
            await server.process.wait()
    for command, ran in zip(commands, ended, strict=True):
        assert (ran.code, ran.out) == (2, ""), (command, ran)
        assert "Traceback" not in ran.err, command
        assert ran.err.count("\n") == 1, (command, ran.err)
        assert "Temporal has stopped answering" in ran.err, (command, ran.err)
    for ran in ended[:3]:
        assert ran.err.rstrip().endswith("run the same command again to see its end.")


async def test_the_database_is_killed_while_commands_wait(tmp_path):
    """In the middle of a statement, whatever it reads or writes: a sentence, and no row."""
    async with PostgresServer(tmp_path / "data", durable=False) as server:
        url = await server.create_database()
        await asyncio.to_thread(migrate, url)
        holder = await asyncpg.connect(url)
        watcher = await asyncpg.connect(url)
        await holder.execute("BEGIN")
        for table in WAIT_FOR_THE_DATABASE:
            await holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

        async def all_blocked():
            blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            return await watcher.fetchval(blocked) == len(WAIT_FOR_THE_DATABASE)

        async with waiting(
            WAIT_FOR_THE_DATABASE.values(), tmp_path, is_waiting=all_blocked, database_url=url
        ) as ended:
            os.kill(server.process.pid, signal.SIGKILL)
            await server.process.wait()
        holder.terminate()
        watcher.terminate()
    for command, ran in zip(WAIT_FOR_THE_DATABASE.values(), ended, strict=True):
        assert (ran.code, ran.out) == (2, ""), (command, ran)
        assert "Traceback" not in ran.err, command
        assert ran.err.count("\n") == 1, (command, ran.err)
        assert ran.err.startswith("The database has stopped answering ("), (command, ran.err)
