"""Making the file of a month: once, and again the same (S9, R2, R3)."""

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.letters.gate import INSURANCE_BASIS
from schemas.insurance.contracts import (
    CoverTotal,
    FileReport,
    Insured,
    Line,
    OfficeFile,
    Told,
)
from schemas.insurance.cover import cover_of, coverages_in, in_month, news_of, told_after
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import day_before, month_after

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

FILE_BASIS = (
    f"{INSURANCE_BASIS}; number, birth date and cover in the insurance office's file of the month"
)


class NotMade(Exception):
    """A month has no file, and can't have one; the text says why."""


async def make_file(
    connection: Connection, period_from: date, rulebook: Rulebook, today: date
) -> tuple[OfficeFile, FileReport]:
    """Make the file of a month, or return the one that was made; the caller commits it.

    Idempotent: the month is its business key. Whoever calls without committing tries it only.

    Args:
        connection: in a transaction.
        period_from: the first day of the month.
        rulebook: with the coverages.
        today: the business date.

    Raises:
        NotMade: a later month has its file, or the month has not begun.

    Source: S6, S9, A17, A21, A39, R2, invariant 6.
    """
    await _SQL.lock_office_files(connection)
    known = await find_file(connection, period_from)
    if known is not None:
        return known
    latest = await _SQL.latest_office_file(connection)
    if latest is not None and latest > period_from:
        raise NotMade(
            f"the file of {latest:%Y-%m} is made already: what came late is in the next one"
        )
    if period_from > today:
        raise NotMade(f"{period_from:%Y-%m} has not begun")
    return await _make(connection, period_from, rulebook, today)


async def was_made(connection: Connection, period_from: date) -> bool:
    """Tell whether a month has its file, also where what stood in it is forgotten."""
    return await _SQL.read_office_file(connection, period_from=period_from) is not None


async def find_file(
    connection: Connection, period_from: date
) -> tuple[OfficeFile, FileReport] | None:
    """Return the file that was made for a month, or None.

    Raises:
        NotMade: it was, so long ago that what stood in it is forgotten.
    """
    row = await _SQL.read_office_file(connection, period_from=period_from)
    if row is None:
        return None
    if row["content"] is None:
        raise NotMade(f"what stood in the file of {period_from:%Y-%m} is forgotten")
    report = FileReport.model_validate_json(row["report"])
    file = OfficeFile.model_validate_json(row["content"])
    return file, report.model_copy(update={"file_id": row["file_id"], "made_now": False})


async def _make(
    connection: Connection, first: date, rulebook: Rulebook, today: date
) -> tuple[OfficeFile, FileReport]:
    last = day_before(month_after(first))
    lines: list[Line] = []
    told: dict[str, str] = {}
    totals: Counter[tuple[str, ...]] = Counter()
    premiums: Counter[tuple[str, ...]] = Counter()
    async for insured, _ in insured_in(connection, first, last):
        news = news_of(insured, rulebook, first, last)
        if news:
            lines += news
            told[insured.membership_id] = told_after(insured, rulebook, last).model_dump_json()
        cover = in_month(cover_of(insured, rulebook, last), first, last)
        if cover:
            totals[cover] += 1
            premiums[cover] += insured.premium_ore
    file = OfficeFile(
        period=f"{first:%Y-%m}",
        made_on=today,
        coverages=coverages_in(rulebook),
        totals=tuple(
            CoverTotal(coverages=cover, members=totals[cover], premium_ore=premiums[cover])
            for cover in sorted(totals, key=lambda cover: (-len(cover), cover))
        ),
        lines=tuple(lines),
    )
    return file, await _keep(connection, file, first, told, today)


async def insured_in(
    connection: Connection, first: date, last: date
) -> AsyncIterator[tuple[Insured, str]]:
    """Yield whom the package concerns in a month, each with our own number of the member."""
    async for row in _SQL.read_insured(connection, month=first, last=last):
        yield _insured(row), row["member_number"].strip()


def _insured(row: asyncpg.Record) -> Insured:
    told = row["told"]
    return Insured(
        membership_id=row["membership_id"],
        number=row["number"].strip(),
        birth_date=row["birth_date"],
        paid=json.loads(row["paid"] or "[]"),
        covered_from=row["covered_from"],
        reserved_from=row["reserved_from"],
        ended_on=row["ended_on"],
        premium_ore=row["premium_ore"],
        told=None if told is None else Told.model_validate_json(told),
    )


async def _keep(
    connection: Connection, file: OfficeFile, first: date, told: dict[str, str], today: date
) -> FileReport:
    content = file.model_dump_json().encode()
    report = FileReport(
        period=file.period,
        made_on=today,
        file_id=hashlib.sha256(content).hexdigest(),
        members=file.members,
        premium_ore=file.premium_ore,
        totals=file.totals,
        lines=dict(Counter(line.change for line in file.lines)),
    )
    plain: dict[str, Any] = report.model_dump(mode="json")
    await _SQL.write_office_file(
        connection,
        period_from=first,
        made_on=today,
        file_id=report.file_id,
        content=content,
        report=plain,
    )
    about = list(told)
    await _SQL.write_told(
        connection, period_from=first, memberships=about, told=[told[one] for one in about]
    )
    await _SQL.log_disclosed(
        connection,
        memberships=about,
        key=f"insurance-file-{file.period}",
        basis=FILE_BASIS,
        disclosed_on=today,
    )
    return report
