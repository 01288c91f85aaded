"""The demo's promises hold on whatever day, and at whatever moment, the story begins.

All of it is pure: a day costs a hundredth of a second, a long life five times that. Everybody
begins on a stride through eight years and on the days on which something is special, and with
MEDLEMSFLYT_DEMO_DAYS=all (`make days`) on each of 2,922 days.
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

ALL = os.environ.get("MEDLEMSFLYT_DEMO_DAYS") == "all"
SHORT_STRIDE, LONG_STRIDE = (1, 1) if ALL else (4, 97)
"""Prime to weeks and years: in eight years the long one comes upon every month and every day of the
week, the short one upon every date and upon every day of a month on every day of the week."""

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


def strides(year: int, stride: int) -> set[date]:
    """Return the days of a year that a stride through all the years comes upon."""
    begun = (date(year, 1, 1) - date(YEARS[0], 1, 1)).days
    return {day for place, day in enumerate(days(year), start=begun) if place % stride == 0}


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


def test_the_short_stride_leaves_no_date_and_no_weekday_out() -> None:
    """What it passes over is a year's day that it takes in another year."""
    taken = [day for year in YEARS for day in turns(year) | strides(year, SHORT_STRIDE)]
    assert {(day.month, day.day) for day in taken} == {(d.month, d.day) for d in days(2028)}
    assert len({(day.day, day.weekday()) for day in taken}) == 31 * 7


@pytest.mark.parametrize("year", YEARS)
def test_everybody_keeps_their_promise_from_every_day(year: int) -> None:
    """The whole cast but the long life ends by the rules, whatever day it begins on at noon."""
    for day in sorted(turns(year) | strides(year, SHORT_STRIDE)):
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
    for day in sorted(turns(year) | strides(year, LONG_STRIDE)):
        check(ingrid(day), noon(day))


@pytest.mark.parametrize("year", YEARS[2::3])
def test_the_long_life_keeps_its_promise_around_midnight(year: int) -> None:
    """New Year and the changes of the clock to the minute, in a leap year and in another."""
    for special in (date(year, 12, 31), last_sunday(year, 3), last_sunday(year, 10)):
        for begins in around_midnight(special):
            check(ingrid(begins.astimezone(OSLO).date()), begins)
