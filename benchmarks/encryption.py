"""Onboardings a second with histories encrypted against without.

    python -m benchmarks.encryption [COUNT] [PAIRS] [at-once]

As benchmarks.onboarding, whose client and workers these are. A pair is one side after the other on
the same servers, and the next pair the other way round. What else a machine does changes what a
second of its processor is worth by more than encryption costs: ``at-once`` gives each side servers
of its own and lets both work at the same time, so that it meets both alike. Rates are then of no
use, and the client, which works for both, is left out.
"""

import asyncio
import dataclasses
import logging
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping
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
from workers.stack.parts import Part

DEFAULT_PAIRS = 3


async def main(count: int, pairs: int, *, at_once: bool) -> None:
    """Measure both sides and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    await (_at_once(count, pairs) if at_once else _in_turn(count, pairs))


async def _in_turn(count: int, pairs: int) -> None:
    """Measure one side after the other, on the same servers."""
    plain: list[Run] = []
    encrypted: list[Run] = []
    async with _servers() as them:
        sides = [(plain, them), (encrypted, _encrypting(them))]
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


async def _at_once(count: int, pairs: int) -> None:
    """Measure both sides at the same time, each on servers of its own."""
    costs: list[float] = []
    async with AsyncExitStack() as stack:
        plain = await stack.enter_async_context(_servers())
        other = await stack.enter_async_context(_servers())
        sides = [await _working(stack, each) for each in (plain, _encrypting(other))]
        await asyncio.gather(*(side.onboard(WARM_UP) for side in sides))
        for _ in range(pairs):
            before = [_used_s(side.parts) for side in sides]
            await asyncio.gather(*(side.onboard(count) for side in sides))
            after = [_used_s(side.parts) for side in sides]
            each = [
                {part: 1000 * (then[part] - first[part]) / count for part in then}
                for first, then in zip(before, after, strict=True)
            ]
            for name, of_part in zip(("plain", "encrypted"), each, strict=True):
                for part, milliseconds in of_part.items():
                    print(f"pair_{name}_{part}_ms {milliseconds:.1f}")
            costs.append(sum(each[1].values()) / sum(each[0].values()))
            print(f"pair_processor_ratio {costs[-1]:.3f}", flush=True)
    print(f"encrypted_processor_ratio {statistics.median(costs):.3f}")


def _encrypting(them: Servers) -> Servers:
    """Return the same servers for workers that encrypt."""
    key_file = them.folder / "keys" / "master.json"
    make_key_file(key_file)
    master = {"MEDLEMSFLYT_MASTER_KEY": f"file:{key_file}"}
    return dataclasses.replace(them, environment={**them.environment, **master})


class Side(NamedTuple):
    """One of two that work at once."""

    parts: Mapping[str, Part]
    client: Client

    async def onboard(self, count: int) -> None:
        """Have so many become members."""
        await _measure(self.client, _membership, count, "onboardings")


async def _working(stack: AsyncExitStack, side: Servers) -> Side:
    """Return a side with workers that go on until the stack is left."""
    workers = side.workers()
    for worker in workers.values():
        await stack.enter_async_context(worker)
    client = await stack.enter_async_context(_client(side))
    return Side({**side.parts, **workers}, client)


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
            at_once="at-once" in sys.argv[3:],
        )
    )
