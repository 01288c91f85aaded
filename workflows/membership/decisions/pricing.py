"""New prices: the terms planned anew by the same rules, and those told whom they concern."""

from schemas.dues.amounts import SOURCES
from schemas.membership.messages.pricing import Reprice
from schemas.membership.situation import last_month, whole_month
from schemas.pricing.differences import first_difference
from schemas.shared.vocabulary import Event, Template
from workflows.membership.decisions.insurance import tell_employer
from workflows.membership.decisions.step import Answers, Letters, Moment, Step, charged
from workflows.membership.decisions.transition import Transition
from workflows.membership.record import MembershipRecord

SAME = "the prices change nothing"


def reprice(record: MembershipRecord, message: Reprice, now: Moment) -> Step:
    """Return the step that new prices or rules lead to; where nothing changes nothing is recorded.

    What only comes to something else has been taken up with the rulebook, and announced for all.

    Source: S1, S4, S7, A26, A40, M8 (dues change).
    """
    priced = record.replanned()
    if priced.terms == record.terms and record.facts_kept and not message.anew:
        return Step(record=priced, event=Event.REPRICED, says=SAME, rules=("A26",), empty=True)
    transition = Transition(priced, now, Letters.of(record), record.terms)
    _announce(transition)
    if not transition.says:
        transition.note(SAME, "A26")
    return transition.step(Event.REPRICED, decided_by="repricing")


def _announce(transition: Transition) -> None:
    """Tell the member and a deducting employer from when what is charged. Source: M8."""
    record = transition.record
    month = first_difference(transition.earlier, record.terms)
    stops = last_month(record.facts, record.book)
    if month is None or (stops is not None and month >= stops):
        return
    there = record.situation_on(month)
    transition.note(f"new prices from {month}", *SOURCES[there.category], "S4", "S7", "A26")
    transition.letters.member(
        Template.DUES_CHANGED,
        valid_from=month.isoformat(),
        terms=charged(record.terms, month),
        before=charged(transition.earlier, month),
        reason="prices",
    )
    employer = record.present_situation.deducting
    if employer is not None and employer == there.deducting and record.hiding is None:
        # What is charged already is corrected with the next list (A40).
        tell_employer(transition.letters, record, max(month, whole_month(transition.now.today)))


ANSWERS: Answers = {Reprice: reprice}
"""Which decision answers which message."""
