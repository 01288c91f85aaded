"""What two rulebooks make of one member, and what a span of months is charged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from schemas.dues.payers import is_by_list
from schemas.dues.plan import plan_terms
from schemas.dues.rates import MONTHS
from schemas.dues.terms import Term
from schemas.membership.situation import Facts
from schemas.pricing.contracts import Amounts
from schemas.pricing.differences import first_difference, first_rise
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import month_after
from schemas.shared.vocabulary import Cadence

QUARTERS = frozenset({1, 4, 7, 10})


@dataclass(frozen=True)
class Repriced:
    """What new prices mean for one member.

    Attributes:
        changed_from: the first month that is charged otherwise; None: no month is.
        dearer_from: the first month that costs more; None: no month does.
        through_payroll: an employer deducts in that month.
    """

    before: Amounts
    after: Amounts
    changed_from: date | None
    through_payroll: bool
    dearer_from: date | None = None


def repriced(facts: Facts, before: Rulebook, after: Rulebook, effective_on: date) -> Repriced:
    """Return what a member is charged by one rulebook and by another.

    Args:
        facts: of the member.
        before: the rulebook as it is.
        after: the rulebook with the new prices.
        effective_on: the first day of the first month of the new prices.

    Raises:
        NotInForce: a rulebook says nothing for one of the days.

    Source: A26, and whatever ``plan_terms`` names: the terms are planned by it alone.
    """
    old, new = plan_terms(facts, before), plan_terms(facts, after)
    month = first_difference(old, new)
    return Repriced(
        before=amounts(old, effective_on),
        after=amounts(new, effective_on),
        changed_from=month,
        through_payroll=month is not None
        and any(is_by_list(term.payer) for term in holding(new, month)),
        dearer_from=None if month is None else first_rise(old, new),
    )


def amounts(terms: tuple[Term, ...], start: date) -> Amounts:
    """Return what a month, and the twelve months from it on, are charged with."""
    monthly = (t.amount_ore for t in holding(terms, start) if t.cadence is Cadence.MONTHLY)
    return Amounts(month_ore=sum(monthly), year_ore=year_from(terms, start))


def year_from(terms: tuple[Term, ...], start: date) -> int:
    """Return what the twelve months from one on are charged with, in øre. Source: A2, A13."""
    month, total = start, 0
    for _ in range(MONTHS):
        total += sum(_in(term, month, terms) for term in holding(terms, month))
        month = month_after(month)
    return total


def holding(terms: tuple[Term, ...], month: date) -> Iterator[Term]:
    """Yield the terms that hold in a month."""
    for term in terms:
        if term.valid_from <= month and (term.valid_to is None or month < term.valid_to):
            yield term


def _in(term: Term, month: date, terms: tuple[Term, ...]) -> int:
    """Return what a term that holds is charged with in a month."""
    match term.cadence:
        case Cadence.MONTHLY:
            return term.amount_ore
        case Cadence.QUARTERLY:
            return term.amount_ore if month.month in QUARTERS else 0
        case Cadence.YEARLY:
            return _fee_in(term, month, terms)
        case _:
            assert_never(term.cadence)


def _fee_in(term: Term, month: date, terms: tuple[Term, ...]) -> int:
    """Return what of a yearly fee a month is charged with."""
    if month.month == 1:
        return term.amount_ore
    if term.valid_from != month or _paid(terms, month):
        return 0
    # The year in which it begins: a pensioner's for the remaining months (A13).
    remaining = MONTHS + 1 - month.month
    return term.amount_ore * remaining // MONTHS if term.prorated else term.amount_ore


def _paid(terms: tuple[Term, ...], month: date) -> bool:
    """Tell whether the fee of a year was due before a month of it: a year has one (A26)."""
    return any(
        term.cadence is Cadence.YEARLY
        and term.valid_from < month
        and (term.valid_to is None or term.valid_to > month.replace(month=1))
        for term in terms
    )
