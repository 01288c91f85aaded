"""Equal payments of two people are two, over copies, repeats, years and formats (P4)."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import asyncpg
import pytest

from activities.payments.suspense import take_in
from schemas.payments.kid import invoice_kid
from tests.payments.making import bring
from tests.union import banks
from tests.union.money import Transfer

TODAY = date(2026, 12, 15)
YEARS = (2024, 2025, 2026)
NAMES = ("Kari Nordmann", "Ola Hansen", "Åse Ødegård", "Bjørn de Vries", "Ánte Čáhppe")
NOTICES: tuple[Callable[[Sequence[Transfer], date, int], bytes], ...] = (
    banks.one_reference,
    banks.no_reference,
)
WAITING = (
    "SELECT reference FROM bank_entries AS entry JOIN tasks ON key = 'entry/' || reference"
    " WHERE aside = 'unclear' AND closed_on IS NULL AND amount_ore = $1 AND entry.booked_on = $2"
    " ORDER BY reference"
)


def told(chance: random.Random, pair: Sequence[Transfer], on: date) -> Iterator[bytes]:
    """Yield the files of a day that tell of two payments: together or apart, and once more."""
    notice = chance.choice(NOTICES)
    if chance.random() < 0.5:
        yield notice(pair, on, 1)
    else:
        yield notice(pair[:1], on, 1)
        yield notice(pair[1:], on, 2)
    if chance.random() < 0.7:
        yield banks.statement(pair, on, 3)


def sent(chance: random.Random, files: Sequence[bytes]) -> list[bytes]:
    """Return files as they arrive: some again, some with other line ends, in any order."""
    coming = [*files, *chance.choices(files, k=2)]
    coming += [content + b"\r\n" for content in chance.choices(files, k=2)]
    chance.shuffle(coming)
    return coming


async def booked(pool: asyncpg.Pool, ore: int, on: date) -> int:
    """How many payments of an amount there are on a day."""
    count: int = await pool.fetchval(
        "SELECT count(*) FROM payments WHERE amount_ore = $1 AND paid_on = $2", ore, on
    )
    return count


@pytest.mark.parametrize("seed", range(3))
async def test_two_people_who_are_named_are_two(pool, seed):
    """By whichever formats and in whatever order, each year anew; nobody need be asked."""
    chance = random.Random(seed)
    for nth in range(2):
        ore, day = 10_000 + nth, chance.randint(1, 12)
        kid = chance.choice((None, invoice_kid("99999999", 1)))
        names = chance.sample(NAMES, 2)
        pair = [Transfer(name, ore, kid, "kontingent", f"E{name[0]}") for name in names]
        for year in YEARS:
            on = date(year, 12, day)
            files = sent(chance, list(told(chance, pair, on)))
            for content in files:
                assert (await bring(pool, content, today=TODAY)).outcome == "applied"
            assert await booked(pool, ore, on) == 2, (nth, on, names)
            assert await pool.fetch(WAITING, ore, on) == [], (nth, on, names)


@pytest.mark.parametrize("seed", range(3))
async def test_two_people_whom_one_format_does_not_name_are_two_in_the_end(pool, seed):
    """OCR giro has no names: what nobody can tell is asked about, and never booked a third time."""
    chance = random.Random(seed)
    kid = invoice_kid("99999999", 1)
    for nth in range(2):
        ore, day = 20_000 + nth, chance.randint(1, 12)
        pair = [Transfer(name, ore, kid, "", f"E{name[0]}") for name in chance.sample(NAMES, 2)]
        for year in YEARS:
            on = date(year, 12, day)
            files = [*told(chance, pair, on), banks.ocr_giro(pair, on, 1)]
            for content in sent(chance, files):
                await bring(pool, content, today=TODAY)
                assert await booked(pool, ore, on) <= 2, (nth, on)
            while await booked(pool, ore, on) < 2:
                # Whoever looks into the bank sees two, and takes the second one in.
                waiting = await pool.fetchval(WAITING, ore, on)
                assert waiting is not None, f"a payment is lost: {nth} of {on}"
                async with pool.acquire() as connection, connection.transaction():
                    await take_in(connection, waiting, today=TODAY, by="ola")
            for content in files:
                await bring(pool, content + b"\n", today=TODAY)
            assert await booked(pool, ore, on) == 2, (nth, on)
