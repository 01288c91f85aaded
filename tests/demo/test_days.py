"""The demo's promises hold on whatever day, and at whatever moment, the story begins.

All of it is pure: a day costs a hundredth of a second, a long life five times that. Everybody of
the short cast begins on each of 2,922 days; the long life on a stride and on the days on which
something is special, and on all of them as well with MEDLEMSFLYT_DEMO_DAYS=all (`make days`).
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from schemas.shared.calendar import OSLO
from tests.demo.living import Living
from workers.demo.beginning import noon
from workers.demo.cast import cast
from workers.demo.lifetime import ingrid
from workers.demo.scenes import Person

YEARS = range(2026, 2034)
"""Eight, with two leap days."""

STRIDE = 1 if os.environ.get("MEDLEMSFLYT_DEMO_DAYS") == "all" else 97
"""Prime to weeks and years: in eight years it comes upon every month and every day of the week."""

A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)


def days(year: int) -> Iterator[date]:
    """Yield every day of a year."""
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += A_DAY


def last_sunday(year: int, month: int) -> date:
    """Return the day in March or October on which the clocks change."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def turns(year: int) -> set[date]:
    """Return the days around New Year, a leap day and both changes of the clock."""
    around = {last_sunday(year, 3), last_sunday(year, 10), date(year, 3, 1)}
    beside = {day + step * A_DAY for day in around for step in (-1, 0, 1)}
    return beside | {date(year, 1, 1), date(year, 12, 31)}


def around_midnight(day: date) -> Iterator[datetime]:
    """Yield a minute before and after the midnight that ends a day, in Oslo and in UTC."""
    for zone in (OSLO, UTC):
        midnight = datetime.combine(day + A_DAY, time(0), zone)
        yield midnight - A_MINUTE
        yield midnight + A_MINUTE


def check(person: Person, begins: datetime) -> None:
    """Check that somebody who begins at a moment ends as promised."""
    faults = Living(person, begins).faults()
    assert not faults, f"beginning at {begins.isoformat()}, {person.name}: {'; '.join(faults)}"


@pytest.mark.parametrize("year", YEARS)
def test_everybody_keeps_their_promise_from_every_day(year: int) -> None:
    """The whole cast but the long life ends by the rules, whatever day it begins on at noon."""
    for day in days(year):
        for person in cast(day):
            check(person, noon(day))


@pytest.mark.parametrize("year", YEARS)
def test_everybody_keeps_their_promise_around_midnight(year: int) -> None:
    """A minute before and after midnight, in Oslo and in UTC, on days that are special."""
    for special in sorted(turns(year)):
        for begins in around_midnight(special):
            for person in cast(begins.astimezone(OSLO).date()):
                check(person, begins)


@pytest.mark.parametrize("year", YEARS)
def test_the_long_life_keeps_its_promise(year: int) -> None:
    """From 20 to 80 from any day on: on a stride, and on all days that are special."""
    begun = (date(year, 1, 1) - date(YEARS[0], 1, 1)).days
    strides = {day for place, day in enumerate(days(year), start=begun) if place % STRIDE == 0}
    for day in sorted(turns(year) | strides):
        check(ingrid(day), noon(day))


@pytest.mark.parametrize("year", YEARS[2::3])
def test_the_long_life_keeps_its_promise_around_midnight(year: int) -> None:
    """New Year and the changes of the clock to the minute, in a leap year and in another."""
    for special in (date(year, 12, 31), last_sunday(year, 3), last_sunday(year, 10)):
        for begins in around_midnight(special):
            check(ingrid(begins.astimezone(OSLO).date()), begins)
