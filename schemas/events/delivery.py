"""Delivering events to a consumer: what its workflow and the activities tell each other.

Numbers and names of ours alone: all of it stands in a workflow's history.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from schemas.shared.base import Contract, Day

ConsumerName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""What we call a system that is told: lower case, digits and dashes."""


class Trouble(StrEnum):
    """Why an event was not taken."""

    ANSWER = "answer"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    NOT_ALLOWED = "not_allowed"
    UNSIGNED = "unsigned"


class Verdict(StrEnum):
    """How a turn ended."""

    DONE = "done"
    MORE = "more"
    FAILED = "failed"
    PAUSED = "paused"


class DeliveryOrder(Contract):
    """The argument of the ``EventDelivery`` workflow.

    Attributes:
        consumer: who is told.
        failures: turns in a row that have failed; of earlier runs.
        failing_since: when the first of them did.
    """

    consumer: ConsumerName
    failures: int = 0
    failing_since: datetime | None = None


class DeliveryTurn(Contract):
    """An order to post what there is. ``at`` is the workflow's own moment."""

    consumer: ConsumerName
    at: datetime


class Delivered(Contract):
    """What became of a turn.

    Attributes:
        events: how many were taken.
        delivered_to: the number that the consumer has come to.
        trouble: why the last post failed; None: it did not.
        status: what was answered to it, if anything was.
        wait_seconds: how long the consumer asked us to wait.
    """

    verdict: Verdict
    events: int = 0
    delivered_to: int = 0
    trouble: Trouble | None = None
    status: int | None = None
    wait_seconds: int | None = None


class DeliveryEnd(Contract):
    """An order to pause a consumer that has not taken anything for days.

    Attributes:
        at: the workflow's own moment; ``today`` is its day in Oslo.
        failures: turns in a row that have failed.
        trouble: why the last did.
        status: what was answered to it, if anything was.
    """

    consumer: ConsumerName
    at: datetime
    today: Day
    failures: int
    trouble: Trouble | None = None
    status: int | None = None
