"""What one person was charged twice is given back once, and charged again if they are two (N9)."""

from datetime import date

import pytest

from activities.persons.merging import MergeOrder, merge, unmerge
from schemas.shared.vocabulary import Cadence, Outcome, Stage
from tests.dues.making import charge, charged, joins, replanned, term
from tests.membership.making import decision, standing

OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (10, 11, 12))
JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)
ON = date(2026, 11, 20)
SAYS = {"caseworker": "ola", "reason": "Samme person"}


async def merged(pool, person, other, keep=None, on=ON):
    """Merge two members' persons, and return what it did."""
    async with pool.acquire() as connection, connection.transaction():
        return await merge(connection, MergeOrder(person, other, keep, on), **SAYS)


async def ends_as_duplicate(persistence, membership_id, until):
    """The membership ends, as its workflow records it once it has been told."""
    over = standing(Stage.ENDED, outcome=Outcome.DUPLICATE)
    terms = (term().model_copy(update={"valid_to": until}),)
    await persistence.record_decision(
        decision(3, membership_id, decided_on=ON, standing=over, terms=terms)
    )


async def two_of_one(persistence, dues):
    """Let one person be two members, each charged for October and November."""
    two = [await joins(persistence, terms=(term(),)) for _ in range(2)]
    for month in ("2026-10", "2026-11"):
        await charge(dues, month)
    return two


async def explained(pool, membership_id):
    """Return what was given back: month, reason and amounts."""
    rows = await pool.fetch(
        "SELECT period_from, reason, was_ore, is_ore FROM corrections WHERE membership_id = $1 "
        "ORDER BY charged_in, period_from",
        membership_id,
    )
    return [tuple(row) for row in rows]


async def test_months_charged_twice_are_given_back_once(pool, persistence, dues):
    """October and November on both: 2 x 495.00 come back on the one that ends, and no more."""
    stays, goes = await two_of_one(persistence, dues)
    plan = await merged(pool, stays, goes, keep=stays)
    assert (plan.goes_on, plan.ends) == (stays, goes)
    assert [(each.period_from, each.amount_ore) for each in plan.double_charges] == [
        (OCTOBER, 49500),
        (NOVEMBER, 49500),
    ]
    await ends_as_duplicate(persistence, goes, DECEMBER)
    for month in ("2026-12", "2027-01", "2027-02"):
        await charge(dues, month)
        await charge(dues, month)
    assert await explained(pool, goes) == [
        (OCTOBER, "merged", 49500, 0),
        (NOVEMBER, "merged", 49500, 0),
    ]
    assert await charged(pool, goes, DECEMBER) == {"correction": -99000}
    kept = [await charged(pool, stays, day) for day in (OCTOBER, NOVEMBER, DECEMBER, JANUARY)]
    assert kept == [{"central_dues": 49500}] * 4
    assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0


async def test_what_came_back_on_the_one_is_not_given_back_on_the_other(pool, persistence, dues):
    """November of the one that stays had come back: 495.00 of October alone were charged twice."""
    stays, goes = await two_of_one(persistence, dues)
    free = (
        term().model_copy(update={"valid_to": NOVEMBER}),
        term(0, valid_from=NOVEMBER).model_copy(update={"valid_to": DECEMBER}),
        term(valid_from=DECEMBER),
    )
    await persistence.record_decision(replanned(stays, 3, *free))
    await charge(dues, "2026-12")
    plan = await merged(pool, stays, goes, keep=stays, on=date(2026, 12, 20))
    found = [(each.period_from, each.amount_ore) for each in plan.double_charges]
    assert found == [(OCTOBER, 49500), (DECEMBER, 49500)]


async def test_only_what_is_left_of_a_month_is_given_back(pool, persistence, dues):
    """November had become half: 247.50 are what was charged twice of it."""
    stays, goes = await two_of_one(persistence, dues)
    october = term().model_copy(update={"valid_to": NOVEMBER})
    await persistence.record_decision(replanned(goes, 3, october, term(24750, valid_from=NOVEMBER)))
    await charge(dues, "2026-12")
    plan = await merged(pool, stays, goes, keep=stays, on=date(2026, 12, 20))
    found = [(each.period_from, each.amount_ore) for each in plan.double_charges]
    assert found == [(OCTOBER, 49500), (NOVEMBER, 24750), (DECEMBER, 24750)]


async def test_a_month_one_was_not_charged_is_charged_when_they_are_two_again(
    pool, persistence, dues
):
    """One person for December: 495.00 for the one, and as much for the other once they are two.

    October and November came back, and are charged again: 4 x 495.00 for each, October to January.
    """
    stays, goes = await two_of_one(persistence, dues)
    await merged(pool, stays, goes, keep=stays)
    await charge(dues, "2026-12")
    async with pool.acquire() as connection, connection.transaction():
        await unmerge(connection, goes, today=date(2026, 12, 10), **SAYS)
    for month in ("2027-01", "2027-02"):
        await charge(dues, month)
    rows = await pool.fetch(
        "SELECT sum(amount_ore)::bigint AS ore FROM charges WHERE period_from < $1 "
        "GROUP BY membership_id",
        FEBRUARY,
    )
    assert [row["ore"] for row in rows] == [4 * 49500] * 2


async def test_it_reaches_back_as_far_as_the_mistake(pool, persistence, dues):
    """A31 bounds what members report late; being charged twice was no fault of theirs."""
    stays, goes = await two_of_one(persistence, dues)
    for month in ("2026-12", "2027-01", "2027-02", "2027-03", "2027-04"):
        await charge(dues, month)
    await merged(pool, stays, goes, keep=stays, on=date(2027, 4, 20))
    await charge(dues, "2027-05")
    back = await charged(pool, goes, date(2027, 5, 1))
    # October to April are seven months.
    assert back["correction"] == -7 * 49500


async def test_a_merge_that_was_undone_is_charged_again(pool, persistence, dues):
    """Given back in December, charged again in January: in all each has paid for its months."""
    stays, goes = await two_of_one(persistence, dues)
    await merged(pool, stays, goes, keep=stays)
    await ends_as_duplicate(persistence, goes, DECEMBER)
    await charge(dues, "2026-12")
    async with pool.acquire() as connection, connection.transaction():
        await unmerge(connection, goes, today=date(2026, 12, 10), **SAYS)
    for month in ("2027-01", "2027-02"):
        await charge(dues, month)
    assert await charged(pool, goes, DECEMBER) == {"correction": -99000}
    assert await charged(pool, goes, JANUARY) == {"correction": 99000}
    assert await charged(pool, goes, FEBRUARY) == {}


async def test_undone_before_the_run_nothing_is_given_back(pool, persistence, dues):
    """A merge that held from one day to the next leaves no line."""
    stays, goes = await two_of_one(persistence, dues)
    await merged(pool, stays, goes, keep=stays)
    async with pool.acquire() as connection, connection.transaction():
        await unmerge(connection, goes, today=ON, **SAYS)
    await charge(dues, "2026-12")
    assert await pool.fetchval("SELECT count(*) FROM corrections") == 0
    assert await charged(pool, goes, DECEMBER) == {"central_dues": 49500}


async def test_late_facts_give_nothing_back_twice(pool, persistence, dues):
    """Half dues reported late: 247.50 of November had been given back with the whole month.

    495.00 charged - 495.00 merged - 247.50 reassessed leaves 247.50 given back too much, which the
    next run takes back: in all the month has cost nothing.
    """
    stays, goes = await two_of_one(persistence, dues)
    await merged(pool, stays, goes, keep=stays)
    await charge(dues, "2026-12")
    half = term(24750, valid_from=NOVEMBER)
    october = term().model_copy(update={"valid_to": NOVEMBER})
    await persistence.record_decision(
        replanned(goes, 3, october, half).model_copy(update={"decided_on": date(2026, 12, 20)})
    )
    for month in ("2027-01", "2027-02", "2027-03"):
        await charge(dues, month)
    lines = [line for line in await explained(pool, goes) if line[0] == NOVEMBER]
    assert sum(is_ - was for _month, _reason, was, is_ in lines) == -49500


async def test_a_former_membership_gives_back_the_month_of_the_return(pool, persistence, dues):
    """Left in November and came back as somebody else: the old one gives November back."""
    old, new = await two_of_one(persistence, dues)
    left = standing(Stage.ENDED, outcome=Outcome.RESIGNED)
    until = (term().model_copy(update={"valid_to": DECEMBER}),)
    await persistence.record_decision(decision(3, old, decided_on=ON, standing=left, terms=until))
    plan = await merged(pool, old, new)
    assert (plan.goes_on, plan.ends) == (None, None)
    assert {each.membership_id for each in plan.double_charges} == {old}


def fee(ore, begins=JANUARY, *, whole=False):
    """A year's fee, of which the months that are left of the first year are charged (A13)."""
    return term(ore, cadence=Cadence.YEARLY, valid_from=begins, prorated=not whole)


APRIL, JULY = date(2027, 4, 1), date(2027, 7, 1)
MONTHLY = term(valid_from=APRIL)

# The terms of the one that goes on and of the one that ends, the month of the merge, whether the
# first of them goes on, and what is given back for which month.
FEES = {
    # April to December are nine months of twelve: 9 x 50.00; January to March stay, 150.00.
    "a pensioner who works again": (MONTHLY, fee(60000), 4, True, (JANUARY, 45000)),
    "a student's fee is whole, and so it comes back": (
        MONTHLY,
        fee(30000, whole=True),
        4,
        True,
        (JANUARY, 30000),
    ),
    # Both have left, and only April was charged twice.
    "only what was charged": (MONTHLY, fee(60000), 4, False, (JANUARY, 5000)),
    # From July on 6 x 50.00 were charged, all of them beside months.
    "a fee that began within the year": (
        term(valid_from=JULY),
        fee(60000, JULY),
        7,
        True,
        (JULY, 30000),
    ),
    # 600.00 for the year, and 300.00 for July to December.
    "the earlier of two fees": (fee(60000, JULY), fee(60000), 7, True, (JANUARY, 30000)),
    "the later of two fees": (fee(60000), fee(60000, JULY), 7, True, (JULY, 30000)),
    "a month beside a fee": (fee(60000), MONTHLY, 4, True, (APRIL, 49500)),
}


@pytest.mark.parametrize("case", FEES)
async def test_a_fee_beside_months_is_divided(pool, persistence, dues, case):
    """N9, A13: what was paid twice comes back, however charged; parted, it is owed again."""
    kept, ended, month, goes_on, back = FEES[case]
    stays, goes = [await joins(persistence, terms=(each,)) for each in (kept, ended)]
    left = {stays: Outcome.RESIGNED, goes: Outcome.DUPLICATE}
    for period in ("2027-01", f"2027-{month:02d}"):
        await charge(dues, period)
    if not goes_on:
        for each in (stays, goes):
            await persistence.record_decision(
                decision(3, each, standing=standing(Stage.ENDED, outcome=left[each]))
            )
    on = date(2027, month, 20)
    plan = await merged(pool, stays, goes, keep=stays if goes_on else None, on=on)
    assert [(each.period_from, each.amount_ore) for each in plan.double_charges] == [back]
    # Only the later months of the year are looked at: the one that stays is charged as before.
    await charge(dues, f"2027-{month + 1:02d}")
    await charge(dues, f"2027-{month + 1:02d}")
    lines = await explained(pool, goes)
    assert [(line[0], line[1], line[2] - line[3]) for line in lines] == [
        (back[0], "merged", back[1])
    ]
    async with pool.acquire() as connection, connection.transaction():
        await unmerge(connection, goes, today=on, **SAYS)
    await charge(dues, f"2027-{month + 2:02d}")
    assert sum(line[3] - line[2] for line in await explained(pool, goes)) == 0
    assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0
