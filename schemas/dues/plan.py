"""The whole set of a member's terms, computed anew from the facts at every decision.

Nothing is patched: whatever order the facts arrive in, the same facts give the same terms. A
month is charged by what holds on its first day, the first one by what held at the approval.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from schemas.dues.amounts import Due, DuesFacts, dues, has_half_dues, waived_dues
from schemas.dues.deducting import deducting_of
from schemas.dues.payers import is_by_list, joined
from schemas.dues.rates import PAID_ELSEWHERE, Paid, Rate
from schemas.dues.terms import RatedTerm, Span, Term
from schemas.dues.walk import Walk, days_of_change
from schemas.dues.years import FAR, Stretch, Years, pays_yearly
from schemas.membership.employments import largest
from schemas.membership.history import history_of
from schemas.membership.insurance import may_be_covered, package_ends, premium_span
from schemas.membership.notices import AnyNotice, EmploymentNotice, HiddenNotice
from schemas.membership.situation import (
    Facts,
    Situation,
    birthdays,
    charged_from,
    first_month_of,
    last_month,
    quarter_ends,
    situation_on,
    whole_month,
)
from schemas.membership.waivers import charged_percent
from schemas.pricing.rulebook import Dated, NotInForce, Rulebook
from schemas.shared.calendar import first_of_month, month_after
from schemas.shared.vocabulary import Cadence, Category, LineKind, Payer, WaiverKind

Charge = tuple[int, Cadence, Payer]
"""What is charged: øre, how often, through whom."""

Charges = dict[LineKind, Charge]
"""What is charged for a month."""


def plan_terms(facts: Facts, rulebook: Rulebook) -> tuple[Term, ...]:
    """Return who pays what, how, from when: past, present and future.

    Raises:
        NotInForce: the rulebook says nothing for one of the days.

    Source: S2-S7, S12, S14, S18, S21, S22, S26, A6, A12, A18-A21, A26, A31, L1, L2.
    """
    charged = _all_charged(facts, rulebook)
    return tuple(joined(one.term(rulebook) for one in charged))


def plan_rates(facts: Facts, rulebook: Rulebook) -> tuple[RatedTerm, ...]:
    """Return the same by rate, as it is kept: nothing of it changes with a price.

    Raises:
        NotInForce: the rulebook says nothing for one of the days.
    """
    charged = _all_charged(facts, rulebook)
    return tuple(joined(one.rated() for one in charged))


@dataclass(frozen=True, slots=True)
class Charged:
    """What is charged for a stretch of months.

    Attributes:
        due: what for, by which rate.
        span: the months.
        day: by the prices of this day.
        payer: through whom.
        employer: who deducts, if anybody does.
    """

    due: Due
    span: Span
    day: date
    payer: Payer
    employer: str | None

    def term(self, rulebook: Rulebook) -> Term:
        """Return it with its amount."""
        return Term(amount_ore=self.due.rate.amount_on(rulebook, self.day), **self._shared())

    def rated(self) -> RatedTerm:
        """Return it with its rate."""
        return RatedTerm(rate=self.due.rate.code, **self._shared())

    def _shared(self) -> dict[str, Any]:
        return {
            "kind": self.due.kind,
            "cadence": self.due.cadence,
            "payer": self.payer,
            "valid_from": self.span.valid_from,
            "valid_to": self.span.valid_to,
            "employer_orgnr": self.employer,
            "prorated": self.due.prorated,
        }


def _all_charged(facts: Facts, rulebook: Rulebook) -> Iterator[Charged]:
    years = Years(facts, rulebook)
    for stretch in _stretches(Walk(facts, rulebook)):
        yield from _priced(facts, rulebook, stretch, years.priced_on(stretch))


def charges_in(facts: Facts, rulebook: Rulebook, month: date) -> Charges:
    """Return what is charged for a month by the terms of ``plan_terms``; nothing where it is not.

    Raises:
        NotInForce: the rulebook says nothing for that month.
    """
    if all(_known_in_time(notice, rulebook) for notice in facts.notices):
        # What becomes true later changes nothing that was charged before (A31 is for late words).
        true = tuple(notice for notice in facts.notices if notice.effective_on <= month)
        facts = facts.model_copy(update={"notices": true})
    years = Years(facts, rulebook)
    for stretch in _stretches(Walk(facts, rulebook)):
        day, until = years.priced_on(stretch), stretch.span.valid_to or FAR
        if stretch.span.valid_from <= month < until:
            return _charges_by(rulebook, _priced(facts, rulebook, stretch, day))
    return {}


def _charges_by(rulebook: Rulebook, charged: Iterable[Charged]) -> Charges:
    return {
        one.due.kind: (one.due.rate.amount_on(rulebook, one.day), one.due.cadence, one.payer)
        for one in charged
    }


class Counterfactuals:
    """Goes through a life once, and tells what would be charged for a month without one fact.

    It comes to what ``charges_in`` comes to for the other facts. Only facts may be left out that
    change nothing before that month; and not the first month's, which stands.

    Args:
        facts: all that is known.
        rulebook: with policies in force on every day.
    """

    def __init__(self, facts: Facts, rulebook: Rulebook) -> None:
        self._facts = facts
        self._rulebook = rulebook
        self._walk = Walk(facts, rulebook)
        self._years = Years(facts, rulebook)

    def go_through(self, months: Collection[date]) -> Iterator[date]:
        """Yield those of some months that are charged; what is asked then is about that one."""
        for stretch in _stretches(self._walk, months):
            self._stretch = stretch
            if stretch.span.valid_from in months:
                yield stretch.span.valid_from
            self._years.priced_on(stretch)

    def without_notice(self, index: int) -> Charges:
        """Return what would be charged had a notice never come."""
        return self._priced(self._facts, self._rulebook, *self._walk.without_notice(index))

    def with_leave_going_on(self, index: int) -> Charges:
        """Return what would be charged were a leave not over before the month."""
        return self._priced(self._facts, self._rulebook, *self._walk.with_leave_going_on(index))

    def without_word(self, number: int) -> Charges:
        """Return what would be charged had an employer not given its word."""
        return self._priced(self._facts, self._rulebook, *self._walk.without_word(number))

    def with_premiums(self, premiums: tuple[Span, ...]) -> Charges:
        """Return what would be charged were the package paid for in other spans."""
        facts = self._facts.model_copy(update={"premiums": premiums})
        return self._priced(facts, self._rulebook, self._stretch.situation, self._stretch.payer)

    def with_fee_going_on(self) -> Charges:
        """Return what would be charged had a fee been paid for good under another membership."""
        facts = self._facts.model_copy(update={"fee_until": FAR})
        return self._priced(facts, self._rulebook, self._stretch.situation, self._stretch.payer)

    def with_prices(self, rulebook: Rulebook) -> Charges:
        """Return what would be charged by other prices and the same policies."""
        return self._priced(self._facts, rulebook, self._stretch.situation, self._stretch.payer)

    def _priced(
        self, facts: Facts, rulebook: Rulebook, situation: Situation, payer: Payer
    ) -> Charges:
        situation = _priced_as(facts, situation, self._rulebook, self._stretch.day)
        stretch = replace(self._stretch, situation=situation, payer=payer)
        try:
            day = self._years.day_for(stretch)
            return _charges_by(rulebook, _priced(facts, rulebook, stretch, day))
        except NotInForce:
            return {}


def _known_in_time(notice: AnyNotice, rulebook: Rulebook) -> bool:
    return charged_from(notice, rulebook) <= whole_month(notice.effective_on)


def _stretches(walk: Walk, stops: Iterable[date] = ()) -> Iterator[Stretch]:
    """Go through a life once, from its first month to the last one that is charged.

    Args:
        walk: at its beginning.
        stops: months at which a stretch is to begin, whether or not anything changes.
    """
    facts, rulebook = walk.facts, walk.rulebook
    first, *_, end = edges = _edges(facts, rulebook)
    if end <= first:
        return  # left before a month came that no earlier membership covers
    edges = sorted({*edges, *(month for month in stops if first < month < end)})
    for start, until in pairwise(edges):
        situation, payer = walk.go_to(start)
        day = max(start, facts.since)
        if day == facts.since:
            # Its invoice was issued with the approval and stands (S26, A12).
            situation = situation_on(_approved(facts), rulebook, day)
        situation = _priced_as(facts, situation, rulebook, day)
        span = Span(valid_from=start, valid_to=None if until == FAR else until)
        yield Stretch(span, day, situation, payer)


def _priced(facts: Facts, rulebook: Rulebook, stretch: Stretch, day: date) -> Iterator[Charged]:
    """Yield what a stretch is charged, by the prices and rules of a day."""
    span, situation, payer = stretch.span, stretch.situation, stretch.payer
    employer = situation.deducting if is_by_list(payer) else None
    for due in dues_in(facts, situation, rulebook, day):
        # A leave waives the dues, not the insurance: nobody loses cover by it.
        yield Charged(_once_a_year(facts, due, span), span, day, payer, employer)
    paid_for = _premium_span(facts, situation, rulebook, day, span)
    if paid_for is not None:
        due = _premium(facts, situation, rulebook, day)
        yield Charged(due, paid_for, span.valid_from, payer, employer)


def _once_a_year(facts: Facts, due: Due, span: Span) -> Due:
    """Charge no fee for months of which one was paid under another membership. Invariant 10."""
    paid = facts.fee_until is not None and span.valid_from < facts.fee_until
    return replace(due, rate=PAID_ELSEWHERE) if paid and due.rate.yearly else due


def _priced_as(facts: Facts, situation: Situation, rulebook: Rulebook, day: date) -> Situation:
    """Return what a month is priced by: the quarter may end with the birthday's own. A12."""
    if situation.category is not Category.EARLY_PENSIONER or not situation.retired:
        return situation
    turns = rulebook.turns(facts.birth_date, rulebook.policies_on(day).retirement_age)
    if quarter_ends(turns, rulebook) <= day:
        return situation.model_copy(update={"category": Category.PENSIONER})
    return situation


def _approved(facts: Facts) -> Facts:
    """Return the facts as they were at the approval."""
    return facts.model_copy(update={"notices": ()})


def _premium_span(
    facts: Facts, situation: Situation, rulebook: Rulebook, day: date, span: Span
) -> Span | None:
    """Return for which months of a span a premium is charged, or None. Source: S8, A10."""
    insured = any(
        cover.valid_from <= span.valid_from
        and (cover.valid_to is None or span.valid_from < cover.valid_to)
        for cover in facts.premiums
    )
    if not insured or not may_be_covered(situation.category):
        return None
    policies = rulebook.policies_on(day)
    if policies.premium_in_quarter and situation.category is Category.EARLY_PENSIONER:
        return None
    return premium_span(facts.birth_date, rulebook, span)


def _premium(facts: Facts, situation: Situation, rulebook: Rulebook, day: date) -> Due:
    """Return the premium as it is charged beside the dues of a situation. Source: S7, A4."""
    halved = (
        rulebook.policies_on(day).half_dues_halve_premium
        and not situation.on_leave
        and has_half_dues(dues_facts(facts, situation), rulebook, day)
    )
    return Due(LineKind.INSURANCE_PREMIUM, Rate(Paid.PREMIUM_HALF if halved else Paid.PREMIUM))


def deducts(facts: Facts, rulebook: Rulebook, today: date) -> bool:
    """Tell whether the present employer's yes holds by what is true today, whatever lies ahead.

    Source: A20, L6.
    """
    if not any(is_by_list(word.payer) for word in facts.payers):
        return False
    history = history_of(facts)
    if today < facts.since or (history.ending and history.ending.effective_on <= today):
        return _deducts_in_the_end(facts, rulebook, today)
    now = history.situation_on(facts, rulebook, today)
    since = deducting_of(facts, rulebook).since(now.deducting, today)
    if since is None:
        return _deducts_in_the_end(facts, rulebook, today)
    if now.on_leave and now.deductor is None:
        now = now.model_copy(update={"on_leave": False})
        since = history.leave_until(rulebook, today) + timedelta(days=1)
    employer = now.deducting
    words = [
        word.payer
        for word in facts.payers
        if word.employer_orgnr in {None, employer} and (word.given_on or word.starts_on) >= since
    ]
    return employer is not None and any(map(is_by_list, words[-1:]))


def _deducts_in_the_end(facts: Facts, rulebook: Rulebook, today: date) -> bool:
    """Tell it by going through the life from its beginning, as far as it is true today."""
    true = tuple(notice for notice in facts.notices if notice.effective_on <= today)
    stretches = list(_stretches(Walk(facts.model_copy(update={"notices": true}), rulebook)))
    if not stretches:
        return False
    last = stretches[-1]
    return is_by_list(last.payer) and last.span.valid_to is None


def dues_in(facts: Facts, situation: Situation, rulebook: Rulebook, day: date) -> tuple[Due, ...]:
    """Return what is charged in a situation beside the premium. Source: L4, A36."""
    known = dues_facts(facts, situation)
    if not situation.on_leave or pays_yearly(situation):
        return dues(known, rulebook, day)
    kind = situation.waiver or WaiverKind.LEAVE
    percent = charged_percent(kind, situation.share, rulebook, day)
    return waived_dues(known, rulebook, day, percent)


def dues_facts(facts: Facts, situation: Situation) -> DuesFacts:
    """Return what the dues depend on in a situation."""
    return DuesFacts(
        category=situation.category,
        birth_date=facts.birth_date,
        position_percent=situation.position_percent,
        largest_percent=largest(situation.jobs),
        worked_before=situation.worked_before,
        hidden=situation.hidden,
        branch=situation.branch,
    )


def _edges(facts: Facts, rulebook: Rulebook) -> list[date]:
    """Return the first days of all months from which something may be charged otherwise.

    The last one is the first month that is not charged, or ``FAR``.
    """
    first, end = first_month_of(facts, rulebook), last_month(facts, rulebook) or FAR
    days = {*days_of_change(facts, rulebook), *_dated(facts, rulebook), month_after(first)}
    days |= {charged_from(notice, rulebook) for notice in facts.notices}
    coming = (turns for turns in birthdays(facts, rulebook) if turns > facts.since)
    days |= {quarter_ends(turns, rulebook) for turns in coming}
    days |= {change.starts_on for change in facts.payers}
    days |= {facts.fee_until or first}
    for cover in facts.premiums:
        days |= {cover.valid_from, cover.valid_to or cover.valid_from}
    if facts.premiums:
        days.add(first_of_month(package_ends(facts.birth_date, rulebook)))
    months = {whole_month(day) for day in days}
    return [first, *sorted(month for month in months if first < month < end), end]


def _dated(facts: Facts, rulebook: Rulebook) -> Iterator[date]:
    """Yield the days on which a price or a policy changes that may concern the member."""
    entries: list[Dated] = [*rulebook.dues, *rulebook.premiums, *rulebook.policies]
    named = {facts.beginning.branch} | {
        notice.branch
        for notice in facts.notices
        if isinstance(notice, EmploymentNotice | HiddenNotice)
    }
    for branch in rulebook.branches:
        if branch.code in named:
            entries += branch.rates
    for entry in entries:
        yield entry.valid_from
        # What holds for the year is priced anew with the next one (A26).
        yield date(entry.valid_from.year + 1, 1, 1)
