"""A rise is told a month before it begins: refused when decided too late, or announced too late.

495.00 is the whole, Oslo takes 50.00, the package costs 200.00, students pay 5 % (A41).
"""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.pricing.activities import Pricing
from activities.pricing.preview import preview
from activities.pricing.rate_changes import first_rise
from activities.pricing.rulebook_change import NotChanged
from schemas.pricing.contracts import Announcement, PriceChange, RepricingOrder
from schemas.pricing.differences import first_rise as first_dearer_month
from schemas.pricing.notice import announced_by, earliest_rise
from schemas.pricing.repricing import repriced
from tests.builders import rulebook
from tests.dues.lives import life
from tests.dues.making import joins
from workers.cli.pricing.reprice import approve
from workers.errors import UserError

JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)
LAST_DAY, TOO_LATE = date(2026, 12, 1), date(2026, 12, 2)


def change(effective_on: date = JANUARY, **values: object) -> PriceChange:
    """A change from January on, unless told."""
    return PriceChange.model_validate({"effective_on": effective_on, **values})


@pytest.mark.parametrize(
    ("dearer", "months", "by"),
    [
        (JANUARY, 1, LAST_DAY),
        (JANUARY, 0, JANUARY),
        (JANUARY, 2, date(2026, 11, 1)),
        (date(2027, 3, 1), 1, FEBRUARY),
        (JANUARY, 13, date(2025, 12, 1)),
    ],
)
def test_until_when_a_rise_is_told(dearer, months, by):
    """Whole months before it begins: until the first of the month before, with one."""
    assert announced_by(dearer, months) == by
    assert earliest_rise(by, months) >= dearer, "told on its last day it may begin"


@pytest.mark.parametrize(
    ("told", "months", "earliest"),
    [
        (LAST_DAY, 1, JANUARY),
        (TOO_LATE, 1, FEBRUARY),
        (date(2026, 12, 31), 1, FEBRUARY),
        (TOO_LATE, 3, date(2027, 4, 1)),
        # Without any notice a change begins with a coming month all the same (A26).
        (TOO_LATE, 0, JANUARY),
        (LAST_DAY, 0, JANUARY),
    ],
)
def test_when_a_rise_may_begin(told, months, earliest):
    """With the first month before which it has been told long enough."""
    assert earliest_rise(told, months) == earliest


def test_a_rise_is_any_month_that_comes_to_more():
    """A fall, and what stays, is none; one that comes back up is."""
    before = {date(2026, 1, 1): 100, FEBRUARY: 150}
    assert first_rise(before, {date(2026, 1, 1): 100, JANUARY: 90, FEBRUARY: 150}) is None
    assert first_rise(before, {date(2026, 1, 1): 100, JANUARY: 90, FEBRUARY: 151}) == FEBRUARY
    assert first_rise(before, {date(2026, 1, 1): 100, JANUARY: 120}) == JANUARY
    assert first_rise({}, {JANUARY: 1}) == JANUARY


def test_rules_make_a_month_dearer_for_some():
    """40 percent at most 30: the whole from January. At most 60: nobody pays more (S5)."""
    before, half = rulebook(), life(percent="40")
    for at_most, dearer in (("30", JANUARY), ("60", None)):
        rates = before.dues[-1].model_copy(
            update={"valid_from": JANUARY, "half_at_most_percent": Decimal(at_most)}
        )
        after = before.model_copy(update={"dues": (*before.dues, rates)})
        assert repriced(half, before, after, JANUARY).dearer_from == dearer
    assert first_dearer_month((), ()) is None


DEARER: tuple[dict[str, Any], ...] = (
    {"full_central_ore": 49501},
    {"premium_ore": 20001},
    {"branches": [{"code": "OSLO", "local_ore": 5001}]},
    {"branches": [{"code": "BERGEN", "halves": False}]},
    {"half_percent": "51"},
    {"student_percent": "6"},
    {"full_central_ore": 49501, "premium_ore": 1},
)
CHEAPER: tuple[dict[str, Any], ...] = (
    {"full_central_ore": 49499},
    {"premium_ore": 0},
    {"branches": [{"code": "OSLO", "local_ore": 0}]},
    {"policies": {"notice_months": 2}},
    {"half_at_most_percent": "60"},
)


async def test_a_rise_needs_notice_and_a_fall_none(pool, persistence):
    """Each price, by the day that it is decided on; the sentence says the earliest month."""
    await joins(persistence, life(percent="40", branch="BERGEN"))
    says = (
        r"a rise is told a month before it begins \(A41\): told on 2026-12-02 it begins with "
        "2027-02-01 at the earliest, and this one with 2027-01-01"
    )
    for values in (*DEARER, {"half_at_most_percent": "30"}):
        with pytest.raises(NotChanged, match=says):
            await preview(pool, change(**values), today=TOO_LATE)
        found = await preview(pool, change(**values), today=LAST_DAY)
        assert (found.dearer_from, found.announce_by) == (JANUARY, LAST_DAY), values
    for values in CHEAPER:
        found = await preview(pool, change(**values), today=TOO_LATE)
        assert (found.dearer_from, found.announce_by) == (None, None), values


async def approved(pool: asyncpg.Pool, wanted: PriceChange, today: date, **how: bool) -> str:
    """Approve a change, and return the version it makes."""
    return await approve(pool, wanted, by="kongressen", today=today, **how)


async def test_it_is_measured_by_what_was_laid_down_before(pool):
    """520 was told in time: 510 in its place may come late, 530 may not; the same again may."""
    dearer = change(full_central_ore=52000)
    await approved(pool, dearer, LAST_DAY)
    await approved(pool, dearer, TOO_LATE)
    with pytest.raises(UserError, match="a rise is told a month before"):
        await approved(pool, change(full_central_ore=53000), TOO_LATE, replace=True)
    await approved(pool, change(full_central_ore=51000), TOO_LATE, replace=True)


async def test_how_long_before_is_a_policy(pool):
    """Of the day of the decision: a change does not shorten its own notice."""
    at_once = change(full_central_ore=52000, policies={"price_notice_months": 0})
    with pytest.raises(NotChanged, match="a rise is told a month before"):
        await preview(pool, at_once, today=TOO_LATE)
    for months, earliest in ((3, date(2027, 4, 1)), (0, JANUARY)):
        await pool.execute(
            "UPDATE policies SET value = $1 WHERE name = 'price_notice_months'", months
        )
        found = await preview(pool, change(earliest, full_central_ore=52000), today=TOO_LATE)
        assert found.new
    with pytest.raises(NotChanged, match="begins with 2027-01-01 at the earliest"):
        await preview(pool, change(date(2026, 12, 1), full_central_ore=52000), today=TOO_LATE)


async def test_an_approval_that_is_announced_too_late_is_refused(pool, persistence):
    """No letter says too late that something is dearer: the caseworkers hear of it, once."""
    await joins(persistence, life(since=date(2026, 10, 14)))
    version = await approved(pool, change(full_central_ore=52000), date(2026, 11, 23))
    order = RepricingOrder(effective_on=JANUARY, rulebook=version)
    pricing = Pricing(pool, client=None)  # type: ignore[arg-type]

    async def announce(today: date) -> int:
        said = await ActivityEnvironment().run(
            pricing.announce_prices, Announcement(order=order, today=today)
        )
        return said.letters

    for _ in range(2):
        with pytest.raises(ApplicationError, match=r"were to be announced by 2026-12-01 \(A41\)"):
            await announce(TOO_LATE)
    assert await pool.fetchval("SELECT count(*) FROM letters WHERE batch IS NOT NULL") == 0
    [says] = [row["says"] for row in await pool.fetch("SELECT says FROM tasks")]
    assert "They are out of the rulebook again" in says
    # What held goes on, and nothing is in the way of a later day.
    assert await pool.fetchval("SELECT max(full_central_ore) FROM dues_rates") == 49500
    assert await rate_in(pool, JANUARY) == 49500
    later = await approved(pool, change(FEBRUARY, full_central_ore=52000), TOO_LATE)
    assert later != version
    assert (await rate_in(pool, JANUARY), await rate_in(pool, FEBRUARY)) == (49500, 52000)


async def rate_in(pool, month):
    """What central dues come to in a month."""
    return await pool.fetchval("SELECT rate_in('central.full', $1)", month)


async def test_what_was_told_of_the_day_before_stays(pool, persistence):
    """510.00 was told in time, 520.00 in its place was not: 510.00 it is."""
    await joins(persistence, life(since=date(2026, 10, 14)))
    pricing = Pricing(pool, client=None)  # type: ignore[arg-type]
    for ore, decided, told in ((51000, 23, LAST_DAY), (52000, 24, TOO_LATE)):
        version = await approved(
            pool, change(full_central_ore=ore), date(2026, 11, decided), replace=ore == 52000
        )
        order = RepricingOrder(effective_on=JANUARY, rulebook=version)
        say = Announcement(order=order, today=told)
        if told == LAST_DAY:
            said = await ActivityEnvironment().run(pricing.announce_prices, say)
            assert said.letters == 1
            again = Announcement(order=order, today=TOO_LATE)
            said = await ActivityEnvironment().run(pricing.announce_prices, again)
            assert said.letters == 0, "what was announced in time may be looked at again"
        else:
            with pytest.raises(ApplicationError, match="out of the rulebook again"):
                await ActivityEnvironment().run(pricing.announce_prices, say)
    assert await rate_in(pool, JANUARY) == 51000


async def test_what_has_begun_stands(pool, persistence):
    """Nobody was told before it began: what is charged by it stands, and a person decides."""
    await joins(persistence, life(since=date(2026, 10, 14)))
    version = await approved(pool, change(full_central_ore=52000), date(2026, 11, 23))
    order = RepricingOrder(effective_on=JANUARY, rulebook=version)
    pricing = Pricing(pool, client=None)  # type: ignore[arg-type]
    with pytest.raises(ApplicationError, match="They hold since then"):
        await ActivityEnvironment().run(
            pricing.announce_prices, Announcement(order=order, today=JANUARY)
        )
    assert await rate_in(pool, JANUARY) == 52000


async def test_what_was_told_too_late_twice_over_is_out(pool, persistence):
    """520.00 in the place of 510.00, neither told in time: 495.00 it is, in either order."""
    await joins(persistence, life(since=date(2026, 10, 14)))
    pricing = Pricing(pool, client=None)  # type: ignore[arg-type]
    for turned, month, told in ((False, JANUARY, TOO_LATE), (True, FEBRUARY, date(2027, 1, 2))):
        versions = [
            await approved(
                pool, change(month, full_central_ore=ore), date(2026, 11, 23), replace=True
            )
            for ore in (51000, 52000)
        ]
        for version in reversed(versions) if turned else versions:
            order = RepricingOrder(effective_on=month, rulebook=version)
            late = Announcement(order=order, today=told)
            for _ in range(2):
                with pytest.raises(ApplicationError, match="out of the rulebook again"):
                    await ActivityEnvironment().run(pricing.announce_prices, late)
        assert await rate_in(pool, month) == 49500


async def test_a_function_of_the_owner_takes_out_no_more(pool):
    """Who may call it can take out what is late and what a change wrote into the rulebook."""
    version = await approved(pool, change(full_central_ore=52000), date(2026, 11, 23))
    take = "SELECT take_out_prices($1, $2, $3)"
    assert not await pool.fetchval(take, JANUARY, version, LAST_DAY)
    assert not await pool.fetchval(take, JANUARY, "0f" * 32, TOO_LATE)
    await pool.execute(
        "INSERT INTO repricings SELECT $1, $2, change, approved_by, approved_on, rates, $3,"
        ' \'[{"laid_in": "tax_caps", "key": "", "is": {}}]\''
        " FROM repricings",
        FEBRUARY,
        "0f" * 32,
        LAST_DAY,
    )
    caps = await pool.fetchval("SELECT count(*) FROM tax_caps")
    assert await pool.fetchval(take, FEBRUARY, "0f" * 32, TOO_LATE)
    assert await pool.fetchval("SELECT count(*) FROM tax_caps") == caps > 0


async def test_no_approval_lies_behind_its_last_day(pool):
    """The database refuses what is approved after the day it had to be told by."""
    with pytest.raises(asyncpg.CheckViolationError, match="repricings_in_time"):
        await pool.execute(
            "INSERT INTO repricings (effective_on, rulebook_version, change, approved_by,"
            " approved_on, announce_by) VALUES ($1, $2, '{}', 'kongressen', $3, $4)",
            FEBRUARY,
            "0f" * 32,
            date(2027, 1, 2),
            JANUARY,
        )
