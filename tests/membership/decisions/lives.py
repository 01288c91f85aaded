"""What happens in a life after the onboarding, for tests: short messages, people, and looking on.

Everybody here is a member since 22 November 2026 (``TODAY``) unless a test says otherwise.
"""

from datetime import date
from decimal import Decimal
from typing import Any

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
from schemas.membership.messages.leaving import RecordDeath, ReportArrears, Resign
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import (
    Audience,
    Category,
    LineKind,
    Payer,
    PensionKind,
    Role,
    Template,
)
from tests.builders import (
    MEMBER_NUMBER,
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
    welcomed,
)
from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import deadlines
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Moment, Step
from workflows.membership.record import MembershipRecord

OTHER_ORGNR = "312345676"
"""The contract's example of another employer."""

DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
MARCH, APRIL, MAY = date(2027, 3, 1), date(2027, 4, 1), date(2027, 5, 1)

WHO: dict[Audience, str] = {
    Audience.MEMBER: "M",
    Audience.EMPLOYER: "E",
    Audience.INSURANCE_OFFICE: "I",
    Audience.CASEWORKERS: "C",
    Audience.BRANCH: "B",
    Audience.RECRUITER: "R",
}
"""The letter that stands for each audience in the tables."""


# Messages -------------------------------------------------------------------------------------


def works(on: date, percent: str | None = None, **fields: Any) -> ChangeEmployment:
    """Return news of somebody's work: another percentage, employer or branch."""
    if percent is not None:
        fields["position_percent"] = Decimal(percent)
    return ChangeEmployment(effective_on=on, **fields)


def moves(on: date, percent: str | None = None, **fields: Any) -> ChangeEmployment:
    """Return news of another employer."""
    return works(on, percent, employer_orgnr=OTHER_ORGNR, employer_name="Fjord Drift AS", **fields)


def becomes(category: Category, on: date, **fields: Any) -> ChangeCategory:
    """Return a change of category."""
    return ChangeCategory(category=category, effective_on=on, **fields)


def pension(
    on: date, kind: PensionKind = PensionKind.DISABILITY, working: str | None = None
) -> ReportPension:
    """Return the report of a pension, with work beside it or without."""
    percent = None if working is None else Decimal(working)
    return ReportPension(kind=kind, from_on=on, working_percent=percent)


def hides(on: date, **fields: Any) -> SetHidden:
    """Return the wish to be hidden from the employer."""
    return SetHidden(hidden=True, effective_on=on, **fields)


def opens(on: date, **fields: Any) -> SetHidden:
    """Return the consent to be hidden no longer."""
    return SetHidden(hidden=False, effective_on=on, consent=True, **fields)


def leave(on: date, until: date) -> GrantLeave:
    """Return caseworker ola's leave."""
    return GrantLeave(from_on=on, until_on=until, caseworker="ola", reason="Permisjon")


def takes_back(change: Any, on: date) -> WithdrawChange:
    """Return the withdrawal of what was reported for a day."""
    return WithdrawChange(change=change, effective_on=on)


def resigns(on: date) -> Resign:
    """Return a resignation received on a day."""
    return Resign(received_on=on)


def owes(months: int, as_of: date) -> ReportArrears:
    """Return what the dues run tells of arrears."""
    return ReportArrears(as_of=as_of, owed_ore=months * 49500 or 1, owed_months=months)


def dies(on: date) -> RecordDeath:
    """Return a death that caseworker ola has learned of."""
    return RecordDeath(died_on=on, caseworker="ola", member_number=MEMBER_NUMBER)


# Time and letters -----------------------------------------------------------------------------


def told(step: Step) -> list[str]:
    """Return who is told what, in order: ``M dues_changed``, a task by its name.

    A letter that goes by way of the caseworkers reads ``C>E payroll_stop``.
    """
    return [
        ("C>" if one.forwarded else "")
        + f"{WHO[one.audience]} "
        + str(one.figures["task"] if one.template is Template.CASEWORKER_TASK else one.template)
        for one in step.letters
    ]


def letter(step: Step, template: Template, audience: Audience | None = None) -> Letter:
    """Return the one letter of a template."""
    (found,) = [
        one for one in step.letters if one.template is template and audience in {None, one.audience}
    ]
    return found


def amounts(one: Letter) -> dict[str, Any]:
    """Return what a letter says is charged, by kind, in øre."""
    terms: Any = one.figures["terms"]
    return {term["kind"]: term["amount_ore"] for term in terms}


def sends(record: MembershipRecord, message: Inbound, on: date) -> Step:
    """Return the step a message leads to on a day."""
    return dispatch.answer(record, message, moment(on))


def next_step(record: MembershipRecord, name: str) -> tuple[Step, date]:
    """Return the step of the next deadline, which must be of this name, and its day."""
    coming = deadlines(record)[0]
    assert coming.name == name, deadlines(record)
    now = Moment(coming.due_at)
    return dispatch.AFTER[name](record, now), now.today


def until(record: MembershipRecord, day: date) -> MembershipRecord:
    """Return the record once every deadline up to the morning of a day has passed."""
    for _ in range(200):
        due = [d for d in deadlines(record) if d.due_at <= moment(day).at]
        if not due:
            return record
        now = Moment(due[0].due_at)
        record = stand(dispatch.AFTER[due[0].name](record, now), now)
    raise AssertionError("a deadline does not go away by its own decision")


def letters_out(step: Step, on: date) -> MembershipRecord:
    """Return the record once a step stands and all its letters have gone out."""
    report = DeliveryReport(sent=tuple(one.key for one in step.letters))
    return dispatch.delivered(stand(step, moment(on)), report, moment(on))


def last_day(record: MembershipRecord, name: str) -> date | None:
    """Return the last day of a deadline, or None when it does not run."""
    return next((d.last_day for d in deadlines(record) if d.name == name), None)


def waits_for(record: MembershipRecord) -> list[tuple[Role, str, date | None]]:
    """Return whom the membership waits for, for what, until when."""
    return [(wait.role, wait.what, wait.deadline) for wait in awaiting(record)]


# Terms ----------------------------------------------------------------------------------------


def charges(record: MembershipRecord, month: date) -> dict[LineKind, int]:
    """Return what is charged in a month, in øre by kind."""
    running = [
        term
        for term in record.terms
        if term.valid_from <= month and (term.valid_to is None or month < term.valid_to)
    ]
    assert len(running) == len({term.kind for term in running}), "overlap (invariant 3)"
    return {term.kind: term.amount_ore for term in running}


def central(record: MembershipRecord, month: date) -> int | None:
    """Return the central dues of a month in øre, or None where nothing is charged."""
    return charges(record, month).get(LineKind.CENTRAL_DUES)


def payers(record: MembershipRecord) -> list[tuple[date, date | None, Payer]]:
    """Return who pays the central dues, from and to, whatever the amount."""
    spans: list[tuple[date, date | None, Payer]] = []
    for term in sorted(record.terms, key=lambda t: t.valid_from):
        if term.kind is not LineKind.CENTRAL_DUES:
            continue
        if spans and spans[-1][2] is term.payer and spans[-1][1] == term.valid_from:
            spans[-1] = (spans[-1][0], term.valid_to, term.payer)
        else:
            spans.append((term.valid_from, term.valid_to, term.payer))
    return spans


# People ---------------------------------------------------------------------------------------


def insured(form: Application | None = None, **fields: Any) -> MembershipRecord:
    """Return a member covered by the package; the employer deducts from December if there is one.

    The window ended on 22 December, so cover is from the 23rd and the premium from January.
    """
    record = member(form, **fields)
    if record.payroll.requested_at is not None:
        record = answered(record, payroll(first_period="2026-12"))
    return until(record, date(2026, 12, 23))


def uninsured(form: Application | None = None, **fields: Any) -> MembershipRecord:
    """Return a member who reserved; the employer deducts from December if there is one."""
    record = answered(member(form, **fields), reserve())
    if record.payroll.requested_at is not None:
        record = answered(record, payroll(first_period="2026-12"))
    return record


def working_past_67(day: date = TODAY) -> MembershipRecord:
    """Return somebody born in 1955 who was approved as ordinary (A25); the employer deducts."""
    record = received(application(birth_date=date(1955, 5, 5)), day=day)
    record = welcomed(answered(record, decide(category=Category.ORDINARY), day), day)
    return answered(record, payroll(), day)


def hidden_since(day: date, **fields: Any) -> MembershipRecord:
    """Return a member covered and deducted who was hidden on a day, letters and all."""
    record = insured(**fields)
    told_first = letters_out(sends(record, hides(day), day), day)
    return until(told_first, day)


NOW = date(2027, 2, 10)
"""After every deadline of an onboarding that began on 22 November."""


def states_of_life() -> dict[str, MembershipRecord]:
    """Return a membership in each state that a life can be in after its onboarding."""
    open_member = insured(branch="OSLO")
    student, apprentice = PEOPLE["student"], PEOPLE["apprentice"]
    studies_until = date(2027, 2, 1)
    hiding = sends(open_member, hides(NOW), NOW)
    return {
        "on leave": answered(open_member, leave(FEBRUARY, date(2027, 4, 30)), FEBRUARY),
        "hidden": hidden_since(FEBRUARY, branch="OSLO"),
        "hiding in progress": stand(hiding, moment(NOW)),
        "leaving": answered(open_member, resigns(date(2027, 2, 5)), date(2027, 2, 5)),
        "early pensioner": until(member(PEOPLE["early_pensioner"]), NOW),
        "pensioner": member(PEOPLE["pensioner"]),
        "working past 67": working_past_67(),
        "student asked": until(_learner(student, "study", date(2027, 4, 1)), NOW),
        "study over": until(_learner(student, "study", studies_until), NOW),
        "apprenticeship over": until(_learner(apprentice, "apprenticeship", studies_until), NOW),
        "change ahead": answered(open_member, works(MAY, "80"), FEBRUARY),
        "resigned": until(answered(open_member, resigns(DECEMBER), DECEMBER), FEBRUARY),
        "struck off": answered(open_member, owes(4, FEBRUARY), FEBRUARY),
        "deceased": answered(open_member, dies(FEBRUARY), FEBRUARY),
    }


def _learner(form: Application, field: str, ends_on: date) -> MembershipRecord:
    learns = getattr(form, field).model_copy(update={"ends_on": ends_on})
    return member(form.model_copy(update={field: learns}))
