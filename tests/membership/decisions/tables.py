"""How the tables of states and messages are read: one cell, one outcome."""

from datetime import date

import pytest

from schemas.shared.base import Inbound
from schemas.shared.vocabulary import InsuranceStatus, PayrollStatus, Stage
from tests.builders import moment, placed
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord

STAGES = {
    "U": Stage.UNDER_REVIEW,
    "A": Stage.AWAITING_INFORMATION,
    "O": Stage.ONBOARDING,
    "M": Stage.ACTIVE,
    "L": Stage.ON_LEAVE,
    "X": Stage.ENDED,
}
INSURANCE = {
    "-": InsuranceStatus.NOT_APPLICABLE,
    "w": InsuranceStatus.WINDOW_OPEN,
    "c": InsuranceStatus.COVERED,
    "r": InsuranceStatus.RESERVED,
    "e": InsuranceStatus.ENDED,
}
PAYROLL = {
    "-": PayrollStatus.NOT_APPLICABLE,
    "q": PayrollStatus.REQUESTED,
    "a": PayrollStatus.ACTIVE,
    "f": PayrollStatus.REFUSED,
    "s": PayrollStatus.STOPPED,
}

Rows = list[tuple[str, dict[str, str]]]


def read(table: str) -> Rows:
    """Return (state, cell by message) of every row; the head names the messages."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().split("\n")]
    return [(row[0], dict(zip(head[1:], row[1:], strict=True))) for row in rows]


def cells(rows: Rows) -> list[object]:
    """Return every cell as a parameter set (state, message, cell)."""
    return [
        pytest.param(state, message, cell, id=f"{state}-{message}".replace(" ", "_"))
        for state, row in rows
        for message, cell in row.items()
    ]


def check(
    record: MembershipRecord, message: Inbound, cell: str, reasons: dict[str, str], on: date
) -> None:
    """Check one cell: three letters for stage, insurance and payroll, or a reason after ``!``."""
    if cell.startswith("!"):
        with pytest.raises(Refused) as refused:
            answer(record, message, moment(on))
        assert reasons[cell] in str(refused.value)
        return
    after = placed(answer(record, message, moment(on))).record
    stage, insurance, payroll = tuple(cell)
    assert (after.stage, after.insurance.status, after.payroll.status) == (
        STAGES[stage],
        INSURANCE[insurance],
        PAYROLL[payroll],
    )
