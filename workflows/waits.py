"""What a membership waits for: whose turn it is, until when, and what happens then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.rules.calendar import add_working_days, oslo_date, start_of
from schemas.state import Awaiting
from schemas.vocabulary import InsuranceStatus, MessageName, PayrollStatus, Role, Stage
from workflows.record import MembershipRecord


@dataclass(frozen=True)
class Deadline:
    """A date after which something happens by itself.

    Attributes:
        last_day: the last day for an answer; ``due_at`` is the first moment after it.
    """

    name: str
    last_day: date

    @property
    def due_at(self) -> datetime:
        """The first moment after the last day, in Europe/Oslo, aware."""
        return start_of(self.last_day + timedelta(days=1))


REVIEW_REMINDER = "review_reminder"
REVIEW_ESCALATION = "review_escalation"
INFORMATION_LAPSE = "information_lapse"
RESERVATION_WINDOW = "reservation_window"
PAYROLL_REMINDER = "payroll_reminder"
PAYROLL_TIMEOUT = "payroll_timeout"


def deadlines(record: MembershipRecord) -> list[Deadline]:
    """Return every deadline that runs, the earliest first. Source: A21, A33, A34."""
    if record.rulebook is None:
        return []
    found = [*_of_review(record), *_of_window(record), *_of_payroll(record)]
    return sorted(found, key=lambda deadline: deadline.last_day)


def _of_review(record: MembershipRecord) -> list[Deadline]:
    review, started = record.review, oslo_date(record.review.since)
    policies = record.book.policies_on(started)
    if record.stage is Stage.AWAITING_INFORMATION:
        return [Deadline(INFORMATION_LAPSE, information_deadline(record))]
    if record.stage is not Stage.UNDER_REVIEW:
        return []
    if not review.reminded:
        return [
            Deadline(REVIEW_REMINDER, add_working_days(started, policies.reminder_working_days))
        ]
    if not review.escalated:
        days = policies.escalation_working_days
        return [Deadline(REVIEW_ESCALATION, add_working_days(started, days))]
    return []


def information_deadline(record: MembershipRecord) -> date:
    """Return the last day to answer a question. Source: A33."""
    asked = oslo_date(record.review.since)
    return asked + timedelta(days=record.book.policies_on(asked).lapse_days)


def review_due(record: MembershipRecord) -> datetime | None:
    """Return when the present review should be decided, for the inbox. Source: A33."""
    if record.stage is not Stage.UNDER_REVIEW or record.rulebook is None:
        return None
    started = oslo_date(record.review.since)
    days = record.book.policies_on(started).reminder_working_days
    return start_of(add_working_days(started, days) + timedelta(days=1))


def _of_window(record: MembershipRecord) -> list[Deadline]:
    insurance = record.insurance
    if insurance.status is not InsuranceStatus.WINDOW_OPEN or not insurance.reservation_deadline:
        return []
    return [Deadline(RESERVATION_WINDOW, insurance.reservation_deadline)]


def _of_payroll(record: MembershipRecord) -> list[Deadline]:
    payroll = record.payroll
    if payroll.status is not PayrollStatus.REQUESTED or payroll.unanswered:
        return []
    if not payroll.reminded:
        return [Deadline(PAYROLL_REMINDER, _payroll_day(record, "payroll_reminder_days"))]
    return [Deadline(PAYROLL_TIMEOUT, payroll_deadline(record))]


def payroll_deadline(record: MembershipRecord) -> date:
    """Return the last day the onboarding waits for the employer. Source: A34."""
    return _payroll_day(record, "payroll_timeout_days")


def _payroll_day(record: MembershipRecord, policy: str) -> date:
    asked = record.payroll.requested_on
    assert asked is not None, "the employer has not been asked"
    days: int = getattr(record.book.policies_on(asked), policy)
    return asked + timedelta(days=days)


def awaiting(record: MembershipRecord) -> tuple[Awaiting, ...]:
    """Return whom the membership waits for. Source: A20, A21, A33, A34, section 7."""
    if record.stage is Stage.ENDED:
        return ()
    asks: tuple[Callable[[MembershipRecord], Awaiting | None], ...] = (
        _decision,
        _information,
        _notice,
        _payment,
        _national_id,
        _employer,
    )
    return tuple(found for ask in asks if (found := ask(record)) is not None)


def _decision(record: MembershipRecord) -> Awaiting | None:
    if record.stage is not Stage.UNDER_REVIEW:
        return None
    return Awaiting(
        role=Role.CASEWORKER, what=MessageName.DECIDE_APPLICATION, since=record.review.since
    )


def _information(record: MembershipRecord) -> Awaiting | None:
    if record.stage is not Stage.AWAITING_INFORMATION:
        return None
    return Awaiting(
        role=Role.APPLICANT,
        what=MessageName.SUPPLY_INFORMATION,
        since=record.review.since,
        deadline=information_deadline(record),
    )


def _notice(record: MembershipRecord) -> Awaiting | None:
    insurance = record.insurance
    if insurance.status is not InsuranceStatus.WINDOW_OPEN or insurance.reservation_deadline:
        return None
    return Awaiting(
        role=Role.INSURANCE_OFFICE,
        what=MessageName.RECORD_INSURANCE_NOTICE,
        since=insurance.since or record.review.since,
    )


def _payment(record: MembershipRecord) -> Awaiting | None:
    if not record.payroll.awaits_payment or record.first_invoice is None:
        return None
    return Awaiting(
        role=Role.PAYER,
        what=MessageName.RECORD_PAYMENT,
        since=start_of(record.first_invoice.issued_on),
        deadline=record.first_invoice.due_on,
    )


def _national_id(record: MembershipRecord) -> Awaiting | None:
    """A START without a national id is held back until it arrives (section 7)."""
    requested_at = record.payroll.requested_at
    open_request = record.payroll.status is PayrollStatus.REQUESTED
    if not open_request or requested_at is None or record.form.applicant.national_id:
        return None
    return Awaiting(
        role=Role.APPLICANT,
        what=MessageName.SUPPLY_INFORMATION,
        since=requested_at,
        deadline=None if record.payroll.unanswered else payroll_deadline(record),
    )


def _employer(record: MembershipRecord) -> Awaiting | None:
    payroll = record.payroll
    if payroll.status is not PayrollStatus.REQUESTED or payroll.requested_at is None:
        return None
    return Awaiting(
        role=Role.EMPLOYER,
        what=MessageName.ANSWER_PAYROLL_REQUEST,
        since=payroll.requested_at,
        deadline=None if payroll.unanswered else payroll_deadline(record),
    )
