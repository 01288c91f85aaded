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
from typing import Any

from workers.errors import UserError
from workers.stack.ports import Ports

STOP_SECONDS = 20
DEV = (sys.executable, "-P", "-m", "workers", "dev")


class Dev:
    """One `medlemsflyt dev`; also tells which processes belong to it.

    Args:
        folder: Where it keeps everything.
        offset: How far its ports are moved.
        options: More options of the command.
    """

    def __init__(self, folder: Path, offset: int, *options: str) -> None:
        self.folder = folder
        self.offset = str(offset)
        self.output = folder.with_name("dev-output")
        self.process: subprocess.Popen[bytes] | None = None
        self._options = options

    def command(self) -> tuple[str, ...]:
        """Its command line."""
        return (*DEV, "--data", str(self.folder), "--port-offset", self.offset, *self._options)

    async def start(self) -> dict[str, Any]:
        """Start it and wait for stack.json; return what that says."""
        record = self.folder / "stack.json"
        left_over = _written_at(record)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=output)
        async with asyncio.timeout(120):
            while _written_at(record) in {None, left_over}:
                assert self.process.poll() is None, self.output.read_text()
                await asyncio.sleep(0.1)
        found: dict[str, Any] = json.loads(record.read_text())
        return found

    async def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal and wait for the end; return the exit code and the seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        code = await asyncio.to_thread(self.process.wait, STOP_SECONDS + 10)
        return code, time.monotonic() - began

    def end(self) -> None:
        """End it whatever its state, all its children with it."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def members(self) -> dict[int, str]:
        """Every running process whose command line or environment names the folder."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (entry / "environ").read_bytes().decode(errors="replace")
                if str(self.folder) in command or str(self.folder) in environment:
                    found[int(entry.name)] = command
        found.pop(os.getpid(), None)
        return found

    def children(self) -> list[int]:
        """The direct children: one per part."""
        assert self.process is not None
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in task.read_text().split()]

    def kill(self, mark: str) -> bool:
        """Kill -9 the part whose command line holds a mark; tell whether it was running."""
        for pid in self.children():
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if mark in command:
                    os.kill(pid, signal.SIGKILL)
                    return True
        return False


def _written_at(record: Path) -> int | None:
    """When a file was written, in nanoseconds; None when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return record.stat().st_mtime_ns
    return None


async def free_offset() -> int:
    """An offset whose ports are free, below those the system hands out to clients."""
    while True:
        offset = random.randrange(2000, 24000)
        with contextlib.suppress(UserError):
            await Ports.shifted(offset).claim()
            return offset


async def no_members(dev: Dev) -> dict[int, str]:
    """Wait a moment for the kernel to take everything away; return what is left."""
    for _ in range(50):
        if not dev.members():
            break
        await asyncio.sleep(0.1)
    return dev.members()
