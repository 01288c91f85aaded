"""What others tell a membership: each is both a signal and an update, same name, same JSON.

A message is one card (``schemas.shared.messages``), in the file of its group.
"""

from schemas.membership.messages import (
    changes,
    insurance,
    leaving,
    merging,
    payments,
    pricing,
    review,
)
from schemas.shared.base import PublishedModel
from schemas.shared.messages import Messages, messages_in


class Answer(PublishedModel):
    """What the sender of an update learns when it has been applied."""

    applied: bool
    """Always true: a message that is not applied is answered with an error."""
    stage: str
    """The stage after it."""
    says: str
    """What happened, in a sentence."""


MESSAGES: Messages = messages_in(review, insurance, payments, changes, leaving, merging, pricing)
"""All of them, by name, in the order in which they are listed."""
