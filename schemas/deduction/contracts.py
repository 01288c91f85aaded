"""Payroll deduction: lists to employers, what they report, and how a list is settled."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from schemas.access.stamps import Stamp, UsedStamp
from schemas.shared.base import Contract, Day, Line, Month, Prose
from schemas.shared.messages import Card, Message

LOOK = "look"
"""The signal that something has arrived: a report, or a payment."""

ListNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}-[1-9][0-9]{0,5}$")]
"""``<payer number>-<serial>``."""

FileId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of a file's content."""


class Code(StrEnum):
    """What a line asks of the employer, against its list before."""

    START = "START"
    CHANGE = "CHANGE"
    STOP = "STOP"
    CONTINUE = "CONTINUE"


class ShortReason(StrEnum):
    """Why an employer deducted less than it was asked for. Source: D5."""

    LEFT = "LEFT"
    UNPAID_LEAVE = "UNPAID_LEAVE"
    LAID_OFF = "LAID_OFF"
    NAV = "NAV"
    PENSION = "PENSION"
    NO_PAY = "NO_PAY"
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    OTHER = "OTHER"


class DeductionListsOrder(Contract):
    """An order to make a month's lists. ``today`` is the business date."""

    period_from: Day
    today: Day


class DeductionListsReport(Contract):
    """What an order to make lists added; nothing when they had been made before.

    Attributes:
        carried: charges of earlier months that came too late for their own lists.
    """

    lists: int = 0
    lines: int = 0
    carried: int = 0

    def plus(self, other: "DeductionListsReport") -> "DeductionListsReport":
        """Return both together."""
        return DeductionListsReport(
            lists=self.lists + other.lists,
            lines=self.lines + other.lines,
            carried=self.carried + other.carried,
        )


class SettlementOrder(Contract):
    """The argument of the ``DeductionSettlement`` workflow.

    Attributes:
        stamps: of a run that goes on from another, those of messages that have come.
    """

    list_number: ListNumber
    stamps: tuple[UsedStamp, ...] = ()


class ReportOrder(Contract):
    """The argument of the ``DeductionReport`` workflow: a file that has been kept.

    Attributes:
        meant_by: who has asked the employer: amounts that can't be meant are.
    """

    file_id: FileId
    meant_by: Line | None = None


class ListRequest(Contract):
    """Something to do about a list. ``today`` is the business date."""

    list_number: str
    today: Day


class ListDelivered(Contract):
    """What became of an order to deliver a list.

    Attributes:
        delivered: it has reached the employer, now or before.
        why: what is missing, when it has not; without personal data.
    """

    delivered: bool
    why: str | None = None
    shown: int = 0
    withheld: int = 0


class ReportRequest(Contract):
    """An order to take a report. ``today`` is the business date; ``meant_by``: see the order."""

    file_id: str
    today: Day
    meant_by: str | None = None


class LineFault(Contract):
    """A line of a report that does not count, and why; nothing of what stood in it.

    Attributes:
        line: as a spreadsheet numbers it, from 1.
        cell: as a spreadsheet names it: ``I12``.
    """

    line: int
    fault: str
    cell: str | None = None


class ReportVerdict(Contract):
    """What became of a report, as its sender is told. It holds no personal data.

    Attributes:
        outcome: ``refused``: nothing of it counts.
        reasons: why it was refused.
        encoding: what the file was read as.
        lines: how many it has below the headings.
        counted: how many of them are answers.
        unanswered: how many are left open.
        faults: of single lines, the first thousand.
        more_faults: how many further ones there are.
        cell: where it stands what the file was refused for.
        sheet: of a workbook, from 1, where all cells are.
        asked: how many amounts can't be meant and are asked about.
        missing: how many lines of the list the file does not have.
        remarks: the rows that somebody wrote below the table, the first thousand.
    """

    outcome: Literal["applied", "refused"]
    list_number: str | None = None
    reasons: tuple[str, ...] = ()
    encoding: str | None = None
    lines: int = 0
    counted: int = 0
    unanswered: int = 0
    faults: tuple[LineFault, ...] = ()
    more_faults: int = 0
    cell: str | None = None
    sheet: int = 1
    asked: int = 0
    missing: int = 0
    remarks: tuple[int, ...] = ()


class SaidOfLine(Contract):
    """What one report says of a line.

    Attributes:
        report: its number; ``file_id`` is its file's.
        decision: whether somebody has accepted or rejected it; None: nobody has.
        line: as a spreadsheet numbers it.
    """

    report: int
    file_id: str
    received_on: Day
    decision: Literal["accepted", "rejected"] | None
    line: int
    deducted_ore: int
    reason: str | None


class DifferingLine(Contract):
    """A line of a list of which reports say different things, or other things than was settled.

    Attributes:
        asked_ore: what the list asks for.
        settled_ore: what it was settled with; None: it is not.
        outcome: how.
        said: by each report, the first one first.
    """

    member_number: str
    asked_ore: int
    settled_ore: int | None
    outcome: str | None
    said: tuple[SaidOfLine, ...]


class Discrepancy(StrEnum):
    """What stands between a list and its settlement."""

    NOT_DELIVERED = "not_delivered"
    REPORT_MISSING = "report_missing"
    REPORT_INCOMPLETE = "report_incomplete"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"
    MONEY_WITHOUT_REPORT = "money_without_report"
    REPORT_WITHOUT_MONEY = "report_without_money"
    MONEY_SHORT = "money_short"
    MONEY_OVER = "money_over"


class OpenPoint(Contract):
    """One thing that is open.

    Attributes:
        amount_ore: what is missing, or too much.
        lines: how many lines it is about.
    """

    finding: Discrepancy
    amount_ore: int | None = None
    lines: int | None = None


class ListFigures(Contract):
    """A list in figures, as it stands. Amounts in øre.

    Attributes:
        expected_ore: what the lines ask for that the employer was shown.
        reported_ore: what it says it deducted, of lines without contradiction.
        paid_ore: what it paid with the list's KID.
        accepted_ore: what a caseworker let stand of reported less paid.
        answers: how many lines have been answered.
        unanswered: how many lines are not.
        contradicted: how many lines have two answers.
        undecided: how many lines wait for a caseworker.
        open_lines: how many lines are not settled.
    """

    list_number: str
    payer_number: str
    period: Month
    report_due_on: Day
    delivered_on: Day | None = None
    lines: int = 0
    withheld: int = 0
    expected_ore: int = 0
    reported_ore: int = 0
    paid_ore: int = 0
    accepted_ore: int = 0
    answers: int = 0
    unanswered: int = 0
    contradicted: int = 0
    undecided: int = 0
    open_lines: int = 0


class SettlementState(Contract):
    """Where a settlement stands: the answer of the ``state`` query.

    Attributes:
        matters: what is open, and what is asked of whom.
        for_caseworkers: membership ids of lines a caseworker must decide, the first twenty.
        batch: letters were ordered under this name since it was looked at before.
        settled: nothing is open any more.
    """

    figures: ListFigures
    matters: tuple[OpenPoint, ...] = ()
    for_caseworkers: tuple[str, ...] = ()
    batch: str | None = None
    settled: bool = False


class DecideDeduction(Message):
    """A caseworker decides what no rule settles.

    Attributes:
        membership_id: whose line; None: what the employer paid less, or more, than it reported.
        decision: invoice the member for what was not deducted, write it off, or let it wait.
    """

    card = Card(
        name="decide_deduction",
        purpose="A caseworker decides what no rule settles.",
        example='{"membership_id":"membership-…","decision":"invoice","caseworker":"ola",'
        '"reason":"Arbeidsgiver har ikke trukket"}',
    )

    membership_id: Line | None = None
    decision: Literal["invoice", "write_off", "wait"]
    caseworker: Line
    reason: Prose

    @model_validator(mode="after")
    def _is_about_somebody(self) -> "DecideDeduction":
        if self.membership_id is None and self.decision != "write_off":
            raise ValueError("membership_id is required unless the decision is write_off")
        return self


class DeductionDecision(Contract):
    """A decision as it is handed to persistence.

    Attributes:
        today: the business date.
        stamp: who sent it, as it was signed, to the workflow ``workflow_id``; None: unsigned.
    """

    list_number: str
    membership_id: str | None
    decision: Literal["invoice", "write_off", "wait"]
    caseworker: str
    reason: str
    key: str
    today: Day
    stamp: Stamp | None = None
    workflow_id: str = ""


class DeductionAnswer(Contract):
    """What became of a decision; ``refusal`` says why it was not applied."""

    applied: bool
    says: str = ""
    refusal: str | None = None
