"""Until when the bank takes claims and cancellations (P9); every number is a policy."""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.pricing.rulebook import Policies
from schemas.shared.calendar import PUBLIC_HOLIDAYS, bank_day_from, day_before, month_after


@dataclass(frozen=True)
class Deadlines:
    """What a file of a day can still tell the bank.

    Attributes:
        earliest: the first day on which the bank takes what it claims.
        latest: the last one.
        bank_from: from this due date on the bank notifies; None: it is not asked to.
        cancel_from: claims due from this day on can be cancelled.
        refused_before: of claims due before this day the bank has told whether it collected them.
    """

    earliest: date
    latest: date
    bank_from: date | None
    cancel_from: date
    refused_before: date


def deadlines(today: date, policies: Policies) -> Deadlines:
    """Return what a file made on a day can tell, whatever the hour it is sent at.

    Files that come after 14:00, or on a day without settlement, are taken on the next bank day.

    Args:
        today: the day the file is made.
        policies: in force on it.

    Source: P9.
    """
    taken_on = bank_day_from(today + timedelta(days=1))
    return Deadlines(
        earliest=bank_day_from(_days_after(taken_on, policies.claim_days)),
        latest=taken_on + timedelta(days=policies.claim_ahead_days),
        bank_from=_bank_from(taken_on, policies),
        cancel_from=taken_on + timedelta(days=policies.claim_cancel_days),
        refused_before=_days_before(today, policies.claim_wait_days),
    )


def _days_after(day: date, count: int) -> date:
    """Return the ``count``-th calendar day after a day; public holidays don't count."""
    while count:
        day += timedelta(days=1)
        count -= day not in PUBLIC_HOLIDAYS
    return day


def _days_before(day: date, count: int) -> date:
    """Return the ``count``-th calendar day before a day; public holidays don't count.

    What is taken on the day before Easter the bank tells of six days later.
    """
    while count:
        day -= timedelta(days=1)
        count -= day not in PUBLIC_HOLIDAYS
    return day


def _bank_from(taken_on: date, policies: Policies) -> date | None:
    """Return the first due date that the bank tells members of, if it is asked to."""
    if policies.claim_notice == "own":
        return None
    return month_after(taken_on).replace(day=policies.claim_notice_day)


def issued_since(today: date) -> date:
    """Return from when on invoices are looked at: older ones have been given back long ago."""
    return day_before(today) - timedelta(days=2 * 366)
