"""Reads the figures for the board; none is told before ``schemas.desk.figures`` has kept back."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Final

import asyncpg

from activities.database.pool import load_queries, patiently
from activities.desk.member import read_branches
from activities.pricing.budget import budget
from activities.shared.tasks import Connection
from schemas.books.balances import AGES
from schemas.desk.figures import Counted, Figure, FigureName, Unit, figure
from schemas.shared.calendar import month_after, months_before
from schemas.shared.vocabulary import Category, LineKind, Outcome

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

MONTHS_BACK = 24
MONTHS_AHEAD = 12

NO_BRANCH = "none"

NOT_DUE = "not_due"

NOW = "now"
"""The row of today, after the months that were charged."""

WAYS: Final = ("new", "returned", "transferred")
"""How somebody joins."""

ENDS: Final = (Outcome.RESIGNED, Outcome.STRUCK_OFF, Outcome.DECEASED)
"""How a membership ends."""


async def read_figure(pool: asyncpg.Pool, name: FigureName, today: date) -> Figure:
    """Return a figure as it may be told.

    Args:
        pool: of connections; one is used.
        name: which one.
        today: the business date.
    """
    if name is FigureName.BUDGET:
        return await _ahead(pool, today)
    async with pool.acquire() as connection, patiently(connection):
        if name is FigureName.ARREARS:
            return await _overdue(connection, today)
        return await _back(connection, name, today)


async def _back(connection: Connection, name: FigureName, today: date) -> Figure:
    """Count the months up to this one."""
    months = [months_before(today, back) for back in range(MONTHS_BACK - 1, -1, -1)]
    first = months[0]
    every = tuple(f"{month:%Y-%m}" for month in months)
    groups: tuple[str, ...]
    match name:
        case FigureName.BY_CATEGORY:
            rows = _SQL.count_members(connection, first=first, by_branch=False)
            groups = tuple(Category)
        case FigureName.BY_BRANCH:
            rows = _SQL.count_members(connection, first=first, by_branch=True)
            groups = (*(code for code, _ in await read_branches(connection)), NO_BRANCH)
        case FigureName.JOINED:
            rows, groups = _SQL.joined(connection, first=first, last=today), WAYS
        case FigureName.LEFT:
            rows, groups = _SQL.left_union(connection, first=first), ENDS
        case _:
            rows, groups = _SQL.charged(connection, first=first), tuple(LineKind)
    unit = Unit.ORE if name is FigureName.DUES else Unit.MEMBERS
    counted = [
        Counted(
            row=f"{row['month']:%Y-%m}" if row["month"] else NOW,
            group=row["of"] or NO_BRANCH,
            members=row["members"],
            amount=row["amount_ore"] if unit is Unit.ORE else row["members"],
        )
        async for row in rows
    ]
    # Of a month in which nobody came there is something to tell; of one that was not charged, not.
    told = every if name in {FigureName.JOINED, FigureName.LEFT} else ()
    return figure(name, unit, groups, counted, rows=told)


async def _overdue(connection: Connection, today: date) -> Figure:
    """Sum up what members owe, by how long it has been overdue, as ``receivables`` does."""
    rows = _SQL.overdue(connection, today=today, ages=list(AGES))
    counted = [
        Counted(
            row=str(today),
            group=NOT_DUE if row["age"] is None else str(row["age"]),
            members=row["members"],
            amount=row["ore"],
        )
        async for row in rows
    ]
    groups = (NOT_DUE, *map(str, AGES))
    return figure(FigureName.ARREARS, Unit.ORE, groups, counted)


async def _ahead(pool: asyncpg.Pool, today: date) -> Figure:
    """Sum up what the next months charge if nobody does anything."""
    start = month_after(today)
    found = await budget(pool, start=start, months=MONTHS_AHEAD, today=today)
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in found.lines:
        total = sums[f"{line.month:%Y-%m}", str(line.kind)]
        total[0] += line.members
        total[1] += line.ore
    counted = [
        Counted(row=row, group=group, members=members, amount=ore)
        for (row, group), (members, ore) in sums.items()
    ]
    return figure(FigureName.BUDGET, Unit.ORE, tuple(LineKind), counted)
