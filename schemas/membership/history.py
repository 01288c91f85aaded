"""What held on any day of a life, as far as is known: folded once, looked up for each day."""

from bisect import bisect_right
from collections.abc import Hashable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from schemas.membership.notices import LeaveNotice
from schemas.membership.situation import (
    Facts,
    Situation,
    at_first_day,
    effective_notices,
    ending,
    lived,
    settled,
)
from schemas.membership.waivers import Waivers, holding
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import Category


class History:
    """The notices of a life, folded.

    Attributes:
        days: on which a notice becomes true or a leave is over, each once, in order.
        ending: the notice that ends the membership first.
        announced_until: the last day from which another category or a pension was reported.
        categories: the category told for each day from which it is another, in order.
    """

    def __init__(self, facts: Facts) -> None:
        known = effective_notices(facts.notices)
        state = at_first_day(facts.beginning)
        self._begins = [notice.effective_on for notice in known]
        self._states = [state]
        days = {notice.effective_on for notice in facts.notices}
        categories = {date.min: state[0].category}
        for notice in known:
            state = lived(state, notice)
            # Of a day's notices the last has the word.
            categories[notice.effective_on] = state[0].category
            if isinstance(notice, LeaveNotice):
                days.add(notice.until_on + timedelta(days=1))
            self._states.append(state)
        self.days = sorted(days)
        self.categories = list(_changes(categories))
        self.ending = ending(facts)
        self.announced_until = max(
            (
                n.effective_on
                for n in facts.notices
                if n.kind in {"change_category", "report_pension"}
            ),
            default=date.min,
        )

    def situation_on(self, facts: Facts, rulebook: Rulebook, on: date) -> Situation:
        """Return what ``situation_on`` does."""
        return settled(facts, rulebook, self._states[bisect_right(self._begins, on)], on)

    def told_by(self, on: date) -> Situation:
        """Return what was told by a day, whatever the rules make of it by age or by a leave."""
        return self._states[bisect_right(self._begins, on)][0]

    def categories_from(self, on: date) -> Iterator[tuple[date, Category]]:
        """Yield a day with the category told for it, and each later day that brings another."""
        found = bisect_right(self.categories, on, key=lambda told: told[0])
        yield on, self.categories[found - 1][1]
        yield from self.categories[found:]

    def leave_until(self, rulebook: Rulebook, on: date) -> date:
        """Return the last day of what waives the dues on a day, as far as it has begun."""
        return max((one.until_on for one in self._held(rulebook, on)), default=date.min)

    def leave_from(self, rulebook: Rulebook, on: date) -> date:
        """Return the first day of what waives the dues on a day that is waived."""
        return self._held(rulebook, on)[-1].begun_on

    def _held(self, rulebook: Rulebook, on: date) -> Waivers:
        _, waivers = self._states[bisect_right(self._begins, on)]
        return holding(waivers, rulebook, on)


def _changes(categories: dict[date, Category]) -> Iterator[tuple[date, Category]]:
    """Yield those of some days, in order, that bring another category than the one before."""
    before = None
    for day, category in categories.items():
        if category is not before:
            yield day, category
        before = category


class SameLife:
    """The same notices, not others that are equal: to compare those would cost what is saved.

    Args:
        facts: of the life.
        rulebook: it is seen by, if any.
        more: compared by what it is.
    """

    def __init__(self, facts: Facts, rulebook: Rulebook | None = None, *more: Hashable) -> None:
        self.facts, self.rulebook = facts, rulebook
        dates = facts.birth_date, facts.since, facts.charged_from, facts.fee_until
        self._key = (id(facts.beginning), id(facts.notices), id(rulebook), dates, more)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameLife) and self._key == other._key


def history_of(facts: Facts) -> History:
    """Return the history of a life; asked for again and again while nothing new is reported."""
    return _folded(SameLife(facts))


@lru_cache(maxsize=16)
def _folded(life: SameLife) -> History:
    return History(life.facts)
