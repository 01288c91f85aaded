"""What the bank's status report says of refunds: accepted, waiting, rejected; and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.payments.refunds import RefundState
from schemas.shared.base import Contract


class BankSays(StrEnum):
    """What a status comes to."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"
    UNCLEAR = "unclear"


_STATUSES = {
    "RJCT": BankSays.REJECTED,
    "CANC": BankSays.REJECTED,
    "RCVD": BankSays.PENDING,
    "PDNG": BankSays.PENDING,
    "ACTC": BankSays.ACCEPTED,
    "ACCP": BankSays.ACCEPTED,
    "ACSP": BankSays.ACCEPTED,
    "ACSC": BankSays.ACCEPTED,
    "ACCC": BankSays.ACCEPTED,
    "ACWC": BankSays.ACCEPTED,
    "ACWP": BankSays.ACCEPTED,
    "ACFC": BankSays.ACCEPTED,
}
"""ISO 20022's codes. The partial ones say nothing of any payment; others are unclear."""

PARTIAL = frozenset({"PART", "PATC"})

REASONS = {
    "AC01": "the account number is wrong",
    "AC02": "our account number is wrong",
    "AC03": "the receiver's account is not valid",
    "AC04": "the receiver's account is closed",
    "AC05": "our account is closed",
    "AC06": "the account is blocked",
    "AC07": "the receiver's account is closed",
    "AG01": "the account takes no such payments",
    "AG02": "the bank does not know this kind of payment",
    "AM02": "the amount is beyond what is allowed",
    "AM03": "the currency is not taken",
    "AM04": "there is not enough money in our account",
    "AM09": "the amount is wrong",
    "AM12": "the amount is not valid",
    "AM14": "the amount is beyond what is agreed upon",
    "BE01": "the name does not fit the account",
    "BE04": "the receiver's address is missing",
    "BE05": "the bank does not know us as a sender",
    "BE06": "the bank does not know the receiver",
    "CUST": "it was cancelled by us",
    "DS0H": "whoever has signed may not",
    "DT01": "the date is not valid",
    "FF01": "the file's format is wrong",
    "FF05": "the bank does not know this kind of payment",
    "MD07": "the receiver has died",
    "MS02": "the receiver gave no reason",
    "MS03": "the bank gives no reason",
    "RC01": "the bank's identifier is wrong",
    "RR04": "it is stopped by a rule of law",
    "TM01": "it came too late in the day",
}
"""What codes mean, in words of ours: the bank's own may name somebody."""

DUPLICATES = frozenset({"AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL"})
"""The bank has it already: rejected is the second copy, and the first is paid all the same."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is said of a file, a block of it, or a payment.

    Attributes:
        code: ISO 20022's, such as RJCT; None: nothing.
        reasons: codes, the first is the main one.
        text: the bank's own words.
    """

    code: str | None = None
    reasons: tuple[str, ...] = ()
    text: str | None = None

    @property
    def says(self) -> BankSays | None:
        """What it comes to; None: nothing of any payment."""
        if self.code is None or self.code in PARTIAL:
            return None
        return _STATUSES.get(self.code, BankSays.UNCLEAR)

    @property
    def duplicate(self) -> bool:
        """Whether it is rejected as what the bank has already."""
        return any(reason in DUPLICATES for reason in self.reasons)

    @property
    def why(self) -> str:
        """The reasons in words of ours."""
        return ", ".join(
            f"{code} {REASONS[code]}" if code in REASONS else code for code in self.reasons
        )


@dataclass(frozen=True, slots=True)
class ReportedPayment:
    """One payment of a report.

    Attributes:
        where: for people: its place.
        ids: all that the bank calls it, ours among them.
        amount_ore: None: it is not told.
    """

    where: str
    ids: tuple[str, ...]
    status: Status
    amount_ore: int | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The bank's answer to one of our files.

    Attributes:
        report_id: what the bank calls it.
        created_at: None: it can't be told.
        original_id: the file that it answers.
        group: of the whole file.
        rest: of what is not named one by one: of the file, or of its only block.
        count, total_ore: what the bank says the file held; None: it does not.
    """

    report_id: str
    created_at: datetime | None
    original_id: str
    group: Status
    rest: Status
    payments: tuple[ReportedPayment, ...] = ()
    count: int | None = None
    total_ore: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A refund of ours that a report may be about.

    Attributes:
        of_file: it stands in the file that is answered.
    """

    refund_id: str
    amount_ore: int
    of_file: bool


@dataclass(frozen=True, slots=True)
class Understood:
    """What a report says of our refunds.

    Attributes:
        told: what is said of each.
        unknown: places of what is none of ours.
        contradicted: refunds of which it says two things, or another amount.
    """

    told: Mapping[str, Status]
    unknown: tuple[str, ...]
    contradicted: tuple[str, ...]


def understand(report: StatusReport, ours: Sequence[Known]) -> Understood:
    """Return what a report says of each refund: of itself, else of its block, else of its file.

    Args:
        report: as it was read.
        ours: those of the file it answers, and all others that it names.

    Source: P8.
    """
    known = {one.refund_id: one for one in ours}
    told: dict[str, Status] = {}
    unknown: list[str] = []
    contradicted: set[str] = set()
    for payment in report.payments:
        refund = next((known[one] for one in payment.ids if one in known), None)
        if refund is None:
            unknown.append(payment.where)
        elif payment.amount_ore not in {None, refund.amount_ore} or _differs(
            told.get(refund.refund_id), payment.status
        ):
            contradicted.add(refund.refund_id)
        else:
            told[refund.refund_id] = payment.status
    named = told.keys() | contradicted
    if report.rest.says is not None:
        told |= {
            one.refund_id: report.rest for one in ours if one.of_file and one.refund_id not in named
        }
    for refund_id in contradicted:
        told.pop(refund_id, None)
    return Understood(told, tuple(unknown), tuple(sorted(contradicted)))


def _differs(before: Status | None, status: Status) -> bool:
    return before is not None and before.says is not status.says


class StatusVerdict(StrEnum):
    """What follows of a status for a refund."""

    NOTED = "noted"
    RELEASED = "released"
    KNOWN = "known"
    ASKED_ABOUT = "asked_about"


def judge(status: Status, state: RefundState, *, newer: bool) -> StatusVerdict:
    """Return what follows of what the bank says about a refund.

    Args:
        status: of the refund.
        state: how far it has come.
        newer: the report was made after what has given the refund up.

    Source: P8.
    """
    over = state in {RefundState.RETURNED, RefundState.REFUSED}
    match status.says:
        case BankSays.REJECTED if status.duplicate:
            return StatusVerdict.ASKED_ABOUT
        case BankSays.REJECTED if over:
            return StatusVerdict.KNOWN
        case BankSays.REJECTED if state is RefundState.INSTRUCTED:
            return StatusVerdict.RELEASED
        case BankSays.ACCEPTED | BankSays.PENDING if over:
            return StatusVerdict.ASKED_ABOUT if newer else StatusVerdict.KNOWN
        case BankSays.ACCEPTED | BankSays.PENDING:
            return StatusVerdict.NOTED
        case _:
            return StatusVerdict.ASKED_ABOUT


class RefundStatusReport(Contract):
    """What became of a status report of the bank.

    Attributes:
        original_id: the file of ours that it answers.
        rejected: refunds that are owed again.
        known: what was known before.
        unknown: payments that are none of ours.
        asked_about: refunds of which it says what can't be: each a task.
    """

    report_id: str
    original_id: str
    accepted: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    asked_about: tuple[str, ...] = ()
    unknown: int = 0
