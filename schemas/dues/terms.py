"""Terms: who pays what, how, and from when. Dates are half-open: ``valid_to`` is excluded."""

from schemas.shared.base import Contract, Day, Ore, PublishedModel
from schemas.shared.vocabulary import Cadence, LineKind, Payer


class TermState(PublishedModel):
    """One charge that holds for a span of whole months, as others are told of it."""

    kind: LineKind
    """What is charged for."""
    amount_ore: Ore
    """In øre, per cadence; 0 states that nothing is charged."""
    cadence: Cadence
    """How often."""
    payer: Payer
    """Through whom."""
    valid_from: Day
    """The first day it holds."""
    valid_to: Day | None = None
    """The first day that no longer counts, or null while it is open."""


class Term(TermState):
    """One charge with all that the dues run needs to know of it.

    Attributes:
        employer_orgnr: who deducts, when the payer is ``payroll``.
        prorated: a yearly fee is charged for the remaining months in the year it begins (A13).
    """

    employer_orgnr: str | None = None
    prorated: bool = False


class RatedTerm(Contract):
    """One charge as it is kept: by its rate, whatever that comes to. A new price is no new term.

    Attributes:
        rate: what it charges by (``schemas.dues.rates.Rate.code``).
        employer_orgnr, prorated: as in ``Term``.
    """

    kind: LineKind
    rate: str
    cadence: Cadence
    payer: Payer
    valid_from: Day
    valid_to: Day | None = None
    employer_orgnr: str | None = None
    prorated: bool = False


class Span(Contract):
    """A span of days, half-open.

    Attributes:
        recorded_on: the day its beginning was decided; None: before that was kept.
        decided_by: who decided it.
    """

    valid_from: Day
    valid_to: Day | None = None
    recorded_on: Day | None = None
    decided_by: str | None = None


class PayerChange(Contract):
    """From the first of a month on, monthly charges go through this payer.

    Attributes:
        employer_orgnr: who began or stopped deducting; None: whoever the employer is then.
        given_on: the day the employer gave its word; None: before that was kept.
    """

    starts_on: Day
    payer: Payer
    employer_orgnr: str | None = None
    given_on: Day | None = None


class InvoiceLine(PublishedModel):
    """One line of an invoice, in øre."""

    kind: LineKind
    """What is charged for."""
    amount_ore: Ore
    """In øre."""
