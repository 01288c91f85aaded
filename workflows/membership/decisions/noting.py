"""How what is reported of a life is kept: dated, and acted upon when its day has come."""

from datetime import date
from typing import Any

from schemas.membership.eligibility import branch_fault
from schemas.membership.notices import AnyNotice
from schemas.membership.situation import charged_from, whole_month
from schemas.shared.calendar import birthday
from schemas.shared.vocabulary import Event, Stage, Template
from workflows.membership.decisions.late import told_late
from workflows.membership.decisions.step import Letters, Moment, Refused, Step, charged
from workflows.membership.decisions.transition import Transition
from workflows.membership.decisions.transitions import pass_through
from workflows.membership.record import MembershipRecord


def check_branch(record: MembershipRecord, branch: str | None, on: date) -> None:
    """Refuse a branch that nobody knows, or that has no dues yet."""
    fault = None if branch is None else branch_fault(branch, record.book, on)
    if fault is not None:
        raise Refused(fault)


def dated(
    record: MembershipRecord,
    effective_on: date,
    now: Moment,
    decided_by: str,
    field: str = "effective_on",
) -> dict[str, Any]:
    """Return what all notices have in common, once the date makes sense."""
    if effective_on < record.since:
        raise Refused(
            f"{field}: lies before the membership began, {record.since}{_told_to(record)}"
        )
    check_ahead(record, effective_on, now, field)
    end = record.leaving
    if end is not None and effective_on >= end.effective_on:
        raise Refused(f"{field}: lies after the membership's end, {end.effective_on}")
    return {
        "number": record.decisions + 1,
        "effective_on": effective_on,
        "recorded_on": now.today,
        "decided_by": decided_by,
    }


def _told_to(record: MembershipRecord) -> str:
    """Return which membership is told of what was so before this one."""
    former = record.former
    return f"; tell {former.membership_id}, the former one" if former is not None else ""


def check_ahead(record: MembershipRecord, day: date, now: Moment, field: str) -> None:
    """Refuse a date so far ahead that it is taken for a typing error. Source: L8."""
    years = record.book.policies_on(now.today).change_ahead_years
    if day > birthday(now.today, years):
        raise Refused(f"{field}: lies more than {years} years ahead")


def noted(
    record: MembershipRecord,
    notice: AnyNotice,
    now: Moment,
    event: Event,
    what: str,
    rules: tuple[str, ...],
    reason: str | None = None,
    *,
    more: tuple[AnyNotice, ...] = (),
    instead_of: tuple[AnyNotice, ...] = (),
) -> Step:
    """Return the step that keeps a notice, and acts on it if its day has come.

    Args:
        more: notices of the same message.
        instead_of: notices that are in effect on no day yet, and that it takes the place of.
    """
    _check_new(record, notice, *more)
    kept = tuple(other for other in record.notices if other not in instead_of)
    informed = record.model_copy(update={"notices": (*kept, notice, *more)}).replanned()
    if record.stage is Stage.ENDED:
        says = f"{what} from {notice.effective_on}"
        return told_late(record, informed, event, says, rules, notice.decided_by, reason)
    transition = Transition(informed, now, Letters.of(record), record.terms)
    transition.confidential = notice.kind == "set_hidden"
    month = max(whole_month(notice.effective_on), charged_from(notice, record.book))
    transition.note(f"{what} from {notice.effective_on}", *rules)
    if notice.effective_on > now.today:
        event = Event.CHANGE_RECORDED
        transition.letters.member(
            Template.CHANGE_NOTED,
            change=notice.kind,
            effective_on=notice.effective_on.isoformat(),
            terms=charged(informed.terms, month),
            valid_from=month.isoformat(),
        )
    else:
        pass_through(transition)
        event = transition.event if transition.event is Event.HIDING_PREPARED else event
    if month > whole_month(notice.effective_on):
        transition.note(f"charges change from {month}", "A31")
    return transition.step(event, notice.decided_by, reason)


def _check_new(record: MembershipRecord, *notices: AnyNotice) -> None:
    """Refuse what has been recorded word for word: repeating it changes nothing."""
    recorded_on = [_recorded_on(record, notice) for notice in notices]
    known = [day for day in recorded_on if day is not None]
    if len(known) == len(notices):
        raise Refused(f"is recorded already, on {known[0]}: nothing changes")


def _recorded_on(record: MembershipRecord, notice: AnyNotice) -> date | None:
    for known in record.notices:
        same_day = (known.kind, known.effective_on) == (notice.kind, notice.effective_on)
        if same_day and _content(known) == _content(notice):
            return known.recorded_on
    return None


def _content(notice: AnyNotice) -> dict[str, Any]:
    return notice.model_dump(exclude={"number", "recorded_on", "decided_by", "gives_half"})
