"""Who is told what of an event: the domain's table, cell by cell, of open and of hidden members.

What the runs order (reminders, yearly invoices, statements, lists) stands in their own tests.
"""

from datetime import date

import pytest

from schemas.membership.application import Consents
from schemas.membership.messages.insurance import RequestReservationForm
from schemas.shared.vocabulary import Audience, Category, PensionKind, Template
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    member,
    payroll,
    received,
    reserve,
)
from tests.membership.decisions.lives import (
    FEBRUARY,
    JANUARY,
    MARCH,
    WHO,
    becomes,
    dies,
    hidden_since,
    hides,
    insured,
    letter,
    letters_out,
    moves,
    next_step,
    opens,
    owes,
    pension,
    resigns,
    sends,
    until,
    works,
)
from workflows.membership.decisions.step import Step

BORN_1960 = date(1960, 3, 2)
"""Turns 67 on 2 March 2027; the question is asked three months before."""


def told_at(step: Step) -> str:
    """Return the audiences of a step in the table's order."""
    audiences = {WHO[one.audience] for one in step.letters}
    return "".join(who for who in "MEICBR" if who in audiences)


def of_applicants() -> dict[str, tuple[Step, str]]:
    """Applying: the first rows."""
    asked = answered(received(), decide("request_information", reason="Hvor?"))
    consents = Consents(terms=True, tell_recruiter=True)
    recruited = received(application(recruited_by="Ola Nordmann", consents=consents))
    silent = received(application(recruited_by="Ola Nordmann"))
    hidden = received(application(hidden=True, recruited_by="Ola Nordmann", consents=consents))
    student = received(PEOPLE["student"])
    return {
        "information asked for": (
            sends(received(), decide("request_information", reason="Hvor?"), TODAY),
            "MC",
        ),
        "rejected": (sends(received(), decide("reject", reason="Nei"), TODAY), "MC"),
        "lapsed": (next_step(asked, "information_lapse")[0], "MC"),
        "approved": (sends(received(), decide(branch="OSLO"), TODAY), "MEIB"),
        "approved, recruited": (sends(recruited, decide(branch="OSLO"), TODAY), "MEIBR"),
        "approved, no consent to thanks": (sends(silent, decide(branch="OSLO"), TODAY), "MEIB"),
        "approved, a student": (sends(student, decide(branch="OSLO"), TODAY), "MB"),
        "approved, hidden and recruited": (sends(hidden, decide(), TODAY), "MI"),
    }


def of_onboarding() -> dict[str, tuple[Step, str]]:
    """Payroll and insurance: what each answer leads to."""
    asked = member(branch="OSLO")
    deducted = answered(asked, payroll(first_period="2026-12"))
    by_invoice = member(PEOPLE["no_employer"], branch="OSLO")
    return {
        "payroll confirmed": (sends(asked, payroll(), TODAY), "M"),
        "payroll refused": (sends(asked, payroll("refused"), TODAY), "M"),
        "the form asked for": (sends(asked, RequestReservationForm(), TODAY), "M"),
        # No premium was deducted yet: the amounts stay as they were.
        "reservation in time": (sends(deducted, reserve(), TODAY), "MI"),
        "reservation later": (sends(insured(branch="OSLO"), reserve(FEBRUARY), FEBRUARY), "MEI"),
        "window over": (next_step(deducted, "reservation_window")[0], "MEI"),
        "window over, by invoice": (next_step(by_invoice, "reservation_window")[0], "MI"),
    }


def of_changes() -> dict[str, tuple[Step, str]]:
    """A life as a member, deducted and covered, of the branch OSLO."""
    open_member, hidden = insured(branch="OSLO"), hidden_since(FEBRUARY, branch="OSLO")
    about_67 = insured(application(birth_date=BORN_1960), branch="OSLO")
    turning = until(about_67, date(2027, 3, 1))
    hiding = letters_out(sends(open_member, hides(FEBRUARY), FEBRUARY), FEBRUARY)
    return {
        "dues change": (sends(open_member, works(FEBRUARY, "40"), FEBRUARY), "ME"),
        "dues change, hidden": (sends(hidden, works(MARCH, "40"), MARCH), "M"),
        "employer change": (
            sends(member(branch="BERGEN"), moves(JANUARY, branch="OSLO"), JANUARY),
            "MEB",  # the local dues are others as well
        ),
        "employer change, the same branch": (
            sends(open_member, moves(FEBRUARY), FEBRUARY),
            "ECB",  # a caseworker looks whether the branch is right
        ),
        "employer change, hidden": (sends(hidden, moves(MARCH), MARCH), ""),
        "pension reported": (sends(open_member, pension(FEBRUARY), FEBRUARY), "MEIB"),
        "pension reported, hidden": (
            sends(hidden, pension(MARCH, PensionKind.DISABILITY), MARCH),
            "MI",
        ),
        # S8: the cover ends, and nobody deducts from a student.
        "a student again": (
            sends(open_member, becomes(Category.STUDENT, FEBRUARY), FEBRUARY),
            "MEI",
        ),
        "67": (next_step(turning, "life_change")[0], "MI"),
        # Employer (by way of the caseworkers) and branch first, the member once it has come true.
        "hidden on": (sends(open_member, hides(FEBRUARY), FEBRUARY), "EB"),
        "hidden on, in effect": (next_step(hiding, "life_change")[0], "M"),
        "hidden off": (sends(hidden, opens(MARCH, branch="OSLO"), MARCH), "MEB"),
    }


def of_ends() -> dict[str, tuple[Step, str]]:
    """Leaving: the branch hears of each end, so that it writes to its own members only (R3)."""
    open_member, hidden = insured(branch="OSLO"), hidden_since(FEBRUARY, branch="OSLO")
    student = member(PEOPLE["student"], branch="OSLO")
    reserved = answered(answered(member(branch="OSLO"), payroll()), reserve())
    rows = {
        "resignation": (resigns, "MEIB"),
        "struck off": (lambda day: owes(4, day), "MEICB"),
        "death": (dies, "EICB"),
    }
    found: dict[str, tuple[Step, str]] = {}
    for name, (message, who) in rows.items():
        without = who.replace("I", "")
        found |= {
            name: (sends(open_member, message(FEBRUARY), FEBRUARY), who),
            f"{name}, hidden": (
                sends(hidden, message(MARCH), MARCH),
                who.replace("E", "").replace("B", ""),
            ),
            f"{name}, a student": (
                sends(student, message(FEBRUARY), FEBRUARY),
                without.replace("E", ""),
            ),
            # A21: never in, so no cover ends.
            f"{name}, reserved": (sends(reserved, message(FEBRUARY), FEBRUARY), without),
        }
    return found


CELLS = of_applicants() | of_onboarding() | of_changes() | of_ends()


@pytest.mark.parametrize(("step", "who"), CELLS.values(), ids=CELLS)
def test_each_cell_of_the_table(step: Step, who: str) -> None:
    """Whoever has a cell is told, and nobody else is (M1-M17, S30, S33)."""
    assert told_at(step) == who


@pytest.mark.parametrize(
    ("end", "cover_ends"),
    [
        # Received on 10 February: covered through February, out from 1 March (A21).
        (dies(date(2027, 2, 12)), "2027-02-13"),  # the day after the death comes first
        (owes(4, date(2027, 2, 15)), "2027-02-15"),  # at once
        (resigns(date(2027, 2, 15)), None),  # ends with March, when there is no cover left
    ],
)
def test_an_end_before_a_reservation_works(end, cover_ends):
    """The office hears of an end of the cover that comes before the one it knows (A21, M16, R3)."""
    on = date(2027, 2, 15)
    reserved = answered(insured(branch="OSLO"), reserve(date(2027, 2, 10)), date(2027, 2, 10))
    assert str(reserved.insurance.reserved_from) == "2027-03-01"
    step = sends(reserved, end, on)
    if cover_ends is None:
        assert "I" not in told_at(step)
        return
    told_of = letter(step, Template.INSURANCE_STATUS, Audience.INSURANCE_OFFICE)
    assert told_of.figures == {"status": "ended", "from_on": cover_ends}
