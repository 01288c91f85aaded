"""A member as the desk shows one: what PostgreSQL holds of who, what is owed and what was done."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class Member(Contract):
    """Who a membership is about and how it stands; amounts in øre.

    Attributes:
        name: as all of the person None where the application could not be read.
        owed_ore, owed_months: of all memberships of the person, net (A30).
    """

    membership_id: str
    stage: str
    outcome: str | None
    category: str | None
    hidden: bool
    hiding: bool
    branch: str | None
    branch_name: str | None
    member_number: str | None
    member_since: date | None
    received_on: date
    open_until: date | None
    employer_orgnr: str | None
    employer_name: str | None
    position: str | None
    position_percent: Decimal | None
    insurance_status: str | None
    covered_from: date | None
    reserved_from: date | None
    person_id: str | None
    name: str | None
    birth_date: date | None
    national_id: str | None
    email: str | None
    phone: str | None
    address: dict[str, Any] | None
    language: str | None
    owed_ore: int
    owed_months: int


class Term(Contract):
    """What a member pays for a time."""

    kind: str
    amount_ore: int | None
    cadence: str
    payer: str
    valid_from: date
    valid_to: date | None


class Invoice(Contract):
    """An invoice, or a credit note.

    Attributes:
        shown: the number its reader knows it by.
        lines: kind and amount of each.
    """

    number: str
    shown: str
    kid: str
    period_from: date
    issued_on: date
    due_on: date
    total_ore: int
    open_ore: int
    lines: tuple[dict[str, Any], ...]


class Payment(Contract):
    """Money that came in."""

    reference: str
    paid_on: date
    amount_ore: int
    kid: str | None
    allocated_ore: int
    refunded_ore: int
    suspense_ore: int
    reversed: bool


class Deduction(Contract):
    """A line on an employer's list; ``outcome`` None: it is not settled."""

    list_number: str
    period_from: date
    employer_orgnr: str
    employer_name: str | None
    total_ore: int
    code: str
    delivered_on: date | None
    outcome: str | None
    deducted_ore: int | None
    settled_on: date | None


class LetterLine(Contract):
    """A letter as a list has it; ``requested_by``: who had it sent again."""

    message_id: str | None
    template: str
    audience: str
    status: str
    sent_on: date | None
    note: str | None
    forwarded: bool
    ordered_on: date | None
    requested_by: str | None


class DecisionLine(Contract):
    """One line of the log."""

    number: int
    event: str
    message: str | None
    says: str | None
    decided_at: datetime
    decided_on: date
    decided_by: str
    rules: tuple[str, ...]
    reason: str | None


class OtherMembership(Contract):
    """Another membership of the same person."""

    membership_id: str
    member_number: str | None
    stage: str
    outcome: str | None
    member_since: date | None
    received_on: date


class TaskLine(Contract):
    """An open task about the membership."""

    task_id: int
    kind: str
    says: str
    opened_on: date


class Money(Contract):
    """All that was asked of a member, and all that came."""

    invoices: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    deductions: tuple[Deduction, ...] = ()


async def read_member(connection: Connection, membership_id: str, today: date) -> Member | None:
    """Return who a membership is about, or None: there is no such membership."""
    row = await _SQL.read_member(connection, membership_id=membership_id, today=today)
    return None if row is None else Member.model_validate(dict(row))


async def read_branches(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Return the code and the name of each branch."""
    return tuple([(row["code"], row["name"]) async for row in _SQL.list_branches(connection)])


async def read_terms(connection: Connection, membership_id: str) -> tuple[Term, ...]:
    """Return what a member pays, by kind and in order of time."""
    rows = _SQL.list_terms(connection, membership_id=membership_id)
    return tuple([Term.model_validate(dict(row)) async for row in rows])


async def read_money(connection: Connection, membership_id: str) -> Money:
    """Return invoices, payments and lines on lists, the latest first."""
    invoices = _SQL.list_invoices(connection, membership_id=membership_id)
    payments = _SQL.list_payments(connection, membership_id=membership_id)
    deductions = _SQL.list_deductions(connection, membership_id=membership_id)
    return Money(
        invoices=tuple([Invoice.model_validate(dict(row)) async for row in invoices]),
        payments=tuple([Payment.model_validate(dict(row)) async for row in payments]),
        deductions=tuple([Deduction.model_validate(dict(row)) async for row in deductions]),
    )


async def read_letters(connection: Connection, membership_id: str) -> tuple[LetterLine, ...]:
    """Return the letters about a membership, the latest first."""
    rows = _SQL.list_letters(connection, membership_id=membership_id)
    return tuple([LetterLine.model_validate(dict(row)) async for row in rows])


async def read_log(connection: Connection, membership_id: str) -> tuple[DecisionLine, ...]:
    """Return what was decided about a membership, the latest first."""
    rows = _SQL.list_decisions(connection, membership_id=membership_id)
    return tuple([DecisionLine.model_validate(dict(row)) async for row in rows])


async def read_others(connection: Connection, membership_id: str) -> tuple[OtherMembership, ...]:
    """Return the other memberships of the same person, the oldest first."""
    rows = _SQL.list_others(connection, membership_id=membership_id)
    return tuple([OtherMembership.model_validate(dict(row)) async for row in rows])


async def read_tasks(connection: Connection, membership_id: str) -> tuple[TaskLine, ...]:
    """Return the open tasks about a membership, the oldest first."""
    rows = _SQL.list_tasks_of(connection, membership_id=membership_id)
    return tuple([TaskLine.model_validate(dict(row)) async for row in rows])
