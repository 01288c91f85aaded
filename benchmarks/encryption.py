"""Onboardings a second with histories encrypted against without, in turn on the same servers.

    python -m benchmarks.encryption [COUNT] [PAIRS]

As benchmarks.onboarding, whose client and workers these are. A pair is one side after the other,
and the next pair the other way round: what else the machine does meets both. What each costs in
seconds of processor, of servers, workers and client together, hardly depends on that at all.
"""

import asyncio
import dataclasses
import logging
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from temporalio.client import Client
from temporalio.converter import DataConverter

from activities.secrecy.key_file import make_key_file
from benchmarks.onboarding import (
    DEFAULT_COUNT,
    WARM_UP,
    Servers,
    _measure,
    _membership,
    _servers,
    _used_s,
)
from workers.encryption import converter_for, opened
from workers.logging import LogFormat, configure_logging
from workers.settings import load_settings

DEFAULT_PAIRS = 3


async def main(count: int, pairs: int) -> None:
    """Measure both sides in turn and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    plain: list[Run] = []
    encrypted: list[Run] = []
    async with _servers() as them:
        key_file = them.folder / "keys" / "master.json"
        make_key_file(key_file)
        master = {"MEDLEMSFLYT_MASTER_KEY": f"file:{key_file}"}
        sides = [
            (plain, them),
            (encrypted, dataclasses.replace(them, environment={**them.environment, **master})),
        ]
        for pair in range(pairs):
            for runs, side in sides if pair % 2 == 0 else reversed(sides):
                runs.append(await _run(side, count))
    pairs_of = list(zip(plain, encrypted, strict=True))
    for before, after in pairs_of:
        print(f"pair_plain_per_s {before.per_s:.1f}")
        print(f"pair_encrypted_per_s {after.per_s:.1f}")
        print(f"pair_plain_processor_ms {before.each_ms:.1f}")
        print(f"pair_encrypted_processor_ms {after.each_ms:.1f}")
    rates = [after.per_s / before.per_s for before, after in pairs_of]
    costs = [after.each_ms / before.each_ms for before, after in pairs_of]
    print(f"encrypted_ratio {statistics.median(rates):.3f}")
    print(f"encrypted_processor_ratio {statistics.median(costs):.3f}")


class Run(NamedTuple):
    """What one side of a pair came to.

    Attributes:
        per_s: onboardings a second.
        each_ms: milliseconds of processor for each of them.
    """

    per_s: float
    each_ms: float


async def _run(side: Servers, count: int) -> Run:
    """Measure one side, with workers that have been warmed up."""
    async with AsyncExitStack() as stack:
        workers = side.workers()
        for worker in workers.values():
            await stack.enter_async_context(worker)
        client = await stack.enter_async_context(_client(side))
        await _measure(client, _membership, WARM_UP, "warming up")
        parts = {**side.parts, **workers}
        before = sum(_used_s(parts).values()) + time.process_time()
        per_s = await _measure(client, _membership, count, "onboardings")
        used = sum(_used_s(parts).values()) + time.process_time() - before
        return Run(per_s, 1000 * used / count)


@asynccontextmanager
async def _client(side: Servers) -> AsyncIterator[Client]:
    """Yield a client that encrypts as its workers do."""
    async with opened(load_settings(side.environment)) as encryption:
        yield await Client.connect(
            side.temporal.address, data_converter=converter_for(DataConverter.default, encryption)
        )


if __name__ == "__main__":
    asyncio.run(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_COUNT,
            int(sys.argv[2]) if len(sys.argv) > 2 else DEFAULT_PAIRS,
        )
    )
