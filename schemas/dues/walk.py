"""A life from month to month: what holds, who pays, and how that would be without one fact."""

from collections import Counter, deque
from datetime import date, timedelta
from functools import cached_property

from schemas.dues.payers import ChannelTimeline, is_by_list
from schemas.dues.timeline import Timeline
from schemas.membership.notices import AnyNotice
from schemas.membership.situation import Facts, Situation, birthdays, change_days, leave_ends
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import Payer


class Walk:
    """Goes through a life once, from month to month.

    A fact has no part in what is seen before the first month that it may change. So what would
    be without it is found at that month: only the days since the month before are seen anew.

    Args:
        facts: all that is known.
        rulebook: with policies in force on every day.
    """

    def __init__(self, facts: Facts, rulebook: Rulebook) -> None:
        self.facts = facts
        self.rulebook = rulebook
        self._timeline = Timeline(facts, rulebook)
        self._deduction = ChannelTimeline(facts.payers)
        # Who may deduct between two months matters only where somebody has said it will.
        deducted = any(is_by_list(word.payer) for word in facts.payers)
        # Also from the approval on, if the first month that is charged begins later.
        change = (facts.since, *days_of_change(facts, rulebook))
        self._days = deque(change if deducted else ())
        self._seen = facts.since - timedelta(days=1)

    def go_to(self, month: date) -> tuple[Situation, Payer]:
        """Go on to a month, later than the last one, and return what holds and who pays."""
        day = max(month, self.facts.since)
        self._deduction.next_month()
        while self._days and self._days[0] < day:
            between = self._days.popleft()
            if between > self._seen:
                there = self._timeline.situation_on(between, known_for=month)
                self._deduction.set_employer(between, there.deducting)
        self._seen = day
        self._here = self._timeline.situation_on(day, known_for=month)
        self._deduction.set_employer(day, self._here.deducting)
        self._payer = self._deduction.payer_of(month)
        return self._here, self._payer

    def without_notice(self, index: int) -> tuple[Situation, Payer]:
        """Return what would hold, and who pay, had a notice never come.

        Args:
            index: of a notice that may change nothing before the month that was gone to.
        """
        seen = self._deduction.sights
        others = self._timeline.without(index, (day for day, _ in seen))
        return self._had_been(others, _days_of(self.facts.notices[index]))

    def with_leave_going_on(self, index: int) -> tuple[Situation, Payer]:
        """Return what would hold, and who pay, were a leave not over.

        Args:
            index: of a leave after which the month that was gone to is the first whole one.
        """
        _, back_on = _days_of(self.facts.notices[index])
        seen = self._deduction.sights
        return self._had_been(self._timeline.going_on(index, (day for day, _ in seen)), (back_on,))

    def without_word(self, number: int) -> tuple[Situation, Payer]:
        """Return what holds, and who would pay without a word that is new in the month."""
        return self._here, self._deduction.payer_without(number)

    def _had_been(
        self, others: dict[date, Situation], days: tuple[date, ...]
    ) -> tuple[Situation, Payer]:
        """Return what would hold had other situations been seen since the month before.

        Args:
            others: what would have been seen, where it is another.
            days: that nobody would have looked at, unless for something else.
        """
        unseen = {
            day
            for day in days
            if self._times[day] == days.count(day) and day.day != 1 and day > self.facts.since
        }
        sights = [
            (day, others[day].deducting if day in others else employer)
            for day, employer in self._deduction.sights
            if day not in unseen
        ]
        payer = self._deduction.payer_had_been_seen(sights, unseen)
        return others.get(self._seen, self._here), payer

    @cached_property
    def _times(self) -> Counter[date]:
        """How many facts make each day one on which something may become another."""
        reported = (day for notice in self.facts.notices for day in _days_of(notice))
        return Counter([*reported, *birthdays(self.facts, self.rulebook)])


def _days_of(notice: AnyNotice) -> tuple[date, ...]:
    return (notice.effective_on, *leave_ends((notice,)))


def days_of_change(facts: Facts, rulebook: Rulebook) -> list[date]:
    """Return the days of change: also what was corrected too late to change old months (A31)."""
    return sorted({*change_days(facts, rulebook), *leave_ends(facts.notices)})
