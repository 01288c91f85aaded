"""Erasing somebody: what is ordered, what stands in the way, and what would go."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from schemas.shared.base import Contract, Day, Inbound, Line, PublishedModel, none_is

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Whose = Annotated[str, StringConstraints(pattern=rf"^(person|membership)-{_UUID}$")]
"""Whom it is of: a person with all memberships, or one membership or application alone."""


class Basis(StrEnum):
    """Why somebody is erased.

    Members:
        REQUEST: the member, or the data-protection officer, asks for it.
        RETENTION: it has been kept for as long as it may be.
    """

    REQUEST = "request"
    RETENTION = "retention"


class Obstacle(StrEnum):
    """What keeps somebody from being erased for now."""

    OPEN_MEMBERSHIP = "open_membership"
    MAY_BE_REOPENED = "may_be_reopened"
    MAY_BE_UNMERGED = "may_be_unmerged"
    HOLD = "hold"
    DEBT = "debt"
    CREDIT = "credit"
    MONEY_TO_PLACE = "money_to_place"
    REFUND = "refund"
    FINAL_SETTLEMENT = "final_settlement"
    LIST_UNSETTLED = "list_unsettled"
    CHARGES_TO_COMPARE = "charges_to_compare"
    PAYMENT_PLAN = "payment_plan"
    OPEN_TASK = "open_task"
    FOUND_BY_AUDIT = "found_by_audit"
    LETTER_UNDER_WAY = "letter_under_way"
    INSURANCE_OFFICE_TO_TELL = "insurance_office_to_tell"


IN_WORDS: dict[Obstacle, str] = {
    Obstacle.OPEN_MEMBERSHIP: "the membership, or the application, is open",
    Obstacle.MAY_BE_REOPENED: "it has ended, and may still be reopened",
    Obstacle.MAY_BE_UNMERGED: "two people were merged, which may still be undone",
    Obstacle.HOLD: "a hold, by a decision of its own",
    Obstacle.DEBT: "something is owed to us",
    Obstacle.CREDIT: "something is owed by us: pay it out, or let a caseworker see to it",
    Obstacle.MONEY_TO_PLACE: "money has come in that pays nothing yet",
    Obstacle.REFUND: "a refund is under way",
    Obstacle.FINAL_SETTLEMENT: "the final settlement is not closed",
    Obstacle.LIST_UNSETTLED: "an employer's list with this member on it is not settled",
    Obstacle.CHARGES_TO_COMPARE: "the next dues run has something to compare",
    Obstacle.PAYMENT_PLAN: "a payment plan stands",
    Obstacle.OPEN_TASK: "a caseworker has an open task",
    Obstacle.FOUND_BY_AUDIT: "the audit holds what it has found until it is put right",
    Obstacle.LETTER_UNDER_WAY: "a letter is on its way",
    Obstacle.INSURANCE_OFFICE_TO_TELL: "the insurance office's next file has to end the cover",
}


class ErasureOrder(Inbound):
    """The argument of the ``Erasure`` workflow."""

    whose: Whose
    """A person, with all memberships, or one membership or application."""
    requested_by: Line
    """Who asks for it: a role, or who works here; not the member's own name."""
    basis: Annotated[Basis, BeforeValidator(none_is(Basis.REQUEST), Basis | None)] = Basis.REQUEST
    """Why."""


class ErasureOpening(Contract):
    """An erasure on a day, as the database is told of it."""

    erasure_id: str
    whose: str
    requested_by: str
    basis: Basis
    today: Day


class Standing(PublishedModel):
    """One thing that stands in the way."""

    membership_id: str
    """Which membership it is about."""
    obstacle: Obstacle
    """What it is."""
    until_on: date | None
    """The first day on which it stands in the way no more; null: no day ends it."""


class Explained(Standing):
    """The same for whoever plans, and for no history."""

    reason: str | None = None
    """Of a hold: why, as whoever decided it has written."""


class ErasureStep(Contract):
    """An erasure that is under way, on a business date."""

    erasure_id: str
    today: Day


class ErasureLook(Contract):
    """How an erasure stands.

    Attributes:
        known: there is somebody to erase.
        memberships: what it is of.
        obstacles: what stands in the way today.
        again_on: the first day on which any of them ends by itself.
        erased: it has been done.
    """

    known: bool
    memberships: tuple[str, ...] = ()
    obstacles: tuple[Standing, ...] = ()
    again_on: Day | None = None
    erased: bool = False


class ErasurePlan(PublishedModel):
    """What an erasure would do today: a dry run."""

    whose: str
    """Whom it is of."""
    on: date
    """The business date."""
    memberships: tuple[str, ...]
    """Ids of the memberships and applications it is of."""
    person: bool
    """Whether the person goes as well; no: another membership of theirs stays."""
    obstacles: tuple[Explained, ...]
    """What stands in the way; empty: it would be done at once."""
    erased: dict[str, int]
    """Rows that go, by table."""
    pseudonymised: dict[str, int]
    """Rows that lose what makes them somebody's, by table."""
    kept: dict[str, int]
    """Rows that stay as they are, by table, under the ids of the memberships."""
    kept_until: date | None
    """The last day for which the accounts need what is left; null: nothing is left for them."""


class RetentionOrder(Inbound):
    """The argument of the ``Retention`` workflow."""

    today: Day | None = None
    """The business date; nothing: the day on which it runs."""


class RetentionStep(Contract):
    """A page of whoever is due.

    Attributes:
        after: the last membership of the page before.
    """

    today: Day
    after: str = ""


class DueErasures(Contract):
    """Memberships and applications that have been kept for as long as they may be."""

    memberships: tuple[str, ...] = ()


class RetentionReport(PublishedModel):
    """What a night of retention has begun."""

    today: date
    """The business date."""
    begun: int = 0
    """Erasures that were started."""
    accesses_forgotten: int = 0
    """Entries of the access log that were kept no longer."""


class ErasureStage(StrEnum):
    """How far an erasure has come."""

    WAITING = "waiting"
    TELLING = "telling"
    ERASING = "erasing"
    CERTIFYING = "certifying"
    DONE = "done"


class ErasureState(PublishedModel):
    """How an erasure stands, as its query ``state`` answers."""

    stage: ErasureStage = ErasureStage.WAITING
    """How far it has come."""
    obstacles: tuple[Standing, ...] = ()
    """What stands in its way."""
    again_on: date | None = None
    """The first day on which any of that ends by itself."""
    memberships: tuple[str, ...] = ()
    """What it is of."""
