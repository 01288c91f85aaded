"""A file of claims and cancellations for the bank, as AvtaleGiro has it (P9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from netsgiro import Assignment, AssignmentType, ServiceCode, Transmission
from netsgiro.constants import NETS_ID


@dataclass(frozen=True)
class Claim:
    """A claim, or its cancellation, which tells the same.

    Attributes:
        number: the invoice's. Nothing else is told of what it is for: it stands on a statement.
        bank_notifies: the bank tells the member of it before it is due.
    """

    number: str
    kid: str
    amount_ore: int
    due_on: date
    bank_notifies: bool = False

    @property
    def kroner(self) -> Decimal:
        """The amount as the library takes it."""
        return Decimal(self.amount_ore) / 100

    @property
    def reference(self) -> str:
        """What the member's statement calls it."""
        return f"Faktura {self.number}"[:25]


def claim_file(
    day: date,
    sender: str,
    account: str,
    claims: Sequence[Claim],
    cancellations: Sequence[Claim],
) -> bytes:
    """Return the file of a day, the same bytes for the same claims.

    Args:
        day: its transmission and assignments are numbered by it, each once a year.
        sender: our number with the bank's processing centre, 8 digits.
        account: where members pay, 11 digits.
        claims: to be collected.
        cancellations: of claims of earlier files.
    """
    sent = Transmission(number=f"{day:%d%m}001", data_transmitter=sender, data_recipient=NETS_ID)
    if claims:
        _claim(_assignment(sent, AssignmentType.TRANSACTIONS, f"{day:%d%m}101", account), claims)
    if cancellations:
        kind = AssignmentType.AVTALEGIRO_CANCELLATIONS
        _cancel(_assignment(sent, kind, f"{day:%d%m}201", account), cancellations)
    lines = "".join(f"{line}\r\n" for line in sent.to_ocr().splitlines())
    return lines.encode("iso-8859-1", errors="replace")


def _assignment(sent: Transmission, kind: AssignmentType, number: str, account: str) -> Assignment:
    return sent.add_assignment(
        service_code=ServiceCode.AVTALEGIRO, assignment_type=kind, number=number, account=account
    )


def _claim(assignment: Assignment, claims: Sequence[Claim]) -> None:
    for one in claims:
        assignment.add_payment_request(
            kid=one.kid,
            due_date=one.due_on,
            amount=one.kroner,
            reference=one.reference,
            bank_notification=one.reference if one.bank_notifies else False,
        )


def _cancel(assignment: Assignment, cancellations: Sequence[Claim]) -> None:
    for one in cancellations:
        assignment.add_payment_cancellation(
            kid=one.kid, due_date=one.due_on, amount=one.kroner, reference=one.reference
        )
