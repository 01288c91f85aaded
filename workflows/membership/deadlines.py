"""The days after which something happens by itself; whose turn it is stands in ``awaiting``."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.membership.history import history_of
from schemas.membership.insurance import comes_of_age, coverages_end, initial_status
from schemas.membership.notices import LeaveNotice
from schemas.membership.situation import LEARNING, birthdays, effective_notices, leave_ends
from schemas.pricing.rulebook import NotInForce
from schemas.shared.calendar import (
    add_working_days,
    months_earlier,
    oslo_date,
    start_of,
)
from schemas.shared.vocabulary import (
    Category,
    InsuranceStatus,
    PayrollStatus,
    Stage,
)
from workflows.membership.record import MembershipRecord


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
LIFE_CHANGE = "life_change"
PENSION_QUESTION = "pension_question"
STUDY_QUESTION = "study_question"
STUDY_OVER = "study_over"
STUDENT_CHECK = "student_check"
WAIVER_QUESTION = "waiver_question"
REOPENING = "reopening"
DEADLINES = "deadlines"
"""Stands for all of them while they can't be told."""

FOR_LIFE = 2
"""Records of this version and later wait for what a life brings; older runs replay without."""


def deadlines(record: MembershipRecord) -> list[Deadline]:
    """Return every deadline that runs, the earliest first. Source: A14, A21, A33, A34, L9."""
    if record.stage is Stage.ENDED:
        undecided = record.keeps_report and record.reported_death is not None
        until = record.open_until if record.lingers and not undecided else None
        return [Deadline(REOPENING, until)] if until is not None else []
    if record.rulebook is None:
        return []
    found = [*_of_review(record), *_of_window(record), *_of_payroll(record)]
    if record.version >= FOR_LIFE and record.present is not None:
        found += _of_changes(record)
        if record.leaving is None:
            found += [*_of_pension(record), *_of_studies(record), *_of_waiver(record)]
    return sorted(found, key=lambda deadline: deadline.last_day)


def _on(name: str, day: date) -> Deadline:
    """Return the deadline by which something happens when a day begins."""
    return Deadline(name, day - timedelta(days=1))


def _of_changes(record: MembershipRecord) -> list[Deadline]:
    """The next day on which something becomes another: a notice, a birthday, an end of cover."""
    reached = record.reached or record.since
    if record.hiding is not None and record.hiding.told:
        return [_on(LIFE_CHANGE, reached)]
    facts = record.facts
    reported = history_of(facts).days
    days = set(birthdays(facts, record.book))
    if record.present_situation.category in LEARNING:
        days -= {retirement(record)} - set(leave_ends(record.notices))
    days |= _coming_of_age(record)
    if record.insurance.status is InsuranceStatus.COVERED:
        days |= set(coverages_end(record.birth_date, record.book).values())
    days |= set(reported[(place := bisect_right(reported, reached)) : place + 1])
    coming = [day for day in days if day > reached]
    return [_on(LIFE_CHANGE, min(coming))] if coming else []


def _coming_of_age(record: MembershipRecord) -> set[date]:
    """The day a minor who is not insured may be without a guardian's word. Source: A38."""
    if record.insurance.status is not InsuranceStatus.NOT_APPLICABLE:
        return set()
    born, book, reached = record.birth_date, record.book, record.reached or record.since
    day = comes_of_age(born, book, reached)
    if day <= reached:
        return set()
    opens = initial_status(record.present_situation.category, born, book, reserved=False, on=day)
    return {day} if opens is InsuranceStatus.WINDOW_OPEN else set()


def retirement(record: MembershipRecord) -> date:
    """Return the day the member reaches the retirement age. Source: S18, A32."""
    policies = record.book.policies_on(record.reached or record.since)
    return record.book.turns(record.birth_date, policies.retirement_age)


def about_pension(record: MembershipRecord) -> str:
    """Return what the question about work and pension is about."""
    return f"pension:{retirement(record)}"


def _of_pension(record: MembershipRecord) -> list[Deadline]:
    """A member who works is asked some months before 67. Source: A14."""
    turns, reached = retirement(record), record.reached or record.since
    asked = record.asked_at(about_pension(record)) is not None or announced(record)
    if asked or reached >= turns or record.present_situation.category is not Category.ORDINARY:
        return []
    months = record.book.policies_on(reached).pension_question_months
    return [_on(PENSION_QUESTION, months_earlier(turns, months))]


def announced(record: MembershipRecord) -> bool:
    """Tell whether another category or a pension lies ahead: the question is answered."""
    return history_of(record.facts).announced_until > (record.reached or record.since)


def about_studies(record: MembershipRecord) -> str:
    """Return what the question about the end of a study is about."""
    return f"study:{record.present_situation.ends_on}"


def about_studies_over(record: MembershipRecord) -> str:
    """Return what the offer at the end of a study is about."""
    return f"study_over:{record.present_situation.ends_on}"


def about_student_year(year: int) -> str:
    """Return what the yearly question to a student is about."""
    return f"student:{year}"


def _of_studies(record: MembershipRecord) -> list[Deadline]:
    """A study or an apprenticeship that ends, and a student's new year. S17, A9, M14."""
    present = record.present_situation
    if present.category not in LEARNING:
        return []
    found = []
    if present.ends_on is not None and not announced(record):
        days = record.book.policies_on(record.reached or record.since).study_question_days
        if record.asked_at(about_studies(record)) is None:
            found.append(_on(STUDY_QUESTION, present.ends_on - timedelta(days=days)))
        if record.asked_at(about_studies_over(record)) is None:
            found.append(Deadline(STUDY_OVER, present.ends_on))
    if present.category is Category.STUDENT:
        new_year = date(_last_year_asked(record) + 1, 1, 1)
        if present.ends_on is None or new_year <= present.ends_on:
            found.append(_on(STUDENT_CHECK, new_year))
    return found


def waived_until(record: MembershipRecord) -> date:
    """Return the last day of what waives the dues, with what is granted to go on from it. A36."""
    history, reached = history_of(record.facts), record.reached or record.since
    until = history.leave_until(record.book, reached)
    for notice in effective_notices(record.notices):
        if isinstance(notice, LeaveNotice) and notice.effective_on <= until + timedelta(days=1):
            until = max(until, notice.until_on)
    return until


def about_waiver(record: MembershipRecord) -> str:
    """Return what the question before the end of a waiver is about."""
    return f"waiver:{waived_until(record)}"


def _of_waiver(record: MembershipRecord) -> list[Deadline]:
    """Whoever is without work for a time is asked in time what comes after it. Source: A36."""
    if record.present_situation.waiver is None or record.asked_at(about_waiver(record)):
        return []
    days = record.book.policies_on(record.reached or record.since).waiver_question_days
    return [_on(WAIVER_QUESTION, waived_until(record) - timedelta(days=days))]


def _last_year_asked(record: MembershipRecord) -> int:
    """Return the last year a student was asked in; the year of joining or returning counts."""
    years = [
        int(asked.about.partition(":")[2])
        for asked in record.asked
        if asked.about.startswith("student:")
    ]
    reached = record.reached or record.since
    began = [
        notice.effective_on.year
        for notice in record.notices
        if notice.kind == "change_category" and notice.effective_on <= reached
    ]
    return max([record.since.year, *years, *began])


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
    """Return when the present review should be decided, for the inbox. Source: A33.

    None too while the rulebook does not tell.
    """
    if record.stage is not Stage.UNDER_REVIEW or record.rulebook is None:
        return None
    started = oslo_date(record.review.since)
    try:
        days = record.book.policies_on(started).reminder_working_days
    except NotInForce:
        return None
    return start_of(add_working_days(started, days) + timedelta(days=1))


def _of_window(record: MembershipRecord) -> list[Deadline]:
    insurance = record.insurance
    if insurance.status is not InsuranceStatus.WINDOW_OPEN or not insurance.reservation_deadline:
        return []
    end = record.leaving
    if end is not None and insurance.reservation_deadline + timedelta(days=1) >= end.effective_on:
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
