"""What holds on one day after another: notices are folded once, not anew for each day."""

from bisect import bisect_left
from datetime import date
from heapq import heappop, heappush

from schemas.notices import AnyNotice, EmploymentNotice, LeaveNotice
from schemas.rulebook import Rulebook
from schemas.rules.situation import (
    Facts,
    Situation,
    after,
    at_the_beginning,
    charged_from,
    order_of,
    settled,
)

Place = tuple[date, int, int, int]
"""Of a notice: the order it became true in; of equal ones the one that came last is later."""

State = tuple[Situation, date]
"""What holds after some notices, and the last day of a leave among them."""


class Timeline:
    """Answers what ``situation_on`` does, for days and months that never go back.

    Whatever is asked, each notice is folded once; one that was learned of late comes in where it
    became true, and only what follows it is folded again.

    Args:
        facts: all that is known.
        rulebook: with policies in force on the days asked for.
    """

    def __init__(self, facts: Facts, rulebook: Rulebook) -> None:
        self._facts = facts
        self._rulebook = rulebook
        notices = facts.notices
        self._coming = sorted(
            range(len(notices)), key=lambda index: notices[index].effective_on, reverse=True
        )
        self._unheard: list[tuple[date, int]] = []
        self._places: list[Place] = []
        self._states: list[tuple[State, State]] = []
        self._first: State = (at_the_beginning(facts.beginning), date.min)

    def situation_on(self, on: date, *, known_for: date) -> Situation:
        """Return what holds on a day, by what was known for a month; see ``situation_on``."""
        notices = self._facts.notices
        while self._coming and notices[self._coming[-1]].effective_on <= on:
            index = self._coming.pop()
            heappush(self._unheard, (charged_from(notices[index], self._rulebook), index))
        while self._unheard and self._unheard[0][0] <= known_for:
            self._put_in(heappop(self._unheard)[1])
        while len(self._states) < len(self._places):
            self._fold()
        now, leave_until = self._states[-1][1] if self._states else self._first
        return settled(self._facts, self._rulebook, now, on, on_leave=on <= leave_until)

    def _put_in(self, index: int) -> None:
        """Put a notice where it became true; what has been folded before it stays."""
        place = (*order_of(self._facts.notices[index]), index)
        position = bisect_left(self._places, place)
        self._places.insert(position, place)
        del self._states[position:]

    def _fold(self) -> None:
        """Fold the next notice: onto what held before it, or before the one it corrects."""
        position = len(self._states)
        notice = self._at(position)
        before = self._first
        if position:
            corrects = _corrects(notice, self._at(position - 1))
            before = self._states[-1][0 if corrects else 1]
        now, leave_until = before
        if isinstance(notice, LeaveNotice):
            leave_until = max(leave_until, notice.until_on)
        self._states.append((before, (after(now, notice), leave_until)))

    def _at(self, position: int) -> AnyNotice:
        return self._facts.notices[self._places[position][-1]]


def _corrects(notice: AnyNotice, other: AnyNotice) -> bool:
    """Tell whether a notice takes the place of the one before it (``last_words``)."""
    if (notice.kind, notice.effective_on) != (other.kind, other.effective_on):
        return False
    return not isinstance(notice, EmploymentNotice) or notice.number == other.number
