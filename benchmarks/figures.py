"""What a measurement took: seconds and memory, and how they are printed."""

import resource
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

Result = TypeVar("Result")


async def timed(
    owner: asyncpg.Connection, work: Callable[[], Awaitable[Result]]
) -> tuple[float, Result]:
    """Return the seconds that some work took, begun with nothing left to write to the disk."""
    await owner.execute("CHECKPOINT")
    started = time.perf_counter()
    result = await work()
    return time.perf_counter() - started, result


def peak_mb() -> float:
    """Return the most memory this process ever held; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def print_ratio(name: str, took_s: float, floor_s: float) -> None:
    """Print what something took, its floor, and the ratio of both, a ``name value`` line each."""
    print(f"{name}_s {took_s:.1f}")
    print(f"{name}_floor_s {floor_s:.1f}")
    print(f"{name}_ratio {took_s / floor_s:.2f}", flush=True)
