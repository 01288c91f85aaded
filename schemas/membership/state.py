"""The ``state``, ``explain`` and ``forecast`` queries: what others may rely on reading."""

from pydantic import AwareDatetime

from schemas.dues.terms import InvoiceLine, TermState
from schemas.shared.base import Contract, Day, Month, Ore
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    Event,
    InsuranceStatus,
    InvoiceStatus,
    LineKind,
    Outcome,
    Payer,
    PayrollStatus,
    Role,
    Stage,
    Template,
)


class Awaiting(Contract):
    """Somebody the membership waits for.

    Attributes:
        what: the name of the message that would answer.
        deadline: the last day; afterwards the membership goes on without. None: no limit.
    """

    role: Role
    what: str
    since: AwareDatetime
    deadline: Day | None = None


class InsuranceState(Contract):
    """The insurance track."""

    status: InsuranceStatus = InsuranceStatus.NOT_APPLICABLE
    reservation_deadline: Day | None = None
    covered_from: Day | None = None
    reserved_from: Day | None = None


class InvoiceState(Contract):
    """The first invoice."""

    number: str
    kid: str
    total_ore: int
    paid_ore: int = 0
    issued_on: Day
    due_on: Day
    status: InvoiceStatus
    lines: tuple[InvoiceLine, ...]


class PayrollState(Contract):
    """The payroll track."""

    status: PayrollStatus = PayrollStatus.NOT_APPLICABLE
    first_period: Month | None = None
    requested_on: Day | None = None


class Rejected(Contract):
    """A message that was not applied, and why.

    Attributes:
        confidential: it has to do with hiding, and stands on no page; None: older code did not say.
    """

    name: str
    at: AwareDatetime
    reason: str
    confidential: bool | None = None


class Upcoming(Contract):
    """A change that is recorded but not in effect yet.

    Attributes:
        kind: the message that reported it.
        effective_on: the first day it is true.
        until_on: the last day of a leave.
    """

    kind: str
    effective_on: Day
    until_on: Day | None = None
    recorded_on: Day
    decided_by: str


class Question(Contract):
    """The latest question of its kind that the member has been asked.

    Attributes:
        about: ``pension``, ``study``, ``study_over`` or ``student``.
    """

    about: str
    at: AwareDatetime


class MembershipState(Contract):
    """The answer of the ``state`` query, and the result of an ended membership.

    Attributes:
        upcoming: in the order they become true.
        leaves_on: the last day of the membership, once its end is known.
        on_leave_until: the last day of the leave the member is on.
    """

    membership_id: str
    stage: Stage
    outcome: Outcome | None = None
    category: Category | None = None
    hidden: bool = False
    branch: str | None = None
    member_number: str | None = None
    member_since: Day | None = None
    faults: tuple[str, ...] = ()
    awaiting: tuple[Awaiting, ...] = ()
    terms: tuple[TermState, ...] = ()
    insurance: InsuranceState = InsuranceState()
    first_invoice: InvoiceState | None = None
    payroll: PayrollState = PayrollState()
    upcoming: tuple[Upcoming, ...] = ()
    leaves_on: Day | None = None
    on_leave_until: Day | None = None
    questions: tuple[Question, ...] = ()
    rejected_messages: tuple[Rejected, ...] = ()


class Cause(Contract):
    """One fact that made an amount what it is.

    Attributes:
        fact: ``approval``, ``birthday``, ``price``, ``policy``, ``insurance``, or the message
            that reported it.
        says: the fact in a few words.
        effective_on: the first day it is true.
        recorded_on: the day we learned of it; None: it needed no telling.
    """

    fact: str
    says: str
    effective_on: Day
    recorded_on: Day | None = None
    decided_by: str


class ExplanationLine(Contract):
    """One thing about a membership and what it rests on.

    Attributes:
        about: a term's kind, ``waiting``, or the event of a decision.
        rules: ids in docs/rules.md.
        decided_by: whoever decided; of an amount, who reported the fact behind it.
        at: of a decision its moment, of a wait its beginning, of an amount the first moment of
            the day on which the fact was recorded.
        until: of a wait the last day for an answer.
        because: of an amount the facts without which it would be another.
        confidential: of a decision, that it has to do with hiding, and stands on no page; None:
            it is none, or older code did not say.
    """

    about: str
    says: str
    rules: tuple[str, ...]
    decided_by: str
    at: AwareDatetime
    until: Day | None = None
    because: tuple[Cause, ...] = ()
    confidential: bool | None = None


class Explanation(Contract):
    """The answer of the ``explain`` query."""

    lines: tuple[ExplanationLine, ...]


class ForecastLetter(Contract):
    """A letter that a step will order.

    Attributes:
        forwarded: by way of the caseworkers, who decide its words.
    """

    audience: Audience
    template: Template
    forwarded: bool = False


class ForecastStep(Contract):
    """Something that will happen by itself, and what holds after it.

    Attributes:
        age: of the member on that day.
        rules: ids in docs/rules.md.
    """

    on: Day
    age: int
    event: Event
    says: str
    rules: tuple[str, ...]
    stage: Stage
    outcome: Outcome | None = None
    category: Category | None
    insurance: InsuranceStatus
    payroll: PayrollStatus
    letters: tuple[ForecastLetter, ...] = ()


class ForecastDues(Contract):
    """A charge that will hold for a span of days.

    Attributes:
        amount_ore: per ``cadence``.
        a_year_ore: the same for twelve months.
        valid_from: not before the forecast begins.
        valid_to: the first day it no longer holds, or that the forecast no longer covers.
        rules: ids in docs/rules.md.
    """

    kind: LineKind
    amount_ore: Ore
    cadence: Cadence
    a_year_ore: Ore
    payer: Payer
    valid_from: Day
    valid_to: Day
    rules: tuple[str, ...]


class ForecastCover(Contract):
    """One coverage of the insurance package and the span it will hold for.

    Attributes:
        valid_from: may lie in the past.
        valid_to: the first day it no longer holds.
    """

    coverage: str
    valid_from: Day
    valid_to: Day


class Forecast(Contract):
    """The answer of the ``forecast`` query: what will happen if nobody else does anything.

    Attributes:
        as_of: the day from which it looks ahead.
        until: the first day it no longer covers; None where there is nothing to foresee.
        stage: as it is now.
        assumes: what it takes for granted.
        steps: what happens by itself, in order of time.
        dues: what is charged, by kind and in order of time.
        cover: the insurance package, coverage by coverage.
        awaiting: who is waited for still when all that has happened.
        note: in a sentence, why there is nothing to foresee; None otherwise.
    """

    membership_id: str
    as_of: Day
    until: Day | None = None
    stage: Stage
    category: Category | None = None
    assumes: str
    steps: tuple[ForecastStep, ...] = ()
    dues: tuple[ForecastDues, ...] = ()
    cover: tuple[ForecastCover, ...] = ()
    awaiting: tuple[Awaiting, ...] = ()
    note: str | None = None
