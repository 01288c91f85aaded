"""Mandates of AvtaleGiro: read from the bank's files, record by record, and taken in (P9)."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import asyncpg
from netsgiro import AvtaleGiroRegistrationType
from netsgiro.records import AvtaleGiroAgreement

from activities.database.pool import load_queries
from activities.shared.tasks import open_task
from schemas.direct_debit.mandates import IN_WORDS, MandateAside, MandatesTaken, Told, payer_of
from schemas.payments.contracts import BankFile
from schemas.payments.kid import kid_in
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

ASSIGNMENT: Final = b"NY2124"
"""How an assignment of mandates begins."""

_RECORD: Final = re.compile(r"NY21..70")
"""How a record of a mandate begins; of another kind than 94 it is one that can't be read."""

_TOLD: Final = {
    AvtaleGiroRegistrationType.ACTIVE_AGREEMENT: Told.ACTIVE,
    AvtaleGiroRegistrationType.NEW_OR_UPDATED_AGREEMENT: Told.CHANGED,
    AvtaleGiroRegistrationType.DELETED_AGREEMENT: Told.ENDED,
}
_TOLD_IN: Final = 42
"""Characters of a record that say something."""
_ASSIGNMENT: Final = re.compile(r"NY212420.{16}(?P<account>\d{11})", re.ASCII)
_SENT: Final = re.compile(r"NY000089.{33}(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{2})", re.ASCII)


@dataclass(frozen=True)
class Record:
    """What a record of the bank tells of a mandate.

    Attributes:
        place: for people: the line.
        part: which assignment it stands in, of those for our account.
        payer: the fixed part of the KID.
        member: the membership it names.
    """

    place: str
    part: int = 1
    kid: str | None = None
    payer: str | None = None
    told: Told | None = None
    wants_notice: bool | None = None
    member: str | None = None
    aside: MandateAside | None = None


class Mandate(Contract):
    """A mandate as the command line lists it."""

    payer: str
    membership_id: str
    kid: str
    wants_notice: bool
    since: date
    ended_on: date | None


def read_mandates(lines: Iterable[tuple[int, str]], account: str) -> Iterator[Record]:
    """Yield what a file of the bank tells of mandates for an account, in its order.

    Args:
        lines: with their numbers, of a file whose counts hold.
        account: ours, 11 digits.

    Source: P9.
    """
    ours, part = False, 0
    for number, line in lines:
        if (begins := _ASSIGNMENT.match(line)) is not None:
            ours = begins["account"] == account
            part += ours
        elif line[6:8] in {"20", "88", "89"}:
            ours = False
        elif ours and _RECORD.match(line) is not None:
            yield replace(_record(f"line {number}", line), part=part)


def _record(place: str, line: str) -> Record:
    try:
        # What fills a record up varies.
        read = AvtaleGiroAgreement.from_string(line[:_TOLD_IN].ljust(80, "0"))
    except ValueError:
        # Its text would quote the line.
        return Record(place, aside=MandateAside.UNREADABLE)
    kid = kid_in(read.kid or "") or read.kid
    payer = payer_of(kid or "")
    return Record(
        place,
        kid=kid,
        payer=payer,
        told=_TOLD[read.registration_type],
        wants_notice=read.notify,
        aside=None if payer else MandateAside.WRONG_KID,
    )


def sent_on(lines: Iterable[tuple[int, str]], today: date) -> date:
    """Return the day of the bank's transmission; today where it does not say one that can be."""
    day = today
    for _, line in lines:
        found = _SENT.match(line)
        if found is not None:
            with suppress(ValueError):
                told = date(2000 + int(found["year"]), int(found["month"]), int(found["day"]))
                day = min(told, today)
    return day


async def take_mandates(
    connection: Connection, file: BankFile, lines: Sequence[tuple[int, str]], account: str
) -> MandatesTaken:
    """Take in what a file tells of mandates, whole; what can't be used is set aside with a task.

    Again, or after a newer file: nothing changes.

    Args:
        connection: outside a transaction.
        file: its id and the business date.
        lines: with their numbers.
        account: ours, 11 digits.

    Source: P9.
    """
    async with connection.transaction():
        # Seconds for a list of all there are: heartbeats go on beside it.
        told = await asyncio.to_thread(_all, lines, account)
        records = await _whose(connection, told)
        if not records:
            return MandatesTaken()
        reported_on = sent_on(lines, file.today)
        await _keep(connection, file, records, reported_on, _called(lines))
        latest = {one.payer: one for one in records if one.aside is None and one.payer}.values()
        changed = await _SQL.take_mandates(
            connection,
            reported_on=reported_on,
            today=file.today,
            payers=[one.payer for one in latest],
            members=[one.member for one in latest],
            kids=[one.kid for one in latest],
            notices=[one.wants_notice for one in latest],
            stands=[one.told is not Told.ENDED for one in latest],
        )
        unlisted = 0
        if _lists_all(records):
            unlisted = await _end_unlisted(connection, file, records, reported_on)
    aside = sum(one.aside is not None for one in records)
    return MandatesTaken(
        told=len(records), begun=changed["begun"], ended=changed["ended"] + unlisted, aside=aside
    )


def _all(lines: Iterable[tuple[int, str]], account: str) -> list[Record]:
    return list(read_mandates(lines, account))


def _lists_all(records: Sequence[Record]) -> bool:
    """Tell whether an assignment is a list of all mandates, of which every record can be read."""
    parts: dict[int, set[Told | None]] = {}
    for one in records:
        parts.setdefault(one.part, set()).add(one.told)
    return {Told.ACTIVE} in parts.values() and None not in set[Told | None]().union(*parts.values())


async def _end_unlisted(
    connection: Connection, file: BankFile, records: Sequence[Record], reported_on: date
) -> int:
    """End who is left out of a list of all there are, of which every record could be read."""
    ended = await _SQL.end_unlisted(
        connection,
        reported_on=reported_on,
        today=file.today,
        listed=[one.payer for one in records if one.payer],
    )
    await _SQL.list_mandates_taken(connection, file_id=file.file_id, reported_on=reported_on)
    return int(ended)


async def _whose(connection: Connection, records: Sequence[Record]) -> list[Record]:
    """Return records with the membership that each names, or why it names none."""
    payers = [one.payer for one in records if one.payer]
    found = {
        row["payer"]: row["membership_id"]
        async for row in _SQL.find_payers(connection, payers=payers)
    }
    strange = [one.kid for one in records if one.kid and not one.payer]
    carried = {row["kid"] async for row in _SQL.find_kids_of_others(connection, kids=strange)}

    def named(one: Record) -> Record:
        if one.payer is not None:
            member = found.get(one.payer)
            return replace(one, member=member, aside=None if member else MandateAside.UNKNOWN_PAYER)
        return replace(one, aside=MandateAside.OTHER_KID) if one.kid in carried else one

    return [named(one) for one in records]


def _called(lines: Iterable[tuple[int, str]]) -> str:
    """Return what a file is called by what stands in it: a copy with other ends of lines is it."""
    return hashlib.sha256("\n".join(line for _, line in lines).encode()).hexdigest()[:16]


async def _keep(
    connection: Connection,
    file: BankFile,
    records: Sequence[Record],
    reported_on: date,
    called: str,
) -> None:
    await _SQL.write_mandate_reports(
        connection,
        file_id=file.file_id,
        reported_on=reported_on,
        today=file.today,
        positions=list(range(1, len(records) + 1)),
        places=[one.place for one in records],
        payers=[one.payer for one in records],
        kids=[one.kid for one in records],
        told=[one.told for one in records],
        notices=[one.wants_notice for one in records],
        asides=[one.aside for one in records],
    )
    for one in records:
        if one.aside is not None:
            await open_task(
                connection,
                key=f"mandate/{called}/{one.place.replace(' ', '-')}",
                kind="mandate",
                says=f"A mandate in {one.place} of the bank's file {file.file_id[:12]} is set "
                f"aside: {IN_WORDS[one.aside]}.",
                today=file.today,
            )


async def mandates_in_order(
    connection: Connection, membership_id: str | None, most: int
) -> AsyncIterator[Mandate]:
    """Yield the mandates there are; of one membership, those that have ended as well."""
    async for row in _SQL.list_mandates(connection, membership_id=membership_id, most=most):
        yield Mandate(**row)
