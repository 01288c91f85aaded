"""What a member, a caseworker or a register reports of a life: recorded as a dated notice.

Whatever the order and the date, a notice is kept. It is acted upon now when it has become true,
else when its day has come; charges change from the month it is true, at most as far back as A31
allows.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from schemas.membership.decision import ConsentGiven
from schemas.membership.eligibility import (
    pension_fault,
    unnamed_pension_fault,
)
from schemas.membership.employments import standing, worked
from schemas.membership.messages.changes import (
    ChangeCategory,
    ChangeEmployment,
    GrantLeave,
    ReportPension,
    SetHidden,
    WithdrawChange,
)
from schemas.membership.notices import (
    AnyNotice,
    CategoryNotice,
    EmploymentNotice,
    EndNotice,
    HiddenNotice,
    LeaveNotice,
    PensionNotice,
)
from schemas.membership.situation import LEARNING, RETIRED, whole_month
from schemas.shared.vocabulary import (
    Category,
    Event,
    PayrollStatus,
    Template,
    WaiverKind,
)
from workflows.membership.decisions.cover import IN_FORCE, tell_it_goes_on
from workflows.membership.decisions.deduction import DEDUCTION_ASKED, nothing_to_deduct
from workflows.membership.decisions.employments import change_employment
from workflows.membership.decisions.granting import check_waiver, deductor_of, in_words
from workflows.membership.decisions.hiding import set_applicant_hidden
from workflows.membership.decisions.noting import check_branch, dated, noted
from workflows.membership.decisions.onboarding import requested
from workflows.membership.decisions.step import Answers, Letters, Moment, Refused, Step, charged
from workflows.membership.record import MembershipRecord


def change_category(record: MembershipRecord, message: ChangeCategory, now: Moment) -> Step:
    """Return the step another category leads to. Source: S17, S18, S21, A9, A14."""
    policies = record.book.policies_on(now.today)
    retired = record.book.turns(record.birth_date, policies.retirement_age) <= message.effective_on
    if message.category is Category.PENSIONER and not retired:
        raise Refused(f"category: pensioner is from {policies.retirement_age}")
    if message.category is Category.EARLY_PENSIONER and retired:
        raise Refused(f"category: early_pensioner is for those under {policies.retirement_age}")
    if message.category is Category.EARLY_PENSIONER and not _draws(record, message.effective_on):
        fault = unnamed_pension_fault(
            record.birth_date, message.effective_on, record.book, now.today
        )
        if fault is not None:
            raise Refused(fault)
    if message.ends_on is not None and message.category not in LEARNING:
        raise Refused("ends_on: goes only with category student or apprentice")
    if message.ends_on is not None and message.ends_on < message.effective_on:
        raise Refused("ends_on: lies before effective_on")
    notice = CategoryNotice(
        **dated(record, message.effective_on, now, message.caseworker or "member"),
        category=message.category,
        ends_on=message.ends_on,
    )
    return noted(
        record,
        notice,
        now,
        Event.CATEGORY_CHANGED,
        notice.in_words,
        ("S17", "A9") if message.category not in RETIRED else ("S18", "S21"),
        reason=message.evidence,
    )


def _draws(record: MembershipRecord, on: date) -> bool:
    """Tell whether it is known which pension a member draws on a day."""
    return record.situation_on(on).pension is not None


def report_pension(record: MembershipRecord, message: ReportPension, now: Moment) -> Step:
    """Return the step a pension leads to. Source: S20-S23, A16, L2."""
    born = record.birth_date
    fault = pension_fault(message.kind, born, message.from_on, record.book, now.today)
    if fault is not None:
        raise Refused(f"from_on: {fault.says}, {record.book.turns(born, int(fault.figure))}")
    notice = PensionNotice(
        **dated(record, message.from_on, now, "member", field="from_on"),
        pension=message.kind,
        working_percent=message.working_percent or Decimal(0),
    )
    _check_work_beside(record, notice)
    return noted(record, notice, now, Event.PENSION_REPORTED, notice.in_words, ("S23", "A16"))


def _check_work_beside(record: MembershipRecord, notice: PensionNotice) -> None:
    """Refuse another sum than that of several employments: each is told of by itself. A5."""
    jobs = standing(record.situation_on(notice.effective_on).jobs)
    if len(jobs) > 1 and notice.working_percent not in {0, worked(jobs)}:
        ids = ", ".join(job.id for job in jobs)
        raise Refused(
            f"working_percent: the employments {ids} come to {worked(jobs)} %; tell first with "
            "change_employment what each of them is then"
        )


def set_hidden(record: MembershipRecord, message: SetHidden, now: Moment) -> Step:
    """Return the step that hides a membership or lifts that, and keeps the consent.

    Source: S30-S35, A22, A23.
    """
    if message.consent_given_on is not None and message.consent_given_on > now.today:
        raise Refused("consent_given_on: lies in the future", confidential=True)
    return replace(_flag_set(record, message, now), consent=_consent(message, now))


def _consent(message: SetHidden, now: Moment) -> ConsentGiven | None:
    """Return what the member has agreed to by a message: who told us is who decided. A22."""
    if message.hidden or not message.consent:
        return None
    return ConsentGiven(
        kind="lift_hidden",
        given_on=message.consent_given_on or now.today,
        how=message.consent_how or "by the message set_hidden",
        words=message.consent_words,
    )


def _flag_set(record: MembershipRecord, message: SetHidden, now: Moment) -> Step:
    asks_first = record.book.policies_on(now.today).lifting_needs_consent
    if asks_first and not message.hidden and not message.consent:
        raise Refused(
            "consent: lifting tells the employer; send true once the member has said so (A22)"
        )
    if record.member_since is None:
        return set_applicant_hidden(record, message, now)
    check_branch(record, message.branch, message.effective_on)
    notice = HiddenNotice(
        **dated(record, message.effective_on, now, message.caseworker or "member"),
        hidden=message.hidden,
        branch=message.branch,
    )
    says = notice.in_words
    return noted(record, notice, now, Event.HIDDEN_CHANGED, says, ("S30", "S35", "A22"))


def grant_leave(record: MembershipRecord, message: GrantLeave, now: Moment) -> Step:
    """Return the step a leave, or a waiver for want of work, leads to. Source: L4, A36."""
    notice = LeaveNotice(
        **dated(record, message.from_on, now, message.caseworker, field="from_on"),
        until_on=message.until_on,
        waiver=message.kind or WaiverKind.LEAVE,
        share=message.share,
        deductor=deductor_of(record, message, now),
    )
    leave = notice.waiver is WaiverKind.LEAVE
    if not leave:
        check_waiver(record, message, notice, now)
    proof = f"documentation: {message.documentation}" if message.documentation else None
    return noted(
        record,
        notice,
        now,
        Event.LEAVE_GRANTED,
        in_words(record, notice),
        ("L4",) if leave else ("A36",),
        reason="; ".join(text for text in (message.reason, proof) if text) or None,
    )


def withdraw(record: MembershipRecord, message: WithdrawChange, now: Moment) -> Step:
    """Return the step that takes back what has not taken effect yet. Source: A31."""
    found = _taken_back(record, message)
    confidential = message.change == "set_hidden"
    if not found:
        raise Refused(
            f"no {message.change} for {message.effective_on} is recorded", confidential=confidential
        )
    if found[0].effective_on <= now.today:
        raise Refused(
            f"{message.change} took effect on {found[0].effective_on}; send a new one",
            confidential=confidential,
        )
    # An employment that was told with its end is taken back with it.
    told = {notice.number for notice in found}
    kept = tuple(
        notice
        for notice in record.notices
        if notice not in found and not (notice.kind == message.change and notice.number in told)
    )
    without = record.model_copy(update={"notices": kept}).replanned()
    letters = Letters.of(record).member(
        Template.CHANGE_WITHDRAWN,
        change=message.change,
        effective_on=found[0].effective_on.isoformat(),
        terms=charged(without.terms, whole_month(now.today)),
    )
    if isinstance(found[0], EndNotice):
        without = _stays(without, letters, found[0], now)
    if record.asked_to_hide and not without.asked_to_hide:
        _asks_again(without, letters, now)
    sender = "caseworker" if message.caseworker else "member"
    return Step(
        record=without,
        event=Event.CHANGE_WITHDRAWN,
        says=f"the {sender} withdrew {message.change} for {message.effective_on}",
        rules=("A31",),
        decided_by=message.caseworker or "member",
        reason=message.reason,
        letters=letters.done(),
        priced=True,
        confidential=confidential,
    )


def _taken_back(record: MembershipRecord, message: WithdrawChange) -> list[AnyNotice]:
    """Return the notices that are meant; of several employments one must be named. A5."""
    found = [notice for notice in record.notices if _is(notice, message)]
    jobs = {n.employment: n for n in found if isinstance(n, EmploymentNotice)}
    if message.employment is None and len(jobs) > 1:
        raise Refused(f"employment: is required, since several change then: {', '.join(jobs)}")
    return found


def _is(notice: AnyNotice, message: WithdrawChange) -> bool:
    of_another = (
        message.employment is not None and getattr(notice, "employment", None) != message.employment
    )
    if of_another:
        return False
    if notice.kind == "resign":
        return message.change == "resign" and notice.reported_on == message.effective_on
    return notice.kind == message.change and notice.effective_on == message.effective_on


def _stays(
    record: MembershipRecord, letters: Letters, undone: EndNotice, now: Moment
) -> MembershipRecord:
    """Tell those who were told of a resignation that the member stays. Source: M16."""
    payroll, open_again = record.payroll, record.hiding is None
    # A request was taken back by the resignation; an employer that has come since was not asked.
    unasked = payroll.status is PayrollStatus.STOPPED and payroll.requested_at is None
    if nothing_to_deduct(record, record.present_situation, now.today):
        unasked = False
    if open_again and unasked and record.present_situation.deducting is not None:
        payroll = requested(now).model_copy(update={"payers": payroll.payers})
    if open_again and payroll.status in DEDUCTION_ASKED:
        terms = charged(record.terms, whole_month(now.today))
        letters.payer(record.present_situation, Template.PAYROLL_START, terms=terms)
    if record.insurance.status in IN_FORCE:
        tell_it_goes_on(letters, record.insurance, undone)
    if open_again and record.branch is not None:
        letters.branch(Template.BRANCH_NEW_MEMBER, record.branch, about="back")
    return record.model_copy(update={"payroll": payroll})


def _asks_again(record: MembershipRecord, letters: Letters, now: Moment) -> None:
    """Repeat a request that a wish to be hidden may have kept from the employer. Source: A20."""
    if record.payroll.status is PayrollStatus.REQUESTED and record.leaving is None:
        terms = charged(record.terms, whole_month(now.today))
        letters.payer(record.present_situation, Template.PAYROLL_START, terms=terms)


ANSWERS: Answers = {
    ChangeEmployment: change_employment,
    ChangeCategory: change_category,
    ReportPension: report_pension,
    SetHidden: set_hidden,
    GrantLeave: grant_leave,
    WithdrawChange: withdraw,
}
"""Which decision answers which message."""
