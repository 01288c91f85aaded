"""Who is told what, row by row (M1-M18), as it leaves the house, and nobody else.

Each row is lived by the real decisions, and each letter they order is held against the gate, which
it has to pass. What runs order for many at once is told by the tests of those runs (``OF_RUNS``).
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from activities.letters.cases import NO_COVER
from activities.letters.conditions import GateFacts, GateOutcome
from activities.letters.gate import pass_gate
from schemas.membership.application import Consents
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Audience, Language, Template
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    member,
    moment,
    payroll,
    received,
    reserve,
    stand,
)
from tests.letters.making import AUDIENCES
from tests.letters.test_letters_of_lives import BEFORE_LIFE, OF_RUNS
from tests.letters.test_templates import written
from tests.membership.decisions.lives import (
    DECEMBER,
    FEBRUARY,
    MARCH,
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
    told,
    uninsured,
    until,
    works,
)
from workflows.membership import deadlines
from workflows.membership.decisions.step import Step
from workflows.membership.record import MembershipRecord


def leaves(step: Step, record: MembershipRecord, on: date) -> list[str]:
    """Return who is told what by a decision: of the letters it orders those that the gate lets out.

    Args:
        step: the decision.
        record: as it stands after it.
        on: the day.
    """
    passed = []
    for words, one in zip(told(step), step.letters, strict=True):
        facts = GateFacts(
            stage=record.stage,
            outcome=record.outcome,
            hidden=record.hidden,
            hiding=record.hiding is not None,
            attached=True,
            told=True,
            overtaken=False,
            asked_on=TODAY,
            has_national_id=True,
            may_tell_recruiter=record.form.consents.tell_recruiter,
            ends_cover=one.figures.get("status") in NO_COVER,
            today=on,
        )
        verdict = pass_gate(one.audience, one.template, facts)
        if verdict.passage is GateOutcome.SEND:
            passed.append(words)
    return passed


def by(record: MembershipRecord, message: Inbound, on: date) -> list[str]:
    """Return who is told what once a message is answered."""
    step = sends(record, message, on)
    return leaves(step, stand(step, moment(on)), on)


def by_deadline(record: MembershipRecord, name: str) -> list[str]:
    """Return who is told what once a deadline has passed."""
    step, on = next_step(record, name)
    return leaves(step, stand(step, moment(on)), on)


Life = Callable[[], list[str]]
MEMBER = Audience.MEMBER
RECRUITED: dict[str, Any] = {
    "recruited_by": "Ola Nordmann",
    "consents": Consents(terms=True, tell_recruiter=True),
}
DEDUCTED = insured(branch="OSLO")
RESERVED = uninsured(branch="OSLO")
TURNS_67 = insured(application(birth_date=date(1960, 3, 12)), branch="OSLO")
LEFT = until(answered(DEDUCTED, resigns(FEBRUARY), FEBRUARY), date(2027, 4, 2)).model_copy(
    update={"lingers": True, "hears_late": True}
)
HIDING = sends(DEDUCTED, hides(FEBRUARY), FEBRUARY)

LIVES: dict[str, tuple[Life, str]] = {
    "information asked for": (
        lambda: by(received(), decide("request_information"), TODAY),
        "M information_requested, C information_requested",
    ),
    "application rejected": (
        lambda: by(received(), decide("reject"), TODAY),
        "M application_rejected, C application_ended",
    ),
    "application lapsed": (
        lambda: by_deadline(
            answered(received(), decide("request_information")), deadlines.INFORMATION_LAPSE
        ),
        "M application_lapsed, C application_ended",
    ),
    # And the rows of the first invoice and of the payroll request, which go out with it.
    "approved": (
        lambda: by(received(application(**RECRUITED)), decide(branch="OSLO"), TODAY),
        (
            "M welcome, M first_invoice, I insurance_new_member, B branch_new_member, "
            "R recruiter_thanks, E payroll_start"
        ),
    ),
    "approved, a student": (
        lambda: by(received(PEOPLE["student"]), decide(branch="OSLO"), TODAY),
        "M welcome, M first_invoice, B branch_new_member",
    ),
    "approved, hidden": (
        lambda: by(received(application(hidden=True, **RECRUITED)), decide(), TODAY),
        "M welcome, M first_invoice, I insurance_new_member",
    ),
    "payroll confirmed": (lambda: by(member(), payroll(), TODAY), "M deduction_begins"),
    "payroll refused": (
        lambda: by(member(), payroll("refused"), TODAY),
        "M deduction_not_possible",
    ),
    "reservation received": (
        lambda: by(DEDUCTED, reserve(FEBRUARY), FEBRUARY),
        "M reservation_confirmed, I insurance_status, E payroll_change",
    ),
    # No premium was to be deducted: nothing changes for the employer.
    "reservation received in the window": (
        lambda: by(member(), reserve(DECEMBER), DECEMBER),
        "M reservation_confirmed, I insurance_status",
    ),
    "reservation received in the window, entered after the end": (
        lambda: by(LEFT, reserve(DECEMBER), date(2027, 4, 15)),
        "C told_late, M reservation_confirmed, I insurance_status",
    ),
    "reservation window over": (
        lambda: by_deadline(answered(member(), payroll()), deadlines.RESERVATION_WINDOW),
        "M cover_begins, I insurance_status, E payroll_change",
    ),
    "dues change": (
        lambda: by(DEDUCTED, works(FEBRUARY, "40"), FEBRUARY),
        "M dues_changed, E payroll_change",
    ),
    "struck off": (
        lambda: by(DEDUCTED, owes(4, FEBRUARY), FEBRUARY),
        "M struck_off, C struck_off, E payroll_stop, I insurance_status, B branch_member_left",
    ),
    "employer change": (
        lambda: by(DEDUCTED, moves(FEBRUARY, branch="BERGEN"), FEBRUARY),
        (
            "E payroll_stop, E payroll_start, B branch_member_left, B branch_new_member, "
            "M dues_changed"
        ),
    ),
    # One branch is old and new; a caseworker looks whether it is still right.
    "employer change in one branch": (
        lambda: by(DEDUCTED, moves(FEBRUARY), FEBRUARY),
        "E payroll_stop, E payroll_start, B branch_member_changed, C employer_changed",
    ),
    "pension reported": (
        lambda: by(DEDUCTED, pension(FEBRUARY), FEBRUARY),
        "M pension_reported, I insurance_status, B branch_member_changed, E payroll_stop",
    ),
    "pension reported by who has reserved": (
        lambda: by(RESERVED, pension(FEBRUARY), FEBRUARY),
        "M pension_reported, I insurance_status, B branch_member_changed, E payroll_stop",
    ),
    "66 y 9 m": (
        lambda: by_deadline(
            insured(application(birth_date=date(1960, 6, 12))), deadlines.PENSION_QUESTION
        ),
        "M pension_question",
    ),
    "67": (
        lambda: by_deadline(until(TURNS_67, MARCH), deadlines.LIFE_CHANGE),
        "M retirement_age, M coverage_ended, I insurance_status",
    ),
    "each year a student": (
        lambda: by_deadline(member(PEOPLE["student"]), deadlines.STUDENT_CHECK),
        "M student_check",
    ),
    "hidden, the wish": (
        lambda: leaves(HIDING, stand(HIDING, moment(FEBRUARY)), FEBRUARY),
        "C>E payroll_stop, B branch_member_left",
    ),
    "hidden, once all are told": (
        lambda: by_deadline(letters_out(HIDING, FEBRUARY), deadlines.LIFE_CHANGE),
        "M hidden_on",
    ),
    "hidden no longer": (
        lambda: by(hidden_since(FEBRUARY, branch="OSLO"), opens(MARCH), MARCH),
        "M hidden_off, E payroll_start, B branch_new_member",
    ),
    "resignation": (
        lambda: by(DEDUCTED, resigns(FEBRUARY), FEBRUARY),
        "M resignation, E payroll_stop, I insurance_status, B branch_member_left",
    ),
    "resignation of who has reserved": (
        lambda: by(RESERVED, resigns(FEBRUARY), FEBRUARY),
        "M resignation, E payroll_stop, I insurance_status, B branch_member_left",
    ),
    "death": (
        lambda: by(DEDUCTED, dies(FEBRUARY), FEBRUARY),
        "C estate, E payroll_stop, I insurance_status, B branch_member_left",
    ),
}
"""A life for each row, and all that leaves the house by it."""

ROWS: dict[str, str] = {
    "information asked for": "MC",
    "application": "MC",
    "approved": "MIBRE",  # E: the row of the payroll request
    "approved, a student": "MB",
    "approved, hidden": "MI",
    "payroll": "M",
    "reservation received": "MIE",
    "reservation received in the window": "MI",
    "reservation received in the window, entered after the end": "MI",
    "reservation window over": "MIE",
    "dues change": "ME",
    "struck off": "MEI",
    "employer change": "EB",
    "pension": "MEIB",
    "66 y 9 m": "M",
    "67": "MI",
    "each year a student": "M",
    "hidden, the wish": "EB",
    "hidden, once all are told": "M",
    "hidden no longer": "MEB",
    "resignation": "MEIB",
    "death": "CE",
}
"""Who is told by the domain's own table: the row is the longest that a life's name begins with."""

BESIDES: dict[str, str] = {
    "reservation received in the window, entered after the end": "C",  # a task: it is refunded
    "struck off": "CB",  # L7, R3: a branch sees its own members only, and hears who is none
    "employer change": "M",  # other local dues: the row of a dues change
    "employer change in one branch": "C",
    "death": "IB",  # L7: the cover ends; the branch as above
}
"""Who is told as well, by another row or rule."""

RUNS: dict[str, set[tuple[Audience, Template]]] = {
    "application received": {(MEMBER, Template.APPLICATION_RECEIVED)},
    "overdue": {
        (MEMBER, Template.REMINDER_FIRST),
        (MEMBER, Template.REMINDER_SECOND),
        (MEMBER, Template.STRUCK_OFF_WARNING),
    },
    "deduction report missing or short": {(MEMBER, Template.DUES_INVOICE)},
    "pensioner or student, each year": {(MEMBER, Template.DUES_INVOICE)},
    "January": {(MEMBER, Template.TAX_STATEMENT)},
}
"""What is ordered for many at once, or as an application comes in."""


@pytest.mark.parametrize("row", LIVES)
def test_what_leaves_the_house(row):
    """All that the row names really goes out, in this order, and nothing besides."""
    life, expected = LIVES[row]
    assert life() == expected.split(", ")


@pytest.mark.parametrize("row", LIVES)
def test_who_hears_is_who_the_domain_names(row):
    """Nobody more, unless another row or rule says so."""
    _, expected = LIVES[row]
    named = max((name for name in ROWS if row.startswith(name)), key=len)
    heard = {words.split()[0].rpartition(">")[2] for words in expected.split(", ")}
    assert heard == {*ROWS[named], *BESIDES.get(row, "")}


def test_what_runs_order_goes_to_whom_the_domain_names():
    """Their own tests see when; this one, that no row of the domain is without a letter."""
    for letters in RUNS.values():
        for audience, template in letters:
            assert AUDIENCES[template] is audience
            assert template in OF_RUNS | BEFORE_LIFE


def test_no_cover_goes_on_of_who_has_reserved():
    """The insurance office reads of a pension, and of cover only where there is one (M12)."""
    for record, goes_on in ((DEDUCTED, True), (RESERVED, False)):
        status = letter(sends(record, pension(FEBRUARY), FEBRUARY), Template.INSURANCE_STATUS)
        text = written(Template.INSURANCE_STATUS, Language.NB, figures=status.figures)
        assert ("Dekningen går videre" in " ".join(text.split())) is goes_on
