"""Why an amount is what it is: the facts without which its first month would be charged otherwise.

Nothing is guessed from dates alone. Each fact that may have begun a term is left out in turn, the
terms are planned without it by the same rules, and whatever makes a difference is a cause.
"""

from datetime import date
from functools import cached_property

from schemas.dues.amounts import RULES_OF_KIND, SOURCES
from schemas.dues.plan import Charges, Counterfactuals
from schemas.dues.terms import Term
from schemas.dues.timeline import Timeline
from schemas.membership.messages import MESSAGES
from schemas.membership.situation import Situation, first_month_of
from schemas.membership.state import Cause
from schemas.shared.vocabulary import Cadence, Event, LineKind
from workflows.membership.candidates import Candidate, Candidates
from workflows.membership.record import BEGINNINGS, MembershipRecord

RULES_OF_FACT: dict[str, tuple[str, ...]] = {
    "approval": ("S26", "A19"),
    "yearly_fee": ("S12", "S18", "invariant 10"),
    "birthday": ("S18", "S21", "A12"),
    "insurance": ("S6", "A18", "A21"),
    **{name: message.card.rules_of_amount for name, message in MESSAGES.items()},
}
"""What makes a fact change an amount; prices and policies need no further rule."""


class Causes:
    """Finds what made terms as they are: a life is gone through once for all of them.

    Args:
        record: of a member, with the terms to be asked about.
    """

    def __init__(self, record: MembershipRecord) -> None:
        self._record = record

    def rules_of(self, term: Term) -> tuple[str, ...]:
        """Return the rules that set a term's amount in its first month."""
        if term.kind is not LineKind.CENTRAL_DUES:
            return RULES_OF_KIND[term.kind]
        if term.cadence is Cadence.YEARLY and not term.amount_ore:
            return ("invariant 10",)
        situation = self._situations[term.valid_from]
        if situation.on_leave:
            return ("L4",) if situation.waiver is None else ("A36",)
        return SOURCES[situation.category]

    def of(self, term: Term) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
        """Return the facts that made a term begin, and the rules by which they did.

        Of facts that would each have been enough, all are named.
        """
        record, month = self._record, term.valid_from
        if month <= first_month_of(record.facts, record.book):
            return (_approval(record),), RULES_OF_FACT["approval"]
        tried, charge = self._tried[month], (term.amount_ore, term.cadence, term.payer)
        causing = [candidate for candidate, without in tried if without.get(term.kind) != charge]
        causing = causing or [candidate for candidate, _ in tried]
        if not causing:
            return (_approval(record),), ()
        rules = [rule for s in causing for rule in RULES_OF_FACT.get(s.cause.fact, ())]
        late = ["A31"] if any(s.late for s in causing) else []
        return tuple(s.cause for s in causing), tuple(dict.fromkeys(rules + late))

    @cached_property
    def _situations(self) -> dict[date, Situation]:
        """What held in the first month of each term of the dues, as it was known then."""
        record = self._record
        timeline = Timeline(record.facts, record.book)
        months = {term.valid_from for term in record.terms if term.kind is LineKind.CENTRAL_DUES}
        return {
            month: timeline.situation_on(max(month, record.since), known_for=month)
            for month in sorted(months)
        }

    @cached_property
    def _tried(self) -> dict[date, list[tuple[Candidate, Charges]]]:
        """What would be charged without each candidate, in each month that terms begin with."""
        record = self._record
        candidates = Candidates(record)
        life = Counterfactuals(record.facts, record.book)
        months = {term.valid_from for term in record.terms}
        found = {month: _tried(candidates.of(month), life) for month in life.go_through(months)}
        # Terms may be older than the rulebook: after the end nobody is charged.
        for month in months - found.keys():
            found[month] = [(candidate, {}) for candidate in candidates.of(month)]
        return found


def _tried(candidates: list[Candidate], life: Counterfactuals) -> list[tuple[Candidate, Charges]]:
    """Leave each candidate out in the month a life has come to; of an only one nobody asks."""
    if len(candidates) == 1:
        return [(candidates[0], {})]
    return [(candidate, candidate.without(life)) for candidate in candidates]


def _approval(record: MembershipRecord) -> Cause:
    lines = [line for line in record.log if line.about in BEGINNINGS]
    imported = bool(lines) and lines[0].about == Event.MEMBERSHIP_IMPORTED
    assert record.beginning is not None, "asked for the approval of somebody not a member"
    return Cause(
        fact="approval",
        says=f"{'carried over' if imported else 'approved'} as {record.beginning.category}",
        effective_on=record.since,
        recorded_on=record.since,
        decided_by=lines[0].decided_by if lines else "caseworker",
    )
