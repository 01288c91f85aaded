"""Which decision answers which message, deadline or report, and in which stages."""

from collections.abc import Callable
from dataclasses import replace

from schemas.access.stamps import Claims
from schemas.membership.decision import DeliveryReport
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.changes import (
    ChangeCategory,
    ChangeEmployment,
    GrantLeave,
    ReportPension,
    SetHidden,
)
from schemas.membership.messages.insurance import (
    ReserveInsurance,
)
from schemas.membership.messages.leaving import RecordDeath, Reopen, RequestErasure, Resign
from schemas.membership.messages.payments import RecordPayment
from schemas.membership.messages.pricing import Reprice
from schemas.membership.messages.review import (
    DecideApplication,
    SupplyInformation,
    WithdrawApplication,
)
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Event, InsuranceStatus, Outcome, Stage, Template
from workflows.membership import deadlines
from workflows.membership.decisions import (
    changes,
    choosing,
    ending,
    erasing,
    insurance,
    leaving,
    merging,
    payments,
    payroll,
    pricing,
    questions,
    reopening,
    review,
    transitions,
    work_questions,
)
from workflows.membership.decisions.four_eyes import with_second_person
from workflows.membership.decisions.step import Answers, Letters, Moment, Refused, Step
from workflows.membership.record import MembershipRecord

ANSWERS: Answers = {
    **review.ANSWERS,
    **insurance.ANSWERS,
    **payments.ANSWERS,
    **choosing.ANSWERS,
    **payroll.ANSWERS,
    **changes.ANSWERS,
    **leaving.ANSWERS,
    **reopening.ANSWERS,
    **erasing.ANSWERS,
    **merging.ANSWERS,
    **pricing.ANSWERS,
}
"""Which decision answers which message."""

NAMES: dict[type[Inbound], str] = {kind: name for name, kind in MESSAGES.items()}
"""What each message is called."""

BEFORE_APPROVAL = frozenset(
    {
        DecideApplication,
        SupplyInformation,
        WithdrawApplication,
        ReserveInsurance,
        RecordPayment,
        RecordDeath,
        SetHidden,
        RequestErasure,
    }
)
"""What may come before there is a member: money is never turned away, nor is a reservation; and
whoever wishes the employer not to know is heard before the approval tells it. An application can
be erased as a membership can."""

AFTER_END = frozenset({RecordPayment, RecordDeath, SupplyInformation, Reopen, RequestErasure})
"""What still concerns somebody whose membership has ended: money, an address, a death; that the end
was a mistake; and that nothing is to be left."""

LATE_FACTS = frozenset(
    {ChangeEmployment, ChangeCategory, ReportPension, GrantLeave, ReserveInsurance, Resign}
)
"""What may have been so before the end and is told after it: what was charged becomes as if it had
been known in time (L1), also of who has come back by then, under another membership."""


def answer(record: MembershipRecord, message: Inbound, now: Moment) -> Step:
    """Return the step a message leads to, with the message it answers.

    Args:
        record: the membership as it is.
        message: one of ``schemas.membership.messages.MESSAGES``.
        now: by the workflow's clock.

    Raises:
        Refused: the message does not apply to the membership as it is.
    """
    if record.stage is Stage.ENDED and not _still_concerns(record, message):
        raise Refused(f"the membership has ended: {record.outcome}")
    if record.stage is Stage.RECEIVED:
        raise Refused("the application is still being read; send it again in a moment")
    if record.member_since is None and type(message) not in BEFORE_APPROVAL:
        instead = "; withdraw_application takes it back" if isinstance(message, Resign) else ""
        raise Refused(f"the application has not been approved yet{instead}")
    step = _signed(ANSWERS[type(message)](record, message, now), now.by)
    name = NAMES[type(message)]
    return _named(with_second_person(record, message, step, now, name), name)


def _still_concerns(record: MembershipRecord, message: Inbound) -> bool:
    """Tell whether a message may be about a membership that has ended. Source: L1, L9."""
    late = record.hears_late and record.outcome is not Outcome.DUPLICATE
    return record.lingers and (type(message) in AFTER_END or (late and type(message) in LATE_FACTS))


def _signed(step: Step, by: Claims | None) -> Step:
    """Return a step with who has stamped its message as who decided, whatever the message says."""
    if by is None:
        return step
    outcomes = {place: _signed(there, by) for place, there in step.outcomes.items()}
    return replace(step, decided_by=by.name, outcomes=outcomes)


def _named(step: Step, message: str) -> Step:
    """Return a step with the message it answers, wherever a payment may go."""
    outcomes = {place: replace(there, message=message) for place, there in step.outcomes.items()}
    return replace(step, message=message, outcomes=outcomes)


def needs_fresh_rulebook(record: MembershipRecord, message: Inbound) -> bool:
    """Tell whether a message names prices or a branch newer than the rulebook that was read."""
    if isinstance(message, Reprice) and record.member_since is not None:
        return message.rulebook != record.book.version
    branch: str | None = getattr(message, "branch", None)
    return (
        branch is not None
        and record.rulebook is not None
        and record.rulebook.branch(branch) is None
    )


AFTER: dict[str, Callable[[MembershipRecord, Moment], Step]] = {
    deadlines.REVIEW_REMINDER: review.remind,
    deadlines.REVIEW_ESCALATION: review.escalate,
    deadlines.INFORMATION_LAPSE: review.lapse,
    deadlines.RESERVATION_WINDOW: insurance.close_window,
    deadlines.PAYROLL_REMINDER: payroll.remind,
    deadlines.PAYROLL_TIMEOUT: payroll.go_on_without,
    deadlines.LIFE_CHANGE: transitions.take_effect,
    deadlines.PENSION_QUESTION: questions.ask_about_pension,
    deadlines.STUDY_QUESTION: questions.ask_about_studies,
    deadlines.STUDY_OVER: questions.studies_over,
    deadlines.STUDENT_CHECK: questions.check_student,
    deadlines.WAIVER_QUESTION: work_questions.ask_about_waiver,
    deadlines.REOPENING: ending.let_go,
}
"""What happens when a deadline has passed."""


TELLING = (Template.HIDDEN_ON, Template.HIDDEN_OFF, Template.PAYROLL_STOP)
"""Letters whose coming back would tell, on the page, that somebody hides."""

NOTICES = (Template.WELCOME, Template.INSURANCE_WINDOW)
"""Our own letters that tell of the right to reserve: their going out proves the notice (A21)."""


def delivered(record: MembershipRecord, report: DeliveryReport, now: Moment) -> MembershipRecord:
    """Return the record once letters have gone out: the notice is proved, outsiders are told."""
    if report.of(report.sent, *NOTICES):
        record = insurance.noticed(record, now)
    if record.hiding is None or record.hiding.told:
        return record
    closed = (*report.sent, *report.suppressed, *report.bounced, *report.unanswered)
    dealt_with = {*closed, *report.held}
    left = tuple(key for key in record.hiding.letters if key not in dealt_with)
    hiding = record.hiding.model_copy(update={"letters": left, "told": not left})
    return record.model_copy(update={"hiding": hiding})


def bounced(record: MembershipRecord, report: DeliveryReport) -> Step | None:
    """Return the step that letters which came back lead to, or None when none did.

    A task for the caseworkers that itself comes back makes no further one.
    """
    tasks = report.of(report.bounced, Template.CASEWORKER_TASK)
    keys = tuple(key for key in report.bounced if key not in tasks)
    if not keys:
        return None
    window = record.insurance.status is InsuranceStatus.WINDOW_OPEN
    unproven = window and bool(report.of(keys, Template.WELCOME))
    return Step(
        record=record,
        event=Event.LETTER_BOUNCED,
        says="letters came back: " + ", ".join(keys),
        rules=("M20", "A21") if unproven else ("M20",),
        letters=Letters.of(record).to_caseworkers("letter_bounced", ", ".join(keys)).done(),
        confidential=bool(report.of(keys, *TELLING)),
    )
