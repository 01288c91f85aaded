"""A whole register read from the database: page by page, worked out on all cores."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from pydantic import ValidationError

from activities.database.pool import load_queries
from activities.pricing.planning import processes
from activities.shared.processes import cores
from schemas.membership.situation import Facts
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.register.columns import TABLES, row_of
from schemas.register.exported import ExportReport, NotExported
from schemas.register.kept import Kept, Named, exported
from schemas.register.member import RegisterInvoice
from schemas.shared.calendar import month_after
from schemas.shared.vocabulary import Cadence, Language, LineKind

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE_SIZE = 500
"""Members read at a time: a fraction of a second's work."""

Connection = asyncpg.pool.PoolConnectionProxy

Row = Mapping[str, Any]

Cells = list[str]

Write = Callable[[str, Sequence[str]], object]
"""Takes the name of a table and a row of it."""


class Page(NamedTuple):
    """A page of members as it is written.

    Attributes:
        tables: the rows of each.
        coming_changes: how many of theirs have no column.
    """

    tables: dict[str, list[Cells]]
    coming_changes: int
    not_exported: list[NotExported]


async def first_month_elsewhere(connection: Connection, on: date) -> date:
    """Return the first month that begins after a day, and can be charged elsewhere for everybody.

    Those before it have been charged here, or by the system that members came from: until then
    nobody of theirs has a payer here.
    """
    charged: date | None = await _SQL.last_month_charged(connection)
    return max(month_after(on), month_after(charged) if charged is not None else on)


async def export(
    connection: Connection,
    rulebook: Rulebook,
    month: date,
    on: date,
    write: Write,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> ExportReport:
    """Write every member of a month as the rows of a register, by member number.

    Args:
        connection: of the caller, in a transaction that sees one moment.
        rulebook: as it is.
        month: the first day of the first month that is to be charged elsewhere.
        on: the business date.
        write: takes each row, the members' before those that belong to them.
        progress: told how many members are done with, of about how many.
    """
    members = await _SQL.count_members_to_export(connection)
    report = ExportReport(month=f"{month:%Y-%m}")
    done = 0
    async for size, page in _pages(connection, rulebook, month, on, members):
        for name, rows in page.tables.items():
            for cells in rows:
                write(name, cells)
        report = _with(report, page)
        done += size
        progress(done, members)
    return report


def _with(report: ExportReport, page: Page) -> ExportReport:
    counts = {name: getattr(report, name) + len(rows) for name, rows in page.tables.items()}
    return report.model_copy(
        update={
            **counts,
            "coming_changes": report.coming_changes + page.coming_changes,
            "not_exported": (*report.not_exported, *page.not_exported),
        }
    )


async def _pages(
    connection: Connection, rulebook: Rulebook, month: date, on: date, members: int
) -> AsyncIterator[tuple[int, Page]]:
    """Yield the pages in their order, each with how many members were read for it."""
    loop = asyncio.get_running_loop()
    work = partial(rows_of_page, rulebook=rulebook, month=month, on=on)
    with processes(members) as pool:
        under_way: deque[tuple[int, asyncio.Future[Page]]] = deque()
        async for rows in _read(connection, month):
            under_way.append((len(rows), loop.run_in_executor(pool, work, rows)))
            if len(under_way) > 2 * cores():
                size, page = under_way.popleft()
                yield size, await page
        while under_way:
            size, page = under_way.popleft()
            yield size, await page


async def _read(connection: Connection, month: date) -> AsyncIterator[list[dict[str, Any]]]:
    after = ""
    while True:
        found = _SQL.read_members_to_export(connection, after=after, size=PAGE_SIZE, month=month)
        rows = [dict(row) async for row in found]
        if not rows:
            return
        after = rows[-1]["member_number"]
        yield rows


def rows_of_page(rows: Sequence[Row], *, rulebook: Rulebook, month: date, on: date) -> Page:
    """Return a page of members as rows of text; one who can't be written stops nobody."""
    page = Page({table.name: [] for table in TABLES}, 0, [])
    changes = 0
    for row in rows:
        try:
            found = exported(kept_of(row), rulebook, month, on)
        except (NotInForce, ValidationError, ValueError, ArithmeticError, TypeError) as error:
            # Neither the text nor the facts go on: they hold a birth date.
            reason = str(error) if isinstance(error, NotInForce) else type(error).__name__
            page.not_exported.append(NotExported(member_number=row["member_number"], reason=reason))
            continue
        if found is None:
            continue
        changes += found.coming_changes
        belonging = (found.member.employments, found.member.invoices)
        for table, models in zip(TABLES, ((found.member,), *belonging), strict=True):
            page.tables[table.name] += [row_of(model, table) for model in models]
    return page._replace(coming_changes=changes)


def kept_of(row: Row) -> Kept:
    """Return a member as the database has it."""
    address = row["address"] or {}
    person = {
        "name": row["name"],
        "national_id": row["national_id"],
        "email": row["email"],
        "phone": row["phone"],
        "language": Language(row["language"]),
        **{
            part: address.get(part)
            for part in ("care_of", "line1", "line2", "postcode", "city", "country")
        },
    }
    return Kept(
        member_number=row["member_number"],
        member_since=row["member_since"],
        person=person,
        facts=Facts.model_validate_json(row["facts"]),
        named=dict(_named(row)),
        insurance_event=row["insurance_event"],
        insurance_on=row["insurance_on"],
        reserved_at_once=row["reserved_at_once"],
        told_insurance=row["told_insurance"],
        told_insurance_on=row["told_insurance_on"],
        fee_charged=row["fee_charged"],
        balance_ore=row["balance_ore"],
        invoices=tuple(_invoice(row["member_number"], bill) for bill in row["invoices"]),
    )


def _named(row: Row) -> Iterator[tuple[str | None, Named]]:
    """Yield what employers are called, the present one's last: it has the last word."""
    for job in [*reversed(row["other_jobs"] or []), row["first_job"]]:
        if job is not None:
            yield job.get("employer_orgnr"), (job.get("employer_name"), job.get("position"))
    if row["employer_orgnr"] is not None or row["employer_name"] is not None:
        yield row["employer_orgnr"], (row["employer_name"], row["position"])


_STEPS = {
    "first_reminder": "first_reminder_on",
    "second_reminder": "second_reminder_on",
    "warning": "warned_on",
}
"""Which column tells of which step of the arrears ladder."""


def _invoice(number: str, bill: Mapping[str, Any]) -> RegisterInvoice:
    # What an employer did not deduct is invoiced without charges of its own: it is dues.
    lines = bill["lines"] or {LineKind.CENTRAL_DUES: bill["total_ore"]}
    steps = {
        column: date.fromisoformat(bill["steps"][step]) if step in bill["steps"] else None
        for step, column in _STEPS.items()
    }
    told: dict[str, Any] = {
        "member": number,
        "invoice": bill["invoice"],
        "kid": bill["kid"],
        "period": date.fromisoformat(bill["period"]),
        "cadence": Cadence(bill["cadence"] or Cadence.MONTHLY),
        "issued_on": date.fromisoformat(bill["issued_on"]),
        "due_on": date.fromisoformat(bill["due_on"]),
        "central_ore": lines.get(LineKind.CENTRAL_DUES, 0),
        "local_ore": lines.get(LineKind.LOCAL_DUES, 0),
        "premium_ore": lines.get(LineKind.INSURANCE_PREMIUM, 0),
        "correction_ore": lines.get(LineKind.CORRECTION, 0),
        "paid_ore": bill["total_ore"] - bill["open_ore"],
    }
    return RegisterInvoice.model_construct(**told | steps)
