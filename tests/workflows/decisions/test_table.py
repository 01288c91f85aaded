"""Every message in every state: what it leads to, or why not."""

from datetime import date

import pytest

from schemas.base import Inbound
from schemas.messages import MESSAGES, SupplyInformation, WithdrawApplication
from schemas.vocabulary import InsuranceStatus, PayrollStatus, Stage
from tests.builders import decide, enroll, moment, notice, payment, payroll, reserve, states
from workflows.decisions.dispatch import ANSWERS, answer
from workflows.decisions.step import Refused

NOW = date(2027, 2, 10)
"""After every deadline of a membership that began on 22 November."""

SENT: dict[str, Inbound] = {
    "app": decide(),
    "rej": decide("reject"),
    "ask": decide("request_information"),
    "sup": SupplyInformation(information="Se vedlagt"),
    "wdr": WithdrawApplication(),
    "del": notice(on=NOW),
    "bou": notice("bounced", on=NOW),
    "res": reserve(NOW),
    "enr": enroll(date(2027, 3, 1)),
    "pay": payment(49500),
    "acc": payroll(),
    "ref": payroll("refused"),
    "sto": payroll("stopped"),
}

STAGES = {
    "U": Stage.UNDER_REVIEW,
    "A": Stage.AWAITING_INFORMATION,
    "O": Stage.ONBOARDING,
    "M": Stage.ACTIVE,
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
REASONS = {
    "!0": "the application is still being read; send it again in a moment",
    "!z": "the membership has ended: rejected",
    "!d": "the application has been decided: the membership is ",
    "!m": "the application has been decided: a member resigns instead (A29)",
    "!e": "the application has not been approved yet",
    "!w": "no reservation window is open: insurance is ",
    "!c": "is covered already, from ",
    "!r": "is reserved already, from ",
    "!p": "there is no insurance package to reserve against (S8)",
    "!x": "the insurance package is not open to category ",
    "!n": "no payroll request has been made for this membership",
    "!a": "is active already, from 2026-12",
    "!s": " does not apply: payroll deduction is ",
}

# Three letters: stage, insurance, payroll. A reason after "!".
TABLE = """
state                          |app|rej|ask|sup|wdr|del|bou|res|enr|pay|acc|ref|sto
not read yet                   |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0
found faulty                   |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0
under review                   |Owq|X--|A--|U--|X--|!e |!e |U--|!e |U--|!e |!e |!e
awaiting information           |Owq|X--|A--|U--|X--|!e |!e |A--|!e |A--|!e |!e |!e
window without proof, requested|!d |!d |!d |Owq|!m |Owq|Owq|Orq|Ocq|Owq|Owa|Owf|!s
window, requested              |!d |!d |!d |Owq|!m |Owq|Owq|Orq|Ocq|Owq|Owa|Owf|!s
window, unanswered             |!d |!d |!d |Owq|!m |Owq|Owq|Mrq|Mcq|Owq|Owa|Owf|!s
window, active                 |!d |!d |!d |Owa|!m |Owa|Owa|Mra|Mca|Owa|!a |!s |Ows
window, refused                |!d |!d |!d |Owf|!m |Owf|Owf|Mrf|Mcf|Owf|Owa|!s |!s
window, stopped                |!d |!d |!d |Ows|!m |Ows|Ows|Mrs|Mcs|Ows|Owa|!s |!s
window, no payroll             |!d |!d |!d |Ow-|!m |Ow-|Ow-|Mr-|Mc-|Ow-|!n |!n |!n
window, awaits payment         |!d |!d |!d |Ow-|!m |Ow-|Ow-|Or-|Oc-|Owq|!n |!n |!n
covered, requested             |!d |!d |!d |Ocq|!m |!w |!w |Orq|!c |Ocq|Mca|Mcf|!s
reserved, requested            |!d |!d |!d |Orq|!m |!w |!w |!r |Ocq|Orq|Mra|Mrf|!s
covered, active                |!d |!d |!d |Mca|!m |!w |!w |Mra|!c |Mca|!a |!s |Mcs
covered, unanswered            |!d |!d |!d |Mcq|!m |!w |!w |Mrq|!c |Mcq|Mca|Mcf|!s
reserved, active               |!d |!d |!d |Mra|!m |!w |!w |!r |Mca|Mra|!a |!s |Mrs
reserved, refused              |!d |!d |!d |Mrf|!m |!w |!w |!r |Mcf|Mrf|Mra|!s |!s
reserved, stopped              |!d |!d |!d |Mrs|!m |!w |!w |!r |Mcs|Mrs|Mra|!s |!s
covered, no payroll            |!d |!d |!d |Mc-|!m |!w |!w |Mr-|!c |Mc-|!n |!n |!n
no package, no payroll         |!d |!d |!d |M--|!m |!w |!w |!p |!x |M--|!n |!n |!n
opt-in, no payroll             |!d |!d |!d |M--|!m |!w |!w |!p |Mc-|M--|!n |!n |!n
ended by age, unanswered       |!d |!d |!d |Meq|!m |!w |!w |!p |!x |Meq|Mea|Mef|!s
ended                          |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z
"""

HEAD, *ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
CELLS = [
    pytest.param(row[0], column, cell, id=f"{row[0]}-{column}".replace(" ", "_"))
    for row in ROWS
    for column, cell in zip(HEAD[1:], row[1:], strict=True)
]
STATES = states()


def test_the_table_is_complete():
    """Every state of a membership and every message of the contract stands in it."""
    assert [row[0] for row in ROWS] == list(STATES)
    assert HEAD[1:] == list(SENT)
    assert {type(message) for message in SENT.values()} == set(MESSAGES.values()) == set(ANSWERS)


@pytest.mark.parametrize(("state", "message", "cell"), CELLS)
def test_a_message_in_a_state(state, message, cell):
    """It leads to the expected stage and tracks, or is refused with its reason (design 2)."""
    record = STATES[state]
    if cell in REASONS:
        with pytest.raises(Refused) as refused:
            answer(record, SENT[message], moment(NOW))
        assert REASONS[cell] in str(refused.value)
        return
    stage, insurance, payroll_status = tuple(cell)
    after = answer(record, SENT[message], moment(NOW)).record
    assert after.stage is STAGES[stage]
    assert after.insurance.status is INSURANCE[insurance]
    assert after.payroll.status is PAYROLL[payroll_status]
