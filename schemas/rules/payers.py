"""Who pays a span of terms: directly, or through the employer. Never both, never neither."""

from collections.abc import Iterable
from datetime import date

from schemas.terms import Term
from schemas.vocabulary import Cadence, Payer


def pay_from(terms: Iterable[Term], payer: Payer, start: date) -> tuple[Term, ...]:
    """Return the terms with every monthly charge from ``start`` on going through ``payer``.

    Args:
        terms: in any order; yearly fees always stay direct.
        start: the first of a month.

    Source: A20, A34, section 5: every member-month has exactly one payer.
    """
    changed: list[Term] = []
    for term in terms:
        changed += _split(term, payer, start) if term.cadence is Cadence.MONTHLY else [term]
    return tuple(joined(changed))


def _split(term: Term, payer: Payer, start: date) -> list[Term]:
    if term.valid_from >= start:
        return [term.model_copy(update={"payer": payer})]
    if term.valid_to is not None and term.valid_to <= start:
        return [term]
    before = term.model_copy(update={"valid_to": start})
    after = term.model_copy(update={"valid_from": start, "payer": payer})
    return [before, after]


def joined(terms: Iterable[Term]) -> list[Term]:
    """Return the terms sorted, with neighbours that differ in nothing but dates made one."""
    result: list[Term] = []
    for term in sorted(terms, key=lambda t: (t.kind, t.valid_from)):
        last = result[-1] if result else None
        if (
            last is not None
            and last.model_copy(update={"valid_from": term.valid_from, "valid_to": term.valid_to})
            == term
            and last.valid_to == term.valid_from
        ):
            result[-1] = last.model_copy(update={"valid_to": term.valid_to})
        else:
            result.append(term)
    return result
