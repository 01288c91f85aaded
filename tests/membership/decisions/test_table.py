"""Every message of the onboarding in every state of it: what it leads to, or why not.

The messages and states of the life that follows stand in test_table_of_life.py.
"""

from datetime import date

import pytest

from schemas.membership.messages.review import SupplyInformation, WithdrawApplication
from schemas.shared.base import Inbound
from tests.builders import decide, enroll, notice, payment, payroll, reserve, states
from tests.membership.decisions.lives import NOW
from tests.membership.decisions.tables import cells, check, read

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

ROWS = read(TABLE)
STATES = states()


def test_the_table_is_complete():
    """Every state of the onboarding and every message of it stands in it, and no cell is empty."""
    assert [state for state, _ in ROWS] == list(STATES)
    assert all(list(row) == list(SENT) and all(row.values()) for _, row in ROWS)


@pytest.mark.parametrize(("state", "message", "cell"), cells(ROWS))
def test_a_message_in_a_state(state, message, cell):
    """It leads to the expected stage and tracks, or is refused with its reason (design 2)."""
    check(STATES[state], SENT[message], cell, REASONS, NOW)
