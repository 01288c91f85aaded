"""Days, months, ages and Norwegian bank days."""

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.shared.calendar import (
    PUBLIC_HOLIDAYS,
    add_working_days,
    age_on,
    bank_day_from,
    birthday,
    first_day_of_period,
    first_of_month,
    is_bank_day,
    month_after,
    months_before,
    months_earlier,
    oslo_date,
    start_of,
)
from tests.clock import midnight_wait


def test_public_holidays_are_those_of_a_library_of_all_countries():
    """Every one of the years that the library knows, and no other; ours go on for a century."""
    assert set(holidays.country_holidays("NO", years=range(1990, 2101))) == {
        day for day in PUBLIC_HOLIDAYS if day.year < 2101
    }


@pytest.mark.parametrize(
    ("day", "bank_day"),
    [
        # Easter 2026: Sunday 5 April.
        pytest.param(date(2026, 4, 1), date(2026, 4, 1), id="Wednesday-before-Easter"),
        pytest.param(date(2026, 4, 2), date(2026, 4, 7), id="Maundy-Thursday"),
        pytest.param(date(2026, 4, 3), date(2026, 4, 7), id="Good-Friday"),
        pytest.param(date(2026, 4, 4), date(2026, 4, 7), id="Saturday"),
        pytest.param(date(2026, 4, 6), date(2026, 4, 7), id="Easter-Monday"),
        pytest.param(date(2026, 5, 1), date(2026, 5, 4), id="1-May-a-Friday"),
        pytest.param(date(2026, 5, 14), date(2026, 5, 15), id="Ascension"),
        pytest.param(date(2027, 5, 17), date(2027, 5, 18), id="17-May-also-Whit-Monday"),
        pytest.param(date(2028, 5, 17), date(2028, 5, 18), id="17-May-a-Wednesday"),
        pytest.param(date(2026, 5, 25), date(2026, 5, 26), id="Whit-Monday"),
        # Thursday the 24th, then Friday, Saturday and Sunday.
        pytest.param(date(2026, 12, 24), date(2026, 12, 28), id="Christmas-Eve-a-Thursday"),
        # Monday the 24th, Tuesday and Wednesday are holidays.
        pytest.param(date(2029, 12, 24), date(2029, 12, 27), id="Christmas-Eve-a-Monday"),
        pytest.param(date(2026, 12, 23), date(2026, 12, 23), id="the-day-before-it"),
        pytest.param(date(2026, 12, 31), date(2026, 12, 31), id="New-Years-Eve-settles"),
        # Christmas 2026: Friday, Saturday, then a Sunday.
        pytest.param(date(2026, 12, 25), date(2026, 12, 28), id="Christmas-Day"),
        pytest.param(date(2026, 12, 26), date(2026, 12, 28), id="26-December"),
        pytest.param(date(2027, 1, 1), date(2027, 1, 4), id="New-Year-a-Friday"),
        pytest.param(date(2026, 12, 7), date(2026, 12, 7), id="a-Monday"),
        pytest.param(date(2026, 12, 5), date(2026, 12, 7), id="a-Saturday"),
        pytest.param(date(2026, 12, 6), date(2026, 12, 7), id="a-Sunday"),
    ],
)
def test_a_due_date_moves_to_a_bank_day(day, bank_day):
    """Weekends, holidays and 24 December move it to the next bank day, never back (G2, P2)."""
    assert bank_day_from(day) == bank_day
    assert is_bank_day(bank_day)
    assert is_bank_day(day) is (day == bank_day)


def test_the_contracts_due_date():
    """22 November 2026 + 14 days is Sunday 6 December, so it is due on the 7th (A35)."""
    assert bank_day_from(date(2026, 11, 22) + timedelta(days=14)) == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param(date(2026, 11, 22), 3, date(2026, 11, 25), id="A33-from-a-Sunday"),
        pytest.param(date(2026, 11, 22), 10, date(2026, 12, 4), id="A33-escalation"),
        pytest.param(date(2026, 11, 20), 1, date(2026, 11, 23), id="Friday-to-Monday"),
        pytest.param(date(2026, 11, 20), 0, date(2026, 11, 20), id="none"),
        # Wed 1 April + 3: Easter off until Mon 6, then 7, 8, 9.
        pytest.param(date(2026, 4, 1), 3, date(2026, 4, 9), id="across-Easter"),
        # Wed 23 December + 3: 24, 28, 29; 25 is a holiday, 26 and 27 a weekend.
        pytest.param(date(2026, 12, 23), 3, date(2026, 12, 29), id="across-Christmas"),
        # 10 from 23 December: 24 28 29 30 31, 4 5 6 7 8 January (1 is a holiday).
        pytest.param(date(2026, 12, 23), 10, date(2027, 1, 8), id="across-New-Year"),
        # Thu 30 April + 1: Friday 1 May is a holiday.
        pytest.param(date(2026, 4, 30), 1, date(2026, 5, 4), id="across-1-May"),
        # Fri 14 May 2027 + 1: Monday 17 May is a holiday.
        pytest.param(date(2027, 5, 14), 1, date(2027, 5, 18), id="across-17-May"),
    ],
)
def test_working_days(day, count, expected):
    """The count-th working day after a day; 24 December is one, though no bank settles (A33)."""
    assert add_working_days(day, count) == expected


@pytest.mark.parametrize(
    ("born", "age", "day"),
    [
        (date(1986, 4, 12), 67, date(2053, 4, 12)),
        (date(1960, 2, 29), 67, date(2027, 3, 1)),  # A32
        (date(1960, 2, 29), 68, date(2028, 2, 29)),  # a leap year has the day
        (date(2000, 2, 29), 100, date(2100, 3, 1)),  # 2100 is none
        (date(1986, 4, 12), 0, date(1986, 4, 12)),
    ],
)
def test_birthdays(born, age, day):
    """Born on 29 February turns on 1 March in a common year (A32)."""
    assert birthday(born, age) == day


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2011, 11, 23), date(2026, 11, 22), 14),
        (date(2011, 11, 22), date(2026, 11, 22), 15),
        (date(1960, 2, 29), date(2027, 2, 28), 66),
        (date(1960, 2, 29), date(2027, 3, 1), 67),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
        (date(2026, 11, 23), date(2026, 11, 22), -1),
    ],
)
def test_ages(born, day, age):
    """A year is complete on the birthday itself (A32)."""
    assert age_on(born, day) == age


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_age_turns_on_the_birthday(born, age):
    """The day before the birthday is one year younger, leap days included (A32)."""
    turns = birthday(born, age)
    assert age_on(born, turns) == age
    assert age_on(born, turns - timedelta(days=1)) == age - 1


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), date(2026, 11, 22)),  # 23:59 in Oslo
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), date(2026, 11, 23)),  # midnight, UTC+1
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),  # midnight, UTC+2
    ],
)
def test_dates_are_oslos(moment, day):
    """A day begins at midnight in Europe/Oslo, summer and winter (G1)."""
    assert oslo_date(moment) == day


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (datetime(2026, 11, 22, 22, 59, 39, tzinfo=UTC), 0),  # 21 s before midnight in Oslo
        (datetime(2026, 11, 22, 22, 59, 45, tzinfo=UTC), 15),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), 0),
        (datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), 1),
    ],
)
def test_two_lives_are_compared_within_a_day(moment, seconds):
    """A test that would begin on one day and end on the next waits: it would have other dates."""
    assert midnight_wait(moment) == timedelta(seconds=seconds)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_day_begins_at_its_own_start(day):
    """The first moment belongs to the day, the one before to the day before, DST included."""
    start = start_of(day)
    assert oslo_date(start) == day
    assert oslo_date(start.astimezone(UTC) - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "first", "following"),
    [
        (date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 12, 1), date(2026, 12, 1), date(2027, 1, 1)),
        (date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
    ],
)
def test_months(day, first, following):
    """The first of the month and of the one after."""
    assert first_of_month(day) == first
    assert month_after(day) == following
    assert first_day_of_period(f"{day:%Y-%m}") == first


@pytest.mark.parametrize(
    ("day", "count", "month"),
    [
        (date(2027, 4, 30), 3, date(2027, 1, 1)),
        (date(2027, 3, 1), 3, date(2026, 12, 1)),
        (date(2027, 1, 15), 12, date(2026, 1, 1)),
        (date(2027, 1, 15), 13, date(2025, 12, 1)),
        (date(2027, 5, 9), 0, date(2027, 5, 1)),
        (date(2027, 12, 31), -1, date(2028, 1, 1)),
        (date(2026, 11, 22), -14, date(2028, 1, 1)),
    ],
)
def test_months_before(day, count, month):
    """The first of the month so many months before, or after (A29, A31)."""
    assert months_before(day, count) == month


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2029, 8, 20), 3, date(2029, 5, 20)),  # asked at 66 years and 9 months (A14)
        (date(2029, 2, 10), 3, date(2028, 11, 10)),
        (date(2029, 5, 31), 3, date(2029, 2, 28)),  # February has no 31st
        (date(2028, 5, 31), 3, date(2028, 2, 29)),
        (date(2029, 12, 31), 1, date(2029, 11, 30)),
        (date(2029, 8, 20), 0, date(2029, 8, 20)),
    ],
)
def test_months_earlier(day, count, expected):
    """The same day of an earlier month, or its last day (A14)."""
    assert months_earlier(day, count) == expected
