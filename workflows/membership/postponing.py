"""What falls due and can't be decided: it is put off, told once, and tried again.

Again at the next message, and the next day: the rulebook may have been mended meanwhile.
"""

from datetime import timedelta

from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Event
from workflows.membership.deadlines import DEADLINES, Deadline, deadlines
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.dispatch import AFTER
from workflows.membership.decisions.step import Letters, Moment, Step
from workflows.membership.record import MembershipRecord, Postponed

REPORTS = "delivery_report"
"""Stands for what became of letters, where a deadline's name stands otherwise."""

AGAIN_AFTER = timedelta(days=1)


def due_deadlines(record: MembershipRecord) -> list[Deadline]:
    """Return the deadlines that run, the earliest first, without what has been put off.

    Where they can't be told, that itself is one that has passed.
    """
    try:
        with decidable():
            found = deadlines(record)
    except Undecidable:
        found = [Deadline(DEADLINES, oslo_date(record.received_at) - timedelta(days=1))]
    return [deadline for deadline in found if deadline.name not in record.postponed.names]


def passed(record: MembershipRecord, name: str, now: Moment) -> Step:
    """Return the step for a deadline that has passed."""
    if name != DEADLINES:
        return AFTER[name](record, now)
    deadlines(record)
    return Step(record, Event.DECISION_POSTPONED, "the deadlines can be told", (), empty=True)


def put_off(record: MembershipRecord, name: str, now: Moment) -> MembershipRecord:
    """Return the record in which something that can't be decided waits."""
    before = record.postponed
    postponed = before.model_copy(
        update={"names": (*before.names, name), "again_at": now.at + AGAIN_AFTER}
    )
    return record.model_copy(update={"postponed": postponed})


def to_be_told(record: MembershipRecord, name: str) -> bool:
    """Tell whether the caseworkers don't know yet that something can't be decided."""
    return name not in record.postponed.told


def tell(record: MembershipRecord, name: str, why: str) -> Step:
    """Return the step that makes it a task for the caseworkers, once. Source: M20."""
    told = record.postponed.model_copy(update={"told": (*record.postponed.told, name)})
    return Step(
        record=record.model_copy(update={"postponed": told}),
        event=Event.DECISION_POSTPONED,
        says=f"{name} {why}",
        rules=("M20",),
        letters=Letters.of(record).to_caseworkers("decision_postponed", f"{name} {why}").done(),
    )


def taken_up(record: MembershipRecord) -> MembershipRecord:
    """Return the record in which all that was put off is due again."""
    if not record.postponed.names:
        return record
    return record.model_copy(update={"postponed": Postponed(told=record.postponed.told)})


def decided(record: MembershipRecord, name: str) -> MembershipRecord:
    """Return the record once something has been decided: the next time is told anew."""
    if name not in record.postponed.told:
        return record
    told = tuple(other for other in record.postponed.told if other != name)
    return record.model_copy(
        update={"postponed": record.postponed.model_copy(update={"told": told})}
    )
