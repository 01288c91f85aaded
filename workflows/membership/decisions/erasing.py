"""Asking for a membership to be erased."""

from schemas.membership.messages.leaving import RequestErasure
from schemas.shared.vocabulary import Event
from workflows.membership.decisions.step import Answers, Moment, Step
from workflows.membership.record import MembershipRecord


def request_erasure(record: MembershipRecord, message: RequestErasure, _now: Moment) -> Step:
    """Return the step that keeps who asked; the erasure waits for whatever keeps the membership.

    Source: R4.
    """
    return Step(
        record=record,
        event=Event.ERASURE_REQUESTED,
        says="erasure was asked for: it is done as soon as nothing stands in the way",
        rules=("R4",),
        decided_by=message.requested_by,
        reason=message.basis,
    )


ANSWERS: Answers = {RequestErasure: request_erasure}
"""Which decision answers which message."""
