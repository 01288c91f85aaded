"""Whom a membership waits for, since when and until when."""

from collections.abc import Callable
from datetime import date, timedelta

from schemas.membership.messages.changes import (
    ChangeCategory,
    ChangeEmployment,
    GrantLeave,
    ReportPension,
)
from schemas.membership.messages.insurance import RecordInsuranceNotice
from schemas.membership.messages.leaving import RecordDeath
from schemas.membership.messages.payments import AnswerPayrollRequest, RecordPayment
from schemas.membership.messages.review import DecideApplication, SupplyInformation
from schemas.membership.situation import LEARNING
from schemas.membership.state import Awaiting
from schemas.pricing.rulebook import NotInForce
from schemas.shared.calendar import start_of
from schemas.shared.vocabulary import (
    Category,
    InsuranceStatus,
    PayrollStatus,
    Role,
    Stage,
)
from workflows.membership import deadlines
from workflows.membership.decisions.work_questions import lacks_number, without_work
from workflows.membership.record import Asked, MembershipRecord


def awaiting(record: MembershipRecord) -> tuple[Awaiting, ...]:
    """Return whom the membership waits for. Source: A20, A21, A33, A34, N3."""
    if record.stage is Stage.ENDED:
        found = _death(record) if record.lingers else None
        return (found,) if found is not None else ()
    asks: tuple[Callable[[MembershipRecord], Awaiting | None], ...] = (
        _decision,
        _information,
        _notice,
        _payment,
        _national_id,
        _employer,
        _death,
        _second_person,
        _pension,
        _studies,
        _employers_number,
        _work,
        _waiver,
    )
    return tuple(found for ask in asks if (found := ask(record)) is not None)


def _until(last_day: Callable[[MembershipRecord], date], record: MembershipRecord) -> date | None:
    """Return the last day for an answer; None also while the rulebook does not tell it."""
    try:
        return last_day(record)
    except NotInForce:
        return None


def _decision(record: MembershipRecord) -> Awaiting | None:
    if record.stage is not Stage.UNDER_REVIEW:
        return None
    return Awaiting(
        role=Role.CASEWORKER, what=DecideApplication.card.name, since=record.review.since
    )


def _information(record: MembershipRecord) -> Awaiting | None:
    if record.stage is not Stage.AWAITING_INFORMATION:
        return None
    return Awaiting(
        role=Role.APPLICANT,
        what=SupplyInformation.card.name,
        since=record.review.since,
        deadline=_until(deadlines.information_deadline, record),
    )


def _notice(record: MembershipRecord) -> Awaiting | None:
    insurance = record.insurance
    if insurance.status is not InsuranceStatus.WINDOW_OPEN or insurance.reservation_deadline:
        return None
    return Awaiting(
        role=Role.INSURANCE_OFFICE,
        what=RecordInsuranceNotice.card.name,
        since=insurance.since or record.review.since,
    )


def _payment(record: MembershipRecord) -> Awaiting | None:
    if not record.payroll.awaits_payment or record.first_invoice is None:
        return None
    return Awaiting(
        role=Role.PAYER,
        what=RecordPayment.card.name,
        since=start_of(record.first_invoice.issued_on),
        deadline=record.first_invoice.due_on,
    )


def _national_id(record: MembershipRecord) -> Awaiting | None:
    """A START without a national id is held back until it arrives (N3)."""
    requested_at = record.payroll.requested_at
    open_request = record.payroll.status is PayrollStatus.REQUESTED
    if not open_request or requested_at is None or record.form.applicant.has_national_id:
        return None
    return Awaiting(
        role=Role.APPLICANT,
        what=SupplyInformation.card.name,
        since=requested_at,
        deadline=None if record.payroll.unanswered else _until(deadlines.payroll_deadline, record),
    )


def _employer(record: MembershipRecord) -> Awaiting | None:
    payroll = record.payroll
    if payroll.status is not PayrollStatus.REQUESTED or payroll.requested_at is None:
        return None
    return Awaiting(
        role=Role.EMPLOYER,
        what=AnswerPayrollRequest.card.name,
        since=payroll.requested_at,
        deadline=None if payroll.unanswered else _until(deadlines.payroll_deadline, record),
    )


def _death(record: MembershipRecord) -> Awaiting | None:
    """A death that was reported without the member number is confirmed by a caseworker (L7)."""
    if record.reported_death is None:
        return None
    return Awaiting(
        role=Role.CASEWORKER, what=RecordDeath.card.name, since=record.reported_death.at
    )


def _second_person(record: MembershipRecord) -> Awaiting | None:
    """What one person has asked for waits for another to say the same (R6)."""
    if not record.second_persons:
        return None
    asked = record.second_persons[-1]
    return Awaiting(role=Role.CASEWORKER, what=asked.message, since=asked.at)


def _pension(record: MembershipRecord) -> Awaiting | None:
    """The question about work and pension; silence means going on at full dues (A14)."""
    if record.present is None or record.present.category is not Category.ORDINARY:
        return None
    if record.leaving is not None or deadlines.announced(record):
        return None
    turns = _until(deadlines.retirement, record)
    if turns is None:
        return None
    asked = record.asked_at(deadlines.about_pension(record))
    if asked is None or record.present.pension or (record.reached or record.since) >= turns:
        return None
    return Awaiting(
        role=Role.APPLICANT,
        what=ReportPension.card.name,
        since=asked.at,
        deadline=turns - timedelta(days=1),
    )


def _studies(record: MembershipRecord) -> Awaiting | None:
    """First the member's turn, and once the study is over a caseworker's (S17, A9)."""
    if record.present is None or record.present.category not in LEARNING:
        return None
    if record.leaving is not None or deadlines.announced(record):
        return None
    over = record.asked_at(deadlines.about_studies_over(record))
    if over is not None:
        return Awaiting(role=Role.CASEWORKER, what=ChangeCategory.card.name, since=over.at)
    asked = record.asked_at(deadlines.about_studies(record))
    if asked is None:
        return None
    return Awaiting(
        role=Role.APPLICANT,
        what=ChangeCategory.card.name,
        since=asked.at,
        deadline=record.present.ends_on,
    )


def _employers_number(record: MembershipRecord) -> Awaiting | None:
    """The number of an employer that is known by its name alone (A28)."""
    if record.present is None or record.leaving is not None or not lacks_number(record.present):
        return None
    asked = _latest(record, "employer")
    if asked is None:
        return None
    return Awaiting(role=Role.APPLICANT, what=ChangeEmployment.card.name, since=asked.at)


def _work(record: MembershipRecord) -> Awaiting | None:
    """What somebody without work pays is for a caseworker to decide (A5, A36)."""
    if record.present is None or record.leaving is not None or not without_work(record.present):
        return None
    asked = _latest(record, "work")
    if asked is None:
        return None
    return Awaiting(role=Role.CASEWORKER, what=GrantLeave.card.name, since=asked.at)


def _waiver(record: MembershipRecord) -> Awaiting | None:
    """The question what comes after a waiver; silence lets it end by itself (A36)."""
    if record.present is None or record.leaving is not None or record.present.waiver is None:
        return None
    until = _until(deadlines.waived_until, record)
    asked = record.asked_at(f"waiver:{until}")
    if asked is None:
        return None
    return Awaiting(
        role=Role.APPLICANT, what=ChangeEmployment.card.name, since=asked.at, deadline=until
    )


def _latest(record: MembershipRecord, about: str) -> Asked | None:
    asked = [one for one in record.asked if one.about.partition(":")[0] == about]
    return asked[-1] if asked else None
