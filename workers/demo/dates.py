"""The sums with dates that the promises rest on.

They are done anew here, by hand as it were: a promise that asked the service's own calendar could
not contradict it.
"""

from datetime import date, timedelta


def after(day: date, days: int) -> date:
    """Return the day so many days later."""
    return day + timedelta(days=days)


def month_of(day: date, ahead: int = 0) -> date:
    """Return the first day of a day's month, or of one so many months ahead."""
    years, month = divmod(day.month - 1 + ahead, 12)
    return date(day.year + years, month + 1, 1)


def whole_month(day: date) -> date:
    """Return the first month that is whole when something begins on a day."""
    return day if day.day == 1 else month_of(day, 1)
