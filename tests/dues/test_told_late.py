"""Ends that are told late, of who comes back or goes on: what each month comes to (A31, S12)."""

from datetime import date
from decimal import Decimal
from itertools import chain

from schemas.shared.vocabulary import Outcome
from tests.dues.leading import (
    BACK,
    DECEMBER,
    STARTS,
    Led,
    charged_in_the_end,
    lead,
    ought,
    told_late_and_in_time,
)
from tests.dues.lives import works


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
