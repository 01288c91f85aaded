"""Who pays a span of terms: directly, or through the employer. Never both, never neither."""

from collections.abc import Iterable
from datetime import date

from schemas.terms import PayerChange, Term
from schemas.vocabulary import Payer


class Deduction:
    """Follows the days in order and tells through whom each month is paid.

    An employer's word holds for as long as it may deduct without a break: after another employer,
    a leave or a time in hiding it is asked again.

    Args:
        words: when an employer began and ended deducting, in the order they were given.

    Source: A20, A34, section 5: every member-month has exactly one payer.
    """

    def __init__(self, words: Iterable[PayerChange]) -> None:
        self._words = tuple(words)
        self._employer: str | None = None
        self._since = date.min

    def see(self, day: date, employer: str | None) -> None:
        """Take in who may deduct from a day on: its organisation number, or None."""
        if employer != self._employer:
            self._employer, self._since = employer, day

    def payer_of(self, month: date) -> Payer:
        """Return who pays a month that begins on the day last seen: the latest word decides."""
        if self._employer is None:
            return Payer.DIRECT
        words = [w.payer for w in self._words if w.starts_on <= month and self._holds(w)]
        return words[-1] if words else Payer.DIRECT

    def _holds(self, word: PayerChange) -> bool:
        from_employer = word.employer_orgnr in {None, self._employer}
        return from_employer and (word.given_on or word.starts_on) >= self._since


def joined(terms: Iterable[Term]) -> list[Term]:
    """Return the terms sorted, with neighbours that differ in nothing but dates made one."""
    result: list[Term] = []
    for term in sorted(terms, key=lambda t: (t.kind, t.valid_from)):
        last = result[-1] if result else None
        if last is not None and last.valid_to == term.valid_from and _same(last, term):
            result[-1] = last.model_copy(update={"valid_to": term.valid_to})
        else:
            result.append(term)
    return result


def _same(one: Term, other: Term) -> bool:
    """Tell whether terms differ in nothing but dates; a copy to compare would cost most of it."""
    dates = {"valid_from": other.valid_from, "valid_to": other.valid_to}
    return {**one.__dict__, **dates} == other.__dict__
