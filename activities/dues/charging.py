"""The dues run on PostgreSQL: what is due is read from the terms, never decided anew."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import reduce
from pathlib import Path

import asyncpg

from activities.database.pool import fetch_planned, load_queries, patiently
from activities.dues import building
from activities.payments.booking import apply_credits, use_suspense
from activities.shared.errors import NumbersHeld
from activities.shared.paging import bounds_of, member_number, numbers_of, pages_of_members
from activities.shared.quarantine import in_halves, reason_of
from schemas.dues.contracts import DuesOpening, DuesPage, DuesPageReport, DuesPeriod, DuesReport
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import bank_day_from, first_day_of_period, month_after, months_before

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


class Implausible(ValueError):
    """A month that nobody means to charge today."""


def due_on(charged_on: date, rulebook: Rulebook) -> date:
    """Return the due date of invoices issued on a day: a bank day. Source: P2, A35."""
    days = rulebook.policies_on(charged_on).payment_days
    return bank_day_from(charged_on + timedelta(days=days))


def plan_run(opening: DuesOpening, rulebook: Rulebook) -> DuesPeriod:
    """Return the dates of a run for a month.

    Args:
        opening: the month, and today.
        rulebook: with the policies in force today.

    Raises:
        Implausible: the month lies further ahead than the next one, or so far back that what
            it lacks could no longer be corrected either.

    Source: A31, P2.
    """
    period_from, today = first_day_of_period(opening.period), opening.today
    back = rulebook.policies_on(today).back_months
    earliest, latest = months_before(today, back), month_after(today)
    if not earliest <= period_from <= latest:
        raise Implausible(
            f"period: {opening.period} is not charged on {today}; "
            f"name a month from {earliest:%Y-%m} to {latest:%Y-%m}"
        )
    return DuesPeriod(
        period_from=period_from,
        charged_on=today,
        due_on=due_on(today, rulebook),
        # One more: a change that was recorded after last month's run reached back from then.
        since=months_before(period_from, back + 1),
        page_size=opening.page_size,
    )


async def open_run(connection: Connection, rulebook: Rulebook, opening: DuesOpening) -> DuesPeriod:
    """Set the dates of a run for a month, and split it into pages.

    Raises:
        Implausible: see ``plan_run``.
        NumbersHeld: the database has lost numbers; retried until it is said what was restored.
    """
    planned = plan_run(opening, rulebook)
    if await _SQL.are_numbers_held(connection):
        raise NumbersHeld
    await _SQL.open_run(
        connection,
        period_from=planned.period_from,
        charged_on=planned.charged_on,
        due_on=planned.due_on,
    )
    before = await _SQL.count_month(connection, period_from=planned.period_from)
    pages = await pages_of_members(connection, opening.page_size)
    run = planned.model_copy(
        update={
            "pages": pages,
            "built": await building.may_be_built(connection, planned.period_from, pages),
            "charges_before": before["charges"],
            "invoices_before": before["invoices"],
        }
    )
    if run.built:
        await building.open_building(connection, run)
    return run


async def charge_page(connection: Connection, page: DuesPage) -> DuesPageReport:
    """Charge the members of a page, or build that; see ``DuesActivities.charge_dues_page``.

    Whose terms were changed has been marked by the trigger ``mark_for_reassessment``: their earlier
    months are compared, corrected, and the mark is taken away. An invoice whose lines are not its
    total is refused by ``check_invoice_totals``.
    """
    run = page.run

    async def charge(members: Sequence[int]) -> DuesPageReport:
        return await _charge(connection, run, *bounds_of(members))

    async def quarantine(member: int, error: asyncpg.PostgresError) -> DuesPageReport:
        return await _set_aside(connection, run, member_number(member), error)

    done = DuesPageReport()
    for members in await building.unbuilt(connection, page):
        done = reduce(DuesPageReport.plus, await in_halves(members, charge, quarantine), done)
    return done


async def attach_run(pool: asyncpg.Pool, run: DuesPeriod) -> DuesPageReport:
    """Attach the month that was built, and do what follows; see ``DuesActivities``."""
    attached = await building.attach(pool, run)
    done = DuesPageReport()
    async with pool.acquire() as connection:
        for first in run.pages:
            members = numbers_of(first, run.page_size)
            if attached and not await building.is_left_over(connection, members):
                done = done.plus(await _use_money(connection, run, members))
            else:
                page = DuesPage(run=run, first=first)
                done = done.plus(await charge_page(connection, page))
        if attached:
            await building.close_building(connection)
    return done


async def _use_money(
    connection: Connection, run: DuesPeriod, members: Sequence[int]
) -> DuesPageReport:
    """Use what members have with us for the invoices that have come with a month."""

    async def use(members: Sequence[int]) -> DuesPageReport:
        first, last = bounds_of(members)
        async with patiently(connection, replan=False):
            await apply_credits(connection, first, last, run.charged_on)
            await use_suspense(connection, first, last, run.charged_on)
        return DuesPageReport()

    async def quarantine(member: int, error: asyncpg.PostgresError) -> DuesPageReport:
        return await _set_aside(connection, run, member_number(member), error)

    return reduce(DuesPageReport.plus, await in_halves(members, use, quarantine))


async def _charge(connection: Connection, run: DuesPeriod, first: str, last: str) -> DuesPageReport:
    """Charge some members with all that follows, or none of them."""
    async with patiently(connection, replan=False):
        being_built = await building.is_being_built(connection, run)
        done = await fetch_planned(
            connection,
            _SQL.charge_page,
            period_from=run.period_from,
            since=run.since,
            first=first,
            last=last,
            charged_on=run.charged_on,
            due_on=run.due_on,
            building=being_built,
        )
        if not being_built:
            await apply_credits(connection, first, last, run.charged_on)
            await use_suspense(connection, first, last, run.charged_on)
        await _keep_tasks(connection, run, first, last)
    return DuesPageReport.model_validate(dict(done or {}))


async def _set_aside(
    connection: Connection, run: DuesPeriod, member: str, error: asyncpg.PostgresError
) -> DuesPageReport:
    """Note that a member can't be charged.

    Raises:
        asyncpg.PostgresError: there is no such member: it is the fault of no row.
    """
    async with connection.transaction():
        if not await _SQL.quarantine(
            connection,
            period_from=run.period_from,
            member_number=member,
            reason=reason_of(error),
        ):
            raise error
        await _keep_tasks(connection, run, member, member)
    return DuesPageReport(quarantined=1)


async def _keep_tasks(connection: Connection, run: DuesPeriod, first: str, last: str) -> None:
    await _SQL.keep_tasks(
        connection, period_from=run.period_from, first=first, last=last, today=run.charged_on
    )


async def report_run(connection: Connection, run: DuesPeriod) -> DuesReport:
    """Sum up what a month has been charged with."""
    return await _summed_up(connection, run, rehearsing=False)


async def rehearse(connection: Connection, rulebook: Rulebook, opening: DuesOpening) -> DuesReport:
    """Return what a run would leave a month charged with; nothing is written.

    Raises:
        Implausible: see ``plan_run``.
    """
    planned = plan_run(opening, rulebook)
    before = await _SQL.count_month(connection, period_from=planned.period_from)
    run = planned.model_copy(
        update={
            "charges_before": before["charges"],
            "invoices_before": before["invoices"],
        }
    )
    return await _summed_up(connection, run, rehearsing=True)


async def _summed_up(connection: Connection, run: DuesPeriod, *, rehearsing: bool) -> DuesReport:
    async with patiently(connection):
        found = await _SQL.sum_up(
            connection,
            period_from=run.period_from,
            previous=months_before(run.period_from, 1),
            since=run.since,
            rehearsing=rehearsing,
        )
    return DuesReport(
        period=f"{run.period_from:%Y-%m}",
        charged_on=run.charged_on,
        due_on=run.due_on,
        new_charges=found["charges"] - run.charges_before,
        new_invoices=found["invoices"] - run.invoices_before,
        **found,
    )
