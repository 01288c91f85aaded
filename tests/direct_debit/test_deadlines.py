"""Until when the bank takes claims (P9), by tables with the arithmetic in comments."""

from datetime import date

import pytest

from schemas.direct_debit.deadlines import deadlines
from schemas.pricing.rulebook import Policies

BY_US = Policies(valid_from=date(1970, 1, 1))
BY_BANK = BY_US.model_copy(update={"claim_notice": "bank"})

EARLIEST = [
    # A Tuesday: taken on Wednesday 2, and 4 days are Sunday 6: on to Monday.
    (date(2026, 12, 1), date(2026, 12, 7)),
    # A Friday: taken on Monday 7, and 4 days are Friday 11.
    (date(2026, 12, 4), date(2026, 12, 11)),
    # Wednesday 23: the 24th does not settle, the next bank day is Monday 28; Thursday 29, 30, 31,
    # and the 1st is a holiday that does not count: Saturday 2, on to Monday 4.
    (date(2026, 12, 23), date(2027, 1, 4)),
    # Wednesday before Easter 2027: taken on Tuesday 30; 31, 1, 2, 3: Saturday, on to Monday 5.
    (date(2027, 3, 24), date(2027, 4, 5)),
]


@pytest.mark.parametrize(("today", "earliest"), EARLIEST)
def test_the_first_day_a_claim_can_be_due(today, earliest):
    """P9: 4 days from the bank day it is taken on, public holidays left out; a bank day."""
    assert deadlines(today, BY_US).earliest == earliest


def test_what_can_be_cancelled():
    """P9: Friday's file is taken on Monday 7, and a claim due on Tuesday 8 still stopped."""
    assert deadlines(date(2026, 12, 4), BY_US).cancel_from == date(2026, 12, 8)


NOTICE = [
    (BY_US, date(2026, 11, 27), None),
    # Taken on Monday 30 November, the last bank day of the month: from 15 December on.
    (BY_BANK, date(2026, 11, 27), date(2026, 12, 15)),
    # Taken on 1 December: from 15 January on.
    (BY_BANK, date(2026, 11, 30), date(2027, 1, 15)),
]


@pytest.mark.parametrize(("policies", "today", "day"), NOTICE)
def test_from_when_on_the_bank_notifies(policies, today, day):
    """P9: if it is asked to, of what it has by the last bank day of a month."""
    assert deadlines(today, policies).bank_from == day


def test_when_a_claim_was_refused():
    """P9: due on the 15th, nothing by the 20th: refused on the 21st."""
    assert deadlines(date(2026, 12, 20), BY_US).refused_before == date(2026, 12, 15)
    assert deadlines(date(2026, 12, 21), BY_US).refused_before == date(2026, 12, 16)


REFUSED = [
    # The Wednesday before Easter: the bank tells of it on Tuesday 30 at the earliest. Saturday 27,
    # 30, 31, 1 and 2 April are five days: refused on the 3rd, no day before.
    (date(2027, 3, 24), date(2027, 4, 2), date(2027, 4, 3)),
    # 23 December: 24, 27, 28, 29, 30.
    (date(2026, 12, 23), date(2026, 12, 30), date(2026, 12, 31)),
    # 14 May 2027, a Friday: 15, 16 and 17 with two holidays among them, and 18 to 20.
    (date(2027, 5, 14), date(2027, 5, 21), date(2027, 5, 22)),
]


@pytest.mark.parametrize(("due", "not_yet", "refused"), REFUSED)
def test_holidays_are_waited_for(due, not_yet, refused):
    """P9: nobody reads that the money has not come before the bank could tell of it."""
    assert not due < deadlines(not_yet, BY_US).refused_before
    assert due < deadlines(refused, BY_US).refused_before
