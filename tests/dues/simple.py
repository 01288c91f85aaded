"""The rules of a life as plainly as they can be said: every month anew from all the facts.

It takes the cube of the number of changes where ``schemas.rules`` goes through a life once; that
is what the rules are compared with.
"""

from datetime import date, timedelta
from itertools import pairwise

from schemas.dues import plan
from schemas.dues.payers import joined
from schemas.dues.terms import PayerChange, Span, Term
from schemas.dues.walk import days_of_change
from schemas.dues.years import FAR, Stretch, Years
from schemas.membership.situation import Facts, situation_on
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.shared.vocabulary import LineKind, Payer


class ChannelTimeline:
    """Follows who may deduct, and looks through all words for each month."""

    def __init__(self, words: tuple[PayerChange, ...]) -> None:
        self._words = words
        self._employer: str | None = None
        self._since = date.min

    def set_employer(self, day: date, employer: str | None) -> None:
        """Take in who may deduct from a day on."""
        if employer != self._employer:
            self._employer, self._since = employer, day

    def payer_of(self, month: date) -> Payer:
        """Return who pays a month: the latest word that holds decides."""
        words = [
            word.payer
            for word in self._words
            if word.starts_on <= month
            and word.employer_orgnr in {None, self._employer}
            and (word.given_on or word.starts_on) >= self._since
        ]
        return words[-1] if words and self._employer is not None else Payer.DIRECT


def simple_terms(facts: Facts, rulebook: Rulebook) -> tuple[Term, ...]:
    """Return the terms, each day's situation worked out from the beginning."""
    deduction, days = ChannelTimeline(facts.payers), days_of_change(facts, rulebook)
    years, terms = Years(facts, rulebook), list[Term]()
    days, seen = [facts.since, *days], facts.since - timedelta(days=1)
    edges = plan._edges(facts, rulebook)
    if edges[-1] <= edges[0]:
        return ()
    for start, until in pairwise(edges):
        day = max(start, facts.since)
        for between in (d for d in days if seen < d < day):
            there = situation_on(facts, rulebook, between, known_for=start)
            deduction.set_employer(between, there.deducting)
        situation = situation_on(facts, rulebook, day, known_for=start)
        deduction.set_employer(day, situation.deducting)
        payer, seen = deduction.payer_of(start), day
        if day == facts.since:
            situation = situation_on(plan._approved(facts), rulebook, day)
        situation = plan._priced_as(facts, situation, rulebook, day)
        span = Span(valid_from=start, valid_to=None if until == FAR else until)
        stretch = Stretch(span, day, situation, payer)
        charged = plan._priced(facts, rulebook, stretch, years.priced_on(stretch))
        terms += [one.term(rulebook) for one in charged]
    return tuple(joined(terms))


def simple_charge(
    facts: Facts, rulebook: Rulebook, kind: LineKind, month: date
) -> plan.Charge | None:
    """Return what is charged for a month, read off all the terms."""
    for term in simple_terms(facts, rulebook):
        holds = term.valid_from <= month and (term.valid_to is None or month < term.valid_to)
        if term.kind is kind and holds:
            return term.amount_ore, term.cadence, term.payer
    return None


def nav_deducts(facts: Facts, rulebook: Rulebook, today: date) -> bool:
    """Tell whether NAV may deduct on a day (A36).

    Who deducts then is NAV, by its own word; the last term is of who comes after it, and tells
    nothing of that day (tests/membership/decisions/test_nav.py).
    """
    return today >= facts.since and situation_on(facts, rulebook, today).deductor is not None


def simple_deducts(facts: Facts, rulebook: Rulebook, today: date) -> bool:
    """Tell whether the employer deducts by what is true today, read off all the terms."""
    true = tuple(notice for notice in facts.notices if notice.effective_on <= today)
    terms = simple_terms(facts.model_copy(update={"notices": true}), rulebook)
    return any(term.payer is Payer.PAYROLL and term.valid_to is None for term in terms)


def outcome(work, *arguments):
    """Return what something comes to, or that the rulebook does not say."""
    try:
        return work(*arguments)
    except NotInForce:
        return NotInForce
