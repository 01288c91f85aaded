"""From what was acted upon to what holds today: every difference, with the letters it calls for.

A change is acted upon once, when it has become true: by the notice itself when that came late or
on the day, by a timer when it came early.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any

from schemas.dues.amounts import SOURCES
from schemas.dues.plan import dues_in
from schemas.membership.employments import standing
from schemas.membership.form import Form, FormEmployment
from schemas.membership.history import history_of
from schemas.membership.notices import Job
from schemas.membership.situation import Situation, change_days, last_month, whole_month
from schemas.pricing.differences import first_difference
from schemas.shared.calendar import day_before, months_before
from schemas.shared.vocabulary import Event, InsuranceStatus, Stage, Template, WaiverKind
from workflows.membership.decisions import cover, ending
from workflows.membership.decisions.aging import grow_older
from workflows.membership.decisions.deduction import (
    DEDUCTION_ASKED,
    follow_employer,
    nothing_to_deduct,
)
from workflows.membership.decisions.hiding import hide
from workflows.membership.decisions.insurance import tell_employer
from workflows.membership.decisions.onboarding import benefits_of
from workflows.membership.decisions.opting_in import must_opt_in
from workflows.membership.decisions.step import Letters, Moment, Step, charged
from workflows.membership.decisions.transition import Transition, amounts_of
from workflows.membership.decisions.work_questions import ask_about_no_work, without_work
from workflows.membership.record import MembershipRecord


def take_effect(record: MembershipRecord, now: Moment) -> Step:
    """Return the step for everything that has become true by today."""
    transition = Transition(record, now, Letters.of(record), record.terms)
    pass_through(transition)
    step, after = transition.step(), transition.record
    over = record.present_situation.on_leave and after.outcome is None
    if over and record.asks_about_work and without_work(after.present_situation):
        # The waiver is over, and there is still no work: it is open anew (A5).
        return ask_about_no_work(step, now.today, now)
    return step


def pass_through(transition: Transition) -> None:
    """Bring a record up to today. Source: L1, L2, M8."""
    record, now = transition.record, transition.now
    end = record.leaving
    if end is not None and end.effective_on <= now.today:
        ending.close(transition, end)
        return
    before, after = record.present_situation, record.situation_on(now.today)
    if record.hiding is not None and not after.hidden:
        # Employer and branch have been told that the member leaves: they are told anew.
        before = before.model_copy(update={"hidden": True})
    grow_older(transition, before, after)
    hide(transition, before, after)
    hiding = transition.record.hiding is not None
    if hiding:
        # Until employer and branch have been told, the member stays as open as before.
        after = after.model_copy(update={"hidden": False})
    _category(transition, before, after)
    _leave(transition, before, after)
    follow_employer(transition, before, after, hiding=hiding)
    cover.follow_category(transition, before, after)
    _branch(transition, before, after, hiding=hiding)
    _dues(transition, before, after)
    _stand(transition, after)


def _category(transition: Transition, before: Situation, after: Situation) -> None:
    retires = after.retired and not before.retired
    draws = after.pension is not None and after.pension is not before.pension
    if retires or draws:
        drawn_on = _since(transition, lambda now: now.pension is after.pension)
        transition.note(
            f"draws a pension ({after.pension}), and is {after.category}",
            *SOURCES[after.category],
            "S20",
            "S23",
            "A16",
        )
        transition.member(
            Template.PENSION_REPORTED,
            category=after.category,
            benefits=_benefits(transition.record, after, transition.now),
            covered=transition.record.insurance.status is InsuranceStatus.COVERED,
            deducted=before.deducting is not None and not before.hidden,
            from_on=drawn_on.isoformat(),
            before=transition.charged_before(),
        )
        if transition.record.insurance.status in cover.IN_FORCE:
            transition.letters.insurer(
                Template.INSURANCE_STATUS,
                status="pension",
                from_on=drawn_on.isoformat(),
                **_reserved(transition.record),
            )
        known = before.branch if before.branch == after.branch else None
        if known is not None and not after.hidden and not transition.record.hiding:
            transition.letters.branch(Template.BRANCH_MEMBER_CHANGED, known, change="pension")
    elif after.category is not before.category:
        transition.note(f"became {after.category}", *SOURCES[after.category], "L2")
        if transition.event is not Event.RETIREMENT_AGE_REACHED:
            transition.member(
                Template.CATEGORY_CHANGED,
                category=after.category,
                was=before.category,
                benefits=_benefits(transition.record, after, transition.now),
                from_on=_since(transition, lambda now: now.category is after.category).isoformat(),
                before=transition.charged_before(),
                **_opts_in(transition, after),
            )


def _opts_in(transition: Transition, after: Situation) -> dict[str, bool]:
    """Return what an apprentice reads whose window is open: silence insures nobody now. A7."""
    record, now = transition.record, transition.now
    waits = record.insurance.status is InsuranceStatus.WINDOW_OPEN
    learns = record.model_copy(update={"category": after.category})
    return {"opts_in": True} if waits and must_opt_in(learns, now) else {}


def _reserved(record: MembershipRecord) -> dict[str, bool]:
    """Return what the insurance office reads of somebody who has no cover to go on."""
    reserved = record.insurance.status is InsuranceStatus.RESERVED
    return {"reserved": True} if reserved else {}


def _benefits(record: MembershipRecord, after: Situation, now: Moment) -> list[dict[str, str]]:
    names = benefits_of(record, after.category, now, hidden=after.hidden)
    return [{"name": name} for name in names]


def _leave(transition: Transition, before: Situation, after: Situation) -> None:
    told = (before.on_leave, before.waiver, before.share, before.deductor)
    if after.on_leave and told != (True, after.waiver, after.share, after.deductor):
        leave = after.waiver is None
        says = "is on leave: the dues are waived" if leave else f"reduced dues: {after.waiver}"
        transition.note(says, "L4" if leave else "A36")
        transition.member(
            Template.LEAVE_GRANTED,
            **_leave_dates(transition),
            waiver=str(after.waiver or WaiverKind.LEAVE),
            reduced=_is_reduced(transition, after),
            nav=_asks_nav(transition, after),
        )
    if before.on_leave and not after.on_leave:
        leave = before.waiver is None
        transition.note(
            "is back from leave" if leave else "the dues are reduced no longer",
            "L4" if leave else "A36",
        )
        transition.member(
            Template.LEAVE_ENDED,
            waiver=str(before.waiver or WaiverKind.LEAVE),
            asks="employer" if after.deducting is not None else "nobody",
            last_on=day_before(_since(transition, lambda now: not now.on_leave)).isoformat(),
            before=transition.charged_before(),
        )


def _asks_nav(transition: Transition, after: Situation) -> bool:
    record, today = transition.record, transition.now.today
    return after.deducting is not None and not nothing_to_deduct(record, after, today)


def _is_reduced(transition: Transition, after: Situation) -> bool:
    """Tell whether a part of the dues is charged meanwhile."""
    record, month = transition.record, whole_month(transition.now.today)
    dues = dues_in(record.facts, after, record.book, month)
    return any(due.rate.amount_on(record.book, month) for due in dues)


def _leave_dates(transition: Transition) -> dict[str, Any]:
    """Return the first and the last day of a leave, and what is charged once it is over."""
    record = transition.record
    history, today = history_of(record.facts), transition.now.today
    last = history.leave_until(record.book, today)
    resumes_from = whole_month(last + timedelta(days=1))
    return {
        "from_on": history.leave_from(record.book, today).isoformat(),
        "until_on": last.isoformat(),
        "resumes_from": resumes_from.isoformat(),
        "resumes": charged(record.terms, resumes_from),
    }


def _since(transition: Transition, holds: Callable[[Situation], bool]) -> date:
    """Return the first day from which something has held until today."""
    record, today = transition.record, transition.now.today
    changes = [day for day in change_days(record.facts, record.book) if day <= today]
    days = [record.since, *changes]
    held = takewhile(lambda day: holds(record.situation_on(day)), reversed(days))
    return min(held, default=today)


def _branch(transition: Transition, before: Situation, after: Situation, *, hiding: bool) -> None:
    """Tell the branch that is left and the one that is joined. Source: S33, M11."""
    if hiding or after.hidden or transition.record.leaving is not None:
        # Who leaves has been said goodbye to already.
        return
    if before.branch != after.branch:
        if before.branch is not None:
            transition.letters.branch(Template.BRANCH_MEMBER_LEFT, before.branch)
        if after.branch is not None:
            transition.letters.branch(Template.BRANCH_NEW_MEMBER, after.branch)
        return
    moved = after.employer is not None and after.employer != before.employer
    if moved and after.branch is not None:
        transition.letters.branch(Template.BRANCH_MEMBER_CHANGED, after.branch, change="employer")
        transition.letters.to_caseworkers("employer_changed")


def _dues(transition: Transition, before: Situation, after: Situation) -> None:
    """Tell the member and a deducting employer of other amounts. Source: S5, A6, M8."""
    record, month = transition.record, transition.month
    # A birthday alone may end half dues (A15): what was before is priced before it.
    aged = transition.event is Event.RETIREMENT_AGE_REACHED
    # At the coming month's prices: a branch may have had none in the past that is corrected.
    coming = whole_month(transition.now.today)
    was = _priced(record, before, months_before(coming, 1) if aged else coming)
    foreseen = was != _priced(record, after, coming)
    differs = foreseen or first_difference(transition.earlier, record.terms) is not None
    stops = last_month(record.facts, record.book) if record.leaving is not None else None
    if not (differs or transition.uninsured) or (stops is not None and month >= stops):
        return
    if not transition.wrote:
        transition.note(f"the dues are others from {month}", *SOURCES[after.category], "A6", "A31")
        figures = _was(transition, before, after) | _goes_on(record, month, coming)
        transition.member(Template.DUES_CHANGED, **figures)
    same = before.deducting is not None and before.deducting == after.deducting
    if same and record.payroll.status in DEDUCTION_ASKED:
        # What was deducted already is corrected by lines of the next list, and not by the employer.
        begins = max(month, coming)
        was_asked, is_asked = (
            amounts_of(charged(terms, begins)) for terms in (transition.earlier, record.terms)
        )
        if foreseen or transition.uninsured or was_asked != is_asked:
            tell_employer(transition.letters, record, begins)


def _was(transition: Transition, before: Situation, after: Situation) -> dict[str, Any]:
    """Return what was paid until now, and why that changes."""
    if transition.uninsured:
        reason = "cover_ended"
    elif before.branch != after.branch:
        reason = "branch"
    elif before.position_percent != after.position_percent:
        reason = "position"
    else:
        reason = "details"
    return {"before": transition.charged_before(), "reason": reason}


def _goes_on(record: MembershipRecord, month: date, coming: date) -> dict[str, Any]:
    """Return what is charged from now on, and since when, where what is told was so before only."""
    now = amounts_of(charged(record.terms, coming))
    since = coming
    while since > month and amounts_of(charged(record.terms, months_before(since, 1))) == now:
        since = months_before(since, 1)
    if since == month:
        return {}
    return {"later": charged(record.terms, coming), "later_from": since.isoformat()}


def _priced(record: MembershipRecord, situation: Situation, month: date) -> list[Any]:
    dues = dues_in(record.facts, situation, record.book, month)
    return [(due.kind, due.rate.amount_on(record.book, month), due.cadence) for due in dues]


def _stand(transition: Transition, after: Situation) -> None:
    """Make the record say what has been acted upon."""
    record = transition.record
    form = _form(record, after)
    transition.corrected = transition.corrected or form != record.form
    stage = Stage.ACTIVE if record.onboarded else Stage.ONBOARDING
    transition.update(
        application=form,
        category=after.category,
        branch=after.branch,
        present=after,
        reached=transition.now.today,
        stage=Stage.ON_LEAVE if after.on_leave else stage,
    )


def _form(record: MembershipRecord, after: Situation) -> Form:
    """Return the form with the present jobs and flag, for those who write to employers."""
    before, job = record.present_situation, after.foremost
    update: dict[str, Any] = {"hidden": after.hidden}
    if after.retired or after.position_percent == 0 or job is None:
        update |= {"employment": None, "other_employments": ()}
    elif job != before.foremost:
        update["employment"] = _written(job)
    if len(standing(after.jobs)) > 1 or record.form.other_employments:
        others = (other for other in standing(after.jobs) if other != job)
        update["other_employments"] = tuple(_written(other) for other in others)
    return record.form.model_copy(update=update)


def _written(job: Job) -> FormEmployment:
    employer = job.employer
    return FormEmployment(
        employer_orgnr=employer.orgnr if employer else None,
        employer_name=employer.name if employer else None,
        position_percent=Decimal(100) if job.percent is None else job.percent,
    )
