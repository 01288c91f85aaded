"""By what prices a yearly fee is charged: one a year, and what has been charged stands (A26)."""

from dataclasses import dataclass
from datetime import date

from schemas.dues.terms import Span
from schemas.membership.situation import Facts, Situation, situation_on
from schemas.pricing.rulebook import ChargedYear, Rulebook
from schemas.shared.vocabulary import Category, Payer

FAR = date.max

YEARLY = frozenset({Category.STUDENT, Category.PENSIONER})
"""Who pays once a year (S12, S18)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole months in which nothing changes.

    Attributes:
        day: what holds on it holds for all of them.
        payer: of all that is charged.
    """

    span: Span
    day: date
    situation: Situation
    payer: Payer


class Years:
    """Remembers what a yearly fee was priced by: one price a year, whatever changes within it.

    Args:
        facts: of the life that is gone through.
        rulebook: with the years whose fees were charged before other prices were approved.

    Source: A26: a yearly rate counts for new invoices only, and those come in January.
    """

    def __init__(self, facts: Facts, rulebook: Rulebook) -> None:
        self._facts, self._rulebook = facts, rulebook
        self._category: Category | None = None
        self._day = self._until = date.min

    def priced_on(self, stretch: Stretch) -> date:
        """Return the day whose prices hold for a stretch; they are asked about in order."""
        day = self.day_for(stretch)
        if pays_yearly(stretch.situation):
            self._category, self._day = stretch.situation.category, day
            self._until = stretch.span.valid_to or FAR
        return day

    def day_for(self, stretch: Stretch) -> date:
        """Return the day whose prices would hold for the next stretch."""
        new_year = stretch.span.valid_from.replace(month=1, day=1)
        situation = stretch.situation
        if not pays_yearly(situation):
            return stretch.day
        same = situation.category is self._category and self._until > new_year
        day = max(self._day, new_year) if same else stretch.day
        charged = [year for year in self._rulebook.charged_years if year.year_from == day]
        return charged[0].priced_on if charged and self._was_due(charged[0], situation) else day

    def _was_due(self, year: ChargedYear, situation: Situation) -> bool:
        """Tell whether a fee that stands was due by what the run knew; else it is a new invoice."""
        policies, known = self._rulebook.policies_on(year.year_from), year.charged_on
        if policies.fee_charged_early == "corrected" or self._facts.since > known:
            return False
        told = tuple(n for n in self._facts.notices if n.recorded_on <= known)
        facts = self._facts.model_copy(update={"notices": told})
        then = situation_on(facts, self._rulebook, year.year_from)
        return then.category is situation.category and pays_yearly(then)


def pays_yearly(situation: Situation) -> bool:
    """Tell whether what is paid in a situation is a yearly fee. Source: S12, S18."""
    return situation.category in YEARLY and not situation.fee_rests
