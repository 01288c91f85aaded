"""Lives to be led on the ledger of a database, told late or in time, month after month.

Months are run on the 2nd, from November 2026 to November 2027: what is told last, in August, has
been corrected by then, also where one membership waits for another of the person.
"""

import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import asyncpg
from hypothesis import strategies as st

from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span
from schemas.membership.notices import AnyNotice
from schemas.membership.returning import coverage
from schemas.membership.situation import Facts, whole_month
from schemas.shared.calendar import first_of_month, month_after, months_before
from schemas.shared.vocabulary import Category, Outcome, Stage
from tests.builders import BOOK
from tests.dues.lives import B, draws, ends, job, leave, life, works, yes
from tests.dues.making import SINCE, charge, first_invoice, joins
from tests.membership.making import approval, decision, intake, standing

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
MONTHS = [months_before(NOVEMBER, -n) for n in range(13)]
REACH = 4
"""How many months a run corrects (A31)."""

STARTS = [
    life(since=SINCE, born=date(1963, 5, 17)),
    life(since=SINCE, born=date(1963, 5, 17), percent="50", branch="BERGEN"),
    life(since=SINCE, branch="OSLO", premiums=(Span(valid_from=NOVEMBER),)),
    life(since=SINCE, branch="OSLO", payers=(yes(NOVEMBER),)),
    life(since=SINCE, further=(job("2", "40", B),), payers=(yes(NOVEMBER),)),
    life(category=Category.STUDENT, percent=None, employer=None, since=SINCE),
]
BACK: list[dict[str, Any]] = [
    {},
    {"percent": "40"},
    {"category": Category.STUDENT, "percent": None, "employer": None},
]


@dataclass(frozen=True)
class Led:
    """What somebody's life is made of, apart from when it is told.

    Attributes:
        notices: each with the days it is told late.
        end: how and from when the membership is over, and the days that is told late.
        then: ``returns``, ``reopens`` or nothing, so many days after the end was told late.
    """

    start: Facts
    notices: tuple[tuple[AnyNotice, int], ...] = ()
    end: tuple[Outcome, date, int] | None = None
    then: str | None = None
    after: int = 0
    back: dict[str, Any] = field(default_factory=dict)


@st.composite
def led(draw: st.DrawFn) -> Led:
    """Draw a life; no fact is told more than three months late (A31)."""
    on = st.integers(0, 4).map(lambda n: months_before(DECEMBER, -n))
    what = st.sampled_from(
        [
            lambda day: works(day, percent="40"),
            lambda day: works(day, percent="100"),
            lambda day: works(day, percent="60", employer=B),
            lambda day: leave(day, day + timedelta(days=45)),
            draws,
        ]
    )
    late = st.sampled_from([0, 3, 20, 40, 62, 85])
    notices = st.lists(
        st.tuples(st.builds(lambda tell, day: tell(day), what, on), late),
        max_size=2,
        # Of two words on one thing for one day the later counts: told in time it may be the other.
        unique_by=lambda told: (told[0].kind, told[0].effective_on),
    )
    outcome = draw(st.sampled_from([None, Outcome.RESIGNED, Outcome.STRUCK_OFF, Outcome.DECEASED]))
    end = None
    if outcome is not None:
        day = 0 if outcome is Outcome.RESIGNED else draw(st.sampled_from([0, 9, 19]))
        end = (outcome, draw(on) + timedelta(days=day), draw(late))
    then = draw(st.sampled_from([None, "returns", "returns", "reopens"]))
    return Led(
        draw(st.sampled_from(STARTS)),
        tuple(draw(notices)),
        end,
        None if outcome in {None, Outcome.DECEASED} and then == "returns" else then,
        draw(st.sampled_from([0, 2, 11, 40])),
        draw(st.sampled_from(BACK)),
    )


def numbered(facts: Facts, *notices: AnyNotice) -> Facts:
    """Return a life to which something was reported."""
    found = tuple(n.model_copy(update={"number": i}) for i, n in enumerate(notices, 3))
    return facts.model_copy(update={"notices": found})


class Person:
    """Somebody whose life is led on the database, as told late or in time.

    Attributes:
        unbilled: what was not charged of the month somebody came back in, by then.
        beyond: the months from the one to the other came back, and are charged no more (A31).
    """

    def __init__(
        self, pool: asyncpg.Pool, persistence: Persistence, led: Led, *, late: bool
    ) -> None:
        self.pool, self.persistence, self.led, self.late = pool, persistence, led, late
        self.ids: list[str] = []
        self.number = 2
        self.unbilled: list[str] = []
        self.beyond: tuple[date, date] | None = None
        self.known: list[AnyNotice] = []
        self.coming: list[tuple[date, int, Callable[[date], Awaitable[None]]]] = []

    async def begins(self) -> None:
        """Join, and plan what is told when."""
        self.ids = [await joins(self.persistence, self.led.start)]
        for notice, delay in self.led.notices:
            if self._is_heard(notice, delay):
                self._plan(self._told(notice, delay), self._learn)
        if self.led.end is None:
            return
        outcome, over, delay = self.led.end
        self._plan(self._told(ends(over, outcome), delay), self._learn)
        then = over + timedelta(days=delay + self.led.after)
        step = {"returns": self._return, "reopens": self._reopen}.get(self.led.then or "")
        if step is not None:
            self.coming.append((then, 1, step))

    def _is_heard(self, notice: AnyNotice, delay: int) -> bool:
        """Tell whether a fact that is told late is not refused, of who has come back by then.

        It is where the return was planned by what it changes (``unsettles_a_return``).
        """
        if self.led.end is None or self.led.then != "returns":
            return True
        outcome, over, late = self.led.end
        back = over + timedelta(days=late + self.led.after)
        told_on = notice.effective_on + timedelta(days=delay)
        if told_on <= back:
            return True
        told = notice.model_copy(update={"recorded_on": told_on})
        others = [other for other, _ in self.led.notices if other is not notice]
        for known in ([], others):
            covers = [
                coverage([(facts, plan_terms(facts, BOOK))], BOOK)
                for facts in (
                    numbered(self.led.start, *known, ends(over, outcome)),
                    numbered(self.led.start, *known, told, ends(over, outcome)),
                )
            ]
            if covers[0].settles_for(back) != covers[1].settles_for(back):
                return False
        return True

    def _told(self, notice: AnyNotice, delay: int) -> AnyNotice:
        days = timedelta(days=delay if self.late else 0)
        return notice.model_copy(update={"recorded_on": notice.effective_on + days})

    def _plan(self, notice: AnyNotice, step: Callable[[AnyNotice], Awaitable[None]]) -> None:
        self.coming.append((notice.recorded_on, 0, lambda _day: step(notice)))

    async def lives_until(self, after: date) -> None:
        """Let everything happen that happens before the next run."""
        due = sorted((each for each in self.coming if each[0] < after), key=lambda each: each[:2])
        self.coming = [each for each in self.coming if each[0] >= after]
        for day, _, step in due:
            await step(day)

    def facts(self) -> Facts:
        """Return what is known of the first membership."""
        return numbered(self.led.start, *self.known)

    async def _learn(self, notice: AnyNotice) -> None:
        self.known.append(notice)
        await self._decide(notice.recorded_on, given_back_from=self._died())

    def _died(self) -> date | None:
        dead = [n.effective_on for n in self.known if n.kind == "record_death"]
        return first_of_month(dead[0]) if dead else None

    async def _decide(self, on: date, given_back_from: date | None = None) -> None:
        self.number += 1
        end = next(
            (n for n in self.known if n.kind in {"resign", "report_arrears", "record_death"}), None
        )
        now = standing(Stage.ACTIVE) if end is None else standing(Stage.ENDED, outcome=end.outcome)
        made = decision(
            self.number, self.ids[0], standing=now, terms=plan_terms(self.facts(), BOOK)
        )
        update = {
            "decided_on": on,
            "decided_at": datetime.combine(on, time(12), UTC),
            "given_back_from": given_back_from,
        }
        await self.persistence.record_decision(made.model_copy(update=update))

    async def _reopen(self, day: date) -> None:
        over = self.led.end[1] if self.led.end else day
        self.known = [
            n for n in self.known if n.kind not in {"resign", "report_arrears", "record_death"}
        ]
        await self._decide(day, given_back_from=first_of_month(over))
        # What is told until the 2nd is known to the run of that day.
        run = month_after(day - timedelta(days=2))
        self.beyond = (whole_month(over), months_before(run, REACH))

    async def _return(self, day: date) -> None:
        covers = coverage([(self.facts(), plan_terms(self.facts(), BOOK))], BOOK)
        begins, fee = covers.settles_for(day)
        facts = life(since=day, **self.led.back).model_copy(
            update={"charged_from": begins, "fee_until": fee}
        )
        self.ids.append(await comes_back(self.pool, self.persistence, self.ids[0], facts))
        self.unbilled = await unbilled(self.pool, self.ids, first_of_month(day))

    async def ought(self) -> dict[tuple[str, str], int]:
        """Return what all that is known in the end charges, but what nobody asks for any more.

        A line of a month reaches three months back, and one more, as what is told after a run is
        charged by the next; also a debit, of somebody who goes on after an end (A31).
        """
        known: dict[tuple[str, str], int] = await ought(self.pool, self.ids)
        if self.beyond is None:
            return known
        gone, back = (f"{month:%Y-%m}" for month in self.beyond)
        return {line: ore for line, ore in known.items() if not gone <= line[0] < back}


async def unbilled(pool: asyncpg.Pool, ids: list[str], month: date) -> list[str]:
    """Return what the latest membership owes for a month that no line of the person is for (S26).

    A fee of the year is for all its months, to whoever pays by the year.
    """
    rows = await pool.fetch(
        "SELECT due.kind FROM terms_due($2) AS due WHERE due.membership_id = $3 AND NOT EXISTS ("
        " SELECT FROM charges WHERE membership_id = ANY($1) AND charges.kind = due.kind"
        " AND (period_from = $2 OR due.cadence = 'yearly' AND charges.cadence = 'yearly'"
        " AND period_from BETWEEN date_trunc('year', $2::date) AND $2))",
        ids,
        month,
        ids[-1],
    )
    return [row["kind"] for row in rows]


async def comes_back(pool, persistence, old, facts):
    """Let somebody be approved anew, as the workflow does: without lines that were charged."""
    new = f"membership-{uuid.uuid4()}"
    await persistence.receive_application(intake(new, name=new, email=f"{new}@example.org"))
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        old,
        new,
    )
    terms = plan_terms(facts, BOOK)
    # One whose first month is covered is invoiced by the run of the first that is not.
    invoice = None if facts.charged_from else first_invoice(terms, facts)
    made = approval(
        new,
        decided_at=datetime.combine(facts.since, time(10), UTC),
        decided_on=facts.since,
        standing=standing(member_since=facts.since),
        terms=terms,
        invoice=invoice,
        omits=None if invoice is None else (),
        letters=(),
    )
    receipt = await persistence.record_decision(made)
    if receipt.charged:
        lines = tuple(line for line in invoice.lines if line.kind not in receipt.charged)
        left = invoice.model_copy(update={"lines": lines}) if lines else None
        update = {"invoice": left, "omits": None if left is None else receipt.charged}
        await persistence.record_decision(made.model_copy(update=update))
    return new


async def charged_in_the_end(pool, ids):
    """Return what some memberships were charged for each month and kind, net."""
    rows = await pool.fetch(
        "SELECT period_from, kind, sum(amount_ore)::bigint AS ore FROM ("
        " SELECT period_from, kind, amount_ore FROM charges"
        " WHERE membership_id = ANY($1) AND kind <> 'correction' UNION ALL"
        " SELECT period_from, kind, amount_ore FROM corrections"
        " WHERE membership_id = ANY($1)) AS lines "
        "GROUP BY period_from, kind HAVING sum(amount_ore) <> 0 ORDER BY period_from, kind",
        ids,
    )
    return {(f"{row['period_from']:%Y-%m}", row["kind"]): row["ore"] for row in rows}


async def ought(pool, ids):
    """Return what the terms of some memberships, as they ended up, charge for the months run."""
    rows = await pool.fetch(
        "SELECT month::date, due.kind, sum(due.amount_ore)::bigint AS ore FROM "
        "generate_series(date '2026-10-01', $2::date, interval '1 month') AS month, "
        "LATERAL (SELECT * FROM terms_due(month::date) AS due"
        " WHERE due.membership_id = ANY($1)) AS due GROUP BY 1, 2 ORDER BY 1, 2",
        ids,
        MONTHS[-1],
    )
    return {(f"{row['month']:%Y-%m}", row["kind"]): row["ore"] for row in rows}


async def payers_of(pool, ids):
    """Return by how many payers each month of a person was charged."""
    return await pool.fetchval(
        "SELECT coalesce(max(payers), 0) FROM (SELECT count(DISTINCT employer_orgnr IS NULL)"
        " AS payers FROM charges WHERE membership_id = ANY($1) AND kind <> 'correction'"
        " AND period_from > '2026-10-01' GROUP BY period_from) AS months",
        ids,
    )


def told_late_and_in_time(pool: asyncpg.Pool, lives: Iterable[Led]) -> list[tuple[Person, Person]]:
    """Return whoever leads each of some lives, told late, and told in time."""
    persistence = Persistence(pool, allow_synthetic_ids=True)
    return [
        (Person(pool, persistence, one, late=True), Person(pool, persistence, one, late=False))
        for one in lives
    ]


async def lead(pool: asyncpg.Pool, pairs: Iterable[tuple[Person, Person]]) -> None:
    """Let everybody join, run month after month, and let them live in between."""
    people = [person for pair in pairs for person in pair]
    for person in people:
        await person.begins()
    for month in MONTHS:
        report, _ = await charge(Dues(pool), f"{month:%Y-%m}")
        assert report.quarantined == ()
        for person in people:
            await person.lives_until(months_before(month, -1) + timedelta(days=2))
