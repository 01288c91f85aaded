"""What a message would come to: decided as it would be, and then let go of."""

import json
from dataclasses import replace

from pydantic import ValidationError

from schemas.membership.decision import DecisionReceipt
from schemas.membership.messages import MESSAGES
from schemas.membership.preview import Asked, Preview
from schemas.shared.faults import faults_of
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.step import Moment, Refused
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import recorded
from workflows.membership.state import state_of


def preview(record: MembershipRecord, asked: Asked, now: Moment) -> Preview:
    """Return what a message would come to, by the same functions that would decide about it.

    What only the books know is left out: that the person is a member under another id, that a
    payment was recorded before.

    Args:
        record: the membership as it is; it stays so.
        asked: the message.
        now: when it would come.
    """
    kind = MESSAGES.get(asked.name)
    if kind is None:
        return Preview(refused="there is no such message")
    try:
        message = kind.model_validate_json(json.dumps(asked.data))
    except ValidationError as error:
        return Preview(refused="; ".join(faults_of(error)))
    try:
        with decidable():
            step = dispatch.answer(record, message, now)
    except (Refused, Undecidable) as why:
        return Preview(refused=str(why))
    if step.payment is not None:
        # Only the books say where money goes.
        step = replace(step, letters=())
    after = recorded(step, DecisionReceipt(member_number=record.member_number), now)
    return Preview(
        says=step.says,
        rules=step.rules,
        state=state_of(after),
        letters=step.letters,
        invoice=step.invoice,
    )
