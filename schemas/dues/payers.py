"""Who pays a span of terms: directly, or through the employer. Never both, never neither."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TypeVar, assert_never

from schemas.dues.terms import PayerChange, RatedTerm, Term
from schemas.shared.vocabulary import Payer

EmployerDay = tuple[date, str | None]
"""A day, and the organisation number of the employer that may deduct from it on."""

Numbered = tuple[int, PayerChange]
"""An employer's word, by the order in which they were given."""


def is_by_list(payer: Payer) -> bool:
    """Tell whether an employer's deduction list asks for the money, and not an invoice.

    The same as ``by_list`` of the table ``payers``, which the money is charged by.
    """
    match payer:
        case Payer.PAYROLL:
            return True
        case Payer.DIRECT:
            return False
        case _:
            assert_never(payer)


class EmployerAnswers:
    """The words of one employer that may ever be the latest: of two the later that holds as long.

    Sorted by their numbers; the days they were given go down.
    """

    def __init__(self) -> None:
        self._words: list[Numbered] = []

    def add(self, number: int, word: PayerChange) -> None:
        """Take in a word; in whatever order."""
        end = start = bisect_left(self._words, number, key=_number)
        if end < len(self._words) and _given(self._words[end]) >= _given((number, word)):
            return
        while start and _given(self._words[start - 1]) <= _given((number, word)):
            start -= 1
        self._words[start:end] = [(number, word)]

    def latest(self, since: date) -> list[Numbered]:
        """Return the latest word, alone, of those given on a day or after it, or nothing."""
        held = bisect_right(self._words, -since.toordinal(), key=lambda w: -_given(w).toordinal())
        return self._words[max(held - 1, 0) : held]


class ChannelTimeline:
    """Follows the days in order and tells through whom each month is paid.

    An employer's word holds for as long as it may deduct without a break: after another employer,
    a leave or a time in hiding it is asked again.

    Args:
        words: when an employer began and ended deducting, in the order they were given.

    Attributes:
        sights: who may deduct on the days since the month before.

    Source: A20, A34, D7: every member-month has exactly one payer.
    """

    def __init__(self, words: Iterable[PayerChange]) -> None:
        self._coming = sorted(enumerate(words), key=lambda word: word[1].starts_on, reverse=True)
        self._heard: dict[str | None, EmployerAnswers] = {}
        self._runs: list[tuple[str | None, list[date]]] = []
        self.sights: list[EmployerDay] = []
        self._before: list[Numbered] = []
        self._new: list[Numbered] = []
        self._latest: list[Numbered] = []
        self._asked: tuple[str | None, date] = (None, date.min)

    def set_employer(self, day: date, employer: str | None) -> None:
        """Take in who may deduct from a day on: its organisation number, or None."""
        self.sights.append((day, employer))

    def next_month(self) -> None:
        """Leave the month that was last asked for behind."""
        for day, employer in self.sights:
            if not self._runs or self._runs[-1][0] != employer:
                self._runs.append((employer, []))
            self._runs[-1][1].append(day)
        self.sights = []

    def payer_of(self, month: date) -> Payer:
        """Return who pays a month that begins on the day last seen: the latest word decides."""
        self._asked = employer, since = self.sights[-1][1], self._since(self.sights)
        self._before, self._new = self._words(employer, since), []
        while self._coming and self._coming[-1][1].starts_on <= month:
            self._new.append(self._coming.pop())
            number, word = self._new[-1]
            self._heard.setdefault(word.employer_orgnr, EmployerAnswers()).add(number, word)
        self._latest = self._words(employer, since)
        return _decided(self._latest)

    def payer_had_been_seen(self, sights: Sequence[EmployerDay], unseen: Collection[date]) -> Payer:
        """Return who would pay that month, had other days been seen.

        Args:
            sights: in place of those since the month before.
            unseen: the few days before that would not have been looked at.
        """
        return _decided(self._words(sights[-1][1], self._since(sights, unseen)))

    def payer_without(self, number: int) -> Payer:
        """Return who would pay that month without one of the words that are new in it."""
        if [latest for latest, _ in self._latest] != [number]:
            return _decided(self._latest)
        employer, since = self._asked
        others = [
            (other, word)
            for other, word in self._new
            if other != number
            and word.employer_orgnr in {None, employer}
            and _given((other, word)) >= since
        ]
        return _decided(_later(self._before + others))

    def _since(self, sights: Sequence[EmployerDay], unseen: Collection[date] = ()) -> date:
        """Return since when the employer last seen may deduct without a break."""
        since, employer = sights[-1]
        for day, seen in reversed(sights):
            if seen != employer:
                return since
            since = day
        for seen, days in reversed(self._runs):
            first = next((day for day in days if day not in unseen), None)
            if first is None:
                continue
            if seen != employer:
                return since
            since = first
        return since

    def _words(self, employer: str | None, since: date) -> list[Numbered]:
        """Return the latest word that holds, alone; one from before a break never holds again."""
        if employer is None:
            return []
        heard = [self._heard[name] for name in (None, employer) if name in self._heard]
        return _later([word for words in heard for word in words.latest(since)])


def _given(numbered: Numbered) -> date:
    _, word = numbered
    return word.given_on or word.starts_on


def _later(words: list[Numbered]) -> list[Numbered]:
    return [max(words, key=_number)] if words else []


def _decided(latest: list[Numbered]) -> Payer:
    return latest[0][1].payer if latest else Payer.DIRECT


def _number(word: Numbered) -> int:
    return word[0]


Spanned = TypeVar("Spanned", Term, RatedTerm)


def joined(terms: Iterable[Spanned]) -> list[Spanned]:
    """Return the terms sorted, with neighbours that differ in nothing but dates made one."""
    result: list[Spanned] = []
    for term in sorted(terms, key=lambda t: (t.kind, t.valid_from)):
        last = result[-1] if result else None
        if last is not None and last.valid_to == term.valid_from and _same(last, term):
            result[-1] = last.model_copy(update={"valid_to": term.valid_to})
        else:
            result.append(term)
    return result


def _same(one: Spanned, other: Spanned) -> bool:
    """Tell whether terms differ in nothing but dates; a copy to compare would cost most of it."""
    dates = {"valid_from": other.valid_from, "valid_to": other.valid_to}
    return {**one.__dict__, **dates} == other.__dict__
