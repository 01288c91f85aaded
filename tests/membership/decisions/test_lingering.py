"""A member who has left can still be told of: for how long, and of what (L9)."""

from datetime import date, timedelta

import pytest
from rich.console import Console

from schemas.membership.messages.leaving import Reopen
from schemas.membership.messages.review import SupplyInformation
from schemas.shared.vocabulary import Event, Outcome, Stage
from tests.builders import answered, member, payment, received, rulebook
from tests.membership.decisions.lives import (
    APRIL,
    FEBRUARY,
    JANUARY,
    NOW,
    central,
    dies,
    insured,
    moves,
    owes,
    resigns,
    sends,
    takes_back,
    told,
    uninsured,
    until,
    works,
)
from tests.pages import page_of
from workers.cli.membership.show_view import render_state
from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import REOPENING, Deadline, deadlines
from workflows.membership.decisions.dispatch import AFTER
from workflows.membership.decisions.step import Moment, Refused
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import decision_of
from workflows.membership.state import state_of

UNDO = Reopen(caseworker="kari", reason="Feil person")


def lingering(record: MembershipRecord) -> MembershipRecord:
    """Return a membership that has ended, as its workflow keeps it open."""
    assert record.stage is Stage.ENDED
    return record.model_copy(update={"lingers": True})


def gone(on: date = NOW) -> MembershipRecord:
    """Return a member who was struck off on a day."""
    return lingering(answered(uninsured(), owes(4, on), on))


@pytest.mark.parametrize(
    ("days", "last"),
    # 10 February + 90 days: 18 left of February, 31, 30, and the 11th of May.
    [(90, date(2027, 5, 11)), (1, date(2027, 2, 11)), (0, None)],
)
@pytest.mark.parametrize("end", [owes(4, NOW), dies(NOW)])
def test_how_long_an_end_can_be_undone(end, days, last):
    """So many days from the end, a policy; none at all where it says so (L9)."""
    record = answered(uninsured(book=rulebook(reopen_days=days)), end, NOW)
    assert (record.open_until, state_of(record).open_until) == (last, last)
    assert deadlines(record) == [], "a run from before there was this waits for nothing"
    expected = [Deadline(REOPENING, last)] if last else []
    assert deadlines(lingering(record)) == expected
    assert awaiting(lingering(record)) == ()


@pytest.mark.parametrize(
    ("end", "day", "last"),
    [
        # February was charged. May - 3 months is February: told until 31 May it is corrected.
        (owes(4, NOW), NOW, date(2027, 5, 31)),
        # Over from 1 April: March is reached until 30 June, 90 days are 30 June as well.
        (resigns(NOW), APRIL, date(2027, 6, 30)),
        # Over from 1 May: April is reached until 31 July, a day longer than 90 days.
        (resigns(date(2027, 3, 10)), date(2027, 5, 1), date(2027, 7, 31)),
    ],
)
def test_it_stays_open_as_long_as_its_last_month_is_corrected(end, day, last):
    """What was so before the end is told, and counts, while A31 reaches it (L1, L9)."""
    waits = uninsured().model_copy(update={"open_for_corrections": True})
    told_on = getattr(end, "received_on", day)
    record = until(answered(waits, end, told_on), day)
    assert record.open_until == last
    kept = record.model_copy(update={"lingers": True, "hears_late": True})
    assert sends(kept, works(JANUARY, "40"), last).priced


def test_a_resignation_lingers_from_its_last_day_on():
    """Not from when it was received (A29, L9)."""
    leaving = answered(uninsured(), resigns(NOW), NOW)
    assert leaving.open_until is None
    assert until(leaving, APRIL).open_until == APRIL + timedelta(days=90)


def test_an_application_never_lingers():
    """Who was no member is told at once that it is over (L9)."""
    assert answered(received(), dies(NOW), NOW).open_until is None


def test_over_for_good():
    """When the time is over nothing is recorded, and nothing is left to wait for (L9)."""
    record = gone()
    step = AFTER[REOPENING](record, Moment(deadlines(record)[0].due_at))
    assert step.empty
    assert (step.record.lingers, step.record.open_until) == (False, None)
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.STRUCK_OFF)
    assert deadlines(step.record) == []


def test_the_database_knows_until_when():
    """The audit compares it with what runs (L9)."""
    before = uninsured()
    step = sends(before, owes(4, NOW), NOW)
    assert decision_of(step, before, Moment(deadlines(gone())[0].due_at)).standing.open_until == (
        date(2027, 5, 11)
    )


def test_money_still_comes_in():
    """It is booked as for anybody: persistence knows what is still owed (P3, L9)."""
    step = sends(gone(), payment(100), NOW)
    assert step.event is Event.PAYMENT_RECORDED
    assert step.record.stage is Stage.ENDED


def test_contact_data_can_be_corrected():
    """Who owes must still be reached; the birth date would plan a life that is over anew (L9)."""
    record = gone()
    moved = SupplyInformation.model_validate_json(
        '{"information": "Flyttet", "applicant": {"email": "ny@example.org"}}'
    )
    assert sends(record, moved, NOW).supplied == {"applicant": {"email": "ny@example.org"}}
    after = answered(record, moved, NOW)
    assert (after.terms, after.stage, after.outcome) == (
        record.terms,
        Stage.ENDED,
        Outcome.STRUCK_OFF,
    )
    older = SupplyInformation.model_validate_json(
        '{"information": "Feil", "applicant": {"birth_date": "1985-04-12"}}'
    )
    with pytest.raises(Refused, match="birth_date: can't be corrected once"):
        sends(record, older, NOW)


@pytest.mark.parametrize(
    "message", [resigns(NOW), moves(NOW), takes_back("resign", NOW), owes(5, NOW)]
)
def test_the_rest_is_refused(message):
    """With how it ended (L9, invariant 5)."""
    with pytest.raises(Refused, match="the membership has ended: struck_off"):
        sends(gone(), message, NOW)


def test_a_former_member_dies():
    """The estate is a task, nobody else hears; the time to undo it begins anew (L7, L9, M17)."""
    later = date(2027, 3, 20)
    step = sends(gone(), dies(date(2027, 3, 18)), later)
    assert told(step) == ["C estate"]
    assert (step.record.stage, step.record.outcome) == (Stage.ENDED, Outcome.DECEASED)
    assert step.record.open_until == later + timedelta(days=90)
    assert step.record.terms == gone().terms, "died after the last month that is charged"
    assert central(step.record, FEBRUARY) == 49500
    with pytest.raises(Refused, match="deceased already"):
        sends(lingering(step.record), dies(later), later)


def reported(record: MembershipRecord, on: date = NOW) -> MembershipRecord:
    """Return a record of which a death was reported without the number, as its workflow has it."""
    unsure = dies(on).model_copy(update={"member_number": None})
    return answered(record, unsure, on).model_copy(update={"keeps_report": True})


@pytest.mark.parametrize("end", [owes(4, NOW), resigns(NOW)])
def test_a_report_of_a_death_outlives_the_end(end):
    """Whatever ends the membership meanwhile: a caseworker still has to say whose it is (M17)."""
    unsure = reported(uninsured())
    after = lingering(until(answered(unsure, end, NOW), APRIL))
    assert after.stage is Stage.ENDED
    assert after.reported_death == unsure.reported_death
    assert [wait.what for wait in awaiting(after)] == ["record_death"]


def test_a_report_of_a_death_keeps_the_membership_open():
    """Nothing closes it before it is decided: dismissed it is over, confirmed it goes on (L9)."""
    unsure, long_after = reported(gone()), date(2027, 8, 1)
    assert deadlines(unsure) == []
    dismissed = sends(unsure, UNDO, long_after)
    assert (dismissed.record.outcome, dismissed.record.reported_death) == (Outcome.STRUCK_OFF, None)
    assert deadlines(dismissed.record) == [Deadline(REOPENING, date(2027, 5, 11))]
    confirmed = sends(unsure, dies(NOW), long_after)
    # 1 August + 90 days: 30 left of August, 30 of September, and the 30th of October.
    assert deadlines(lingering(confirmed.record)) == [Deadline(REOPENING, date(2027, 10, 30))]
    old = unsure.model_copy(update={"keeps_report": False})
    assert deadlines(old) == [Deadline(REOPENING, date(2027, 5, 11))], "as in older histories"


def test_a_death_before_the_end_it_is_learned_of_after():
    """Nothing is charged after it, though the membership had ended later (A31, L7)."""
    over = lingering(until(answered(insured(), resigns(FEBRUARY), FEBRUARY), APRIL))
    assert central(over, date(2027, 3, 1)) == 49500
    step = sends(over, dies(date(2027, 2, 20)), date(2027, 4, 5))
    assert central(step.record, FEBRUARY) == 49500
    assert central(step.record, date(2027, 3, 1)) is None
    assert step.given_back_from == date(2027, 3, 1), "whatever was charged comes back"


def test_the_page_says_until_when():
    """Whoever looks at it learns that an end can still be undone (L9)."""
    assert "- can be reopened until 2027-05-11" in page_of(gone())
    assert "can be reopened" not in page_of(uninsured())
    (shown,) = [line for line in _shown(gone()) if "reopened" in line]
    assert "until 2027-05-11 (reopen)" in shown
    assert not [line for line in _shown(uninsured()) if "reopened" in line]


def _shown(record: MembershipRecord) -> list[str]:
    """Return what the command line shows of a record, line by line."""
    console = Console(width=100)
    with console.capture() as drawn:
        console.print(render_state(state_of(record), "http://ui.example"))
    return drawn.get().splitlines()


def test_members_do_not_linger():
    """Nobody who is a member has a day on which it could be reopened (L9)."""
    assert state_of(member()).open_until is None
