"""Notices and statements beside each other in one file: each kind is read as a file (ADR 91)."""

import asyncio
import re
from collections.abc import Callable
from datetime import date

import asyncpg

from activities.payments.booking import book, known_report, note_outcome
from activities.payments.formats import format_of
from activities.payments.transactions import Faults
from activities.shared.files import InboundFile, keep_file, read_file
from schemas.payments.contracts import MAX_FAULTS, BankFile, BankFileReport

_DOCUMENT = re.compile(rb"<(?:[\w.-]+:)?Document[\s>].*?</(?:[\w.-]+:)?Document\s*>", re.DOTALL)
_KINDS = {
    "camt.054": (b"camt.054", b"BkToCstmrDbtCdtNtfctn"),
    "camt.053": (b"camt.053", b"BkToCstmrStmt"),
}
"""Notices first: they tell payment by payment what statements may tell by sums."""

_COUNTS = (
    "payments", "amount_ore", "known", "allocated", "suspended", "reversals", "reversed_ore",
    "set_aside", "passed_over", "charges", "refunds", "unbooked",
)  # fmt: skip


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return a file of the bank in as many as it has kinds of messages, by their names.

    Args:
        content: as it came. Of several kinds it is in letters of a byte or UTF-8: others are
            refused where they are read.

    Returns:
        Mostly the file itself, under an empty name; else for each kind the file without the
        documents of the other. What is of neither kind stays in the first.
    """
    if not all(any(mark in content for mark in marks) for marks in _KINDS.values()):
        return {"": content}
    kinds = [_kind_of(found[0]) for found in _DOCUMENT.finditer(content)]
    if not set(_KINDS) <= set(kinds):
        return {"": content}
    first, second = _KINDS
    return {first: _without(content, {second}), second: _without(content, {first, None})}


def _kind_of(document: bytes) -> str | None:
    head = document[: document.index(b">") + 1]
    for where in (head, document):
        for kind, marks in _KINDS.items():
            if any(mark in where for mark in marks):
                return kind
        if b"iso:20022" in where:
            return None
    return None


def _without(content: bytes, kinds: set[str | None]) -> bytes:
    return _DOCUMENT.sub(lambda found: b"" if _kind_of(found[0]) in kinds else found[0], content)


def of_the_whole(file_id: str, reports: dict[str, BankFileReport]) -> BankFileReport:
    """Return the report on a file whose parts were booked, by their kinds."""
    aside = [
        one.model_copy(update={"where": f"{kind}, {one.where}"})
        for kind, report in reports.items()
        for one in report.aside
    ]
    return BankFileReport.model_validate(
        {
            "file_id": file_id,
            "outcome": "applied",
            "aside": tuple(aside[:MAX_FAULTS]),
            "parts": tuple(one.file_id for one in reports.values()),
            **{name: sum(getattr(one, name) for one in reports.values()) for name in _COUNTS},
        }
    )


async def book_whole(
    pool: asyncpg.Pool, file: BankFile, kept: InboundFile, account: str, beat: Callable[[], None]
) -> BankFileReport:
    """Book a file as ``book`` does; of several kinds of messages, each as a file of its own.

    All are read before the first is booked: it is booked whole, or refused whole.

    Raises:
        FileRefused: counts or sums of any of it do not hold; nothing is booked.

    Source: P4, P5.
    """
    parts = await asyncio.to_thread(parts_of, kept.content)
    if len(parts) == 1:
        return await book(pool, file, kept.content, account, beat)
    for content in parts.values():
        await asyncio.to_thread(_check, content, account, file.today)
        beat()
    reports = {}
    for kind, content in parts.items():
        async with pool.acquire() as connection:
            file_id = await keep_file(
                connection,
                kind=kept.kind,
                name=f"{kept.name} ({kind})",
                content=content,
                today=file.today,
            )
            part = await read_file(connection, file_id)
        reports[kind] = known_report(part) or await book(
            pool, BankFile(file_id=file_id, today=file.today), content, account, beat
        )
    report = of_the_whole(file.file_id, reports)
    async with pool.acquire() as connection:
        await note_outcome(connection, file, report)
    return report


def _check(content: bytes, account: str, today: date) -> None:
    faults = Faults()
    for _ in format_of(content, faults).read(content, account, today, faults):
        pass
    faults.check()
