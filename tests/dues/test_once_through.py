"""A life is gone through once, and comes to what it comes to month by month from the beginning."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dues.plan import charges_in, deducts, plan_terms
from schemas.dues.timeline import Timeline
from schemas.membership.situation import situation_on
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import LineKind
from tests.builders import BOOK, TODAY
from tests.counting import calls_of
from tests.dues.lives import A, B, hides, leave, life, works, yes
from tests.dues.simple import nav_deducts, outcome, simple_charge, simple_deducts, simple_terms
from tests.dues.test_any_facts import FIRST, after, books, lives


@settings(deadline=None, max_examples=400)
@given(lives(), books)
def test_the_terms_are_those_of_the_simple_definition(facts, book):
    """Whatever was reported, however late, in whatever order (A31)."""
    assert outcome(plan_terms, facts, book) == outcome(simple_terms, facts, book)


@settings(deadline=None, max_examples=200)
@given(lives(), books, st.sampled_from(LineKind), st.integers(0, 39), st.integers(0, 1200))
def test_a_month_and_the_deduction_are_those_of_the_terms(facts, book, kind, month, today):
    """What one month is charged, and whether the employer deducts today."""
    first = months_before(FIRST, -month)
    charge = charges_in(facts, book, first).get(kind)
    assert charge == simple_charge(facts, book, kind, first)
    day = after(today)
    if not nav_deducts(facts, book, day):
        assert deducts(facts, book, day) == simple_deducts(facts, book, day)


@settings(deadline=None, max_examples=200)
@given(lives(), books, st.lists(st.integers(0, 1400), min_size=1, max_size=12))
def test_the_situation_is_that_of_the_day_alone(facts, book, days):
    """For days and months that go on, one after another."""
    timeline = Timeline(facts, book)
    for count in sorted(days):
        day = max(after(count), facts.since)
        month = day.replace(day=1)
        assert timeline.situation_on(day, known_for=month) == situation_on(
            facts, book, day, known_for=month
        )


def busy(changes):
    """Return a life with so many changes, three days apart."""
    notices = []
    for number in range(changes):
        day = TODAY + timedelta(days=2 + 3 * number)
        late = day + timedelta(days=200) if number % 5 == 0 else TODAY
        notices.append(
            (
                works(day, str(20 + number % 70), employer=(A, B)[number % 3 == 0], recorded=late),
                leave(day, day + timedelta(days=1), recorded=late),
                hides(day, hidden=number % 8 == 2, recorded=late),
                works(day, str(30 + number % 50), recorded=late),
            )[number % 4]
        )
    words = tuple(yes(months_before(TODAY, -1 - number % 40)) for number in range(changes))
    return life(*notices, payers=words)


def test_a_life_of_many_changes_takes_as_long_as_it_is():
    """Four times the changes take about four times as much: sixteen at the square of them."""
    few, many = (busy(changes) for changes in (200, 800))
    assert calls_of(lambda: plan_terms(many, BOOK)) / calls_of(lambda: plan_terms(few, BOOK)) < 10
