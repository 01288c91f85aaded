"""The payroll track: what the employer answers, and what its silence means."""

from datetime import date

from schemas.dues.terms import PayerChange
from schemas.membership.employments import deductor
from schemas.membership.messages.payments import AnswerPayrollRequest
from schemas.membership.notices import EmploymentNotice
from schemas.membership.situation import first_month_of
from schemas.shared.calendar import first_day_of_period, first_of_month, month_after
from schemas.shared.vocabulary import Event, Payer, PayrollStatus, Template
from workflows.membership.decisions.deduction import who
from workflows.membership.decisions.step import Answers, Letters, Moment, Refused, Step, charged
from workflows.membership.decisions.transition import Transition
from workflows.membership.decisions.transitions import pass_through
from workflows.membership.record import MembershipRecord


def answer(record: MembershipRecord, message: AnswerPayrollRequest, now: Moment) -> Step:
    """Return the step an employer's answer leads to. Source: A20, A34."""
    status = record.payroll.status
    if record.payroll.requested_at is None:
        raise Refused("no payroll request has been made for this membership")
    match message.answer:
        case "accepted" if status is PayrollStatus.ACTIVE:
            raise Refused(f"is active already, from {record.payroll.first_period}")
        case "accepted":
            return _accept(record, message, now)
        case "refused" if status is PayrollStatus.REQUESTED:
            return _refuse(record, message, now)
        case "stopped" if status is PayrollStatus.ACTIVE:
            return _stop(record, message, now)
        case other:
            raise Refused(f"{other} does not apply: payroll deduction is {status}")


def _accept(record: MembershipRecord, message: AnswerPayrollRequest, now: Moment) -> Step:
    # The first month has been invoiced to the member; a month has exactly one payer (S26).
    first_month = first_month_of(record.facts, record.book)
    earliest = max(month_after(first_month), first_of_month(now.today))
    employer = record.present_situation.deducting if record.hiding is None else None
    if record.leaving is not None:
        raise Refused(f"the membership ends, with the day before {record.leaving.effective_on}")
    if employer is None:
        raise Refused("there is nothing to deduct from: the member has no employer that may know")
    if record.situation_on(earliest).deducting != employer:
        # The month in which the work began or changed has another payer already.
        earliest = max(earliest, month_after(now.today))
    begins = _period(message, now, earliest, "is charged to the member already")
    period = begins.strftime("%Y-%m")
    accepted = record.deducted(
        status=PayrollStatus.ACTIVE,
        first_period=period,
        payers=(*record.payroll.payers, _change(record, begins, Payer.PAYROLL, now)),
    )
    letters = Letters.of(record).member(
        Template.DEDUCTION_BEGINS, first_period=period, **_by_nav(record)
    )
    return Step(
        record=accepted,
        event=Event.PAYROLL_ACCEPTED,
        says=f"{who(record.present_situation)} deducts from {period} on",
        rules=("S26", "A20", "D7"),
        decided_by=message.caseworker or "employer",
        reason=message.reason,
        letters=letters.done(),
        priced=True,
    ).settled()


def _change(record: MembershipRecord, starts_on: date, payer: Payer, now: Moment) -> PayerChange:
    return PayerChange(
        starts_on=starts_on,
        payer=payer,
        employer_orgnr=record.present_situation.deducting,
        given_on=now.today,
    )


def _by_nav(record: MembershipRecord) -> dict[str, bool]:
    """Return what the member's letter says of who deducts, where that is no employer. A36."""
    return {} if record.present_situation.deductor is None else {"nav": True}


def _period(message: AnswerPayrollRequest, now: Moment, earliest: date, too_early: str) -> date:
    if message.first_period is None:
        return max(earliest, month_after(now.today))
    asked = first_day_of_period(message.first_period)
    if asked < earliest:
        raise Refused(
            f"first_period: {message.first_period} {too_early}; the earliest is {earliest:%Y-%m}"
        )
    latest = earliest.replace(year=earliest.year + 1)
    if asked > latest:
        raise Refused(f"first_period: lies too far ahead; the latest is {latest:%Y-%m}")
    return asked


def _refuse(record: MembershipRecord, message: AnswerPayrollRequest, now: Moment) -> Step:
    word = _change(record, first_of_month(now.today), Payer.DIRECT, now)
    letters = Letters.of(record).quoting(
        Template.DEDUCTION_NOT_POSSIBLE, message.reason, answer="refused", **_by_nav(record)
    )
    refused = record.deducted(status=PayrollStatus.REFUSED, payers=(*record.payroll.payers, word))
    if others_may_deduct(record):
        return _ask_another(refused, letters, message, now)
    return Step(
        record=refused,
        event=Event.PAYROLL_REFUSED,
        says=f"{who(record.present_situation)} refused: the member pays directly",
        rules=("A20",),
        decided_by=message.caseworker or "employer",
        reason=message.reason,
        letters=letters.done(),
        priced=True,
    ).settled()


def others_may_deduct(record: MembershipRecord) -> bool:
    """Tell whether an employer beside the one that was asked could deduct. Source: A5."""
    if record.present_situation.deductor is not None:
        return False
    jobs, asked = record.present_situation.jobs, record.present_situation.foremost
    return deductor(tuple(job for job in jobs if job != asked)) is not None


def _ask_another(
    record: MembershipRecord, letters: Letters, message: AnswerPayrollRequest, now: Moment
) -> Step:
    """The first employer that is asked and says yes deducts: the next one is asked. A5."""
    asked = record.present_situation.foremost
    assert asked is not None, "an employer refused where there is none"
    ruled_out = EmploymentNotice(
        number=record.decisions + 1,
        effective_on=now.today,
        recorded_on=now.today,
        decided_by=message.caseworker or "employer",
        employment=asked.id,
        deducts=False,
    )
    informed = record.model_copy(update={"notices": (*record.notices, ruled_out)}).replanned()
    transition = Transition(informed, now, letters, record.terms)
    transition.note("the employer refused: the member's other employer is asked", "A20", "A5")
    pass_through(transition)
    return transition.step(Event.PAYROLL_REFUSED, "employer", message.reason)


def _stop(record: MembershipRecord, message: AnswerPayrollRequest, now: Moment) -> Step:
    begun = record.payroll.payers[-1].starts_on
    earliest = max(begun, first_of_month(now.today))
    ends = _period(message, now, earliest, "is deducted already")
    letters = Letters.of(record).quoting(
        Template.DEDUCTION_NOT_POSSIBLE, message.reason, answer="stopped", **_by_nav(record)
    )
    return Step(
        record=record.deducted(
            status=PayrollStatus.STOPPED,
            first_period=None,
            payers=(*record.payroll.payers, _change(record, ends, Payer.DIRECT, now)),
        ),
        event=Event.PAYROLL_STOPPED,
        says=f"{who(record.present_situation)} stops deducting: the member pays directly from "
        f"{ends:%Y-%m}",
        rules=("A20", "D7"),
        decided_by=message.caseworker or "employer",
        reason=message.reason,
        letters=letters.done(),
        priced=True,
    )


def remind(record: MembershipRecord, now: Moment) -> Step:
    """Return the step that reminds an employer who has not answered. Source: A34."""
    payroll = record.payroll.model_copy(update={"reminded": True})
    letters = Letters.of(record).payer(
        record.present_situation, Template.PAYROLL_REMINDER, terms=charged(record.terms, now.today)
    )
    return Step(
        record=record.model_copy(update={"payroll": payroll}),
        event=Event.PAYROLL_REMINDED,
        says=f"{who(record.present_situation)} was reminded",
        rules=("A34",),
        letters=letters.done(),
    )


def go_on_without(record: MembershipRecord, _now: Moment) -> Step:
    """Return the step that ends the wait for an employer; the request stays open. A34."""
    payroll = record.payroll.model_copy(update={"unanswered": True})
    letters = Letters.of(record).member(
        Template.DEDUCTION_NOT_POSSIBLE, answer="unanswered", reason=None, **_by_nav(record)
    )
    return Step(
        record=record.model_copy(update={"payroll": payroll}),
        event=Event.PAYROLL_UNANSWERED,
        says=f"{who(record.present_situation)} has not answered: "
        "the member goes on paying directly",
        rules=("A34",),
        letters=letters.done(),
    ).settled()


ANSWERS: Answers = {AnswerPayrollRequest: answer}
"""Which decision answers which message."""
