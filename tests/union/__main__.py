"""`make union`: the month of a union of 5,000, twice, and every øre of it explained."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.progress import track

from tests.union.explaining import find, unexplained
from tests.union.killing import killed
from tests.union.mail import Month, arriving
from tests.union.money import choose
from tests.union.playing import Outcome, Union, next_month
from tests.union.register import write_register
from workers.cli.shared import clock


async def play(members: int, seed: int, *, kills: bool = False) -> list[str]:
    """Play the month twice; return whatever is not as it should be.

    Args:
        members: how many.
        seed: of everything that is left to chance.
        kills: while it is carried over and charged, and while all is sent twice, a part of the
            stack dies every few seconds; what is sent once nobody disturbs.
    """
    with tempfile.TemporaryDirectory(prefix="union-") as name:
        folder = Path(name)
        first = Union(folder / "once")
        second = Union(folder / "twice")
        try:
            month = await _charged(first, folder, members, seed, kills=kills)
            first.copy_to(second.folder)
            wrong, once = await _sent(first, month, folder, "sent once", None)
            wrong += unexplained(await find(first), month)
            await first.stop()
            chance = random.Random(seed)
            again, twice = await _sent(second, month, folder, "sent twice", chance, kills=kills)
            wrong += again + once.differs_from(twice)
            await second.stop()
            return wrong
        finally:
            first.end()
            second.end()


def _killer(seed: str, *, kills: bool) -> random.Random | None:
    return random.Random(seed) if kills else None


async def _charged(union: Union, folder: Path, members: int, seed: int, *, kills: bool) -> Month:
    """Carry the register over, charge the month, and write what arrives in it."""
    today, chance = clock.today(), random.Random(seed)
    month = next_month(today)
    await union.start()
    write_register(folder / "register", members, month, seed)
    async with killed(union, _killer(f"charged/{seed}", kills=kills)) as deaths:
        await union.employers_take_lists()
        await union.ordered("import", str(folder / "register"), "--month", f"{month:%Y-%m}")
        await union.ordered("dues-run", f"{month:%Y-%m}")
        lists = await union.lists()
    _tell(deaths)
    ways = choose(await union.invoices(), chance)
    await union.settled()
    await union.stop()
    return arriving(ways, lists, today, chance)


async def _sent(
    union: Union,
    month: Month,
    folder: Path,
    what: str,
    chance: random.Random | None,
    *,
    kills: bool = False,
) -> tuple[list[str], Outcome]:
    """Send everything: as it is, or twice and shuffled. Return what went wrong, and the end."""
    sent = list(month.sent) if chance is None else [*month.sent, *month.sent]
    if chance is not None:
        chance.shuffle(sent)
    await union.start()
    async with killed(union, _killer(what, kills=kills)) as deaths:
        wrong = [await union.take(file, folder) for file in track(sent, what)]
        await union.take_in(month)
    _tell(deaths)
    end = await union.settled()
    wrong.append(await union.audited())
    return [said for said in wrong if said is not None], end


def _tell(deaths: Counter[str]) -> None:
    if deaths:
        told = ", ".join(f"{part} {count}" for part, count in sorted(deaths.items()))
        print(f"killed: {told}", file=sys.stderr)


def main() -> int:
    """Play it and print each figure as one line ``name value``."""
    options = argparse.ArgumentParser(prog="python -m tests.union", description=__doc__)
    options.add_argument("--members", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--kills", action="store_true", help="kill a part of the stack every few seconds"
    )
    given = options.parse_args()
    began = time.monotonic()
    wrong = asyncio.run(play(given.members, given.seed, kills=given.kills))
    for said in wrong[:40]:
        print(said, file=sys.stderr)
    print(f"union_members {given.members}")
    print(f"union_seconds {time.monotonic() - began:.0f}")
    print(f"union_unexplained {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
