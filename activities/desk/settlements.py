"""Settlements at the desk, line by line: of employers' lists, of branches, and of who has left."""

from datetime import date
from pathlib import Path

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class OpenList(Contract):
    """An employer's list that somebody has to look at; amounts in øre.

    Attributes:
        tasks: how many are open about it.
    """

    number: str
    employer_orgnr: str
    employer_name: str | None
    period_from: date
    report_due_on: date
    delivered_on: date | None
    total_ore: int
    line_count: int
    tasks: int


class OneList(OpenList):
    """A list in figures.

    Attributes:
        kid: what the employer pays it with.
        paid_ore: what has come for it.
    """

    kid: str
    paid_ore: int


class ListLine(Contract):
    """A line with what became of it; amounts in øre.

    Attributes:
        shown: the employer has it; False: it was withheld, and is invoiced to the member.
        deducted_ore: as the employer reported it; None: it has not.
        answers: how many different ones.
        decision: the latest of a caseworker.
        outcome: how it was settled; None: it is not.
        waits: a caseworker is to decide it.
    """

    membership_id: str
    name: str | None
    member_number: str | None
    code: str
    shown: bool
    expected_ore: int
    deducted_ore: int | None
    answers: int
    reason: str | None
    decision: str | None
    caseworker: str | None
    outcome: str | None
    settled_ore: int | None
    unanswered: bool
    contradicted: bool
    waits: bool


class BranchLine(Contract):
    """For which month a branch's dues came in; amounts in øre.

    Attributes:
        total_ore: of the whole settlement.
        paid: it goes out by an instruction to the bank; None: not yet.
    """

    branch: str
    branch_name: str
    period_from: date
    made_on: date
    total_ore: int
    refund_id: str | None
    dues_of: date | None
    amount_ore: int | None


class Leaver(Contract):
    """Somebody who has money with us and gets no invoice any more."""

    membership_id: str
    name: str | None
    member_number: str | None
    asked: str
    asked_on: date
    late_on: date | None
    amount_ore: int


async def list_open(connection: Connection, today: date, most: int) -> tuple[OpenList, ...]:
    """Return the lists with an open task, and those whose report is overdue."""
    rows = _SQL.list_open_lists(connection, today=today, most=most)
    return tuple([OpenList.model_validate(dict(row)) async for row in rows])


async def read_list(connection: Connection, number: str) -> OneList | None:
    """Return a list in figures, or None: there is none."""
    row = await _SQL.read_one_list(connection, number=number)
    return None if row is None else OneList.model_validate(dict(row))


async def read_lines(
    connection: Connection, number: str, *, only: str | None = None, most: int
) -> tuple[ListLine, ...]:
    """Return the lines of a list, those that somebody has to decide first.

    Args:
        connection: of any kind; nothing is written.
        number: the list's.
        only: this member's; None: all.
        most: so many.
    """
    rows = _SQL.list_settlement_lines(connection, number=number, only=only, most=most)
    return tuple([ListLine.model_validate(dict(row)) async for row in rows])


async def read_branches(connection: Connection, since: date) -> tuple[BranchLine, ...]:
    """Return the settlements with branches since a month, the latest first, line by line."""
    rows = _SQL.list_branch_settlements(connection, since=since)
    return tuple([BranchLine.model_validate(dict(row)) async for row in rows])


async def read_leavers(connection: Connection, most: int) -> tuple[Leaver, ...]:
    """Return who has money with us and was asked where it is to go, the longest asked first."""
    rows = _SQL.list_leavers(connection, most=most)
    return tuple([Leaver.model_validate(dict(row)) async for row in rows])
