"""What held on any day of a life, as far as is known: folded once, looked up for each day."""

from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache

from schemas.notices import LeaveNotice
from schemas.rulebook import Rulebook
from schemas.rules.situation import (
    Facts,
    Situation,
    after,
    at_the_beginning,
    ending,
    last_words,
    settled,
)


class History:
    """The notices of a life, folded.

    Attributes:
        days: on which a notice becomes true or a leave is over, each once, in order.
        ending: the notice that ends the membership first.
    """

    def __init__(self, facts: Facts) -> None:
        known = last_words(facts.notices)
        now, leave_until = at_the_beginning(facts.beginning), date.min
        self._begins = [notice.effective_on for notice in known]
        self._states = [(now, leave_until)]
        days = {notice.effective_on for notice in facts.notices}
        for notice in known:
            now = after(now, notice)
            if isinstance(notice, LeaveNotice):
                leave_until = max(leave_until, notice.until_on)
                days.add(notice.until_on + timedelta(days=1))
            self._states.append((now, leave_until))
        self.days = sorted(days)
        self.ending = ending(facts)

    def situation_on(self, facts: Facts, rulebook: Rulebook, on: date) -> Situation:
        """Return what ``situation_on`` does."""
        now, leave_until = self._states[bisect_right(self._begins, on)]
        return settled(facts, rulebook, now, on, on_leave=on <= leave_until)


class _Life:
    """The same notices, not others that are equal: to compare those would cost what is saved."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __hash__(self) -> int:
        return hash((id(self.facts.beginning), id(self.facts.notices)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Life)
            and self.facts.beginning is other.facts.beginning
            and self.facts.notices is other.facts.notices
        )


def history_of(facts: Facts) -> History:
    """Return the history of a life; asked for again and again while nothing new is reported."""
    return _folded(_Life(facts))


@lru_cache(maxsize=16)
def _folded(life: _Life) -> History:
    return History(life.facts)
