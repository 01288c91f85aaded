"""`medlemsflyt dev` as a person runs it: a process of its own with all its children."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from activities.secrecy.key_file import make_key_file
from tests.devstack import STOP_SECONDS, Dev, free_offset, no_members
from tests.roles import as_administrator
from workers.errors import UserError
from workers.stack.dev import DevStack
from workers.stack.ports import HOST, Ports
from workers.stack.processes import TASK_QUEUES
from workers.stack.temporal import pollers

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def dev(tmp_path):
    """A stack on ports of its own, ended with the test."""
    stack = Dev(tmp_path / "data", await free_offset())
    yield stack
    stack.end()


@pytest.fixture(scope="module")
async def running(tmp_path_factory):
    """One stack for all that does not end it, in a folder that an earlier version left open."""
    folder = tmp_path_factory.mktemp("running") / "data"
    leave_open(folder)
    stack = Dev(folder, await free_offset())
    try:
        yield stack, await stack.start()
    finally:  # also when it did not come up in time
        stack.end()


def leave_open(folder: Path) -> None:
    """Make a folder of a stack with files that everybody may read."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "lock").touch()
    for name in ("logs", "temporal"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)
    for name in ("lock", "logs/migrate.log", "temporal/kept.db"):
        (folder / name).touch()
        (folder / name).chmod(0o644)


async def workers_at_work(record, since):
    """How many of the three queues were asked for work since a moment."""
    client = await Client.connect(record["temporal_address"])
    return sum([bool(await pollers(client, queue, since)) for queue in TASK_QUEUES.values()])


async def test_every_end_is_clean_and_the_next_start_has_all_data(dev):
    """SIGTERM, kill -9 of `medlemsflyt dev` itself and Ctrl-C: no orphan, nothing to clean up."""
    record = await dev.start()
    assert len(dev.children()) == 7
    connection = await asyncpg.connect(as_administrator(record["database_url"]))
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    await connection.close()
    code, seconds = await dev.stop(signal.SIGTERM)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert not (dev.folder / "stack.json").exists()
    assert await no_members(dev) == {}

    await dev.start()
    dev.process.kill()
    dev.process.wait()
    assert await no_members(dev) == {}

    record = await dev.start()
    connection = await asyncpg.connect(as_administrator(record["database_url"]))
    assert await connection.fetchval("SELECT one FROM kept") == 1
    await connection.close()
    code, seconds = await dev.stop(signal.SIGINT)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert await no_members(dev) == {}


async def test_whatever_is_killed_comes_back(running):
    """Kill -9 of every part at once: all seven are back, the workers at work."""
    dev, record = running
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
    connection = await asyncpg.connect(as_administrator(record["database_url"]))
    await connection.close()


async def test_second_start_says_who_is_in_the_way(running):
    """The same folder, or the same ports, are refused with code 2 and a sentence."""
    dev, _ = running
    same_folder = subprocess.run(dev.command(), capture_output=True, text=True, check=False)
    assert same_folder.returncode == 2
    assert f"(process {dev.process.pid})" in " ".join(same_folder.stderr.split())
    other = Dev(dev.folder.with_name("other"), dev.offset)
    same_ports = subprocess.run(other.command(), capture_output=True, text=True, check=False)
    assert same_ports.returncode == 2
    port = 7233 + int(dev.offset)
    assert f"Port {port}, wanted by Temporal," in " ".join(same_ports.stderr.split())


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


async def test_listens_on_this_machine_only(running):
    """No port is reachable from another machine."""
    dev, record = running
    assert record["temporal_address"].startswith(f"{HOST}:")
    wildcard = "00000000:"
    ports = {f"{port + int(dev.offset):04X}" for port in (7233, 8233, 7243, 1025, 8025)}
    listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    assert not {f"{wildcard}{port}" for port in ports} & listening


def modes(folder: Path, *, depth: int) -> dict[str, int]:
    """What others may do with a folder and what lies in it, by relative path."""
    found = [folder, *(path for level in range(depth) for path in folder.glob("*/" * level + "*"))]
    return {
        str(path.relative_to(folder)): path.stat().st_mode & 0o077
        for path in found
        if path.exists() and not path.is_socket()
    }


async def test_nobody_else_reads_what_is_kept(running):
    """Also in a folder that was there before, with files that an earlier version left open."""
    dev, _ = running
    found = modes(dev.folder, depth=2)
    assert {"temporal/temporal.db", "logs/temporal.log", "stack.json", "mail"} <= found.keys()
    assert {path: mode for path, mode in found.items() if mode} == {}


def test_an_encrypted_folder_is_not_started_plainly(tmp_path):
    """Nothing in it could be read: the word says what to do instead."""
    (tmp_path / "keys").mkdir()
    make_key_file(tmp_path / "keys" / "master.json")
    with pytest.raises(UserError, match="without --plain"):
        DevStack(tmp_path, Ports(), print, encrypted=False)
    DevStack(tmp_path, Ports(), print)
