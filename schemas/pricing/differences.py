"""What two sets of terms charge otherwise."""

from datetime import date
from typing import Any

from schemas.dues.terms import Term
from schemas.shared.vocabulary import Cadence

TIMES_A_YEAR = {Cadence.MONTHLY: 12, Cadence.QUARTERLY: 4, Cadence.YEARLY: 1}


def first_difference(old: tuple[Term, ...], new: tuple[Term, ...]) -> date | None:
    """Return the first month that is charged otherwise, or None when none is."""
    if old == new:
        return None
    for month in _edges(old, new):
        if _charges_in(old, month) != _charges_in(new, month):
            return month
    return None


def first_rise(old: tuple[Term, ...], new: tuple[Term, ...]) -> date | None:
    """Return the first month that costs more, or None; of a year's fee a twelfth. Source: A41."""
    return next((m for m in _edges(old, new) if _year_at(new, m) > _year_at(old, m)), None)


def _edges(*plans: tuple[Term, ...]) -> list[date]:
    """Return the months with which something begins or is over, in order."""
    terms = [term for plan in plans for term in plan]
    return sorted({edge for term in terms for edge in (term.valid_from, term.valid_to) if edge})


def _year_at(terms: tuple[Term, ...], month: date) -> int:
    """Return what a year would cost by the terms of a month, in øre."""
    return sum(
        term.amount_ore * TIMES_A_YEAR[term.cadence]
        for term in terms
        if term.valid_from <= month and (term.valid_to is None or month < term.valid_to)
    )


def _charges_in(terms: tuple[Term, ...], month: date) -> set[tuple[Any, ...]]:
    return {
        (term.kind, term.amount_ore, term.cadence)
        for term in terms
        if term.valid_from <= month and (term.valid_to is None or month < term.valid_to)
    }
