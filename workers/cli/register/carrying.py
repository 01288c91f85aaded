"""A register carried over, for people: refused whole or in part, resumed, reported."""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import asyncpg
from temporalio.service import RPCError

from activities.register.carrying import HIGHEST_ALLOTTED, reserve_numbers
from activities.register.checking import Page, in_order, only_once
from activities.register.reading import open_register
from activities.shared.rulebook import RulebookReader
from activities.shared.wrong_file import WrongFile
from schemas.names import membership_id
from schemas.pricing.rulebook import Rulebook
from schemas.register.checking import Checked, checked
from schemas.register.member import RegisterMember
from schemas.register.report import ImportReport
from schemas.shared.amounts import in_kroner
from workers.cli.register.carrier import LANES, Carrier
from workers.cli.register.rehearsing import SHOWN, is_large
from workers.cli.shared.connections import database, reach_temporal, temporal_answers
from workers.cli.shared.printing import counted, first_of, progress_bar, say, words
from workers.errors import UserError
from workers.settings import Settings


@dataclass
class _Counts:
    """What a first look through a register has found.

    Attributes:
        highest: the highest member number that it keeps.
        others: rows that belong to no member.
    """

    good: int = 0
    faulty: int = 0
    highest: int = 0
    others: int = 0


async def carried_over(
    settings: Settings, file: Path, month: date, *, skip_faulty: bool, quiet: bool
) -> ImportReport:
    """Carry a register over, and say what became of it.

    Raises:
        UserError: it is refused as a whole, or something does not answer: what has been done by
            then stays, and the same command goes on from there.
    """
    try:
        async with database(settings, LANES + 1) as pool:
            return await _carried(settings, pool, file, month, skip_faulty, quiet=quiet)
    except WrongFile as error:
        raise UserError(f"Nothing was carried over: {error}.") from None
    except OSError as error:
        raise UserError(f"Nothing was carried over: {error.strerror}: {error.filename}.") from None


async def _carried(
    settings: Settings,
    pool: asyncpg.Pool,
    file: Path,
    month: date,
    skip_faulty: bool,
    *,
    quiet: bool,
) -> ImportReport:
    client = await reach_temporal(settings)
    rulebooks = RulebookReader(allow_synthetic_ids=settings.allow_synthetic_ids)
    with progress_bar(quiet=quiet) as bar:
        task = bar.add_task("Looking at", total=None, rate="")
        async with pool.acquire() as connection:
            book = await rulebooks.current(connection)
            counts = await _looked_through(file, book, month, partial(bar.advance, task))
            if (counts.faulty or counts.others) and not skip_faulty:
                raise UserError(_refusal(counts))
            await reserve_numbers(connection, counts.highest)
        bar.reset(task, description="Carrying over", total=counts.good)

        def told(done: int) -> None:
            bar.advance(task, done)
            bar.update(task, rate=f"{bar.tasks[task].speed or 0:,.0f} a second")

        carrier = Carrier(client, pool, rulebooks, month, _now, _new_id, told)
        with temporal_answers(settings):
            try:
                report = await carrier.carry(_good(file, book, month))
            except* (UserError, RPCError, asyncpg.PostgresError, OSError) as errors:
                raise first_of(errors) from None
    return report.model_copy(update={"faulty": counts.faulty})


def _refusal(counts: _Counts) -> str:
    rows = f" Rows that belong to no member: {counts.others:,}." if counts.others else ""
    return (
        f"Nothing was carried over: of {counted(counts.good + counts.faulty, 'member')} "
        f"{counts.faulty:,} can't be, with faults.{rows} See them with --dry-run, or leave them "
        "out with --skip-faulty."
    )


def _now() -> datetime:
    # Thousandths are what search attributes keep.
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _new_id() -> str:
    return membership_id(uuid.uuid4())


def _checked(page: Page, *, rulebook: Rulebook, month: date) -> list[Checked]:
    return [checked(raw, rulebook, month) for raw in page]


async def _pages(
    file: Path, rulebook: Rulebook, month: date, counts: _Counts
) -> AsyncIterator[list[Checked]]:
    """Yield a register's members, checked by themselves and against each other."""
    work = partial(_checked, rulebook=rulebook, month=month)
    with open_register(file) as register:
        async for page in in_order(register, work, many=is_large(file)):
            yield [only_once(register, one) for one in page]
        counts.others = sum(1 for _ in register.of_nobody())


async def _looked_through(
    file: Path, rulebook: Rulebook, month: date, told: Callable[[int], None]
) -> _Counts:
    counts = _Counts()
    async for page in _pages(file, rulebook, month, counts):
        good = [one.member for one in page if one.member is not None]
        counts.good += len(good)
        counts.faulty += len(page) - len(good)
        kept = [int(member.member_number) for member in good if member.member_number is not None]
        counts.highest = max([counts.highest, *(n for n in kept if n < HIGHEST_ALLOTTED)])
        told(len(page))
    return counts


async def _good(
    file: Path, rulebook: Rulebook, month: date
) -> AsyncIterator[Sequence[RegisterMember]]:
    async for page in _pages(file, rulebook, month, _Counts()):
        yield [one.member for one in page if one.member is not None]


def show_carried(report: ImportReport) -> None:
    """Print what became of a register."""
    for line in report.refused[:SHOWN]:
        say(f"{line.number}: {line.says}.")
    if len(report.refused) > SHOWN:
        say(f"And {len(report.refused) - SHOWN:,} more; --json lists them all.")
    for category, members in report.categories.items():
        say(f"{words(category)}: {counted(members, 'member')}")
    say(
        f"{counted(report.members, 'member')}: {report.imported:,} carried over, "
        f"{report.resumed:,} begun that an import before had left, {report.known:,} known before, "
        f"{len(report.refused):,} refused, {report.faulty:,} left out with faults."
    )
    say(
        f"{counted(report.invoices, 'open invoice')}, {in_kroner(report.open_ore)} kr; in credit: "
        f"{in_kroner(report.credit_ore)} kr. {report.seconds:,.0f} s, {report.per_s:,.0f} a second."
    )
