"""Mailings: the letters that a run ordered for many members at once."""

from typing import Annotated

from pydantic import StringConstraints

from schemas.names import dues_run_id
from schemas.shared.base import Contract, Day

Batch = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
"""Names the run that ordered the letters: ``dues-run-2026-12``. Opaque: it stands in ids."""


class MailingCounts(Contract):
    """What has become of the letters of a mailing.

    Attributes:
        sent: the mail server took them.
        suppressed: the gate stopped them.
        bounced: their addresses take no mail; each is a caseworker's task.
        unanswered: nobody knows whether they have arrived; each is a caseworker's task.
    """

    sent: int = 0
    suppressed: int = 0
    bounced: int = 0
    unanswered: int = 0

    @property
    def closed(self) -> int:
        """How many letters are done with."""
        return self.sent + self.suppressed + self.bounced + self.unanswered

    def plus(self, other: "MailingCounts") -> "MailingCounts":
        """Return both together."""
        return MailingCounts(
            sent=self.sent + other.sent,
            suppressed=self.suppressed + other.suppressed,
            bounced=self.bounced + other.bounced,
            unanswered=self.unanswered + other.unanswered,
        )


class MailingOrder(Contract):
    """The argument of the ``Mailing`` workflow.

    Attributes:
        today: the business date; None: the workflow's own.
        before: what earlier runs of the same mailing have done.
        idle_sweeps: how often in a row they sent nothing.
    """

    batch: Batch
    today: Day | None = None
    before: MailingCounts = MailingCounts()
    idle_sweeps: int = 0


class MailingSweep(Contract):
    """An order to send what is still open of a batch. ``today`` is the business date."""

    batch: Batch
    today: Day


class LetterCursor(Contract):
    """Where a letter stands in its batch, by membership and key; no personal data."""

    membership_id: str = ""
    key: str = ""


class MailingPage(Contract):
    """A part of a batch: the letters after one place, up to and with another."""

    batch: Batch
    today: Day
    after: LetterCursor
    upto: LetterCursor


class MailingPlan(Contract):
    """What a sweep has to do.

    Attributes:
        letters: how many are still to be sent, also beyond these pages.
        at_once: how many pages are handed out at a time; workers take them as they have room.
    """

    letters: int = 0
    pages: tuple[MailingPage, ...] = ()
    at_once: int = 2


class MailingProgress(Contract):
    """The answer of the ``progress`` query, and the outcome.

    Attributes:
        letters: closed and open ones together, as the last sweep found them.
        waiting: could not be sent in this sweep, and are tried again.
    """

    batch: str = ""
    letters: int = 0
    done: MailingCounts = MailingCounts()
    waiting: int = 0


class InvoiceLetters(Contract):
    """An order for the letters of a month's invoices. ``today`` is the business date."""

    period_from: Day
    today: Day

    @property
    def batch(self) -> str:
        """The batch they go out in."""
        return dues_run_id(f"{self.period_from:%Y-%m}")


class OrderedLetters(Contract):
    """The batch of ordered letters, and how many of them are new."""

    batch: Batch
    letters: int
