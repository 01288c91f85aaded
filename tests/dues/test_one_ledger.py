"""Random lives on the ledger: facts and ends told late, returns, reopenings, and merges.

Each life is led twice beside each other, told late and told in time: in the end both were charged
the same for every month.
"""

import uuid
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.database.pool import open_pool
from activities.membership.activities import Persistence
from activities.persons.merging import MergeOrder, merge, unmerge
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Term
from schemas.shared.calendar import first_of_month, month_after
from schemas.shared.vocabulary import Outcome, Stage
from tests.builders import BOOK
from tests.dues.leading import (
    DECEMBER,
    STARTS,
    Led,
    Person,
    charged_in_the_end,
    lead,
    led,
    ought,
    payers_of,
    told_late_and_in_time,
)
from tests.dues.lives import draws, leave
from tests.dues.making import joins
from tests.membership.decisions.living import drawn
from tests.membership.making import decision, standing

once = settings(drawn(1), max_examples=drawn(2).max_examples, suppress_health_check=[*HealthCheck])


@once
@given(st.lists(led(), min_size=8, max_size=8))
async def test_a_person_is_charged_as_if_all_had_been_told_in_time(postgres, migrated, drawn):
    """L1, invariant 10: each month once, by one payer, none lost, the same however late told."""
    url = await postgres.create_database(f"ledger_{uuid.uuid4().hex}", template=migrated)
    async with await open_pool(url, size=2) as pool:
        pairs = told_late_and_in_time(pool, drawn)
        await lead(pool, pairs)
        for late, early in pairs:
            told = await charged_in_the_end(pool, late.ids)
            assert told == await charged_in_the_end(pool, early.ids), late.led
            assert told == await late.ought(), late.led
            assert (late.unbilled, early.unbilled) == ([], []), late.led
            assert await payers_of(pool, late.ids) <= 1, late.led
        assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0
        assert await pool.fetchval("SELECT count(*) FROM reassessments") == 0


SAYS = {"caseworker": "ola", "reason": "Samme person"}


class Twice(Person):
    """Somebody who was taken for two people from the beginning, until the merge.

    Args:
        merges: on which days the two are merged and parted, in turn.
    """

    def __init__(self, pool, persistence, led, *, merges):
        super().__init__(pool, persistence, led, late=True)
        self.merges = merges
        self.double, self.doubled, self.is_two = "", 2, True

    async def begins(self):
        """Join twice, with the same facts; what is reported later is reported of both."""
        await super().begins()
        self.double = await joins(self.persistence, self.led.start)
        for place, day in enumerate(self.merges):
            self.coming.append((day, 2, self._part if place % 2 else self._merge))

    async def _learn(self, notice):
        await super()._learn(notice)
        if self.is_two:
            await self._goes_on_as_two(notice.recorded_on)

    async def _merge(self, day):
        self.is_two = False
        order = MergeOrder(self.ids[0], self.double, self.ids[0], day)
        async with self.pool.acquire() as connection, connection.transaction():
            await merge(connection, order, **SAYS)
        over = month_after(first_of_month(day))
        terms = tuple(
            term.model_copy(update={"valid_to": min(term.valid_to or over, over)})
            for term in plan_terms(self.facts(), BOOK)
            if term.valid_from < over
        )
        await self._double_is(day, terms, standing(Stage.ENDED, outcome=Outcome.DUPLICATE))

    async def _part(self, day):
        async with self.pool.acquire() as connection, connection.transaction():
            await unmerge(connection, self.double, today=day, **SAYS)
        self.is_two = True
        await self._goes_on_as_two(day, anew=True)

    async def _goes_on_as_two(self, day, *, anew=False):
        terms = tuple(plan_terms(self.facts(), BOOK))
        await self._double_is(day, terms, standing(Stage.ACTIVE), anew=anew)

    async def _double_is(self, day, terms: tuple[Term, ...], now, *, anew=False):
        self.doubled += 1
        made = decision(self.doubled, self.double, standing=now, terms=terms)
        update = {
            "decided_on": day,
            "decided_at": datetime.combine(day, time(13), UTC),
            "given_back_from": first_of_month(date(2026, 10, 1)) if anew else None,
        }
        await self.persistence.record_decision(made.model_copy(update=update))


def taken_for_two(pool, lives):
    """Return whoever leads each of some lives: taken for two people, and known to be one."""
    persistence = Persistence(pool, allow_synthetic_ids=True)
    return [
        (Twice(pool, persistence, one, merges=merges), Person(pool, persistence, one, late=False))
        for one, merges in lives
    ]


@st.composite
def merged_lives(draw):
    """Draw a life that goes on, and the days of its merges: they may be undone, and made again."""
    after = [draw(st.integers(0, 110)), *draw(st.lists(st.integers(1, 25), max_size=2))]
    life = draw(led())
    return (
        Led(life.start, life.notices),
        tuple(DECEMBER + timedelta(days=sum(after[: place + 1])) for place in range(len(after))),
    )


async def _charged(pool, twice, early):
    """Return what somebody was charged who had been two, and what it ought to be."""
    known = await charged_in_the_end(pool, early.ids)
    if len(twice.merges) % 2:
        return await charged_in_the_end(pool, [*twice.ids, twice.double]), known
    return (
        [await charged_in_the_end(pool, ids) for ids in (twice.ids, [twice.double])],
        [known, await ought(pool, [twice.double])],
    )


@settings(once, max_examples=drawn(1).max_examples)
@given(st.lists(merged_lives(), min_size=8, max_size=8))
async def test_a_person_who_was_two_is_charged_as_one(postgres, migrated, drawn):
    """N9, invariant 10: merged on any day as if it had been known, parted as if never merged."""
    url = await postgres.create_database(f"merged_{uuid.uuid4().hex}", template=migrated)
    async with await open_pool(url, size=2) as pool:
        pairs = taken_for_two(pool, drawn)
        await lead(pool, pairs)
        for twice, early in pairs:
            told, wanted = await _charged(pool, twice, early)
            assert told == wanted, (twice.led, twice.merges)
        assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0


async def test_who_goes_on_says_what_is_owed_of_a_month_that_comes_back(pool):
    """N9: merged on 1 December, on leave from that day as told in January: nobody is charged."""
    away = leave(DECEMBER, DECEMBER + timedelta(days=45))
    lives = [Led(STARTS[1], ((told, 40),)) for told in (away, draws(DECEMBER))]
    pairs = taken_for_two(pool, [(life, (DECEMBER,)) for life in lives])
    await lead(pool, pairs)
    for twice, early in pairs:
        told, wanted = await _charged(pool, twice, early)
        assert told == wanted
