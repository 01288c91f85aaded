"""How long before it begins a rise is told. Source: A41."""

from datetime import date

from schemas.shared.calendar import month_after, months_before


def announced_by(dearer_from: date, notice_months: int) -> date:
    """Return the last day on which a rise may be told.

    Args:
        dearer_from: the first day of the first month in which somebody pays more.
        notice_months: by the policy of the day it was decided.

    Source: A41.
    """
    return months_before(dearer_from, notice_months)


def earliest_rise(told_on: date, notice_months: int) -> date:
    """Return the first coming month with which a rise told on a day may begin. Source: A41."""
    begun = told_on if told_on.day == 1 else month_after(told_on)
    return max(months_before(begun, -notice_months), month_after(told_on))
