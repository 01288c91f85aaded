"""Twice the workers of each kind, on servers that are far away: the same machine, no setting.

    python -m benchmarks.workers [COUNT]

Each worker is a process. What it says to Temporal and PostgreSQL is DELAY_SECONDS on its way, and
so is the answer: a worker waits, and has only so many places to wait in. That is what more
workers are for; two cores would be shared by twice as many at the same rate.
"""

import asyncio
import logging
import sys
import time

from benchmarks.figures import Progress
from benchmarks.service import Service, apply, approve, service
from workers.logging import LogFormat, configure_logging

DELAY_SECONDS = 0.15
IN_FLIGHT = 60
DEFAULT_COUNT = 60


async def main(count: int) -> None:
    """Measure with one and with two workers of each kind, and print a line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with service(DELAY_SECONDS) as at, at.workers(1):
        await _decide(at, 10)
        once = await _decide(at, count)
        async with at.workers(2):
            await _decide(at, 20)
            twice = await _decide(at, 2 * count)
    print(f"workers_delay_ms {1000 * DELAY_SECONDS:.0f}")
    print(f"workers_once_per_s {once:.2f}")
    print(f"workers_twice_per_s {twice:.2f}")
    print(f"workers_twice_ratio {twice / once:.2f}")


async def _decide(at: Service, count: int) -> float:
    """Return how many applications a second are taken and approved, IN_FLIGHT at once."""
    gate = asyncio.Semaphore(IN_FLIGHT)
    progress = Progress("applications decided", count)

    async def one() -> None:
        async with gate:
            await approve(await apply(at.client))
            progress.one_more()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as everybody:
        for _ in range(count):
            everybody.create_task(one())
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_COUNT))
