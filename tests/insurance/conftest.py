"""The members of the insurance office's tests."""

from datetime import date

import pytest

from schemas.shared.vocabulary import Category, Outcome
from tests.dues.lives import becomes, ends, life
from tests.dues.making import joins
from tests.insurance.making import DECEMBER, SINCE, covered


@pytest.fixture
async def members(persistence, pool):
    """One of each: open, hidden, a student since December, dead, without the package, reserved."""
    found = {
        "open": await joins(persistence, covered()),
        "hidden": await joins(persistence, covered(hidden=True)),
        "student": await joins(persistence, covered(becomes(DECEMBER, Category.STUDENT))),
        "dead": await joins(persistence, covered(ends(date(2026, 11, 14), Outcome.DECEASED))),
        "without": await joins(persistence, life(since=SINCE)),
        "reserved": await joins(persistence, life(since=SINCE)),
    }
    await pool.execute(
        "UPDATE memberships SET insurance_status = 'reserved', reserved_from = '2026-11-05' "
        "WHERE membership_id = $1",
        found["reserved"],
    )
    return found
