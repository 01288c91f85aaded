"""Since when an employer may deduct without a break: found once for a life, looked up for a day."""

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from itertools import accumulate

from schemas.dues.timeline import Timeline
from schemas.dues.walk import days_of_change
from schemas.membership.history import SameLife
from schemas.membership.notices import EndNotice
from schemas.membership.situation import Facts, charged_from, first_month_of, whole_month
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import first_of_month, month_after


class DeductionPeriods:
    """Who may deduct on the days of a life, and since when.

    What becomes true later has no part in a day, so each day's answer is also that of a life
    of which no more is known.

    Args:
        facts: all that is known; that the membership ends is not looked at.
        rulebook: with policies in force on every day.
    """

    def __init__(self, facts: Facts, rulebook: Rulebook) -> None:
        notices = tuple(n for n in facts.notices if not isinstance(n, EndNotice))
        facts = facts.model_copy(update={"notices": notices})
        heard = sorted((n.effective_on, charged_from(n, rulebook)) for n in notices)
        self._true_from = [day for day, _ in heard]
        self._known_for = list(accumulate((month for _, month in heard), max))
        change = days_of_change(facts, rulebook)
        months = {whole_month(day) for day in change} | {month for _, month in heard}
        later = {*change, *months, month_after(facts.since)}
        self._days = [facts.since, *sorted(day for day in later if day > facts.since)]
        # Whatever came before the first month that is charged is as it was known for that one.
        first = first_month_of(facts, rulebook)
        timeline = Timeline(facts, rulebook)
        self._seen: list[tuple[str | None, date]] = []
        for day in self._days:
            month = whole_month(day) if day > facts.since else first_of_month(day)
            employer = timeline.situation_on(day, known_for=max(month, first)).deducting
            same = bool(self._seen) and self._seen[-1][0] == employer
            self._seen.append((employer, self._seen[-1][1] if same else day))

    def since(self, employer: str | None, today: date) -> date | None:
        """Return since when an employer, or nobody, may deduct by all that is true on a day.

        None: what was known for the months until then says otherwise, or may yet.
        """
        true, seen = bisect_right(self._true_from, today), bisect_right(self._days, today)
        if not seen or (true and self._known_for[true - 1] > whole_month(today)):
            return None
        found, since = self._seen[seen - 1]
        return since if found == employer else None


def deducting_of(facts: Facts, rulebook: Rulebook) -> DeductionPeriods:
    """Return who may deduct in a life; asked for again and again while nothing new is reported."""
    return _found(SameLife(facts, rulebook))


@lru_cache(maxsize=16)
def _found(life: SameLife) -> DeductionPeriods:
    assert life.rulebook is not None, "asked who may deduct by no rules"
    return DeductionPeriods(life.facts, life.rulebook)
