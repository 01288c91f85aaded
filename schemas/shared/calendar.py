"""Days, months, ages and Norwegian bank days."""

from calendar import isleap
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.easter import easter

OSLO = ZoneInfo("Europe/Oslo")


def oslo_date(moment: datetime) -> date:
    """Return the calendar date in Europe/Oslo at an aware moment."""
    return moment.astimezone(OSLO).date()


def start_of(day: date) -> datetime:
    """Return the first moment of a date in Europe/Oslo, aware."""
    return datetime(day.year, day.month, day.day, tzinfo=OSLO)


def first_of_month(day: date) -> date:
    """Return the first day of a date's month."""
    return day.replace(day=1)


def day_before(day: date) -> date:
    """Return the day before a date."""
    return day - timedelta(days=1)


def month_after(day: date) -> date:
    """Return the first day of the month after a date's."""
    return (first_of_month(day) + timedelta(days=32)).replace(day=1)


def months_before(day: date, count: int) -> date:
    """Return the first day of the month ``count`` months before a date's; negative: after."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def months_earlier(day: date, count: int) -> date:
    """Return the same day of the month ``count`` months earlier, or that month's last day."""
    month = months_before(day, count)
    last = months_before(month, -1) - timedelta(days=1)
    return month.replace(day=min(day.day, last.day))


def first_day_of_period(period: str) -> date:
    """Return the first day of ``YYYY-MM``."""
    return date.fromisoformat(f"{period}-01")


def birthday(born: date, age: int) -> date:
    """Return the day somebody turns ``age``; born 29 February turns on 1 March. Source: A32."""
    year = born.year + age
    if (born.month, born.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return born.replace(year=year)


def age_on(born: date, day: date) -> int:
    """Return the completed years of age on a day. Source: A32."""
    years = day.year - born.year
    return years if birthday(born, years) <= day else years - 1


_YEARLY = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
_FROM_EASTER = (-3, -2, 0, 1, 39, 49, 50)
"""Maundy Thursday, Good Friday, Easter, Ascension Day and Whitsun, in days from Easter Sunday."""


def _public_holidays(year: int) -> Iterator[date]:
    """Yield the days of the acts on public holidays (24 February 1995) and on 1 and 17 May (1947).

    As in the library ``holidays``, which reads 250 other countries first: a fifth of a second in
    every process there is.
    """
    yield from (date(year, month, day) for month, day in _YEARLY)
    yield from (easter(year) + timedelta(days=days) for days in _FROM_EASTER)


PUBLIC_HOLIDAYS = frozenset(day for year in range(1990, 2201) for day in _public_holidays(year))


def is_working_day(day: date) -> bool:
    """Tell whether offices are open on a day: no weekend, no public holiday. Source: A33."""
    return day.weekday() < 5 and day not in PUBLIC_HOLIDAYS


def is_bank_day(day: date) -> bool:
    """Tell whether Norges Bank settles on a day: a working day other than 24 December.

    Source: G2, P2.
    """
    return is_working_day(day) and (day.month, day.day) != (12, 24)


def bank_day_from(day: date) -> date:
    """Return the day itself when it is a bank day, else the next one."""
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """Return the ``count``-th working day after a day. Source: A33."""
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    return day
