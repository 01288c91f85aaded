"""The ``state`` and ``explain`` queries: what others may rely on reading."""

from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime

from schemas.dues.terms import InvoiceLine, TermState
from schemas.shared.base import Day, Month, PublishedModel
from schemas.shared.vocabulary import (
    Category,
    InsuranceStatus,
    InvoiceStatus,
    Outcome,
    PayrollStatus,
    Role,
    Stage,
    WaiverKind,
)


class Awaiting(PublishedModel):
    """Somebody the membership waits for."""

    role: Role
    """Who is waited for."""
    what: str
    """The name of the message that would answer."""
    since: AwareDatetime
    """Since when."""
    deadline: Day | None = None
    """The last day; afterwards it goes on without. Null: no limit."""


class InsuranceState(PublishedModel):
    """The insurance track."""

    status: InsuranceStatus = InsuranceStatus.NOT_APPLICABLE
    """Where the insurance package stands."""
    reservation_deadline: Day | None = None
    """The last day to reserve without paying; null until the notice is proved."""
    covered_from: Day | None = None
    """The first day of cover."""
    reserved_from: Day | None = None
    """The first day without cover."""


class InvoiceState(PublishedModel):
    """The first invoice."""

    number: str
    """Invoice number."""
    kid: str
    """What the payment must carry."""
    total_ore: int
    """In øre."""
    paid_ore: int = 0
    """What has been paid of it, in øre."""
    issued_on: Day
    """The day it was issued."""
    due_on: Day
    """The last day to pay: a bank day."""
    status: InvoiceStatus
    """What has been paid."""
    lines: tuple[InvoiceLine, ...]
    """What it charges for."""


class PayrollState(PublishedModel):
    """The payroll track."""

    status: PayrollStatus = PayrollStatus.NOT_APPLICABLE
    """Where the payroll deduction stands."""
    first_period: Month | None = None
    """The first month that is deducted, YYYY-MM."""
    requested_on: Day | None = None
    """The day the employer was asked."""


class Rejected(PublishedModel):
    """A message that was not applied, and why."""

    name: str
    """The name it was sent under."""
    at: AwareDatetime
    """When it came."""
    reason: str
    """Why it was not applied."""
    # None: older code did not say.
    confidential: bool | None = None
    """It has to do with hiding: show it to nobody who need not know."""


class Upcoming(PublishedModel):
    """A change that is recorded but not in effect yet."""

    kind: str
    """The message that reported it."""
    effective_on: Day
    """The first day it is true."""
    until_on: Day | None = None
    """The last day of a leave."""
    recorded_on: Day
    """The day it was reported."""
    decided_by: str
    """Who reported or granted it."""


class EmploymentState(PublishedModel):
    """What holds of one of the member's employments for a time; several may stand at once (A5)."""

    id: str
    """What `change_employment` calls it."""
    employer_orgnr: str | None = None
    """The employer's number; null while it is not known: it can't deduct."""
    position_percent: Decimal | None = None
    """Of this employment alone; null when it is not known."""
    deducts: bool = False
    """Its employer is the one that may deduct: never two at a time."""
    valid_from: Day
    """The first day, at the earliest that of the approval."""
    valid_to: Day | None = None
    """The first day that no longer counts, or null while it is open."""


class Question(PublishedModel):
    """The latest question of its kind that the member has been asked."""

    about: str
    """What it was about: pension (going on past 67), study (its end comes near), study_over (it has
    ended), student (the yearly check), employer (the number of one), work (there is none), waiver
    (it comes near its end).
    """
    at: AwareDatetime
    """When the question was asked."""


class MembershipState(PublishedModel):
    """The answer of the ``state`` query, and the result of an ended membership."""

    membership_id: str
    """The workflow id."""
    stage: Stage
    """How far it has come."""
    outcome: Outcome | None = None
    """How it ended; null while it goes on."""
    open_until: Day | None = None
    """Of one that has ended the last day on which it can be reopened; null once it is over."""
    erased_on: Day | None = None
    """Of one that is erased when it was: nobody is known under this id any more."""
    erasure: str | None = None
    """Of one that is erased the id of its certificate."""
    category: Category | None = None
    """The kind of member; null when the application could not be read."""
    hidden: bool = False
    """The employer must never learn of the membership."""
    branch: str | None = None
    """Code of the local branch."""
    member_number: str | None = None
    """Eight digits, from the approval on."""
    member_since: Day | None = None
    """The day of approval."""
    first_member_since: Day | None = None
    """The first day of the person's first membership; seniority counts from it."""
    faults: tuple[str, ...] = ()
    """Every rule the application breaks, as ``field: what is wrong``."""
    awaiting: tuple[Awaiting, ...] = ()
    """Whom it waits for."""
    terms: tuple[TermState, ...] = ()
    """Who pays what: past, present and future."""
    insurance: InsuranceState = InsuranceState()
    """The insurance track."""
    first_invoice: InvoiceState | None = None
    """Null until it is issued, and for those who pay nothing."""
    payroll: PayrollState = PayrollState()
    """The payroll deduction track."""
    pays_by: Literal["invoice", "avtalegiro"] | None = None
    """How the member has chosen to pay what is not deducted; null: nothing was chosen here, and a
    mandate that was signed in the bank decides."""
    employments: tuple[EmploymentState, ...] = ()
    """The member's employments: past, present and future ones. Their sum sets the dues (A5)."""
    upcoming: tuple[Upcoming, ...] = ()
    """Changes that are recorded but not in effect yet, in the order they become true."""
    leaves_on: Day | None = None
    """The last day of the membership, once its end is known."""
    on_leave_until: Day | None = None
    """The last day of the leave the member is on."""
    waiver: WaiverKind | None = None
    """Why the dues are waived or reduced for a time, unless it is a plain leave (A36)."""
    questions: tuple[Question, ...] = ()
    """What the member has been asked, of each kind the latest."""
    rejected_messages: tuple[Rejected, ...] = ()
    """The latest 50 messages that were not applied."""
    decisions: int = 0
    """The number of the last decision in the log; 0: it does not say."""


class Cause(PublishedModel):
    """One fact that made an amount what it is."""

    fact: str
    """approval, birthday, price, policy, insurance, or the message that reported it."""
    says: str
    """The fact, in a few words."""
    effective_on: Day
    """The first day it is true."""
    recorded_on: Day | None = None
    """The day it was recorded; null where nobody had to tell."""
    decided_by: str
    """Who reported or decided it; ``rule`` and ``rulebook`` are nobody."""


class ExplanationLine(PublishedModel):
    """One thing about a membership and what it rests on."""

    about: str
    """A term's kind, ``waiting``, or the event of a decision."""
    says: str
    """What is so, in a sentence."""
    rules: tuple[str, ...]
    """The rules it rests on."""
    decided_by: str
    """A caseworker, the sender of a message, or ``rule``."""
    at: AwareDatetime
    """Of a decision when it was made, of a wait since when, of an amount the first moment of the
    day on which the fact behind it was recorded.
    """
    until: Day | None = None
    """Of a wait the last day for an answer."""
    because: tuple[Cause, ...] = ()
    """Of an amount the facts without which it would be another."""
    # None: older code did not say.
    confidential: bool | None = None
    """It has to do with hiding: show it to nobody who need not know."""
    message: str | None = None
    """Of a decision the message that it answers; null: a deadline, or older code did not say."""


class Explanation(PublishedModel):
    """The answer of the ``explain`` query."""

    lines: tuple[ExplanationLine, ...]
    """Amounts first, then waits, then decisions in order of time."""
