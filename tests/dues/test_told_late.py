"""Ends that are told late, of who comes back or goes on: what each month comes to (A31, S12)."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import chain

import pytest

from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from activities.shared.rulebook import RulebookReader
from schemas.dues.plan import plan_terms
from schemas.membership.returning import coverage
from schemas.shared.vocabulary import Event, Outcome, Stage
from tests.builders import BOOK
from tests.dues.leading import (
    BACK,
    DECEMBER,
    STARTS,
    Led,
    charged_in_the_end,
    comes_back,
    lead,
    numbered,
    ought,
    told_late_and_in_time,
)
from tests.dues.lives import ends, life, works
from tests.dues.making import charge, joins
from tests.membership.making import decision, standing


async def test_a_years_fee_pays_for_no_month_of_who_comes_back_to_work(pool):
    """Whenever the end was told: months from the return on, and a fee once a year (S12)."""
    ended = [
        Led(STARTS[5], (), (outcome, date(2027, 4, 1), 85), "returns", after, back)
        for outcome in (Outcome.STRUCK_OFF, Outcome.RESIGNED)
        for after in (11, 40)
        for back in BACK
    ]
    pairs = told_late_and_in_time(pool, ended)
    await lead(pool, pairs)
    for one, (late, early) in zip(ended, pairs, strict=True):
        told = await charged_in_the_end(pool, early.ids)
        assert await charged_in_the_end(pool, late.ids) == told, (one.end, one.back)
        assert await ought(pool, early.ids) == told, (one.end, one.back)
        # With the approval (S26), and not as a correction a month later.
        assert (late.unbilled, early.unbilled) == ([], []), (one.end, one.back)
        works = one.back.get("category") is None
        # 495.00, or half of it at 40 per cent; who studies has paid the year.
        august = {None: 49500, "40": 24750}[one.back.get("percent")] if works else None
        assert told.get(("2027-08", "central_dues")) == august, (one.end, one.back)
    assert await pool.fetchval("SELECT count(*) FROM reassessments") == 0


async def test_a_month_out_of_reach_stays_given_back_when_the_end_is_undone(pool):
    """A31: over from 1 December, told on 24 February, undone on 5 April: December is nobody's.

    May's run is the next one and reaches back to January, which is charged anew; told in time,
    December was never charged, and is as far away.
    """
    ended = (Outcome.STRUCK_OFF, Outcome.RESIGNED, Outcome.DECEASED)
    pairs = told_late_and_in_time(
        pool, [Led(STARTS[0], (), (outcome, DECEMBER, 85), "reopens", 40) for outcome in ended]
    )
    await lead(pool, pairs)
    for person in chain.from_iterable(pairs):
        told = await charged_in_the_end(pool, person.ids)
        assert told == await person.ought()
        months = [month for month, _ in told]
        assert months == ["2026-10", "2026-11", *(f"2027-{n:02}" for n in range(1, 12))]
    assert await pool.fetchval("SELECT count(*) FROM reassessments") == 0


async def test_a_fact_of_a_former_membership_counts_after_the_return(pool):
    """L1, A31: 40 % from January, over from 1 February, back on 4 March, told on 27 March.

    495.00 * 50 % = 247.50 for January, and 495.00 stay for December, which nothing was told of; the
    new membership charges its own March. Raised from 40 % it is the reverse: 495.00 for January.
    """
    january, over = date(2027, 1, 1), (Outcome.RESIGNED, date(2027, 2, 1), 20)
    half = STARTS[0].model_copy(
        update={
            "beginning": STARTS[0].beginning.model_copy(update={"position_percent": Decimal(40)})
        }
    )
    lives = [
        Led(start, ((works(january, percent=percent), 85),), over, "returns", 11)
        for start, percent in ((STARTS[0], "40"), (half, "100"))
    ]
    pairs = told_late_and_in_time(pool, lives)
    await lead(pool, pairs)
    for (late, early), (december, half_or_whole) in zip(
        pairs, [(49500, 24750), (24750, 49500)], strict=True
    ):
        assert len(late.ids) == 2, "has come back"
        told = await charged_in_the_end(pool, late.ids)
        assert told == await charged_in_the_end(pool, early.ids)
        months = [told.get((f"2027-{n:02}", "central_dues")) for n in (1, 2, 3)]
        assert told[("2026-12", "central_dues")] == december
        assert months == [half_or_whole, None, 49500]
    assert await pool.fetchval("SELECT count(*) FROM reassessments") == 0


@pytest.mark.parametrize(
    ("back", "refused", "charged"),
    [
        # Back after the break either way: February's 495.00 come back, March was nobody's.
        (date(2027, 4, 4), False, ["2027-01", "2027-04", "2027-05"]),
        # Back in February, which the former membership covered: the new one begins with March, and
        # would have to begin with February. In all it is 495.00 a month, as it is in truth.
        (date(2027, 2, 20), True, ["2027-01", "2027-02", "2027-03", "2027-04", "2027-05"]),
    ],
    ids=["after a break", "within the month"],
)
async def test_an_earlier_end_that_is_told_after_the_return(pool, back, refused, charged):
    """L1, A29, A31: resigned on 10 January, so over from 1 March; and on 20 December before that.

    The first letter, by which it was over from 1 February, is found on 20 April.
    """
    persistence, dues = Persistence(pool, allow_synthetic_ids=True), Dues(pool)
    async with pool.acquire() as connection:
        version = (await RulebookReader(allow_synthetic_ids=True).current(connection)).version
    former = await joins(persistence, STARTS[0])
    known = [ends(date(2027, 3, 1), recorded=date(2027, 1, 10))]

    async def ended(number, event, on):
        facts = numbered(STARTS[0], *known)
        return await persistence.record_decision(
            decision(
                number,
                former,
                event=event,
                standing=standing(Stage.ENDED, outcome=Outcome.RESIGNED),
                terms=plan_terms(facts, BOOK),
                facts=facts,
                rulebook_version=version,
                decided_on=on,
                decided_at=datetime.combine(on, time(12), UTC),
            )
        )

    await charge(dues, "2027-01")
    await charge(dues, "2027-02")
    assert (await ended(3, Event.MEMBERSHIP_ENDED, date(2027, 3, 1))).recorded
    facts = numbered(STARTS[0], *known)
    begins, _ = coverage([(facts, plan_terms(facts, BOOK))], BOOK).settles_for(back)
    again = life(since=back).model_copy(update={"charged_from": begins})
    for month in ("2027-03", "2027-04"):
        if f"{back:%Y-%m}" < month:
            break
        await charge(dues, month)
    ids = [former, await comes_back(pool, persistence, former, again)]
    for month in ("2027-03", "2027-04"):
        await charge(dues, month)
    known[:] = [ends(date(2027, 2, 1), recorded=date(2027, 4, 20))]
    late = await ended(4, Event.RESIGNATION_RECEIVED, date(2027, 4, 20))
    assert (late.refused or "").startswith("the person is a member again") is refused
    await charge(dues, "2027-05")
    found = await charged_in_the_end(pool, ids)
    assert {month: ore for (month, _), ore in found.items() if month >= "2027"} == dict.fromkeys(
        charged, 49500
    )
