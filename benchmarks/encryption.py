"""Onboardings a second with histories encrypted against without, in turn on the same servers.

    python -m benchmarks.encryption [COUNT] [PAIRS]

As benchmarks.onboarding, whose client and workers these are. A pair is one side after the other,
and the next pair the other way round: what else the machine does meets both.
"""

import asyncio
import dataclasses
import logging
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from temporalio.client import Client
from temporalio.converter import DataConverter

from activities.secrecy.key_file import make_key_file
from benchmarks.onboarding import DEFAULT_COUNT, WARM_UP, Servers, _measure, _membership, _servers
from workers.encryption import converter_for, opened
from workers.logging import LogFormat, configure_logging
from workers.settings import load_settings

DEFAULT_PAIRS = 3


async def main(count: int, pairs: int) -> None:
    """Measure both sides in turn and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    plain: list[float] = []
    encrypted: list[float] = []
    async with _servers() as them:
        key_file = them.folder / "keys" / "master.json"
        make_key_file(key_file)
        master = {"MEDLEMSFLYT_MASTER_KEY": f"file:{key_file}"}
        sides = [
            (plain, them),
            (encrypted, dataclasses.replace(them, environment={**them.environment, **master})),
        ]
        for pair in range(pairs):
            for rates, side in sides if pair % 2 == 0 else reversed(sides):
                rates.append(await _rate(side, count))
    for before, after in zip(plain, encrypted, strict=True):
        print(f"pair_plain_per_s {before:.1f}")
        print(f"pair_encrypted_per_s {after:.1f}")
    ratios = [after / before for before, after in zip(plain, encrypted, strict=True)]
    print(f"encrypted_ratio {statistics.median(ratios):.3f}")


async def _rate(side: Servers, count: int) -> float:
    """Return how many a second, with workers that have been warmed up."""
    async with AsyncExitStack() as stack:
        for worker in side.workers().values():
            await stack.enter_async_context(worker)
        client = await stack.enter_async_context(_client(side))
        await _measure(client, _membership, WARM_UP)
        return await _measure(client, _membership, count)


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
