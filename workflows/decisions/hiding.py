"""Hiding a membership from the employer, and lifting that: whoever knows is told to stop first."""

from schemas.rules.situation import Situation
from schemas.vocabulary import Event, Template
from workflows.decisions.arrival import Arrival
from workflows.decisions.deduction import must_be_stopped, stop
from workflows.record import Hiding


def hide(arrival: Arrival, before: Situation, after: Situation) -> None:
    """Tell employer and branch before the flag takes effect, or lift it. Source: S30-S35."""
    record = arrival.record
    hiding = record.hiding
    if not after.hidden:
        if before.hidden:
            arrival.event = Event.HIDDEN_CHANGED
            arrival.confidential = True
            arrival.note("employer and branch may know again", "S35", "A22")
            arrival.member(Template.HIDDEN_OFF)
        arrival.update(hiding=None)
        return
    if before.hidden or (hiding is not None and not hiding.told):
        return
    arrival.confidential = True
    stops = must_be_stopped(record, before, arrival.now.today)
    if hiding is None and (stops or before.branch is not None):
        _prepare(arrival, before)
        return
    arrival.update(hiding=None)
    arrival.event = Event.HIDDEN_CHANGED
    arrival.note("nothing goes to employer or branch any more", "S30", "S31", "S32", "S33", "A23")
    arrival.member(Template.HIDDEN_ON)


def _prepare(arrival: Arrival, before: Situation) -> None:
    arrival.event = Event.HIDING_PREPARED
    arrival.note("deduction is stopped before the membership is hidden", "S30", "A23", "section 3")
    already = len(arrival.letters.written)
    if must_be_stopped(arrival.record, before, arrival.now.today):
        stop(arrival, before, forwarded=True)
    if before.branch is not None and arrival.record.leaving is None:
        arrival.letters.branch(Template.BRANCH_MEMBER_LEFT, before.branch)
    keys = tuple(letter.key for letter in arrival.letters.written[already:])
    # The member is told of dues and consequences together, once the flag is set.
    arrival.wrote = True
    arrival.update(hiding=Hiding(letters=keys))
