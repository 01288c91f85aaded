"""What two people decide together: the one asks, and another says the same again. Source: R6.

The first message is kept as having been asked for, and nothing else comes of it; the second one is
the same message, by somebody else. Policies name what needs it. A death has its own first step
(``leaving``), which says so to the caseworkers.
"""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

from schemas.membership.messages.changes import SetHidden, WithdrawChange
from schemas.persons.same_person import same_person
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Event
from workflows.membership.decisions.step import Letters, Moment, Refused, Step
from workflows.membership.record import Asker, MembershipRecord, SecondPerson

OWN_WORDS = {"caseworker", "reason", "consent_given_on", "consent_how", "consent_words"}
"""What two people may each say in their own way of the same thing."""


def with_second_person(
    record: MembershipRecord, message: Inbound, step: Step, now: Moment, name: str
) -> Step:
    """Return what comes of a message: its step, or that a second person is asked.

    Args:
        record: as it is.
        message: that the step answers.
        step: what would come of it.
        now: when, and by whom if it was stamped.
        name: the message's.

    Raises:
        Refused: the same person has asked for it.
    """
    if not _unhides(record, message):
        return step
    if not record.book.policies_on(now.today).four_eyes_unhide:
        return _without(step, name)
    said = _said(message, name)
    asked = _asked(record, said, now)
    asker = Asker(
        name=step.decided_by,
        subject=now.by.subject if now.by else None,
        system=now.no_person,
    )
    # Whoever told a system may be who says it again: it is neither the first nor the second.
    if asked is None or (asked.by.system and not asker.system):
        return _ask(record, name, said, asker, now)
    if asker.system or is_same(asked.by, asker):
        raise Refused("waits for another person, who sends the same message", confidential=True)
    return replace(_without(step, name), approves=asked.number)


def is_same(one: Asker, other: Asker) -> bool:
    """Tell whether two who decide are one person: by who they are, else by their names."""
    if one.subject is not None and other.subject is not None:
        return one.subject == other.subject
    return same_person(one.name, other.name)


def _unhides(record: MembershipRecord, message: Inbound) -> bool:
    """Tell whether a message lifts hidden status, or takes a wish to be hidden back."""
    if isinstance(message, SetHidden):
        return not message.hidden
    return (
        isinstance(message, WithdrawChange)
        and message.change == "set_hidden"
        and any(
            notice.kind == "set_hidden"
            and notice.hidden
            and notice.effective_on == message.effective_on
            for notice in record.notices
        )
    )


def _asked(record: MembershipRecord, said: str, now: Moment) -> SecondPerson | None:
    """Return who has asked for the same thing lately."""
    oldest = now.today - timedelta(days=record.book.policies_on(now.today).four_eyes_days)
    return next(
        (one for one in record.second_persons if one.said == said and one.on >= oldest), None
    )


def _ask(record: MembershipRecord, name: str, said: str, asker: Asker, now: Moment) -> Step:
    """Keep what somebody asks for until another person says the same."""
    asked = SecondPerson(
        message=name,
        said=said,
        by=asker,
        number=record.decisions + 1,
        at=now.at,
        on=now.today,
    )
    others = tuple(one for one in record.second_persons if one.message != name)
    return Step(
        record=record.model_copy(update={"second_persons": (*others, asked)}),
        event=Event.CHANGE_RECORDED,
        says="was asked for, and waits for a second person to say the same",
        rules=("R6",),
        decided_by=asker.name,
        letters=Letters.of(record).to_caseworkers("second_person").done(),
        confidential=True,
    )


def _without(step: Step, name: str) -> Step:
    """Return a step with nobody waited for any more about its message."""
    left = tuple(one for one in step.record.second_persons if one.message != name)
    if left == step.record.second_persons:
        return step
    return replace(step, record=step.record.model_copy(update={"second_persons": left}))


def _said(message: Inbound, name: str) -> str:
    """Return what tells one thing asked for from another."""
    plain = message.model_dump(mode="json", exclude=OWN_WORDS, exclude_none=True)
    text = json.dumps([name, plain], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
