"""How a membership stands: what the ``state`` query answers."""

from datetime import date, timedelta

from schemas.membership.notices import AnyNotice, EndNotice
from schemas.membership.situation import effective_notices
from schemas.membership.state import MembershipState, Question, Upcoming
from schemas.shared.vocabulary import Stage
from workflows.membership.awaiting import awaiting
from workflows.membership.employments import employments_of
from workflows.membership.record import MembershipRecord


def state_of(record: MembershipRecord) -> MembershipState:
    """Return what the ``state`` query answers."""
    end = record.leaving
    return MembershipState(
        **{
            name: getattr(record, name)
            for name in MembershipState.model_fields
            if name in MembershipRecord.model_fields
        },
        hidden=record.hidden,
        awaiting=awaiting(record),
        employments=employments_of(record),
        upcoming=upcoming(record),
        leaves_on=end.effective_on - timedelta(days=1) if end is not None else None,
        on_leave_until=on_leave_until(record),
        waiver=record.present.waiver if record.present is not None else None,
        questions=questions(record),
        rejected_messages=record.rejected,
    )


def upcoming(record: MembershipRecord) -> tuple[Upcoming, ...]:
    """Return what is recorded but not in effect yet, of corrections the last word only."""
    if record.stage is Stage.ENDED:
        return ()
    end = record.leaving
    coming = [
        notice
        for notice in effective_notices(record.notices)
        if not _in_effect(record, notice) and not _too_late(notice, end)
    ]
    return tuple(
        Upcoming(
            kind=notice.kind,
            effective_on=notice.effective_on,
            until_on=notice.until_on if notice.kind == "grant_leave" else None,
            recorded_on=notice.recorded_on,
            decided_by=notice.decided_by,
        )
        for notice in coming
    )


def _in_effect(record: MembershipRecord, notice: AnyNotice) -> bool:
    """A day is reached once it has been acted upon; hiding waits for whoever is told of it."""
    hides = notice.kind == "set_hidden" and notice.hidden
    if hides and record.hiding is not None:
        return False
    return notice.effective_on <= (record.reached or record.since)


def _too_late(notice: AnyNotice, end: EndNotice | None) -> bool:
    return end is not None and notice is not end and notice.effective_on >= end.effective_on


def on_leave_until(record: MembershipRecord) -> date | None:
    """Return the last day of the leave the member is on, or None."""
    if record.stage is not Stage.ON_LEAVE:
        return None
    day = record.reached or record.since
    return max(
        (
            notice.until_on
            for notice in effective_notices(record.notices)
            if notice.kind == "grant_leave" and notice.effective_on <= day
        ),
        default=None,
    )


def questions(record: MembershipRecord) -> tuple[Question, ...]:
    """Return what the member has been asked, of each kind the latest."""
    latest = {asked.about.partition(":")[0]: asked.at for asked in record.asked}
    return tuple(Question(about=about, at=at) for about, at in latest.items())
