"""Arrears on PostgreSQL: what is due on a day is worked out and written set by set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from activities.database import load_queries
from activities.matters.tasks import open_task
from schemas.arrears import ArrearsCounts, ArrearsDay, ArrearsPage, ArrearsPlan, ArrearsReport
from schemas.rulebook import Policies, Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "arrears.sql")

PAGE_SIZE = 20_000
"""Member numbers a page: a few seconds' work."""

Connection = asyncpg.pool.PoolConnectionProxy


async def plan(connection: Connection) -> ArrearsPlan:
    """Split all members into pages."""
    last = await _SQL.last_member(connection)
    firsts = range(1, last + 1, PAGE_SIZE)
    return ArrearsPlan(pages=tuple(f"{first:08d}" for first in firsts), page_size=PAGE_SIZE)


@asynccontextmanager
async def round_of(
    connection: Connection, page: ArrearsPage, policies: Policies
) -> AsyncIterator[ArrearsCounts]:
    """Work out what is due on a page, in a transaction that ends with the block.

    Yields:
        What is due. The table ``arrears_round`` holds it, row by row.
    """
    async with connection.transaction():
        await _SQL.open_round(
            connection,
            first=page.first,
            last=_last(page),
            today=page.today,
            first_days=policies.first_reminder_days,
            second_days=policies.second_reminder_days,
            task_months=policies.arrears_task_months,
            struck_off_months=policies.struck_off_months,
            warning_days=policies.warning_days,
        )
        yield ArrearsCounts(**await _SQL.count_round(connection))


async def pursue(connection: Connection, page: ArrearsPage, rulebook: Rulebook) -> ArrearsCounts:
    """Take the steps that are due on a page; whoever can't be pursued stops nobody (invariant 9).

    A page that the database refuses is tried in halves, down to the one member it is about.
    """
    try:
        return await _take(connection, page, rulebook.policies_on(page.today))
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        if page.page_size == 1:
            await _quarantine(connection, page, type(error).__name__)
            return ArrearsCounts(quarantined=1)
    half = page.page_size // 2
    middle = f"{int(page.first) + half:08d}"
    rest = page.page_size - half
    lower = page.model_copy(update={"page_size": half})
    upper = page.model_copy(update={"first": middle, "page_size": rest})
    counts = await pursue(connection, lower, rulebook)
    return counts.plus(await pursue(connection, upper, rulebook))


async def _take(connection: Connection, page: ArrearsPage, policies: Policies) -> ArrearsCounts:
    async with round_of(connection, page, policies) as counts:
        await _SQL.take_steps(
            connection,
            today=page.today,
            batch=f"arrears-{page.today}",
            struck_off_months=policies.struck_off_months,
            warning_days=policies.warning_days,
        )
        await _SQL.close_settled(connection, first=page.first, last=_last(page), today=page.today)
    return counts


async def _quarantine(connection: Connection, page: ArrearsPage, reason: str) -> None:
    async with connection.transaction():
        member = await _SQL.find_member(connection, member_number=page.first)
        await open_task(
            connection,
            key=f"arrears-quarantine/{member}/{page.today:%Y-%m}",
            kind="arrears_quarantine",
            says=f"What is overdue could not be pursued ({reason}). Nobody was written to.",
            today=page.today,
            membership_id=member,
        )


async def to_be_struck_off(
    connection: Connection, page: ArrearsPage, rulebook: Rulebook
) -> list[tuple[str, int, int]]:
    """Return whom a page has to strike off: membership id, øre and months owed."""
    async with round_of(connection, page, rulebook.policies_on(page.today)):
        rows = [row async for row in _SQL.list_struck_off(connection)]
    return [(row["membership_id"], row["owed_ore"], row["owed_months"]) for row in rows]


async def rehearse(connection: Connection, day: ArrearsDay, rulebook: Rulebook) -> ArrearsReport:
    """Return what a run would do; nothing is written."""
    counts = ArrearsCounts()
    pages = await plan(connection)
    for first in pages.pages:
        page = ArrearsPage(today=day.today, first=first, page_size=pages.page_size)
        async with round_of(connection, page, rulebook.policies_on(day.today)) as due:
            counts = counts.plus(due)
    back = [row async for row in _SQL.open_reinstatements(connection)]
    return ArrearsReport(today=day.today, counts=counts, reinstated=len(back))


def _last(page: ArrearsPage) -> str:
    return f"{int(page.first) + page.page_size - 1:08d}"
