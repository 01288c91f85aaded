"""Who pays a span of terms: directly, or through the employer. Never both, never neither."""

from collections.abc import Iterable
from datetime import date
from heapq import heappop, heappush

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
        self._coming = sorted(enumerate(words), key=lambda word: word[1].starts_on, reverse=True)
        self._heard: dict[str | None, list[tuple[int, PayerChange]]] = {}
        self._employer: str | None = None
        self._since = date.min

    def see(self, day: date, employer: str | None) -> None:
        """Take in who may deduct from a day on: its organisation number, or None."""
        if employer != self._employer:
            self._employer, self._since = employer, day

    def payer_of(self, month: date) -> Payer:
        """Return who pays a month that begins on the day last seen: the latest word decides."""
        while self._coming and self._coming[-1][1].starts_on <= month:
            number, word = self._coming.pop()
            heappush(self._heard.setdefault(word.employer_orgnr, []), (-number, word))
        if self._employer is None:
            return Payer.DIRECT
        found = [*self._latest(None), *self._latest(self._employer)]
        return min(found, key=_number)[1].payer if found else Payer.DIRECT

    def _latest(self, employer: str | None) -> list[tuple[int, PayerChange]]:
        """Return the latest word of an employer; one from before a break never holds again."""
        words = self._heard.get(employer, [])
        while words and (words[0][1].given_on or words[0][1].starts_on) < self._since:
            heappop(words)
        return words[:1]


def _number(word: tuple[int, PayerChange]) -> int:
    return word[0]


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
