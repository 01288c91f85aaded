"""Every message in every state of a life, and every message of a life in the onboarding's states.

With test_table.py that is every message of the contract in every state there is.
"""

from datetime import date

import pytest

from schemas.membership.messages import MESSAGES
from schemas.membership.messages.insurance import RequestReservationForm
from schemas.membership.messages.leaving import Reopen, RequestErasure
from schemas.membership.messages.merging import EndDuplicate
from schemas.membership.messages.payments import ChoosePayment
from schemas.membership.messages.pricing import Reprice
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Category
from tests.builders import states
from tests.membership.decisions import test_table as onboarding
from tests.membership.decisions.lives import (
    MAY,
    NOW,
    becomes,
    dies,
    hides,
    leave,
    moves,
    opens,
    owes,
    pension,
    resigns,
    states_of_life,
    takes_back,
    works,
)
from tests.membership.decisions.tables import Rows, cells, check, read
from workflows.membership.decisions.dispatch import ANSWERS

SENT: dict[str, Inbound] = {
    "emp": moves(NOW),
    "pct": works(NOW, "50"),
    "ord": becomes(Category.ORDINARY, NOW),
    "stu": becomes(Category.STUDENT, NOW, ends_on=date(2029, 6, 15)),
    "pen": pension(NOW),
    "hid": hides(NOW),
    "ope": opens(NOW),
    "lea": leave(NOW, date(2027, 6, 30)),
    "fut": works(date(2027, 6, 1), "60"),
    "bak": takes_back("change_employment", MAY),
    "rsg": resigns(NOW),
    "few": owes(3, NOW),
    "arr": owes(4, NOW),
    "die": dies(date(2027, 2, 9)),
    "prc": Reprice(rulebook="0f" * 32),
    "reo": Reopen(caseworker="ola", reason="Feil person"),
    "frm": RequestReservationForm(),
    "dup": EndDuplicate(
        goes_on="membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d", caseworker="ola"
    ),
    "cho": ChoosePayment(by="avtalegiro"),
    "era": RequestErasure(requested_by="dpo"),
}

REASONS = onboarding.REASONS | {
    "!i": "the application has not been approved yet; withdraw_application takes it back",
    "!b": "no change_employment for 2027-05-01 is recorded",
    "!l": "owed_months: owes 3 months; struck off when owing more than 3 (A30)",
    "!h": "hidden: the application says so already",
    "!k": "is recorded already, on 2027-02-10: nothing changes",
    "!E": "effective_on: lies after the membership's end, 2027-04-01",
    "!r": "has resigned already, on 2027-02-05; the last day is 2027-03-31",
    "!R": "the membership has ended: resigned",
    "!S": "the membership has ended: struck_off",
    "!D": "the membership has ended: deceased",
    "!u": "there is no end to undo",
    "!v": "is reserved already, from 2026-11-22",
}

# Three letters: stage, insurance, payroll. A reason after "!".
LIFE_IN_THE_ONBOARDING = """
state                         |emp|pct|ord|stu|pen|hid|ope|lea|fut|bak|rsg|few|arr|die|prc|reo|frm|dup|cho|era
not read yet                  |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0|!0 |!0|!0 |!0|!0 |!0
found faulty                  |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0 |!0|!0 |!0|!0 |!0|!0 |!0
under review                  |!e |!e |!e |!e |!e |U--|!h |!e |!e |!e |!i |!e |!e |X--|!e |!e|!e |!e|!e |U--
awaiting information          |!e |!e |!e |!e |!e |A--|!h |!e |!e |!e |!i |!e |!e |X--|!e |!e|!e |!e|!e |A--
window without proof, requested|Owq|Owq|Owq|M-s|Ows|Ows|Owq|Lws|Owq|!b |Ows|!l |Xes|Xes|Owq|!u|Owq|Xes|Owq|Owq
window, requested             |Owq|Owq|Owq|M-s|Ows|Ows|Owq|Lws|Owq|!b |Ows|!l |Xes|Xes|Owq|!u|Owq|Xes|Owq|Owq
window, unanswered            |Owq|Owq|Owq|M-s|Ows|Ows|Owq|Lws|Owq|!b |Ows|!l |Xes|Xes|Owq|!u|Owq|Xes|Owq|Owq
window, active                |Owq|Owa|Owa|M-s|Ows|Ows|Owa|Lws|Owa|!b |Owa|!l |Xes|Xes|Owa|!u|Owa|Xes|Owa|Owa
window, refused               |Owq|Owf|Owf|M-f|Owf|Owf|Owf|Lwf|Owf|!b |Owf|!l |Xef|Xef|Owf|!u|Owf|Xef|Owf|Owf
window, stopped               |Owq|Ows|Ows|M-s|Ows|Ows|Ows|Lws|Ows|!b |Ows|!l |Xes|Xes|Ows|!u|Ows|Xes|Ows|Ows
window, no payroll            |Owq|Ow-|Ow-|M--|Ow-|Ow-|Ow-|Lw-|Ow-|!b |Ow-|!l |Xe-|Xe-|Ow-|!u|Ow-|Xe-|Ow-|Ow-
window, awaits payment        |Ow-|Ow-|Ow-|M--|Ow-|Ow-|Ow-|Lw-|Ow-|!b |Ow-|!l |Xe-|Xe-|Ow-|!u|Ow-|Xe-|Ow-|Ow-
covered, requested            |Ocq|Ocq|Ocq|M-s|Mcs|Mcs|Ocq|Lcs|Ocq|!b |Mcs|!l |Xes|Xes|Ocq|!u|Ocq|Xes|Ocq|Ocq
reserved, requested           |Orq|Orq|Orq|M-s|Mrs|Mrs|Orq|Lrs|Orq|!b |Mrs|!l |Xes|Xes|Orq|!u|!v |Xes|Orq|Orq
covered, active               |Mcq|Mca|Mca|M-s|Mcs|Mcs|Mca|Lcs|Mca|!b |Mca|!l |Xes|Xes|Mca|!u|Mca|Xes|Mca|Mca
covered, unanswered           |Mcq|Mcq|Mcq|M-s|Mcs|Mcs|Mcq|Lcs|Mcq|!b |Mcs|!l |Xes|Xes|Mcq|!u|Mcq|Xes|Mcq|Mcq
reserved, active              |Mrq|Mra|Mra|M-s|Mrs|Mrs|Mra|Lrs|Mra|!b |Mra|!l |Xes|Xes|Mra|!u|!v |Xes|Mra|Mra
reserved, refused             |Mrq|Mrf|Mrf|M-f|Mrf|Mrf|Mrf|Lrf|Mrf|!b |Mrf|!l |Xef|Xef|Mrf|!u|!v |Xef|Mrf|Mrf
reserved, stopped             |Mrq|Mrs|Mrs|M-s|Mrs|Mrs|Mrs|Lrs|Mrs|!b |Mrs|!l |Xes|Xes|Mrs|!u|!v |Xes|Mrs|Mrs
covered, no payroll           |Mcq|Mc-|Mc-|M--|Mc-|Mc-|Mc-|Lc-|Mc-|!b |Mc-|!l |Xe-|Xe-|Mc-|!u|Mc-|Xe-|Mc-|Mc-
no package, no payroll        |M--|M--|Mw-|M--|Mw-|M--|M--|L--|M--|!b |M--|!l |X--|X--|M--|!u|!p |X--|M--|M--
opt-in, no payroll            |M--|M--|Mw-|M--|Mw-|M--|M--|L--|M--|!b |M--|!l |X--|X--|M--|!u|!p |X--|M--|M--
ended by age, unanswered      |Meq|Meq|Meq|Mes|Mes|Mes|Meq|Les|Meq|!b |Mes|!l |Xes|Xes|Meq|!u|!p |Xes|Meq|Meq
ended                         |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z |!z|!z |!z|!z |!z|!z |!z
"""  # noqa: E501 - a column for each message

# Back to work brings a request (START), another employer too; a pension, a leave, hiding, a study
# and an end stop one (L7). Nobody is asked to deduct for somebody who leaves.
LIFE = """
state                         |emp|pct|ord|stu|pen|hid|ope|lea|fut|bak|rsg|few|arr|die|prc|reo|frm|dup|cho|era
on leave                      |Lcs|Lcs|Lcs|L-s|Lcs|Lcs|Lcs|Lcs|Lcs|!b |Lcs|!l |Xes|Xes|Lcs|!u|Lcs|Xes|Lcs|Lcs
hidden                        |Mcs|Mcs|Mcs|M-s|Mcs|Mcs|Mcq|Lcs|Mcs|!b |Mcs|!l |Xes|Xes|Mcs|!u|Mcs|Xes|Mcs|Mcs
hiding in progress            |Mcs|Mcs|Mcs|M-s|Mcs|!k |Mca|Lcs|Mcs|!b |Mcs|!l |Xes|Xes|Mcs|!u|Mcs|Xes|Mcs|Mcs
leaving                       |Mcs|Mca|Mca|M-s|Mcs|Mcs|Mca|Lcs|!E |!b |!r |!l |Xes|Xes|Mca|Mca|Mca|Xes|Mca|Mca
early pensioner               |Mcq|Mc-|Mc-|M--|Mc-|Mc-|Mc-|Lc-|Mc-|!b |Mc-|!l |Xe-|Xe-|Mc-|!u|Mc-|Xe-|Mc-|Mc-
pensioner                     |M-q|M--|M--|M--|M--|M--|M--|L--|M--|!b |M--|!l |X--|X--|M--|!u|!p |X--|M--|M--
working past 67               |M-q|M-a|M-a|M-s|M-s|M-s|M-a|L-s|M-a|!b |M-a|!l |X-s|X-s|M-a|!u|!p |X-s|M-a|M-a
student asked                 |M--|M--|Mw-|M--|Mw-|M--|M--|L--|M--|!b |M--|!l |X--|X--|M--|!u|!p |X--|M--|M--
study over                    |M--|M--|Mw-|M--|Mw-|M--|M--|L--|M--|!b |M--|!l |X--|X--|M--|!u|!p |X--|M--|M--
apprenticeship over           |M--|M--|Mw-|M--|Mw-|M--|M--|L--|M--|!b |M--|!l |X--|X--|M--|!u|!p |X--|M--|M--
change ahead                  |Mcq|Mca|Mca|M-s|Mcs|Mcs|Mca|Lcs|Mca|Mca|Mca|!l |Xes|Xes|Mca|!u|Mca|Xes|Mca|Mca
resigned                      |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R|!R |!R|!R |!R|!R |!R
struck off                    |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S|!S |!S|!S |!S|!S |!S
deceased                      |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D|!D |!D|!D |!D|!D |!D
"""  # noqa: E501 - a column for each message

ONBOARDING_IN_A_LIFE = """
state                         |app|rej|ask|sup|wdr|del|bou|res|enr|pay|acc|ref|sto
on leave                      |!d |!d |!d |Lcs|!m |!w |!w |Lrs|!c |Lcs|!n |!n |!n
hidden                        |!d |!d |!d |Mcs|!m |!w |!w |Mrs|!c |Mcs|!n |!n |!n
hiding in progress            |!d |!d |!d |Mcs|!m |!w |!w |Mrs|!c |Mcs|!n |!n |!n
leaving                       |!d |!d |!d |Mca|!m |!w |!w |Mra|!c |Mca|!a |!s |Mcs
early pensioner               |!d |!d |!d |Mc-|!m |!w |!w |Mr-|!c |Mc-|!n |!n |!n
pensioner                     |!d |!d |!d |M--|!m |!w |!w |!p |!x |M--|!n |!n |!n
working past 67               |!d |!d |!d |M-a|!m |!w |!w |!p |!x |M-a|!a |!s |M-s
student asked                 |!d |!d |!d |M--|!m |!w |!w |!p |!x |M--|!n |!n |!n
study over                    |!d |!d |!d |M--|!m |!w |!w |!p |!x |M--|!n |!n |!n
apprenticeship over           |!d |!d |!d |M--|!m |!w |!w |!p |Mc-|M--|!n |!n |!n
change ahead                  |!d |!d |!d |Mca|!m |!w |!w |Mra|!c |Mca|!a |!s |Mcs
resigned                      |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R |!R
struck off                    |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S |!S
deceased                      |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D |!D
"""

STATES, STATES_OF_LIFE = states(), states_of_life()
EARLY, ROWS, LATE = read(LIFE_IN_THE_ONBOARDING), read(LIFE), read(ONBOARDING_IN_A_LIFE)


def pairs(rows: Rows, sent: dict[str, Inbound]) -> list[tuple[str, type[Inbound]]]:
    """Return (state, kind of message) for every cell that is filled."""
    return [(state, type(sent[code])) for state, row in rows for code, cell in row.items() if cell]


def test_the_tables_are_complete():
    """Every message of the contract meets every state there is, in one of the four tables."""
    every = {(s, kind) for s in (*STATES, *STATES_OF_LIFE) for kind in MESSAGES.values()}
    found = {
        *pairs(onboarding.ROWS, onboarding.SENT),
        *pairs(EARLY, SENT),
        *pairs(ROWS, SENT),
        *pairs(LATE, onboarding.SENT),
    }
    assert found == every
    assert set(MESSAGES.values()) == set(ANSWERS)
    assert [state for state, _ in ROWS] == [state for state, _ in LATE] == list(STATES_OF_LIFE)
    assert [state for state, _ in EARLY] == list(STATES)


@pytest.mark.parametrize(("state", "message", "cell"), cells(EARLY))
def test_a_message_of_life_in_the_onboarding(state, message, cell):
    """It leads to the expected stage and tracks, or is refused with its reason (L2)."""
    check(STATES[state], SENT[message], cell, REASONS, NOW)


@pytest.mark.parametrize(("state", "message", "cell"), cells(ROWS))
def test_a_message_of_life(state, message, cell):
    """It leads to the expected stage and tracks, or is refused with its reason (L2)."""
    check(STATES_OF_LIFE[state], SENT[message], cell, REASONS, NOW)


@pytest.mark.parametrize(("state", "message", "cell"), cells(LATE))
def test_a_message_of_the_onboarding_in_a_life(state, message, cell):
    """What belongs to the onboarding is answered later too (design 2)."""
    check(STATES_OF_LIFE[state], onboarding.SENT[message], cell, REASONS, NOW)


def test_every_state_of_a_life_is_what_it_is_called():
    """The states of the tables differ as their names say."""
    found = {name: (r.stage, r.outcome, r.category, r.hidden) for name, r in STATES_OF_LIFE.items()}
    assert found == {
        "on leave": ("on_leave", None, "ordinary", False),
        "hidden": ("active", None, "ordinary", True),
        "hiding in progress": ("active", None, "ordinary", False),
        "leaving": ("active", None, "ordinary", False),
        "early pensioner": ("active", None, "early_pensioner", False),
        "pensioner": ("active", None, "pensioner", False),
        "working past 67": ("active", None, "ordinary", False),
        "student asked": ("active", None, "student", False),
        "study over": ("active", None, "student", False),
        "apprenticeship over": ("active", None, "apprentice", False),
        "change ahead": ("active", None, "ordinary", False),
        "resigned": ("ended", "resigned", "ordinary", False),
        "struck off": ("ended", "struck_off", "ordinary", False),
        "deceased": ("ended", "deceased", "ordinary", False),
    }
    assert STATES_OF_LIFE["hiding in progress"].hiding is not None
    assert STATES_OF_LIFE["leaving"].leaving is not None
