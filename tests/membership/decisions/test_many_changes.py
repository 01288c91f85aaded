"""A membership of many dated changes: what is asked of it stays far from holding up a worker."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dues.plan import plan_terms
from schemas.membership.history import History
from schemas.membership.situation import change_days, ending, situation_on
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Category
from tests.builders import BOOK, member, moment
from tests.counting import calls_of
from tests.dues.lives import A, B, becomes, hides, leave, works, yes
from tests.dues.test_any_facts import after, lives
from tests.membership.decisions.seen import DAY
from tests.pages import page_of
from workflows.membership.explanation import explain
from workflows.membership.forecast import forecast
from workflows.membership.state import state_of


def kinds(number, day, recorded):
    """Return a notice of one kind after another."""
    return (
        works(day, str(20 + number % 70), (A, B)[number % 3 == 0], recorded=recorded),
        leave(day, day + timedelta(days=1), recorded=recorded),
        hides(day, hidden=number % 8 == 2, recorded=recorded),
        works(day, str(30 + number % 50), recorded=recorded),
    )[number % 4]


def ahead(number, since):
    """Three days apart, all known at once."""
    return kinds(number, since + timedelta(days=2 + 3 * number), since)


def late(number, since):
    """Three days apart, each learned of two hundred days too late."""
    day = since + timedelta(days=2 + 3 * number)
    return kinds(number, day, day + timedelta(days=200))


def crowded(number, since):
    """All within four weeks."""
    return kinds(number, since + timedelta(days=40 + number % 28), since)


def alike(number, since):
    """Half and full in turn, a week apart."""
    return works(since + timedelta(days=2 + 7 * number), ("40", "80")[number % 2], recorded=since)


def away(number, since):
    """Leaves that begin apart and are all over within four weeks."""
    day, back = since + timedelta(days=2 + number), since + timedelta(days=900 + number % 28)
    return leave(day, back, recorded=since)


def turning(number, since):
    """A student, a member at work and an apprentice in turn, three days apart."""
    category = (Category.STUDENT, Category.ORDINARY, Category.APPRENTICE)[number % 3]
    return becomes(since + timedelta(days=2 + 3 * number), category, recorded=since)


SHAPES = (ahead, late, crowded, alike, away, turning)


def busy(changes, shape=ahead):
    """Return a member with so many changes, whose employer has given half as many words."""
    record = member()
    notices = tuple(
        shape(number, record.since).model_copy(update={"number": number + 10})
        for number in range(changes)
    )
    words = tuple(yes(months_before(record.since, -1 - n % 40)) for n in range(changes // 2))
    payroll = record.payroll.model_copy(update={"payers": words})
    return record.model_copy(update={"notices": notices, "payroll": payroll}).replanned()


MOST_CALLS = 1_000_000
"""Less than a second of an idle machine: a workflow's task may take two."""

ASKED = {
    "state": state_of,
    "page": page_of,
    "terms": lambda record: plan_terms(record.facts, record.book),
    "explain": explain,
    "forecast": lambda record: forecast(record, moment(DAY).at),
}


def calls(ask, changes, shape=ahead):
    """Return what an answer takes; the record's own parts are asked for anew."""
    record = busy(changes, shape)
    return calls_of(lambda: ask(record))


def is_within(times, ask, most, shape=ahead):
    """Tell whether four times the changes take less than so many times as much."""
    return calls(ask, most, shape) / calls(ask, most // 4, shape) < times


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_takes_about_as_long_as_the_life_has_changes(name):
    """Four times the changes: sixteen times as much at the square of them, 64 at the cube."""
    assert is_within(8, ASKED[name], 400)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_explanation_takes_as_long_as_the_life_has_changes(shape):
    """Four times the changes in whatever shape: about four times as much, sixteen at the square."""
    assert is_within(8, explain, 800, shape)


@pytest.mark.parametrize("shape", [ahead, crowded, alike, away, turning])
def test_a_forecast_takes_as_long_as_the_life_has_changes(shape):
    """Who may deduct, and what is charged, is not worked out anew for each step."""
    assert is_within(8, ASKED["forecast"], 400, shape)


def test_a_busy_life_can_be_explained():
    """Each amount of five hundred changes with its causes, far within a workflow's task."""
    record = busy(500)
    lines = explain(record).lines
    assert all(line.because for line in lines if line.says.endswith("directly"))
    assert calls(explain, 500) < MOST_CALLS


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
