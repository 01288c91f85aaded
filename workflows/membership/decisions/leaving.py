"""How a membership ends: the member resigns, is struck off, or dies."""

from dataclasses import replace
from datetime import date, timedelta

from schemas.membership.messages.leaving import RecordDeath, ReportArrears, Resign
from schemas.membership.notices import EndNotice
from schemas.membership.situation import owed_until
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Event, Outcome, Stage, Template
from workflows.membership.decisions.ending import (
    RULES,
    announce_end,
    figures_of,
    open_until,
    tell_of_estate,
)
from workflows.membership.decisions.four_eyes import is_same
from workflows.membership.decisions.late import told_late
from workflows.membership.decisions.review import ended
from workflows.membership.decisions.step import Answers, Letters, Moment, Refused, Step, check_past
from workflows.membership.decisions.transition import Transition
from workflows.membership.decisions.transitions import pass_through
from workflows.membership.record import Asker, MembershipRecord, ReportedDeath


def resign(record: MembershipRecord, message: Resign, now: Moment) -> Step:
    """Return the step a resignation leads to; of two, the earlier one counts. Source: A29."""
    check_past("received_on", message.received_on, now)
    if message.received_on < record.since:
        raise Refused(f"received_on: lies before the membership began, {record.since}")
    known = record.leaving
    if record.stage is Stage.ENDED:
        known = None
    if known is not None and known.reported_on <= message.received_on:
        last = known.effective_on - timedelta(days=1)
        raise Refused(f"has resigned already, on {known.reported_on}; the last day is {last}")
    months = record.book.policies_on(message.received_on).notice_months
    end = _end(
        record,
        Resign.card.name,
        Outcome.RESIGNED,
        months_before(message.received_on, -1 - months),
        message.received_on,
        now,
        "member",
    )
    if record.stage is Stage.ENDED:
        return _had_left(record, end, message.reason)
    return _left(record, end, now, Event.RESIGNATION_RECEIVED, message.reason)


def _had_left(record: MembershipRecord, end: EndNotice, reason: str | None) -> Step:
    """An end that is told of after another one, and was before it: everything ended then. L1."""
    known = record.leaving
    assert known is not None, "a former member had left"
    if end.effective_on >= known.effective_on:
        last = known.effective_on - timedelta(days=1)
        raise Refused(f"the membership has ended: {record.outcome}; the last day was {last}")
    others = tuple(notice for notice in record.notices if notice.kind != end.kind)
    left = record.model_copy(update={"notices": (*others, end)}).replanned()
    step = told_late(
        record, left, Event.RESIGNATION_RECEIVED, _told(end), RULES[end.outcome], "member", reason
    )
    if record.outcome is Outcome.DECEASED:
        return step
    letters = Letters(number=record.decisions + 1, written=list(step.letters))
    letters.member(Template.RESIGNATION, **figures_of(end, left))
    step = replace(step, letters=letters.done())
    update: dict[str, object] = {"outcome": end.outcome}
    if record.ended is not None:
        update["ended"] = record.ended.model_copy(update={"number": end.number})
    return replace(step, record=step.record.model_copy(update=update))


def strike_off(record: MembershipRecord, message: ReportArrears, now: Moment) -> Step:
    """Return the step that strikes off whoever owes too much. Source: A30."""
    check_past("as_of", message.as_of, now)
    limit = record.book.policies_on(message.as_of).struck_off_months
    if message.owed_months <= limit:
        raise Refused(
            f"owed_months: owes {message.owed_months} months; struck off when owing more than "
            f"{limit} (A30)"
        )
    end = _end(
        record,
        ReportArrears.card.name,
        Outcome.STRUCK_OFF,
        now.today,
        message.as_of,
        now,
        "dues_run",
    )
    reason = f"owes {message.owed_ore} øre for {message.owed_months} months"
    return _left(record, end, now, Event.MEMBERSHIP_ENDED, reason)


def record_death(record: MembershipRecord, message: RecordDeath, now: Moment) -> Step:
    """Return the step a death leads to: everything stops once it is sure whose. Source: L7, M17."""
    check_past("died_on", message.died_on, now)
    if message.died_on < record.birth_date:
        raise Refused("died_on: lies before the birth date")
    if record.stage is Stage.ENDED and record.outcome is Outcome.DECEASED:
        raise Refused("is recorded as deceased already")
    if record.member_since is None:
        return Step(
            record=ended(record, Outcome.DECEASED),
            event=Event.MEMBERSHIP_ENDED,
            says=f"the applicant died on {message.died_on}",
            rules=("M17",),
            decided_by=message.caseworker,
            letters=Letters.of(record).to_caseworkers("application_ended").done(),
        )
    _check_number(record, message)
    confirmed = _confirms(record.reported_death, message, now)
    alone = not record.book.policies_on(now.today).four_eyes_death
    if not confirmed and not (alone and message.member_number is not None):
        return _reported(record, message, now)
    step = _died(record, message, now)
    reported = record.reported_death
    return replace(step, approves=reported.number if confirmed and reported else None)


def _died(record: MembershipRecord, message: RecordDeath, now: Moment) -> Step:
    """Everything stops."""
    end = _end(
        record,
        RecordDeath.card.name,
        Outcome.DECEASED,
        min(message.died_on + timedelta(days=1), now.today),
        message.died_on,
        now,
        message.caseworker,
    )
    if record.stage is Stage.ENDED:
        return _died_afterwards(record, end, now)
    return _left(record, end, now, Event.MEMBERSHIP_ENDED, None)


def _check_number(record: MembershipRecord, message: RecordDeath) -> None:
    """Refuse a number that is another's, without telling the right one."""
    if message.member_number is not None and message.member_number != record.member_number:
        raise Refused("member_number: is not this member's; nothing was recorded")


def _confirms(reported: ReportedDeath | None, message: RecordDeath, now: Moment) -> bool:
    """Tell whether another caseworker says of a death what one has said before. Source: R6."""
    if reported is None or reported.died_on != message.died_on:
        return False
    first = Asker(name=reported.caseworker, subject=reported.subject)
    second = Asker(name=message.caseworker, subject=now.by.subject if now.by else None)
    return not is_same(first, second)


def _reported(record: MembershipRecord, message: RecordDeath, now: Moment) -> Step:
    """Nothing stops yet: a caseworker is asked to confirm whose death it is."""
    known = record.reported_death
    if known is not None and known.died_on == message.died_on:
        alone = message.member_number is None
        how = "with member_number, or by another caseworker" if alone else "by another caseworker"
        raise Refused(f"waits to be confirmed: {how} with the same day")
    reported = ReportedDeath(
        died_on=message.died_on,
        caseworker=message.caseworker,
        at=now.at,
        subject=now.by.subject if now.by else None,
        number=record.decisions + 1,
    )
    without = "" if message.member_number else " without the member number"
    return Step(
        record=record.model_copy(update={"reported_death": reported}),
        event=Event.DEATH_REPORTED,
        says=f"a death is reported{without}, and waits to be confirmed",
        rules=("L7", "M17"),
        decided_by=message.caseworker,
        letters=Letters.of(record).to_caseworkers("death_reported").done(),
    )


def _died_afterwards(record: MembershipRecord, end: EndNotice, now: Moment) -> Step:
    """Everybody has been told of the end; what is left is silence, and the estate. Source: L7."""
    died = record.model_copy(update={"notices": (*record.notices, end)}).replanned()
    return Step(
        record=died.model_copy(
            update={
                "outcome": Outcome.DECEASED,
                "reported_death": None,
                "open_until": open_until(record, now),
            }
        ),
        event=Event.MEMBERSHIP_ENDED,
        says=f"{_told(end)}, after the membership had ended: {record.outcome}",
        rules=("L7", "L9", "M17"),
        decided_by=end.decided_by,
        letters=tell_of_estate(Letters.of(record), record, end).done(),
        priced=True,
        given_back_from=owed_until(end, record.since),
    )


def _end(
    record: MembershipRecord,
    kind: str,
    outcome: Outcome,
    effective_on: date,
    reported_on: date,
    now: Moment,
    decided_by: str,
) -> EndNotice:
    return EndNotice.model_validate(
        {
            "number": record.decisions + 1,
            "kind": kind,
            "effective_on": max(effective_on, record.since),
            "recorded_on": now.today,
            "decided_by": decided_by,
            "outcome": outcome,
            "reported_on": reported_on,
        }
    )


def _told(end: EndNotice) -> str:
    """Return what was told of an end, and of which day."""
    what = {
        Outcome.RESIGNED: "the member resigned",
        Outcome.STRUCK_OFF: "the arrears were counted",
        Outcome.DECEASED: "the member died",
    }
    return f"{what[end.outcome]} on {end.reported_on}"


def _left(
    record: MembershipRecord, end: EndNotice, now: Moment, event: Event, reason: str | None
) -> Step:
    others = tuple(notice for notice in record.notices if notice.kind != end.kind)
    update: dict[str, object] = {"notices": (*others, end)}
    if end.outcome is Outcome.DECEASED or not record.keeps_report:
        update["reported_death"] = None
    leaving = record.model_copy(update=update).replanned()
    transition = Transition(leaving, now, Letters.of(record), record.terms)
    announce_end(transition, end, again=record.leaving is not None)
    transition.note(_told(end))
    if end.effective_on <= now.today:
        pass_through(transition)
    else:
        last = end.effective_on - timedelta(days=1)
        transition.note(f"leaves: {end.outcome}, the last day is {last}", *RULES[end.outcome])
    step = transition.step(event, end.decided_by, reason)
    if end.outcome is not Outcome.DECEASED:
        return step
    return replace(step, given_back_from=owed_until(end, record.since))


ANSWERS: Answers = {
    Resign: resign,
    ReportArrears: strike_off,
    RecordDeath: record_death,
}
"""Which decision answers which message."""
