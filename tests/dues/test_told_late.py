"""Ends that are told late, of who comes back or goes on: what each month comes to (A31, S12)."""

from datetime import date
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
