"""Invariant 10: a person-month is charged once, whatever memberships there are."""

from datetime import date

import pytest

from schemas.dues.plan import plan_terms
from schemas.shared.vocabulary import Cadence, Category, Outcome, Stage
from tests.builders import BOOK
from tests.dues.leading import comes_back
from tests.dues.lives import ends, life
from tests.dues.making import charge, charged, joins, term
from tests.membership.making import decision, standing

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)
DECEMBER = date(2026, 12, 1)
JANUARY = date(2027, 1, 1)
STUDY = {"category": Category.STUDENT, "percent": None, "employer": None}


async def one_person(pool, first, second):
    """Let two memberships be one person's."""
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        first,
        second,
    )


async def leaves(persistence, membership_id, *terms):
    """The membership ends, and what it is charged for with it."""
    left = standing(Stage.ENDED, outcome=Outcome.RESIGNED)
    await persistence.record_decision(
        decision(3, membership_id, decided_on=date(2026, 11, 20), standing=left, terms=terms)
    )


async def test_the_month_of_the_return_is_charged_to_one_of_them(pool, persistence, dues):
    """Left and came back in November: November once, and December to the new membership.

    495.00 for October and November to the old one, 495.00 for December to the new one; that the new
    terms count November as well is put right by no correction.
    """
    old = await joins(persistence, terms=(term(),))
    for month in ("2026-10", "2026-11"):
        await charge(dues, month)
    await leaves(persistence, old, term().model_copy(update={"valid_to": DECEMBER}))
    new = await joins(persistence, terms=(term(valid_from=NOVEMBER),))
    await one_person(pool, old, new)
    again, _ = await charge(dues, "2026-11", today=date(2026, 11, 25))
    assert again.new_charges == 0
    report, _ = await charge(dues, "2026-12")
    assert report.quarantined == ()
    await charge(dues, "2027-01")
    assert {month: await charged(pool, old, month) for month in (OCTOBER, NOVEMBER, DECEMBER)} == {
        OCTOBER: {"central_dues": 49500},
        NOVEMBER: {"central_dues": 49500},
        DECEMBER: {},
    }
    assert {month: await charged(pool, new, month) for month in (NOVEMBER, DECEMBER, JANUARY)} == {
        NOVEMBER: {},
        DECEMBER: {"central_dues": 49500},
        JANUARY: {"central_dues": 49500},
    }
    assert await pool.fetchval("SELECT count(*) FROM corrections") == 0


async def net(pool, membership_id):
    """Return what months were charged in the end, corrections counted where they belong."""
    rows = await pool.fetch(
        "SELECT period_from, sum(amount_ore)::bigint AS ore FROM ("
        " SELECT period_from, amount_ore FROM charges"
        " WHERE membership_id = $1 AND kind <> 'correction' UNION ALL"
        " SELECT period_from, amount_ore FROM corrections WHERE membership_id = $1) AS lines "
        "GROUP BY period_from HAVING sum(amount_ore) <> 0 ORDER BY period_from",
        membership_id,
    )
    return {row["period_from"]: row["ore"] for row in rows}


async def test_a_month_that_comes_back_is_charged_to_the_next_membership(pool, persistence, dues):
    """Told on 20 November to have left in October, back on the 25th: November is the new one's.

    The old one is charged 2 x 495.00 and gets November back with December's run. The new one could
    not be invoiced for it, as it was charged then: January's run adds 495.00 as a correction, and
    no later one does anything. October, November, December, January, February: five times 495.00.
    """
    old = await joins(persistence, terms=(term(),))
    for month in ("2026-10", "2026-11"):
        await charge(dues, month)
    await leaves(persistence, old, term().model_copy(update={"valid_to": NOVEMBER}))
    new = await joins(persistence, terms=(term(valid_from=NOVEMBER),))
    await one_person(pool, old, new)
    for month in ("2026-11", "2026-12", "2027-01", "2027-01", "2027-02"):
        report, _ = await charge(dues, month)
        assert report.quarantined == ()
    assert await net(pool, old) == {OCTOBER: 49500}
    later = (NOVEMBER, DECEMBER, JANUARY, date(2027, 2, 1))
    assert await net(pool, new) == dict.fromkeys(later, 49500)
    assert await charged(pool, new, JANUARY) == {"central_dues": 49500, "correction": 49500}
    assert await pool.fetchval("SELECT count(*) FROM reassessments") == 0


async def test_two_at_once_are_charged_once(pool, persistence, dues):
    """Two living memberships of one person in one page: one is charged, the rest goes on."""
    members = [await joins(persistence, terms=(term(),)) for _ in range(3)]
    await one_person(pool, members[0], members[2])
    report, _ = await charge(dues, "2026-10")
    assert report.new_charges == 2
    lines = [await charged(pool, member, OCTOBER) for member in members]
    assert lines == [{"central_dues": 49500}, {"central_dues": 49500}, {}]


async def test_a_fee_for_a_year_is_charged_once_in_it(pool, persistence, dues):
    """A13: 600.00 for the year in January; who comes back in March has paid until December."""
    fee = term(60000, cadence=Cadence.YEARLY, prorated=True)
    old = await joins(persistence, terms=(fee,))
    await charge(dues, "2027-01")
    await leaves(persistence, old, fee.model_copy(update={"valid_to": date(2027, 3, 1)}))
    march = term(60000, cadence=Cadence.YEARLY, prorated=True, valid_from=date(2027, 3, 1))
    new = await joins(persistence, terms=(march,))
    await one_person(pool, old, new)
    for month in ("2027-02", "2027-03", "2027-04"):
        await charge(dues, month)
    assert await pool.fetch("SELECT FROM charges WHERE membership_id = $1", new) == []
    await charge(dues, "2028-01")
    assert await charged(pool, new, date(2028, 1, 1)) == {"central_dues": 60000}


async def test_a_fee_beside_a_month_is_asked_about(pool, persistence, dues):
    """January was charged by the month; a fee for the whole year would charge it again.

    Nobody else waits for a caseworker to find out.
    """
    old = await joins(persistence, terms=(term(),))
    await charge(dues, "2027-01")
    year = term(60000, cadence=Cadence.YEARLY, valid_from=JANUARY)
    new, other = [await joins(persistence, terms=(year,)) for _ in range(2)]
    await one_person(pool, old, new)
    report, _ = await charge(dues, "2027-01", today=date(2027, 1, 5))
    assert [held.membership_id for held in report.quarantined] == [new]
    assert await charged(pool, other, JANUARY) == {"central_dues": 60000}
    task = await pool.fetchrow("SELECT kind, membership_id FROM tasks")
    assert tuple(task) == ("dues_quarantine", new)
    # No later run charges by a correction what was asked about.
    await charge(dues, "2027-02")
    assert await net(pool, new) == {}


@pytest.mark.parametrize(("before", "after", "ore"), [({}, STUDY, 30000), (STUDY, {}, 49500)])
async def test_run_again_a_month_waits_for_what_comes_back_at_another_cadence(
    pool, persistence, dues, before, after, ore
):
    """Charged for January, told on the 20th to have left in December, and back on the 25th.

    The first invoice leaves out what stands on the old membership (S26), and January run again
    holds nobody for it: 495.00 of who worked come back with February's run (L1), and March's
    charges the year's 300.00 of who studies now (S12). Or 300.00 come back, and 495.00 are charged.
    """
    facts = life(since=date(2026, 10, 14), **before)
    old = await joins(persistence, facts)
    await charge(dues, "2027-01")
    ended = ends(date(2026, 12, 10), Outcome.STRUCK_OFF)
    left = facts.model_copy(update={"notices": (ended,)})
    await leaves(persistence, old, *plan_terms(left, BOOK))
    new = await comes_back(pool, persistence, old, life(since=date(2027, 1, 25), **after))
    for day in ("2027-01-26", "2027-02-02", "2027-03-02", "2027-04-02"):
        report, _ = await charge(dues, day[:7], today=date.fromisoformat(day))
        assert report.quarantined == ()
    assert (await net(pool, new))[JANUARY] == ore
    assert JANUARY not in await net(pool, old)


async def test_a_fee_that_came_back_is_charged_to_the_next_membership(pool, persistence, dues):
    """600.00 for 2027 came back, as the membership had ended in December; back in March, 500.00.

    March to December are ten of twelve months: 60000 * 10 / 12 (A13).
    """
    fee = term(60000, cadence=Cadence.YEARLY, prorated=True)
    old = await joins(persistence, terms=(fee,))
    await charge(dues, "2027-01")
    await leaves(persistence, old, fee.model_copy(update={"valid_to": JANUARY}))
    await charge(dues, "2027-02")
    march = date(2027, 3, 1)
    new = await joins(
        persistence,
        terms=(term(60000, cadence=Cadence.YEARLY, prorated=True, valid_from=march),),
    )
    await one_person(pool, old, new)
    for month in ("2027-03", "2027-04"):
        await charge(dues, month)
    assert (await net(pool, old), await net(pool, new)) == ({}, {march: 50000})
