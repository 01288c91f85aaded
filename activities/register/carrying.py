"""Carrying members over: their rows by COPY, a batch in one transaction, each member once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import json_as_text, load_queries, patiently
from activities.persons.known import become_known, find_known
from activities.register.bills import bills_of, invoice_rows, line_rows, money_rows, step_rows
from activities.register.newcomers import COLUMNS, Newcomer, Row, copied, hash_of
from activities.register.reading import number_key
from activities.register.taken import find_taken
from activities.shared.quarantine import in_halves, reason_of
from activities.shared.rates import keep_rates
from activities.shared.rulebook import RulebookReader
from schemas.register.member import RegisterMember

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

HIGHEST_ALLOTTED = 90_000_000
"""A register may keep higher member numbers; those we allot ourselves never come near."""

Connection = asyncpg.pool.PoolConnectionProxy


@dataclass(frozen=True)
class Imported:
    """Somebody who has been carried over.

    Attributes:
        month, at: as they were then: the same record is made of them again.
        begun: the server has the workflow.
    """

    membership_id: str
    member_number: str
    content_hash: str
    month: date
    at: datetime
    begun: bool


@dataclass(frozen=True)
class Refusal:
    """Why a line is not carried over; it names nobody."""

    number: str
    says: str


Make = Callable[[RegisterMember, str], Newcomer]
"""Makes a newcomer of a member and the member number it has here."""


async def find_imported(
    connection: Connection, members: Iterable[RegisterMember]
) -> dict[str, Imported]:
    """Return who of a register has been carried over before, by the number there."""
    numbers = {number_key(member.number): member.number for member in members}
    return {
        numbers[row["number"]]: Imported(
            membership_id=row["membership_id"],
            member_number=row["member_number"],
            content_hash=row["content_hash"],
            month=row["month"],
            at=row["imported_at"],
            begun=row["begun"],
        )
        async for row in _SQL.find_imported(connection, numbers=list(numbers))
    }


async def reserve_numbers(connection: Connection, highest: int) -> None:
    """Allot nobody a member number that a register keeps, up to its highest one."""
    if highest < HIGHEST_ALLOTTED:
        await _SQL.raise_member_numbers(connection, highest=highest)


async def carry_over(
    connection: Connection,
    rulebooks: RulebookReader,
    members: Sequence[RegisterMember],
    make: Make,
) -> tuple[list[Newcomer], list[Refusal]]:
    """Write the rows of members who are new; whoever can't be written keeps nobody else waiting.

    Args:
        connection: outside a transaction.
        rulebooks: of the database.
        members: who are not known by their numbers.
        make: plans a member's life here.

    Returns:
        Who has been carried over, and who not, with the reason.
    """
    refused: list[Refusal] = []

    async def write(batch: Sequence[RegisterMember]) -> list[Newcomer]:
        async with patiently(connection, replan=False):
            await _SQL.one_import_at_a_time(connection)
            taken = await _taken(connection, batch)
            found = [member for member in batch if member.number not in taken]
            written = await _write(connection, rulebooks, found, make)
        refused.extend(Refusal(number, says) for number, says in taken.items())
        return written

    async def leave(member: RegisterMember, error: asyncpg.PostgresError) -> list[Newcomer]:
        refused.append(Refusal(member.number, reason_of(error)))
        return []

    written = await in_halves(members, write, leave) if members else []
    return [one for part in written for one in part], refused


def differs(member: RegisterMember, known: Imported) -> bool:
    """Tell whether a line says something else than when it was carried over."""
    return hash_of(member) != known.content_hash


async def _taken(connection: Connection, members: Sequence[RegisterMember]) -> dict[str, str]:
    """Return who can't be carried over since somebody else has what is theirs, and why."""
    taken = await find_taken(connection, members)
    found = {number: told[0].says for number, told in taken.items()}
    known = await find_imported(connection, members)
    # Another import was at it at the same moment; run it again, and they are known.
    return found | dict.fromkeys(known, "has just been carried over")


async def _write(
    connection: Connection,
    rulebooks: RulebookReader,
    members: Sequence[RegisterMember],
    make: Make,
) -> list[Newcomer]:
    numbers = iter(await _allotted(connection, members))
    newcomers = [make(member, member.member_number or next(numbers)) for member in members]
    await keep_rates(connection, rulebooks, {term.rate for one in newcomers for term in one.terms})
    await _SQL.add_employers(connection, orgnrs=list(_employers(newcomers)))
    tables: dict[str, list[Row]] = defaultdict(list)
    for one in newcomers:
        for table, row in copied(one):
            tables[table].append(row)
    async with json_as_text(connection):
        for table, columns in COLUMNS.items():
            await connection.copy_records_to_table(table, records=tables[table], columns=columns)
    await _add_money(connection, newcomers)
    await _become_members(connection, newcomers)
    return newcomers


async def _allotted(connection: Connection, members: Sequence[RegisterMember]) -> list[str]:
    count = sum(member.member_number is None for member in members)
    rows = _SQL.allot_member_numbers(connection, count=count)
    return [row["member_number"] async for row in rows]


def _employers(newcomers: Iterable[Newcomer]) -> set[str]:
    return {
        job.employer_orgnr
        for one in newcomers
        for job in one.member.employments
        if job.employer_orgnr is not None
    }


async def _add_money(connection: Connection, newcomers: Sequence[Newcomer]) -> None:
    """Add what is owed, what is in credit, and what has been done about it."""
    billed = [(one, bills_of(one)) for one in newcomers]
    if not newcomers:
        return
    today = newcomers[0].on

    def rows(of: Callable[..., list[dict[str, Any]]]) -> list[Mapping[str, Any]]:
        return [row for one, bills in billed for row in of(one, bills)]

    invoices, money, steps = rows(invoice_rows), rows(money_rows), rows(step_rows)
    if invoices:
        await _SQL.add_invoices(connection, invoices=invoices, lines=rows(line_rows), today=today)
    if money:
        await _SQL.add_payments(connection, money=money, today=today)
    if steps:
        await _SQL.add_arrears_steps(connection, steps=steps)


async def _become_members(connection: Connection, newcomers: Sequence[Newcomer]) -> None:
    """Make members of them; whoever was known before, as one who left, is that person again."""
    ids = [one.membership_id for one in newcomers]
    rows = _SQL.find_known_people(connection, memberships=ids)
    for membership_id in [row["membership_id"] async for row in rows]:
        known = await find_known(connection, membership_id)
        if known is not None:
            await become_known(connection, membership_id, known, newcomers[0].on)
    await _SQL.add_members(connection, memberships=ids)


async def mark_begun(connection: Connection, memberships: Sequence[str]) -> None:
    """Note whose workflow the server has."""
    await _SQL.mark_begun(connection, memberships=list(memberships))
