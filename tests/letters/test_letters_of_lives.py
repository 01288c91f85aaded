"""The letters of whole lives, as the decisions order them, can all be written."""

import re
from datetime import date
from decimal import Decimal

import pytest

from activities.letters.sending import TELLS_BALANCE
from schemas.membership.application import Application
from schemas.membership.decision import DeliveryReport, Letter
from schemas.membership.messages.changes import (
    ChangeCategory,
    ChangeEmployment,
    GrantLeave,
    ReportPension,
    SetHidden,
    WithdrawChange,
)
from schemas.membership.messages.insurance import RequestReservationForm
from schemas.membership.messages.leaving import RecordDeath, Reopen, ReportArrears, Resign
from schemas.membership.messages.merging import EndDuplicate
from schemas.membership.messages.payments import ChoosePayment
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import (
    Audience,
    Category,
    Language,
    PensionKind,
    Stage,
    Template,
    WaiverKind,
)
from tests.builders import (
    MEMBER_NUMBER,
    PEOPLE,
    TODAY,
    application,
    member,
    moment,
    payroll,
    reserve,
    stand,
)
from tests.letters.making import AUDIENCES, OTHER_ORGNR
from tests.letters.test_templates import written
from workflows.membership import deadlines
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Moment, Step
from workflows.membership.record import MembershipRecord

Story = list[tuple[date, Inbound | None]]
"""What is reported on which day; None: time passes until then."""


def day(months: int) -> date:
    """The 22nd so many months after the approval."""
    year, month = divmod(TODAY.year * 12 + TODAY.month - 1 + months, 12)
    return date(year, month + 1, 22)


def death(member_number: str | None) -> RecordDeath:
    """Return the word of a death in the fifth month; without the number it waits (L7)."""
    return RecordDeath(died_on=day(5), caseworker="ola", member_number=member_number)


JOB = ChangeEmployment(
    effective_on=day(3), employer_orgnr=OTHER_ORGNR, employer_name="Fjord Drift AS", branch="BERGEN"
)
HALF = ChangeEmployment(effective_on=day(5), position_percent=Decimal(50))
NO_WORK = ChangeEmployment(effective_on=day(7), position_percent=Decimal(0))
AHEAD: list[Inbound] = [
    HALF,
    ChangeCategory(category=Category.APPRENTICE, effective_on=day(6)),
    ReportPension(kind=PensionKind.DISABILITY, from_on=day(6)),
    SetHidden(hidden=True, effective_on=day(6)),
    GrantLeave(from_on=day(6), until_on=day(10), caseworker="ola"),
]


def _reduced(on: date, last: date, kind: WaiverKind) -> GrantLeave:
    return GrantLeave(
        from_on=on, until_on=last, kind=kind, caseworker="ola", documentation="Vedtak"
    )


STORIES: dict[str, tuple[Application, Story]] = {
    "another job, half, none": (
        PEOPLE["ordinary"],
        [(TODAY, payroll()), (day(3), JOB), (day(5), HALF), (day(7), NO_WORK)],
    ),
    "another employer in the same branch": (
        PEOPLE["ordinary"],
        [(day(3), JOB.model_copy(update={"branch": None}))],
    ),
    "all changes noted ahead, and withdrawn": (
        PEOPLE["ordinary"],
        [
            (TODAY, payroll()),
            *((day(1), message) for message in AHEAD),
            (day(2), WithdrawChange(change="change_employment", effective_on=day(5))),
            (day(2), WithdrawChange(change="change_category", effective_on=day(6))),
            (day(2), WithdrawChange(change="report_pension", effective_on=day(6))),
            (day(2), WithdrawChange(change="set_hidden", effective_on=day(6))),
            (day(2), WithdrawChange(change="grant_leave", effective_on=day(6))),
            (day(2), Resign(received_on=day(2))),
            (day(2), WithdrawChange(change="resign", effective_on=day(2))),
        ],
    ),
    "resigns and stays, and asks for the form while the window is open": (
        PEOPLE["ordinary"],
        [
            (TODAY, RequestReservationForm()),
            (TODAY, ChoosePayment(by="avtalegiro")),
            (TODAY, Resign(received_on=TODAY)),
            (TODAY, WithdrawChange(change="resign", effective_on=TODAY)),
        ],
    ),
    "leaves, with and without the package": (
        PEOPLE["ordinary"],
        [
            (day(2), GrantLeave(from_on=day(2), until_on=day(5), caseworker="ola")),
            (day(6), reserve(day(6))),
            (day(8), GrantLeave(from_on=day(8), until_on=day(12), caseworker="ola")),
            (day(14), GrantLeave(from_on=day(14), until_on=day(14), caseworker="ola")),
            (day(15), None),
        ],
    ),
    "laid off, then without work, then an employer by its name": (
        PEOPLE["ordinary"],
        [
            (day(2), _reduced(day(2), day(5), WaiverKind.LAID_OFF)),
            (day(6), ChangeEmployment(effective_on=day(6), position_percent=Decimal(0))),
            (day(7), _reduced(day(7), day(11), WaiverKind.UNEMPLOYED)),
            (day(13), _reduced(day(13), day(14), WaiverKind.UNPAID_LEAVE)),
            (day(15), _reduced(day(15), day(15), WaiverKind.BENEFITS)),
            (day(17), ChangeEmployment(effective_on=day(17), employer_name="Nytt AS")),
        ],
    ),
    "early pension until the last coverage": (
        application(birth_date=date(1963, 3, 2)),
        [
            (day(2), ReportPension(kind=PensionKind.AFP, from_on=day(2))),
            (date(2032, 1, 5), None),
        ],
    ),
    "disability before 60, back to work": (
        application(birth_date=date(1970, 3, 2)),
        [
            (day(2), ReportPension(kind=PensionKind.DISABILITY, from_on=day(2))),
            (day(9), JOB.model_copy(update={"effective_on": day(9)})),
            (date(2031, 1, 5), None),
        ],
    ),
    "works past 67, with a pension, and stops": (
        application(birth_date=date(1960, 3, 2)),
        [
            (
                day(2),
                ReportPension(
                    kind=PensionKind.OLD_AGE, from_on=day(2), working_percent=Decimal(60)
                ),
            ),
            (day(8), ReportPension(kind=PensionKind.AFP, from_on=day(8))),
        ],
    ),
    "goes with 67": (
        application(birth_date=date(1960, 3, 2)),
        [
            (day(0), ReportPension(kind=PensionKind.OLD_AGE, from_on=date(2027, 3, 2))),
            (day(8), None),
        ],
    ),
    "a student who becomes ordinary": (
        PEOPLE["student"],
        [
            (date(2028, 7, 1), None),
            (
                date(2028, 7, 2),
                ChangeCategory(category=Category.ORDINARY, effective_on=date(2028, 7, 2)),
            ),
        ],
    ),
    "somebody who studies again, until whenever": (
        PEOPLE["ordinary"],
        [
            (day(4), ChangeCategory(category=Category.STUDENT, effective_on=day(4))),
            (day(20), None),
        ],
    ),
    "an apprentice": (
        PEOPLE["apprentice"],
        [
            (date(2028, 9, 2), None),
            (
                date(2028, 10, 2),
                ChangeCategory(category=Category.ORDINARY, effective_on=date(2028, 10, 2)),
            ),
        ],
    ),
    "hidden, and open again": (
        PEOPLE["ordinary"],
        [
            (TODAY, payroll()),
            (day(3), SetHidden(hidden=True, effective_on=day(3))),
            (day(4), None),
            (day(5), SetHidden(hidden=False, effective_on=day(5), consent=True, branch="OSLO")),
        ],
    ),
    "resigns": (PEOPLE["ordinary"], [(day(3), Resign(received_on=day(3))), (day(6), None)]),
    "is struck off": (
        PEOPLE["ordinary"],
        [(day(5), ReportArrears(as_of=day(5), owed_ore=198000, owed_months=4))],
    ),
    "dies": (
        PEOPLE["ordinary"],
        [(TODAY, payroll()), (day(5), death(MEMBER_NUMBER))],
    ),
    "dies, with nobody sure whose death it is": (
        PEOPLE["ordinary"],
        [(day(5), death(None)), (day(6), Reopen(caseworker="kari", reason="Feil person"))],
    ),
    "is thought dead, and is not": (
        PEOPLE["ordinary"],
        [
            (TODAY, payroll()),
            (day(5), death(MEMBER_NUMBER)),
            (day(9), Reopen(caseworker="kari", reason="Feil person")),
        ],
    ),
    "a merge, and its undoing": (
        PEOPLE["ordinary"],
        [
            (
                day(2),
                EndDuplicate(
                    goes_on="membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d", caseworker="ola"
                ),
            ),
            (day(2), Reopen(caseworker="ola", reason="De er to")),
        ],
    ),
}


def told(form: Application, story: Story) -> list[tuple[Letter, MembershipRecord]]:
    """Live a story; return every letter with the record after the decision that ordered it."""
    record = member(form, branch=None if form.hidden else "OSLO")
    letters: list[tuple[Letter, MembershipRecord]] = []

    def take(step: Step, now: Moment) -> None:
        nonlocal record
        record = stand(step, now)
        letters.extend((letter, record) for letter in step.letters)
        sent = DeliveryReport(sent=tuple(letter.key for letter in step.letters))
        record = dispatch.delivered(record, sent, now)

    for on, message in story:
        while passed := [d for d in deadlines.deadlines(record) if d.due_at <= moment(on).at]:
            take(dispatch.AFTER[passed[0].name](record, Moment(passed[0].due_at)), moment(on))
        if message is not None:
            # Its workflow keeps who has left within hearing (L9).
            record = record.model_copy(update={"lingers": record.stage is Stage.ENDED})
            take(dispatch.answer(record, message, moment(on)), moment(on))
    return letters


@pytest.mark.parametrize(("form", "story"), STORIES.values(), ids=STORIES.keys())
def test_every_letter_of_a_life_can_be_written(form: Application, story: Story) -> None:
    """Whatever a decision puts into a letter, its template has words for it, in each language."""
    for letter, _ in told(form, story):
        assert AUDIENCES[letter.template] is letter.audience
        languages = Language if letter.audience is Audience.MEMBER else [Language.NB]
        for language in languages:
            for own_words in {False, letter.forwarded}:
                text = written(
                    letter.template, language, figures=letter.figures, own_words=own_words
                )
                assert not re.search(r"\{\{|\{%|None|Undefined|\\|_", text), letter.key


def test_the_stories_tell_every_letter_of_a_life() -> None:
    """A new letter needs a story, so that its figures are seen."""
    seen = {letter.template for story in STORIES.values() for letter, _ in told(*story)}
    letters_of_life = set(Template) - BEFORE_LIFE - OF_RUNS
    assert seen >= letters_of_life


BEFORE_LIFE = {
    Template.APPLICATION_RECEIVED,
    Template.INFORMATION_REQUESTED,
    Template.APPLICATION_REJECTED,
    Template.APPLICATION_WITHDRAWN,
    Template.APPLICATION_LAPSED,
    Template.APPLICATION_DUPLICATE,
    Template.WELCOME,
    Template.FIRST_INVOICE,
    Template.RECRUITER_THANKS,
    Template.DEDUCTION_NOT_POSSIBLE,
}

OF_RUNS = {
    Template.INSURANCE_ERASED,
    Template.BRANCH_ERASED,
    Template.DUES_INVOICE,
    Template.REMINDER_FIRST,
    Template.REMINDER_SECOND,
    Template.STRUCK_OFF_WARNING,
    Template.OVERPAYMENT,
    Template.PAYMENT_PLAN,
    Template.PAYMENT_PLAN_BROKEN,
    Template.DIRECT_DEBIT_RETURNED,
    Template.TAX_STATEMENT,
    Template.DEDUCTION_LIST,
    Template.EMPLOYMENT_QUESTION,
}
"""Ordered for many members at once; their own tests see what is put into them."""


def test_a_stop_always_names_its_employer_and_comes_first() -> None:
    """L6: STOP to the old employer before START to the new one, in one decision."""
    letters = told(*STORIES["another job, half, none"])
    moved = [
        (letter.template, letter.employer)
        for letter, _ in letters
        if letter.audience is Audience.EMPLOYER
    ]
    templates = [template for template, _ in moved]
    stop = templates.index(Template.PAYROLL_STOP)
    assert templates[stop + 1] is Template.PAYROLL_START
    assert moved[stop][1] is not None
    assert moved[stop][1].orgnr != OTHER_ORGNR


def test_letters_of_an_end_say_what_is_owed() -> None:
    """M16: last date and balance, A29."""
    ends = {
        Template.RESIGNATION,
        Template.STRUCK_OFF,
        Template.MEMBERSHIP_REOPENED,
        Template.MEMBERSHIPS_MERGED,
    }
    assert ends == TELLS_BALANCE - OF_RUNS
