"""Making deduction lists on PostgreSQL from a month's charges, set by set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.shared.quarantine import in_halves, reason_of
from activities.shared.tasks import open_task
from schemas.deduction.contracts import DeductionListsOrder, DeductionListsReport
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import bank_day_from, month_after, months_before

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

EMPLOYERS_AT_A_TIME = 100
"""A transaction of a few seconds, so that a restart repeats little."""

Connection = asyncpg.pool.PoolConnectionProxy


@dataclass(frozen=True)
class Listing:
    """A month whose lists are made.

    Attributes:
        since: the first month whose late charges come with this one's (A31).
        due_on: the day the employers' reports are due.
        left_out: members who can't be listed; each has a task.
    """

    period_from: date
    today: date
    since: date
    due_on: date
    left_out: tuple[str, ...] = ()


def report_due_on(period_from: date, rulebook: Rulebook) -> date:
    """Return the day an employer's report of a month is due, a bank day. Source: D5."""
    following = month_after(period_from)
    day = rulebook.policies_on(following).report_due_day
    return bank_day_from(following.replace(day=day))


async def prepare(
    connection: Connection, rulebook: Rulebook, order: DeductionListsOrder
) -> tuple[Listing, list[str]]:
    """Return the month to list, and the employers that need a list for it, in a fixed order."""
    month = order.period_from
    since = months_before(month, rulebook.policies_on(order.today).back_months)
    async with connection.transaction():
        await _SQL.add_employers(connection, period_from=month)
        absurd = [
            row["membership_id"]
            async for row in _SQL.find_implausible(connection, period_from=month, since=since)
        ]
        listing = Listing(month, order.today, since, report_due_on(month, rulebook), tuple(absurd))
        for member in absurd:
            await _ask_about_member(connection, listing, member, "an amount that can't be meant")
    found = _SQL.employers_without_list(connection, period_from=month, since=since)
    return listing, [row["orgnr"] async for row in found]


async def make_lists(
    connection: Connection, listing: Listing, orgnrs: Sequence[str]
) -> DeductionListsReport:
    """Make the lists of some employers; what is wrong with one keeps no other one back.

    Idempotent: the employers are locked first, and who has a list by then is left alone.
    """

    async def make(some: Sequence[str]) -> DeductionListsReport:
        async with connection.transaction():
            return await _make(connection, listing, some, listing.left_out)

    async def quarantine(orgnr: str, error: asyncpg.PostgresError) -> DeductionListsReport:
        # What the list itself can't be given, a number or a KID, no line is to blame for.
        if getattr(error, "table_name", None) != "deduction_lists":
            made = await _without_who_is_to_blame(connection, listing, orgnr)
            if made is not None:
                return made
        await _ask_about_employer(connection, listing, orgnr, error)
        return DeductionListsReport()

    return reduce(DeductionListsReport.plus, await in_halves(orgnrs, make, quarantine))


async def _make(
    connection: Connection, listing: Listing, orgnrs: Sequence[str], left_out: Sequence[str]
) -> DeductionListsReport:
    await _SQL.lock_employers(connection, orgnrs=list(orgnrs))
    made = await _SQL.make_lists(
        connection,
        orgnrs=list(orgnrs),
        period_from=listing.period_from,
        since=listing.since,
        made_on=listing.today,
        report_due_on=listing.due_on,
        left_out=list(left_out),
    )
    return DeductionListsReport(**made)


async def _without_who_is_to_blame(
    connection: Connection, listing: Listing, orgnr: str
) -> DeductionListsReport | None:
    """Make an employer's list without the members who can't stand on it, each with a task.

    Returns:
        What was made; None when it is nobody's line that is to blame.
    """
    period = {"period_from": listing.period_from, "since": listing.since}
    found = _SQL.members_of(connection, orgnr=orgnr, **period)
    members = [row["membership_id"] async for row in found]
    blamed: dict[str, str] = {}

    async def rehearse(some: Sequence[str]) -> None:
        others = set(members).difference(some)
        rehearsal = connection.transaction()
        await rehearsal.start()
        try:
            await _make(connection, listing, [orgnr], [*listing.left_out, *others])
        finally:
            await rehearsal.rollback()

    async def blame(member: str, error: asyncpg.PostgresError) -> None:
        blamed[member] = reason_of(error)

    await in_halves(members, rehearse, blame)
    if len(blamed) in {0, len(members)}:
        return None
    async with connection.transaction():
        made = await _make(connection, listing, [orgnr], [*listing.left_out, *blamed])
        for member, reason in blamed.items():
            await _ask_about_member(connection, listing, member, reason)
    return made


async def _ask_about_member(
    connection: Connection, listing: Listing, membership_id: str, reason: str
) -> None:
    month = f"{listing.period_from:%Y-%m}"
    await open_task(
        connection,
        key=f"list-quarantine/{membership_id}/{month}",
        kind="list_quarantine",
        says=f"The charges of {month} can't stand on a deduction list: {reason}. The list went "
        "without them: have them put right, or paid directly.",
        today=listing.today,
        membership_id=membership_id,
    )


async def _ask_about_employer(
    connection: Connection, listing: Listing, orgnr: str, error: asyncpg.PostgresError
) -> None:
    month = f"{listing.period_from:%Y-%m}"
    payer = await _SQL.payer_number_of(connection, orgnr=orgnr)
    await open_task(
        connection,
        key=f"list-quarantine/{payer}/{month}",
        kind="list_quarantine",
        says=f"The deduction list of payer {payer} for {month} can't be made: {reason_of(error)}. "
        "Put that right, and run the month again.",
        today=listing.today,
    )
