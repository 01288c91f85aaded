"""A record on its way from what was acted upon last to what holds today."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas.dues.terms import Term
from schemas.membership.situation import whole_month
from schemas.pricing.differences import first_difference
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Event, Template
from workflows.membership.decisions.step import Letters, Moment, Step, charged
from workflows.membership.record import MembershipRecord


@dataclass
class Transition:
    """A record on its way to today, with what is said about the way.

    Attributes:
        record: as far as it has come.
        earlier: the terms as they were before the decision.
        wrote: letters to the member that already tell the dues.
        uninsured: the premium ends, since the last coverage has ended by age.
        confidential: it has to do with hiding.
    """

    record: MembershipRecord
    now: Moment
    letters: Letters
    earlier: tuple[Term, ...]
    says: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    event: Event = Event.CHANGE_TOOK_EFFECT
    corrected: bool = False
    wrote: bool = False
    uninsured: bool = False
    confidential: bool = False

    def note(self, says: str, *rules: str) -> None:
        """Add a sentence for the log, with its rules."""
        self.says.append(says)
        self.rules += [rule for rule in rules if rule not in self.rules]

    def update(self, **changes: Any) -> None:
        """Go on from a changed record."""
        self.record = self.record.model_copy(update=changes)

    def member(self, template: Template, **figures: Any) -> None:
        """Write to the member about a change that may touch the dues."""
        month = self.month
        self.letters.member(
            template,
            **figures,
            valid_from=month.isoformat(),
            terms=charged(self.record.terms, month),
        )
        self.wrote = True

    def charged_before(self) -> list[dict[str, str | int]]:
        """Return what was charged before the change, as figures for a letter; none: the same.

        What was planned long ago is no other for the month it begins with: then the month before.
        """
        month = self.month
        now = amounts_of(charged(self.record.terms, month))
        earlier = (charged(self.earlier, day) for day in (month, months_before(month, 1)))
        return next((was for was in earlier if amounts_of(was) != now), [])

    def step(
        self, event: Event | None = None, decided_by: str = "rule", reason: str | None = None
    ) -> Step:
        """Return the step that has brought the record here.

        Args:
            event: what was decided; None: what happened on the way.
            decided_by: who reported or granted it.
            reason: given with it.
        """
        return Step(
            record=self.record,
            event=event or self.event,
            says="; ".join(self.says) or "nothing became different",
            rules=tuple(self.rules) or ("L1",),
            decided_by=decided_by,
            reason=reason,
            letters=self.letters.done(),
            priced=True,
            corrected=self.corrected,
            confidential=self.confidential,
        ).settled()

    @property
    def month(self) -> date:
        """The first month that is charged otherwise than before."""
        changed = first_difference(self.earlier, self.record.terms)
        coming = whole_month(self.now.today)
        return min(changed, coming) if changed else coming


def amounts_of(terms: list[dict[str, str | int]]) -> set[tuple[str | int, ...]]:
    """Return what figures say is charged, whatever the day it began."""
    return {(term["kind"], term["amount_ore"], term["cadence"]) for term in terms}
