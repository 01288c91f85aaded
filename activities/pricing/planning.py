"""Working out new prices for many members: a pure sum over chunks, on as many cores as there are.

A chunk's facts come as the text the database holds: it is read where it is worked out.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import asyncpg
from pydantic import ValidationError

from activities.database.pool import load_queries
from activities.shared.processes import cores, own_processes
from schemas.membership.situation import Facts
from schemas.pricing.contracts import LargestChange, PriceTotal, Unpriced
from schemas.pricing.repricing import Repriced, repriced
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.shared.vocabulary import Category

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE_SIZE = 2_000
"""Members handed over at a time: a fraction of a second's work."""

LARGEST = 10
MAX_UNPRICED = 100
"""So many are named; a rulebook that says nothing for a day would name everybody."""

FEW = 5_000
"""Fewer members than this are done before another process has started."""


@dataclass(frozen=True)
class Row:
    """One member as the database has it; facts None: an older version did not keep them."""

    membership_id: str
    category: Category
    facts: str | None


@dataclass
class Sums:
    """What new prices come to for some members."""

    categories: dict[Category, PriceTotal] = field(default_factory=dict)
    largest: list[LargestChange] = field(default_factory=list)
    unpriced: list[Unpriced] = field(default_factory=list)
    unknown: int = 0
    members: int = 0
    dearer_from: date | None = None

    def add(self, other: "Sums") -> None:
        """Add the sums of other members."""
        for category, total in other.categories.items():
            self.categories[category] = together(self.categories.get(category), total)
        self.largest = _largest([*self.largest, *other.largest])
        self.unpriced = [*self.unpriced, *other.unpriced][:MAX_UNPRICED]
        self.unknown += other.unknown
        self.members += other.members
        self.dearer_from = earlier(self.dearer_from, other.dearer_from)


def earlier(one: date | None, other: date | None) -> date | None:
    """Return the earlier of two days; None: never."""
    return min((day for day in (one, other) if day is not None), default=None)


def together(one: PriceTotal | None, other: PriceTotal) -> PriceTotal:
    """Return two totals as one, under the second's category."""
    if one is None:
        return other
    return PriceTotal(
        category=other.category,
        members=one.members + other.members,
        changing=one.changing + other.changing,
        through_payroll=one.through_payroll + other.through_payroll,
        before=one.before + other.before,
        after=one.after + other.after,
    )


def work_out(rows: Sequence[Row], before: Rulebook, after: Rulebook, effective_on: date) -> Sums:
    """Return what new prices come to for some members; one who can't be priced stops nobody."""
    sums = Sums(members=len(rows))
    found: list[LargestChange] = []
    tallies: dict[Category, list[int]] = {}
    for row in rows:
        if row.facts is None:
            sums.unknown += 1
            continue
        try:
            facts = Facts.model_validate_json(row.facts)
            one = repriced(facts, before, after, effective_on)
        except (ValidationError, NotInForce, ValueError, ArithmeticError) as error:
            # Neither the text nor the facts go on: they hold a birth date.
            reason = str(error) if isinstance(error, NotInForce) else type(error).__name__
            sums.unpriced.append(Unpriced(membership_id=row.membership_id, reason=reason))
            continue
        _count(tallies.setdefault(row.category, [0] * 7), one)
        if one.changed_from is not None:
            found.append(_change(row, one))
            sums.dearer_from = earlier(sums.dearer_from, one.dearer_from)
    sums.categories = {category: _total(category, tally) for category, tally in tallies.items()}
    sums.largest, sums.unpriced = _largest(found), sums.unpriced[:MAX_UNPRICED]
    return sums


def _count(tally: list[int], one: Repriced) -> None:
    changes = one.changed_from is not None
    for place, amount in enumerate(
        (
            1,
            changes,
            one.through_payroll,
            one.before.month_ore,
            one.before.year_ore,
            one.after.month_ore,
            one.after.year_ore,
        )
    ):
        tally[place] += amount


def _total(category: Category, tally: list[int]) -> PriceTotal:
    members, changing, payroll, month_before, year_before, month_after, year_after = tally
    return PriceTotal.model_validate(
        {
            "category": category,
            "members": members,
            "changing": changing,
            "through_payroll": payroll,
            "before": {"month_ore": month_before, "year_ore": year_before},
            "after": {"month_ore": month_after, "year_ore": year_after},
        }
    )


def _change(row: Row, one: Repriced) -> LargestChange:
    return LargestChange(
        membership_id=row.membership_id,
        category=row.category,
        before_ore=one.before.year_ore,
        after_ore=one.after.year_ore,
    )


def _largest(changes: list[LargestChange]) -> list[LargestChange]:
    return heapq.nsmallest(
        LARGEST, changes, key=lambda c: (-abs(c.after_ore - c.before_ore), c.membership_id)
    )


async def read_pages(connection: asyncpg.pool.PoolConnectionProxy) -> AsyncIterator[list[Row]]:
    """Yield all members, page by page, in the order of their numbers."""
    after = ""
    while True:
        rows = [row async for row in _SQL.read_facts(connection, after=after, size=PAGE_SIZE)]
        if not rows:
            return
        after = rows[-1]["member_number"]
        yield [Row(r["membership_id"], Category(r["category"]), r["facts"]) for r in rows]


async def work_out_all(
    pages: AsyncIterator[list[Row]],
    before: Rulebook,
    after: Rulebook,
    effective_on: date,
    *,
    members: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Sums:
    """Return what new prices come to for everybody.

    Args:
        pages: the members, page by page.
        before: the rulebook as it is.
        after: the rulebook with the new prices.
        effective_on: when the new prices begin.
        members: about how many there are; many are worked out by several processes.
        progress: told how many have been done.
    """
    sums = Sums()
    loop = asyncio.get_running_loop()
    with processes(members) as pool:
        under_way: set[asyncio.Future[Sums]] = set()
        async for rows in pages:
            under_way.add(loop.run_in_executor(pool, work_out, rows, before, after, effective_on))
            if len(under_way) > 2 * cores():
                under_way = await _one_done(under_way, sums, progress)
        while under_way:
            under_way = await _one_done(under_way, sums, progress)
    return sums


async def _one_done(
    under_way: set[asyncio.Future[Sums]], sums: Sums, progress: Callable[[int], None]
) -> set[asyncio.Future[Sums]]:
    done, rest = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    for future in done:
        sums.add(future.result())
    progress(sums.members)
    return rest


@contextmanager
def processes(members: int) -> Iterator[Executor | None]:
    """Yield processes to work in, or None (a thread) where there is too little to do."""
    if members < FEW or cores() == 1:
        yield None
        return
    with own_processes() as pool:
        yield pool
