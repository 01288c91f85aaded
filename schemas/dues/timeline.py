"""What holds on one day after another: notices are folded once, not anew for each day."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, timedelta
from heapq import heappop, heappush

from schemas.membership.notices import AnyNotice, EmploymentNotice, LeaveNotice
from schemas.membership.situation import (
    Facts,
    Situation,
    State,
    at_first_day,
    charged_from,
    lived,
    order_of,
    settled,
)
from schemas.membership.waivers import with_one_going_on
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import WaiverKind

Place = tuple[date, int, int, int]
"""Of a notice: the order it became true in; of equal ones the one that came last is later."""


class Timeline:
    """Answers what ``situation_on`` does, for days and months that never go back.

    Whatever is asked, each notice is folded once; one that was learned of late comes in where it
    became true, and what follows it is folded again only until it comes to the same as before.

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
        first = at_first_day(facts.beginning)
        self._first = (first, first)
        self._states: list[tuple[State, State]] = []

    def situation_on(self, on: date, *, known_for: date) -> Situation:
        """Return what holds on a day, by what was known for a month; see ``situation_on``."""
        notices = self._facts.notices
        while self._coming and notices[self._coming[-1]].effective_on <= on:
            index = self._coming.pop()
            heappush(self._unheard, (charged_from(notices[index], self._rulebook), index))
        heard = []
        while self._unheard and self._unheard[0][0] <= known_for:
            heard.append(self._place(heappop(self._unheard)[1]))
        self._put_in(heard)
        return self._settled(self._states[-1] if self._states else self._first, on)

    def without(self, index: int, days: Iterable[date]) -> dict[date, Situation]:
        """Return what would hold had a notice that is known never come, where it may be another.

        Args:
            index: of the notice.
            days: none later than the day last asked for.
        """
        position = bisect_left(self._places, self._place(index))
        before = self._states[position - 1] if position else self._first
        return self._otherwise(position, before, position - 1, days)

    def going_on(self, index: int, days: Iterable[date]) -> dict[date, Situation]:
        """Return what would hold were a leave that is known never over, where it may be another.

        Args:
            index: of the leave.
            days: none later than the day last asked for.
        """
        notice = self._facts.notices[index]
        if not self.counts(index) or not isinstance(notice, LeaveNotice):
            return {}
        if notice.waiver is WaiverKind.LEAVE:
            return {day: self._on_leave_still(notice, day) for day in days}
        position = bisect_left(self._places, self._place(index))
        onto = self._states[position - 1] if position else self._first
        endless = notice.model_copy(update={"until_on": date.max})
        folded = self._folded(position, onto, position - 1, endless)
        return self._otherwise(position, folded, position, days)

    def _on_leave_still(self, leave: LeaveNotice, day: date) -> Situation:
        """Return what would hold on a day: work is the same, whatever leave there is."""
        last = bisect_left(self._places, (day + timedelta(days=1),)) - 1
        now, waivers = self._states[last][1] if last >= 0 else self._first[1]
        if leave.effective_on <= day:
            waivers = with_one_going_on(waivers, leave)
        return settled(self._facts, self._rulebook, (now, waivers), day)

    def _otherwise(
        self, position: int, there: tuple[State, State], held: int, days: Iterable[date]
    ) -> dict[date, Situation]:
        """Return what would hold on days, did other states hold at a place.

        Args:
            position: the place.
            there: what would hold at it.
            held: the place of the notice that the next one would follow.
        """
        changed = {position: there}
        for later in range(position + 1, len(self._places)):
            # The notice before one that is left out is followed by the one after it.
            before = later - 1 if later - 1 > position else held
            folded = self._folded(later, changed[later - 1], before)
            if folded == self._states[later]:
                break
            changed[later] = folded
        found = {}
        for day in days:
            last = bisect_left(self._places, (day + timedelta(days=1),)) - 1
            if last in changed:
                found[day] = self._settled(changed[last], day)
        return found

    def counts(self, index: int) -> bool:
        """Tell whether a notice is known, and not corrected by another that is."""
        place = self._place(index)
        position = bisect_left(self._places, place)
        if self._places[position : position + 1] != [place]:
            return False
        following = position + 1
        return following == len(self._places) or not _corrects(
            self._at(following), self._facts.notices[index]
        )

    def _settled(self, states: tuple[State, State], on: date) -> Situation:
        return settled(self._facts, self._rulebook, states[1], on)

    def _place(self, index: int) -> Place:
        return (*order_of(self._facts.notices[index]), index)

    def _put_in(self, places: list[Place]) -> None:
        """Put notices where they became true; what has been folded before them stays."""
        start, new, changed = len(self._places), set(places), False
        for place in places:
            position = bisect_left(self._places, place)
            self._places.insert(position, place)
            self._states.insert(position, self._first)
            start = min(start, position)
        for position in range(start, len(self._places)):
            put_in = self._places[position] in new
            if put_in or changed:
                onto = self._states[position - 1] if position else self._first
                folded = self._folded(position, onto, position - 1)
                changed = put_in or folded != self._states[position]
                self._states[position] = folded

    def _folded(
        self,
        position: int,
        onto: tuple[State, State],
        before: int,
        instead: AnyNotice | None = None,
    ) -> tuple[State, State]:
        """Fold a notice: onto what held after the one before it, or before it if corrected."""
        notice = self._at(position)
        corrects = before >= 0 and _corrects(notice, self._at(before))
        held = onto[0 if corrects else 1]
        return held, lived(held, instead or notice)

    def _at(self, position: int) -> AnyNotice:
        return self._facts.notices[self._places[position][-1]]


def _corrects(notice: AnyNotice, other: AnyNotice) -> bool:
    """Tell whether a notice takes the place of the one before it (``effective_notices``)."""
    if (notice.kind, notice.effective_on) != (other.kind, other.effective_on):
        return False
    return not isinstance(notice, EmploymentNotice) or notice.number == other.number
