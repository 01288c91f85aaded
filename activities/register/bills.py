"""What a newcomer owes and has in credit, as rows: invoices stay as they were issued."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from activities.register.newcomers import Newcomer
from schemas.names import membership_id
from schemas.payments.kid import invoice_kid
from schemas.register.member import RegisterInvoice
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Cadence, LineKind

STEPS = {
    "first_reminder": "first_reminder_on",
    "second_reminder": "second_reminder_on",
    "warning": "warned_on",
}
"""Which column of an invoice tells of which step of the arrears ladder."""


@dataclass(frozen=True)
class Bill:
    """An open invoice as it is kept.

    Attributes:
        steps: what has been done about it, and when.
    """

    number: str
    kid: str
    serial: int
    period_from: date
    cadence: Cadence
    issued_on: date
    due_on: date
    lines: tuple[tuple[LineKind, int], ...]
    paid_ore: int = 0
    steps: tuple[tuple[str, date], ...] = ()

    @property
    def total_ore(self) -> int:
        """What it asks for."""
        return sum(ore for _, ore in self.lines)


def bills_of(one: Newcomer) -> list[Bill]:
    """Return a newcomer's open invoices, and one of our own for what is owed beside them.

    What is in credit is a credit note: it pays what is charged next, in part as well.
    """
    told = sorted(one.member.invoices, key=lambda bill: (bill.issued_on, bill.period, bill.kid))
    bills = [_bill(bill, serial) for serial, bill in enumerate(told, 1)]
    return bills + ([_besides(one, bills)] if one.member.besides_ore else [])


def _bill(bill: RegisterInvoice, serial: int) -> Bill:
    taken = ((step, getattr(bill, column)) for step, column in STEPS.items())
    return Bill(
        number=bill.invoice,
        kid=bill.kid,
        serial=serial,
        period_from=bill.period,
        cadence=bill.cadence,
        issued_on=bill.issued_on,
        due_on=bill.due_on,
        lines=tuple((line.kind, line.amount_ore) for line in bill.lines),
        paid_ore=bill.paid_ore,
        steps=tuple((step, on) for step, on in taken if on is not None),
    )


def _besides(one: Newcomer, bills: list[Bill]) -> Bill:
    """Return what a debt or a credit that stands on no invoice is: of the last month with room."""
    taken = {
        bill.period_from
        for bill in bills
        if any(kind is LineKind.CORRECTION for kind, _ in bill.lines)
    }
    period = months_before(one.month, 1)
    while period in taken:
        period = months_before(period, 1)
    serial = len(bills) + 1
    return Bill(
        number=f"{one.member_number}-{serial}",
        kid=invoice_kid(one.member_number, serial),
        serial=serial,
        period_from=period,
        cadence=Cadence.MONTHLY,
        issued_on=one.on,
        due_on=one.on,
        lines=((LineKind.CORRECTION, one.member.besides_ore),),
    )


Plain = list[dict[str, Any]]


def invoice_rows(one: Newcomer, bills: list[Bill]) -> Plain:
    """Return the rows of invoices, as plain JSON values by column."""
    return [
        {
            "number": bill.number,
            "kid": bill.kid,
            "membership_id": one.membership_id,
            "serial": bill.serial,
            "period_from": bill.period_from.isoformat(),
            "issued_on": bill.issued_on.isoformat(),
            "due_on": bill.due_on.isoformat(),
            "total_ore": bill.total_ore,
        }
        for bill in bills
    ]


def line_rows(one: Newcomer, bills: list[Bill]) -> Plain:
    """Return the rows of what invoices are for."""
    return [
        {
            "invoice_number": bill.number,
            "membership_id": one.membership_id,
            "period_from": bill.period_from.isoformat(),
            "kind": kind,
            "amount_ore": ore,
            "cadence": bill.cadence,
        }
        for bill in bills
        for kind, ore in bill.lines
    ]


def step_rows(one: Newcomer, bills: list[Bill]) -> Plain:
    """Return the rows of what has been done about invoices. Source: A30."""
    return [
        {
            "invoice_number": bill.number,
            "step": step,
            "membership_id": one.membership_id,
            "taken_on": on.isoformat(),
        }
        for bill in bills
        for step, on in bill.steps
    ]


def money_rows(one: Newcomer, bills: list[Bill]) -> Plain:
    """Return the rows of what has been paid of open invoices. Source: P3."""
    reference = f"import-{one.membership_id.removeprefix(membership_id(''))}"
    return [
        {
            "reference": f"{reference}-{bill.serial}",
            "membership_id": one.membership_id,
            "amount_ore": bill.paid_ore,
            "invoice_number": bill.number,
        }
        for bill in bills
        if bill.paid_ore
    ]
