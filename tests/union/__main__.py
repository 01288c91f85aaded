"""`make union`: the month of a union of 5,000, twice, and every øre of it explained."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from rich.progress import track

from tests.union.explaining import find, unexplained
from tests.union.mail import Month, arriving
from tests.union.money import choose
from tests.union.playing import Outcome, Union, next_month
from tests.union.register import write_register
from workers.cli.shared import clock


async def play(members: int, seed: int) -> list[str]:
    """Play the month twice; return whatever is not as it should be."""
    with tempfile.TemporaryDirectory(prefix="union-") as name:
        folder = Path(name)
        first = Union(folder / "once")
        second = Union(folder / "twice")
        try:
            month = await _charged(first, folder, members, seed)
            first.copy_to(second.folder)
            wrong, once = await _sent(first, month, folder, "sent once", None)
            wrong += unexplained(await find(first), month)
            await first.stop()
            again, twice = await _sent(second, month, folder, "sent twice", random.Random(seed))
            wrong += again + once.differs_from(twice)
            await second.stop()
            return wrong
        finally:
            first.end()
            second.end()


async def _charged(union: Union, folder: Path, members: int, seed: int) -> Month:
    """Carry the register over, charge the month, and write what arrives in it."""
    today, chance = clock.today(), random.Random(seed)
    month = next_month(today)
    await union.start()
    write_register(folder / "register", members, month, seed)
    await union.employers_take_lists()
    await union.ordered("import", str(folder / "register"), "--month", f"{month:%Y-%m}")
    await union.ordered("dues-run", f"{month:%Y-%m}")
    lists = await union.lists()
    ways = choose(await union.invoices(), chance)
    await union.settled()
    await union.stop()
    return arriving(ways, lists, today, chance)


async def _sent(
    union: Union, month: Month, folder: Path, what: str, chance: random.Random | None
) -> tuple[list[str], Outcome]:
    """Send everything: as it is, or twice and shuffled. Return what went wrong, and the end."""
    sent = list(month.sent) if chance is None else [*month.sent, *month.sent]
    if chance is not None:
        chance.shuffle(sent)
    await union.start()
    wrong = [await union.take(file, folder) for file in track(sent, what)]
    await union.take_in(month)
    return [said for said in wrong if said is not None], await union.settled()


def main() -> int:
    """Play it and print each figure as one line ``name value``."""
    options = argparse.ArgumentParser(prog="python -m tests.union", description=__doc__)
    options.add_argument("--members", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    began = time.monotonic()
    wrong = asyncio.run(play(given.members, given.seed))
    for said in wrong[:40]:
        print(said, file=sys.stderr)
    print(f"union_members {given.members}")
    print(f"union_seconds {time.monotonic() - began:.0f}")
    print(f"union_unexplained {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
