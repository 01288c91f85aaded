"""The ``state`` and ``explain`` queries: what others may rely on reading."""

from pydantic import AwareDatetime

from schemas.base import Contract, Day, Month
from schemas.terms import InvoiceLine, Term
from schemas.vocabulary import (
    Category,
    InsuranceStatus,
    InvoiceStatus,
    Outcome,
    PayrollStatus,
    Role,
    Stage,
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
    """A message that was not applied, and why."""

    name: str
    at: AwareDatetime
    reason: str


class PossibleDuplicate(Contract):
    """Another application or membership that may be the same person's."""

    membership_id: str
    certain: bool
    stage: Stage
    member_number: str | None = None


class MembershipState(Contract):
    """The answer of the ``state`` query, and the result of an ended membership."""

    membership_id: str
    stage: Stage
    outcome: Outcome | None = None
    category: Category | None = None
    hidden: bool = False
    branch: str | None = None
    member_number: str | None = None
    member_since: Day | None = None
    faults: tuple[str, ...] = ()
    possible_duplicates: tuple[PossibleDuplicate, ...] = ()
    awaiting: tuple[Awaiting, ...] = ()
    terms: tuple[Term, ...] = ()
    insurance: InsuranceState = InsuranceState()
    first_invoice: InvoiceState | None = None
    payroll: PayrollState = PayrollState()
    rejected_messages: tuple[Rejected, ...] = ()


class ExplanationLine(Contract):
    """One fact about a membership and what it rests on.

    Attributes:
        about: a term's kind, ``waiting``, or the event of a decision.
        rules: ids in domain.md.
    """

    about: str
    says: str
    rules: tuple[str, ...]
    decided_by: str
    at: AwareDatetime


class Explanation(Contract):
    """The answer of the ``explain`` query."""

    lines: tuple[ExplanationLine, ...]
