"""A membership of many dated changes: what is asked of it stays far from holding up a worker."""

import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rules.history import History
from schemas.rules.situation import change_days, ending, situation_on
from tests.builders import BOOK, member, moment
from tests.schemas.lives import A, B, hides, leave, works
from tests.schemas.test_any_facts import after, lives
from tests.workflows.decisions.seen import DAY
from workflows.forecast import forecast
from workflows.page import page_of
from workflows.view import explain, state_of


def busy(changes):
    """Return a member with so many changes ahead, three days apart."""
    record = member()
    notices = []
    for number in range(changes):
        day = record.since + timedelta(days=2 + 3 * number)
        notice = (
            works(day, str(20 + number % 70), employer=(A, B)[number % 3 == 0]),
            leave(day, day + timedelta(days=1)),
            hides(day, hidden=number % 8 == 2),
            works(day, str(30 + number % 50)),
        )[number % 4]
        notices.append(
            notice.model_copy(update={"number": number + 10, "recorded_on": record.since})
        )
    return record.model_copy(update={"notices": tuple(notices)}).replanned()


ASKED = {
    "state": state_of,
    "page": page_of,
    "terms": lambda record: record.replanned(),
    "forecast": lambda record: forecast(record, moment(DAY).at),
}


def seconds(ask, changes):
    """Return what an answer takes, at best; the record's own parts are asked for anew."""
    taken = []
    for _ in range(2):
        record = busy(changes)
        begun = time.process_time()
        ask(record)
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_takes_about_as_long_as_the_life_has_changes(name):
    """Four times the changes: sixteen times as long at the square of them, 64 at the cube."""
    ask = ASKED[name]
    assert seconds(ask, 400) / max(seconds(ask, 100), 0.001) < 12


def test_a_busy_life_can_be_explained():
    """Each amount with its causes, in less than a worker gives a workflow's task."""
    begun = time.process_time()
    lines = explain(busy(100)).lines
    assert all(line.because for line in lines if line.says.endswith("directly"))
    assert time.process_time() - begun < 2


@settings(deadline=None, max_examples=200)
@given(lives(), st.lists(st.integers(0, 1400), min_size=1, max_size=12))
def test_the_history_is_that_of_each_day_alone(facts, days):
    """In any order; and the days on which something changes are those of the rules."""
    history = History(facts)
    for count in days:
        day = max(after(count), facts.since)
        assert history.situation_on(facts, BOOK, day) == situation_on(facts, BOOK, day)
    found = [day for day in history.days if day > facts.since]
    assert set(found) <= set(change_days(facts, BOOK))
    assert history.ending == ending(facts)
