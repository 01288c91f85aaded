"""What the letters of one membership are written from: read in one go, under one lock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from activities.notifications.gate import Circumstances
from schemas.vocabulary import Language, Outcome, Stage


@dataclass(frozen=True)
class Person:
    """Who a membership is about.

    Attributes:
        address: the lines of the postal address; empty when unknown.
    """

    name: str
    birth_date: date
    national_id: str | None
    email: str
    phone: str | None
    address: tuple[str, ...]
    language: Language


@dataclass(frozen=True)
class Contact:
    """An employer or a branch: its number or code, and where it takes mail."""

    code: str
    name: str | None
    email: str | None


@dataclass(frozen=True)
class Case:
    """A membership as its letters see it.

    Attributes:
        person: None when the application could not be read.
        recruiter_email: None when the recruiter was not found among the members.
    """

    membership_id: str
    stage: Stage
    outcome: Outcome | None
    hidden: bool
    member_number: str | None
    member_since: date | None
    person: Person | None
    employer: Contact | None
    branch: Contact | None
    recruiter_email: str | None
    may_tell_recruiter: bool
    start_sent_on: date | None

    def circumstances(self, today: date) -> Circumstances:
        """Return what the gate knows. ``today`` is the business date."""
        return Circumstances(
            stage=self.stage,
            outcome=self.outcome,
            hidden=self.hidden,
            branch=self.branch.code if self.branch else None,
            has_national_id=self.person is not None and self.person.national_id is not None,
            may_tell_recruiter=self.may_tell_recruiter,
            start_sent_on=self.start_sent_on,
            today=today,
        )


@dataclass(frozen=True)
class InvoiceFacts:
    """An invoice as it was issued; amounts in øre.

    Attributes:
        period_from: the first day of what it is for: the month, or the rest of the year.
        yearly: it is for a yearly fee (S12, S18).
    """

    number: str
    kid: str
    period_from: date
    issued_on: date
    due_on: date
    total_ore: int
    lines: tuple[Mapping[str, Any], ...]
    yearly: bool = False


@dataclass(frozen=True)
class OpenLetter:
    """A letter that is still to be sent.

    Attributes:
        attempts: how often it was marked as going out; tells this attempt from another's.
        message_id: the left part of the Message-ID.
        sent_on: the day an earlier attempt dated it, which a second copy must repeat.
        decided_at: when the decision that called for it was made.
    """

    key: str
    template: str
    audience: str
    figures: Mapping[str, Any]
    status: str
    attempts: int
    message_id: str
    sent_on: date | None
    decided_at: datetime
