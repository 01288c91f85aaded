"""The year's statements on PostgreSQL, set by set."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import fetch_planned, load_queries, patiently
from activities.shared.paging import (
    bounds_of,
    even_pages,
    member_number,
    membership_of,
    numbers_of,
)
from activities.shared.quarantine import in_halves, reason_of
from activities.shared.tasks import close_task_of, open_task
from schemas.names import year_end_id
from schemas.statements.contracts import (
    YearEndOpening,
    YearEndPage,
    YearEndPageReport,
    YearEndPeriod,
    YearEndReport,
)
from schemas.statements.tax import TaxCap, UnknownCap, cap_of

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE_SIZE = 50_000
"""Member numbers a page: a few seconds' work, so that a restart repeats little. Each looks through
the money of the whole year: more pages cost more."""

Connection = asyncpg.pool.PoolConnectionProxy


class CapConfirmed(Exception):
    """A confirmed cap is not replaced by another one unless that is meant."""


async def open_year(connection: Connection, opening: YearEndOpening) -> YearEndPeriod:
    """Return the cap and the pages of a year; see ``StatementActivities.open_year_end``."""
    period = YearEndPeriod(year=opening.year, today=opening.today)
    if opening.today.year <= opening.year:
        return period.model_copy(update={"refused": f"{opening.year} is not over yet"})
    try:
        cap = await read_cap(connection, opening.year)
    except UnknownCap as unknown:
        return period.model_copy(update={"refused": str(unknown)})
    pages, size = await even_pages(connection, PAGE_SIZE)
    return period.model_copy(update={"cap": cap, "pages": pages, "page_size": size})


async def read_cap(connection: Connection, year: int) -> TaxCap:
    """Return the cap of a year.

    Raises:
        UnknownCap: nobody has set it.
    """
    return cap_of([TaxCap(**row) async for row in _SQL.read_caps(connection)], year)


async def write_cap(connection: Connection, cap: TaxCap, *, replace: bool = False) -> None:
    """Set the cap of a year.

    Raises:
        CapConfirmed: another one has been confirmed, and ``replace`` does not say that it goes.
    """
    known = [TaxCap(**row) async for row in _SQL.read_caps(connection) if row["year"] == cap.year]
    if known and known[0].confirmed and known[0].cap_ore != cap.cap_ore and not replace:
        raise CapConfirmed(
            f"the cap of {cap.year} is confirmed as {known[0].cap_ore / 100:.2f}; --replace puts "
            f"this in its place"
        )
    await _SQL.write_cap(connection, **cap.model_dump())


async def make_page(connection: Connection, page: YearEndPage) -> YearEndPageReport:
    """Make the statements of a page; see ``StatementActivities.make_year_end_page``."""

    async def make(members: Sequence[int]) -> YearEndPageReport:
        async with patiently(connection, replan=False):
            return await _make(connection, page, *bounds_of(members))

    async def quarantine(member: int, error: asyncpg.PostgresError) -> YearEndPageReport:
        await _ask(connection, page, member_number(member), error)
        return YearEndPageReport()

    done = await in_halves(numbers_of(page.first, page.page_size), make, quarantine)
    return reduce(YearEndPageReport.plus, done)


async def _make(
    connection: Connection, page: YearEndPage, first: str, last: str
) -> YearEndPageReport:
    done = await fetch_planned(
        connection,
        _SQL.make_page,
        year=page.year,
        cap_ore=page.cap.cap_ore,
        first=first,
        last=last,
        confirmed=page.cap.confirmed,
        today=page.today,
        batch=year_end_id(page.year),
    )
    return YearEndPageReport.model_validate(dict(done or {}))


async def _ask(
    connection: Connection, page: YearEndPage, number: str, error: asyncpg.PostgresError
) -> None:
    """Give a caseworker the task to look at a member who has no statement.

    Raises:
        asyncpg.PostgresError: there is no such member: it is the fault of no row.
    """
    member = await membership_of(connection, number)
    if member is None:
        raise error
    await open_task(
        connection,
        key=f"tax-quarantine/{page.year}/{member}/{page.today}",
        kind="tax_statement",
        says=f"the statement for {page.year} can't be made: {reason_of(error)}; put that right, "
        "then run the year end again",
        today=page.today,
        membership_id=member,
    )


async def ask_for_report(connection: Connection, year: int, today: date) -> None:
    """Open a task while the tax authority has been told otherwise than the statements say (X3)."""
    behind = await _SQL.find_behind(connection, year=year)
    if behind is not None and behind["lines"]:
        await open_task(
            connection,
            key=f"tax-report/{year}/{behind['number']}",
            kind="tax_statement",
            says=f"the tax authority was told otherwise of {year}: see `medlemsflyt tax-report "
            f"{year}`, make the file with `medlemsflyt tax-report {year} --xml FILE`, deliver it",
            today=today,
        )


KEPT_YEARS = 3
"""How long a member can change a return: what comes later of a year changes no tax."""


async def ask_about_late(connection: Connection, year: int, today: date) -> None:
    """Open tasks about years of which the returns have been settled.

    A year before the last one is not run by any schedule: what has changed since is asked about.
    One that was run again has changed statements that members have filed by.

    Source: X4.
    """
    key = f"tax-outdated/{year}"
    await close_task_of(connection, key, today=today, by="year_end", note="it has been run again")
    last = today.year - 2
    first = last + 1 - KEPT_YEARS
    runs = [year_end_id(one) for one in range(first, last + 1)]
    outdated = _SQL.find_outdated(connection, first=first, runs=runs)
    for row in [row async for row in outdated]:
        if row["year"] != year:
            await open_task(
                connection,
                key=f"tax-outdated/{row['year']}",
                kind="tax_statement",
                says=f"money of {row['year']} was placed, deducted or taken back since its "
                f"statements were made, of {row['members']} members: run `medlemsflyt year-end "
                f"{row['year']}`",
                today=today,
            )
    changed = await _SQL.count_changed_late(connection, year=year, today=today)
    if year <= last and changed:
        await open_task(
            connection,
            key=f"tax-late/{year}/{today}",
            kind="tax_statement",
            says=f"{changed} statements of {year} were made anew on {today}, after the returns of "
            "that year: these members change their own returns, within three years. Answer who "
            f"asks, and tell the tax authority with `medlemsflyt tax-report {year} --xml FILE`",
            today=today,
        )


async def report_year(connection: Connection, year: int, cap: TaxCap) -> YearEndReport:
    """Sum up the statements of a year, each in its latest version."""
    sums: dict[str, Any] = dict(await _SQL.read_sums(connection, year=year))
    return YearEndReport(year=year, cap=cap, **sums)


async def rehearse(connection: Connection, year: int) -> YearEndReport:
    """Return what the statements of a year would be as of now; nothing is written.

    Raises:
        UnknownCap: the year has no cap.
    """
    cap = await read_cap(connection, year)
    sums = dict(await _SQL.rehearse(connection, year=year, cap_ore=cap.cap_ore))
    return YearEndReport(year=year, cap=cap, **sums)


async def read_report(connection: Connection, year: int) -> list[dict[str, Any]]:
    """Return what the tax authority is told of a year, in the order of the member numbers."""
    return [dict(row) async for row in _SQL.read_report(connection, year=year)]


REPORT_BASIS = (
    "reported of the union's own accord, for the deduction of skatteloven § 6-20: the member was "
    "told, may object, and has not"
)


async def log_report(
    connection: Connection, year: int, rows: list[dict[str, Any]], today: date
) -> None:
    """Log that the tax authority was told of members, and by what right (R2)."""
    await _SQL.log_report(
        connection,
        memberships=[row["membership_id"] for row in rows],
        versions=[row["version"] for row in rows],
        year=year,
        basis=REPORT_BASIS,
        disclosed_on=today,
    )
