"""What two sets of terms charge otherwise."""

from datetime import date
from typing import Any

from schemas.dues.terms import Term


def first_difference(old: tuple[Term, ...], new: tuple[Term, ...]) -> date | None:
    """Return the first month that is charged otherwise, or None when none is."""
    if old == new:
        return None
    edges = {edge for term in (*old, *new) for edge in (term.valid_from, term.valid_to) if edge}
    for month in sorted(edges):
        if _charges_in(old, month) != _charges_in(new, month):
            return month
    return None


def _charges_in(terms: tuple[Term, ...], month: date) -> set[tuple[Any, ...]]:
    return {
        (term.kind, term.amount_ore, term.cadence)
        for term in terms
        if term.valid_from <= month and (term.valid_to is None or month < term.valid_to)
    }
