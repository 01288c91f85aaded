"""What a measurement took: seconds, seconds of processor and memory, and how they are printed."""

import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg

Result = TypeVar("Result")


@dataclass(frozen=True)
class Took:
    """What some work took: by the clock, and of all cores together."""

    seconds: float
    processor_s: float


async def timed(
    owner: asyncpg.Connection, work: Callable[[], Awaitable[Result]]
) -> tuple[float, Result]:
    """Return the seconds that some work took, begun with nothing left to write to the disk."""
    took, result = await measured(owner, work)
    return took.seconds, result


async def measured(
    owner: asyncpg.Connection, work: Callable[[], Awaitable[Result]]
) -> tuple[Took, Result]:
    """Return what some work took of this process and of PostgreSQL, begun as ``timed`` does."""
    await owner.execute("CHECKPOINT")
    server = _parent(owner.get_server_pid())
    used, started = _processor_s(server), time.perf_counter()
    result = await work()
    seconds = time.perf_counter() - started
    return Took(seconds, _processor_s(server) - used), result


def _processor_s(server: int) -> float:
    """Return the seconds of processor that this process and a server with its children have used.

    Linux tells the server's; elsewhere it is not counted.
    """
    user, system, *_ = os.times()
    return user + system + used_s(server)


def used_s(server: int) -> float:
    """Return the seconds of processor that a process and its children have used; 0 if not known."""
    own = _stat(server)
    if own is None:
        return 0.0
    ticks = sum(own[11:15])  # with the children that have ended
    for folder in Path("/proc").iterdir():
        child = _stat(int(folder.name)) if folder.name.isdigit() else None
        if child is not None and child[1] == server:
            ticks += child[11] + child[12]
    return ticks / os.sysconf("SC_CLK_TCK")


def _parent(pid: int) -> int:
    stat = _stat(pid)
    return stat[1] if stat is not None else 0


def _stat(pid: int) -> list[int] | None:
    """Return the numbers that Linux keeps of a process, from its state on; None: it has none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    return [0, *map(int, text.rpartition(")")[2].split()[1:])]


def peak_mb() -> float:
    """Return the most memory this process ever held; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def say(what: str) -> None:
    """Say what goes on, beside the figures: on standard error, at once."""
    print(f"... {what}", file=sys.stderr, flush=True)


class Progress:
    """How far some work of many pieces has come, said at each tenth of it."""

    def __init__(self, what: str, pieces: int) -> None:
        self._what = what
        self._pieces = pieces
        self._done = 0
        self._started = time.perf_counter()

    def one_more(self) -> None:
        """Count a piece that is done."""
        self._done += 1
        if self._done * 10 // self._pieces > (self._done - 1) * 10 // self._pieces:
            seconds = time.perf_counter() - self._started
            say(f"{self._what}: {self._done} of {self._pieces} after {seconds:.0f} s")


def print_ratio(name: str, took_s: float, floor_s: float) -> None:
    """Print what something took, its floor, and the ratio of both, a ``name value`` line each."""
    print(f"{name}_s {took_s:.1f}")
    print(f"{name}_floor_s {floor_s:.1f}")
    print(f"{name}_ratio {took_s / floor_s:.2f}", flush=True)


def print_ratios(name: str, took: Took, floor: Took) -> None:
    """Print the same, and the ratio of both by the seconds of processor."""
    print_ratio(name, took.seconds, floor.seconds)
    if floor.processor_s:
        print(f"{name}_processor_ratio {took.processor_s / floor.processor_s:.2f}", flush=True)
