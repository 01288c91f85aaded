"""No decision fails a task: a gap in the rulebook, or a fault of ours, becomes a reason."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest

from schemas.membership.decision import DeliveryReport
from schemas.membership.messages import MESSAGES
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.shared.vocabulary import Event, Stage, Template
from tests.builders import (
    BOOK,
    OSLO,
    TODAY,
    application,
    decide,
    moment,
    received,
    stand,
    states,
)
from tests.membership.decisions.lives import states_of_life
from tests.pages import page_of
from workflows.membership import deadlines
from workflows.membership.attributes import changed_attributes
from workflows.membership.decisions import dispatch, review
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.step import Moment, Refused
from workflows.membership.explanation import explain
from workflows.membership.postponing import (
    decided,
    due_deadlines,
    passed,
    put_off,
    taken_up,
    tell,
    to_be_told,
)
from workflows.membership.record import MembershipRecord
from workflows.membership.state import state_of

LATER = date(2199, 1, 1)
DATED = ("dues", "premiums", "coverages", "benefits", "policies")


def _begins_later(name: str) -> Rulebook:
    entries = tuple(e.model_copy(update={"valid_from": LATER}) for e in getattr(BOOK, name))
    return BOOK.model_copy(update={name: entries})


GAPS: dict[str, Rulebook] = {
    **{f"no {name}": BOOK.model_copy(update={name: ()}) for name in (*DATED, "branches")},
    **{f"{name} later": _begins_later(name) for name in DATED},
    "a branch without dues": BOOK.model_copy(
        update={"branches": (OSLO.model_copy(update={"rates": ()}),)}
    ),
    "nothing at all": BOOK.model_copy(update=dict.fromkeys((*DATED, "branches"), ())),
}

LIVES = states() | states_of_life()


def _with(record: MembershipRecord, book: Rulebook) -> MembershipRecord:
    return record.model_copy(update={"rulebook": book if record.rulebook else None})


def refusal_of(decide: Callable[[], object]) -> str:
    """Return the reason why something is not decided, empty when it is."""
    try:
        with decidable():
            decide()
    except Refused as refused:
        return str(refused) or "without a reason"
    return ""


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_meets_a_gap(name: str, gap: str) -> None:
    """In each state each message is applied or refused with a reason, whatever is missing."""
    message = MESSAGES[name].model_validate_json(MESSAGES[name].card.example)
    for state, record in LIVES.items():
        broken = _with(record, GAPS[gap])
        why = refusal_of(partial(dispatch.answer, broken, message, moment()))
        assert "fault of our own" not in why, (state, why)
        assert why != "without a reason", state


@pytest.mark.parametrize("gap", GAPS)
def test_deadlines_and_reports_meet_a_gap(gap: str) -> None:
    """What falls due is decided or put off, and what became of letters is kept or put off."""
    day = Moment(moment().at + timedelta(days=400))
    report = DeliveryReport(sent=("0002-welcome", "0002-insurance_window"), bounced=("0001-x",))
    for state, record in LIVES.items():
        broken = _with(record, GAPS[gap])
        for deadline in due_deadlines(broken):
            after = partial(passed, broken, deadline.name, day)
            assert refusal_of(after) == "" or "the rulebook says" in refusal_of(after), state
        why = refusal_of(partial(dispatch.delivered, broken, report, day))
        assert why == "" or "the rulebook says" in why, state


@pytest.mark.parametrize("gap", GAPS)
def test_a_membership_shows_itself_over_a_gap(gap: str) -> None:
    """``state``, the search attributes and the page are there; what can't be told says why."""
    for record in LIVES.values():
        broken = _with(record, GAPS[gap])
        assert state_of(broken).stage is record.stage
        assert changed_attributes(broken, {})[0]
        assert page_of(broken).startswith("## ")
        why = refusal_of(partial(explain, broken))
        assert why == "" or "the rulebook says nothing" in why


def test_the_page_says_what_it_can_not_tell() -> None:
    """The rest of the page is there: whose turn it is, and the decisions so far."""
    page = page_of(_with(received(), GAPS["no policies"]))
    assert "A part of this page can't be decided before the rulebook is mended" in page
    assert "decide_application" in page
    assert "the application was received" in page


def test_a_gap_names_its_day_and_a_fault_its_place_only() -> None:
    """The reason tells what to mend; the text of an error may quote somebody and is left out."""
    with pytest.raises(Undecidable, match="the rulebook says nothing for 2026-11-22"), decidable():
        raise NotInForce(f"the rulebook says nothing for {TODAY}")
    with pytest.raises(Undecidable) as fault, decidable():
        raise KeyError("Kari Nordmann")
    assert "Kari" not in str(fault.value)
    assert "KeyError at test_gaps.py:" in str(fault.value)
    with pytest.raises(Refused, match="no thanks") as refusal, decidable():
        raise Refused("no thanks")
    assert not isinstance(refusal.value, Undecidable)


def test_what_can_not_be_decided_waits_for_a_day_and_is_told_once() -> None:
    """It is no deadline until tomorrow, then it is again; only the first time makes a task."""
    now, record = moment(), received()
    name = due_deadlines(record)[0].name
    assert to_be_told(record, name)
    waiting = put_off(record, name, now)
    assert due_deadlines(waiting) == []
    assert waiting.postponed.again_at == now.at + timedelta(days=1)
    step = tell(waiting, name, "can't be decided")
    (task,) = step.letters
    assert (step.event, task.template) == (Event.DECISION_POSTPONED, Template.CASEWORKER_TASK)
    assert task.figures["task"] == "decision_postponed"
    told = stand(step, now)
    assert not to_be_told(told, name)
    again = taken_up(told)
    assert due_deadlines(again) == due_deadlines(record)
    assert (again.postponed.again_at, to_be_told(again, name)) == (None, False)
    assert to_be_told(decided(again, name), name)


def test_deadlines_that_can_not_be_told_are_one_themselves() -> None:
    """It has passed, is tried with the rulebook as it is then, and waits like any other."""
    broken = _with(received(), GAPS["no policies"])
    (unknown,) = due_deadlines(broken)
    assert unknown.name == deadlines.DEADLINES
    assert unknown.due_at <= moment().at
    with pytest.raises(Undecidable), decidable():
        passed(broken, deadlines.DEADLINES, moment())
    assert due_deadlines(put_off(broken, deadlines.DEADLINES, moment())) == []
    mended = _with(broken, BOOK)
    assert passed(mended, deadlines.DEADLINES, moment()).empty


def test_an_application_that_breaks_a_rule_ends_over_a_gap() -> None:
    """Nobody can put its faults into the applicant's words then: the caseworkers are told."""
    record = _with(received(faults=("consents.terms: must be given",)), GAPS["no policies"])
    with pytest.raises(Undecidable), decidable():
        review.invalid(record, application())
    step = review.invalid_untold(record)
    assert step.record.stage is Stage.ENDED
    assert [letter.template for letter in step.letters] == [Template.CASEWORKER_TASK]


def test_approving_over_a_gap_is_refused_with_the_day() -> None:
    """The caseworker reads what is missing, not a stack."""
    with pytest.raises(Undecidable, match="the rulebook says nothing for 2026-11-22"), decidable():
        dispatch.answer(_with(received(), GAPS["no dues"]), decide(), moment())
