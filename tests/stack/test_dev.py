"""`medlemsflyt dev` as a person runs it: a process of its own with all its children."""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from workers.errors import UserError
from workers.stack.ports import HOST, Ports
from workers.stack.processes import TASK_QUEUES
from workers.stack.temporal import pollers

pytestmark = pytest.mark.timeout(300)

STOP_SECONDS = 20
DEV = (sys.executable, "-P", "-m", "workers", "dev")


class Dev:
    """One `medlemsflyt dev`; also tells which processes belong to it."""

    def __init__(self, folder, offset):
        self.folder = folder
        self.offset = str(offset)
        self.output = folder.with_name("dev-output")
        self.process = None

    def command(self):
        """Its command line."""
        return (*DEV, "--data", str(self.folder), "--port-offset", self.offset)

    async def start(self):
        """Start it and wait for stack.json; return what that says."""
        record = self.folder / "stack.json"
        left_over = _written_at(record)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=output)
        async with asyncio.timeout(120):
            while _written_at(record) in {None, left_over}:
                assert self.process.poll() is None, self.output.read_text()
                await asyncio.sleep(0.1)
        return json.loads(record.read_text())

    async def stop(self, number=signal.SIGTERM):
        """Send a signal and wait for the end; return the exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = await asyncio.to_thread(self.process.wait, STOP_SECONDS + 10)
        return code, time.monotonic() - began

    def members(self):
        """Every running process whose command line or working directory lies in the folder."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (entry / "environ").read_bytes().decode(errors="replace")
                if str(self.folder) in command or str(self.folder) in environment:
                    found[int(entry.name)] = command
        found.pop(os.getpid(), None)
        return found

    def children(self):
        """The direct children: one per part."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in task.read_text().split()]


def _written_at(record):
    """When a file was written, in nanoseconds; None when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return record.stat().st_mtime_ns
    return None


async def free_offset():
    """An offset whose ports are free, below those the system hands out to clients."""
    while True:
        offset = random.randrange(2000, 24000)
        with contextlib.suppress(UserError):
            await Ports.shifted(offset).claim()
            return offset


@pytest.fixture
async def dev(tmp_path):
    """A stack on ports of its own, ended with the test."""
    stack = Dev(tmp_path / "data", await free_offset())
    yield stack
    if stack.process and stack.process.poll() is None:
        stack.process.kill()
        stack.process.wait()


async def workers_at_work(record, since):
    """How many of the three queues were asked for work since a moment."""
    client = await Client.connect(record["temporal_address"])
    return sum([bool(await pollers(client, queue, since)) for queue in TASK_QUEUES.values()])


async def no_members(dev):
    """Wait a moment for the kernel to take everything away; return what is left."""
    for _ in range(50):
        if not dev.members():
            break
        await asyncio.sleep(0.1)
    return dev.members()


async def test_stop_is_clean_and_the_next_start_has_all_data(dev):
    """SIGTERM and Ctrl-C stop everything in time; the database is there again afterwards."""
    record = await dev.start()
    assert len(dev.children()) == 6
    connection = await asyncpg.connect(record["database_url"])
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    await connection.close()
    code, seconds = await dev.stop(signal.SIGTERM)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert not (dev.folder / "stack.json").exists()
    assert await no_members(dev) == {}

    record = await dev.start()
    connection = await asyncpg.connect(record["database_url"])
    assert await connection.fetchval("SELECT one FROM kept") == 1
    await connection.close()
    code, seconds = await dev.stop(signal.SIGINT)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert await no_members(dev) == {}


async def test_whatever_is_killed_comes_back(dev):
    """Kill -9 of every part at once: all six are back, the workers at work."""
    record = await dev.start()
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
    assert len(dev.children()) == 6
    assert not set(before) & set(dev.children())
    connection = await asyncpg.connect(record["database_url"])
    await connection.close()


async def test_killed_supervisor_leaves_no_orphan_and_starts_again(dev):
    """Kill -9 of `medlemsflyt dev` itself ends all parts; the next start needs no cleaning up."""
    await dev.start()
    dev.process.kill()
    dev.process.wait()
    assert await no_members(dev) == {}
    await dev.start()
    code, _ = await dev.stop()
    assert code == 0


async def test_second_start_says_who_is_in_the_way(dev):
    """The same folder, or the same ports, are refused with code 2 and a sentence."""
    await dev.start()
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


async def test_listens_on_this_machine_only(dev):
    """No port is reachable from another machine."""
    record = await dev.start()
    assert record["temporal_address"].startswith(f"{HOST}:")
    wildcard = "00000000:"
    ports = {f"{port + int(dev.offset):04X}" for port in (7233, 8233, 7243, 1025, 8025)}
    listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    assert not {f"{wildcard}{port}" for port in ports} & listening
