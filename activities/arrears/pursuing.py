"""Arrears on PostgreSQL: what is due on a day is worked out and written set by set."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import reduce
from pathlib import Path

import asyncpg

from activities.arrears import overdue
from activities.database.pool import fetch_planned, load_queries, patiently
from activities.shared.paging import (
    bounds_of,
    even_pages,
    member_number,
    membership_of,
    numbers_of,
)
from activities.shared.quarantine import in_halves, reason_of
from activities.shared.tasks import open_task
from schemas.arrears.contracts import (
    ArrearsCounts,
    ArrearsDay,
    ArrearsPage,
    ArrearsPlan,
    ArrearsReport,
)
from schemas.names import arrears_run_id
from schemas.pricing.rulebook import Policies, Rulebook
from schemas.shared.calendar import bank_day_from

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE_SIZE = 20_000
"""Member numbers a page: a second's work, so that two at once end together."""

Connection = asyncpg.pool.PoolConnectionProxy


async def plan(connection: Connection) -> ArrearsPlan:
    """Split all members into pages."""
    pages, size = await even_pages(connection, PAGE_SIZE)
    return ArrearsPlan(pages=pages, page_size=size)


async def recover(connection: Connection, day: ArrearsDay, policies: Policies) -> None:
    """Invoice what was paid back and then taken back by the bank; again: nothing.

    Args:
        connection: outside a transaction.
        day: of the run, whose letters these are among.
        policies: in force on the day.

    Source: P8.
    """
    async with patiently(connection):
        await _SQL.recover_overdrawn(
            connection,
            today=day.today,
            due_on=bank_day_from(day.today + timedelta(days=policies.payment_days)),
            batch=arrears_run_id(day.today),
        )


@asynccontextmanager
async def round_of(
    connection: Connection, page: ArrearsPage, policies: Policies, *, only_warned: bool = False
) -> AsyncIterator[ArrearsCounts]:
    """Work out what is due on a page, in a transaction that ends with the block.

    Args:
        connection: outside a transaction.
        page: whose arrears.
        policies: in force on the day.
        only_warned: leave out all who can't be struck off.

    Yields:
        What is due. The table ``arrears_round`` holds it, row by row.
    """
    async with patiently(connection, replan=False):
        await _work_out(connection, page, policies, only_warned=only_warned)
        steps = {row["step"]: row["counted"] async for row in _SQL.count_steps(connection)}
        yield ArrearsCounts.model_validate({**steps, **await _SQL.count_round(connection)})


async def _work_out(
    connection: Connection, page: ArrearsPage, policies: Policies, *, only_warned: bool
) -> None:
    await fetch_planned(
        connection,
        _SQL.open_round,
        first=page.first,
        last=_last(page),
        today=page.today,
        grace_days=policies.plan_grace_days,
        only_warned=only_warned,
        listed_before=(await overdue.read_watch(connection)).listed_before,
        # The ladder names the policies that say when.
        limits=policies.model_dump(mode="json"),
    )


async def pursue(connection: Connection, page: ArrearsPage, rulebook: Rulebook) -> ArrearsCounts:
    """Take the steps that are due on a page; who can't be pursued stops nobody (invariant 9)."""
    policies = rulebook.policies_on(page.today)

    async def take(members: Sequence[int]) -> ArrearsCounts:
        return await _take(connection, _part(page, members), policies)

    async def quarantine(member: int, error: asyncpg.PostgresError) -> ArrearsCounts:
        await _quarantine(connection, _part(page, [member]), error)
        return ArrearsCounts(quarantined=1)

    return reduce(ArrearsCounts.plus, await in_halves(_members(page), take, quarantine))


def _members(page: ArrearsPage) -> range:
    """Return the member numbers of a page."""
    return numbers_of(page.first, page.page_size)


def _part(page: ArrearsPage, members: Sequence[int]) -> ArrearsPage:
    return page.model_copy(update={"first": member_number(members[0]), "page_size": len(members)})


async def _take(connection: Connection, page: ArrearsPage, policies: Policies) -> ArrearsCounts:
    """Take the steps of some members, tell of plans and overpayments, or do none of it."""
    # What it was due on has passed: as long as a new invoice leaves.
    pay_by = bank_day_from(page.today + timedelta(days=policies.payment_days))
    async with round_of(connection, page, policies) as counts:
        await _SQL.take_steps(
            connection,
            today=page.today,
            batch=arrears_run_id(page.today),
            struck_off_months=policies.struck_off_months,
            warning_days=policies.warning_days,
            pay_by=pay_by,
        )
        await _SQL.tell_of_plans(
            connection,
            first=page.first,
            last=_last(page),
            today=page.today,
            grace_days=policies.plan_grace_days,
            pay_by=pay_by,
            batch=arrears_run_id(page.today),
        )
        await _SQL.tell_of_overpayments(
            connection,
            first=page.first,
            last=_last(page),
            today=page.today,
            batch=arrears_run_id(page.today),
        )
        await _settle_finally(connection, page, policies)
        await _SQL.close_settled(connection, first=page.first, last=_last(page), today=page.today)
        await _SQL.reopen_unsettled(connection, today=page.today)
    return counts


async def _settle_finally(connection: Connection, page: ArrearsPage, policies: Policies) -> None:
    """Ask for accounts whoever has money with us that no invoice will use. Source: A37."""
    who = {"first": page.first, "last": _last(page), "today": page.today}
    least = {"least_ore": policies.payout_least_ore}
    await _SQL.close_final_settlements(connection, **who, **least)
    batch = arrears_run_id(page.today)
    answer = {"answer_days": policies.payout_answer_days}
    await _SQL.open_final_settlements(connection, **who, **least, **answer, batch=batch)
    await _SQL.remind_of_settlements(connection, **who, **answer)


async def _quarantine(
    connection: Connection, page: ArrearsPage, error: asyncpg.PostgresError
) -> None:
    """Give a caseworker the task to look at a member who can't be pursued.

    Raises:
        asyncpg.PostgresError: there is no such member: it is the fault of no row.
    """
    async with connection.transaction():
        member = await membership_of(connection, page.first)
        if member is None:
            raise error
        await open_task(
            connection,
            key=f"arrears-quarantine/{member}/{page.today:%Y-%m}",
            kind="arrears_quarantine",
            says=f"What is overdue could not be pursued: {reason_of(error)}. Nobody was "
            "written to.",
            today=page.today,
            membership_id=member,
        )


async def to_be_struck_off(
    connection: Connection, page: ArrearsPage, rulebook: Rulebook
) -> list[tuple[str, int, int]]:
    """Return whom a page has to strike off: membership id, øre and months owed."""
    policies = rulebook.policies_on(page.today)

    async def find(members: Sequence[int]) -> list[tuple[str, int, int]]:
        part = _part(page, members)
        async with round_of(connection, part, policies, only_warned=True):
            rows = [row async for row in _SQL.list_struck_off(connection)]
        return [(row["membership_id"], row["owed_ore"], row["owed_months"]) for row in rows]

    async def nobody(_member: int, _error: asyncpg.PostgresError) -> list[tuple[str, int, int]]:
        return []  # a task since the page was pursued

    return [one for found in await in_halves(_members(page), find, nobody) for one in found]


async def why_not_struck_off(
    connection: Connection, member_number: str, membership_id: str, today: date, policies: Policies
) -> str | None:
    """Return why a member may not be struck off on a day; None: it is due.

    Args:
        connection: in the transaction that strikes off.
        member_number, membership_id: whose.
        today: the business date.
        policies: in force then.

    Source: A30, worked out as the run does: more months than the limit, and the time that a
    warning leaves is over.
    """
    page = ArrearsPage(today=today, first=member_number, page_size=1)
    async with connection.transaction():
        await _work_out(connection, page, policies, only_warned=True)
        due = await _SQL.find_struck_off(connection, membership_id=membership_id)
    if due is not None:
        return None
    return (
        f"not confirmed: by the books nobody is to be struck off on {today}; that takes more than "
        f"{policies.struck_off_months} months overdue, and {policies.warning_days} days since the "
        "warning (A30)"
    )


async def rehearse(connection: Connection, day: ArrearsDay, rulebook: Rulebook) -> ArrearsReport:
    """Return what a run would do; nothing is written."""
    counts = ArrearsCounts()
    pages = await plan(connection)
    policies = rulebook.policies_on(day.today)
    for first in pages.pages:
        page = ArrearsPage(today=day.today, first=first, page_size=pages.page_size)
        counts = counts.plus(await _due(connection, page, policies))
    back = [row async for row in _SQL.open_reinstatements(connection)]
    return ArrearsReport(today=day.today, counts=counts, reinstated=len(back))


async def _due(connection: Connection, page: ArrearsPage, policies: Policies) -> ArrearsCounts:
    async def count(members: Sequence[int]) -> ArrearsCounts:
        async with round_of(connection, _part(page, members), policies) as due:
            return due

    async def quarantine(_member: int, _error: asyncpg.PostgresError) -> ArrearsCounts:
        return ArrearsCounts(quarantined=1)

    return reduce(ArrearsCounts.plus, await in_halves(_members(page), count, quarantine))


def _last(page: ArrearsPage) -> str:
    return bounds_of(_members(page))[1]
