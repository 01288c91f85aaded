"""Charged once: whoever runs the month again, at the same time, or in other pages."""

import asyncio
from datetime import date

from activities.dues.charging import rehearse
from activities.shared.errors import PersistenceError
from activities.shared.rulebook import RulebookReader
from schemas.dues.contracts import DuesOpening, DuesPage
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span
from schemas.shared.vocabulary import Category, Payer
from tests.builders import BOOK
from tests.dues.lives import A, life, yes
from tests.dues.making import (
    DECEMBER,
    SINCE,
    charge,
    charged,
    counted,
    joins,
    nothing_new,
    replanned,
    term,
)

NOVEMBER = date(2026, 11, 1)


async def some_members(persistence, rounds=1):
    """Direct and by payroll, with and without more lines, yearly, and one of no known employer."""
    for _ in range(rounds):
        await joins(persistence)
        await joins(persistence, life(since=SINCE, branch="OSLO", payers=(yes(NOVEMBER),)))
        await joins(
            persistence,
            life(since=SINCE, branch="BERGEN", premiums=(Span(valid_from=NOVEMBER),)),
        )
        await joins(
            persistence, life(category=Category.STUDENT, percent=None, employer=None, since=SINCE)
        )
        await joins(persistence, terms=(term(payer=Payer.PAYROLL),), employer=None)


async def test_the_same_month_again_adds_nothing(pool, persistence, dues):
    """Same pages, other pages, another day: no new row, and the same report but for its day."""
    await some_members(persistence, rounds=3)
    first, pages = await charge(dues, "2027-01", today=date(2027, 1, 4))
    # 3 * (495 + (495 + 50) + (495 + 45 + 200) + 300) kr in 7 lines, 3 direct invoices of 4.
    assert (first.charges, first.invoices, first.amount_ore) == (21, 9, 3 * 208000)
    assert sum(page.charges for page in pages) == first.charges
    before = await counted(pool)
    for page_size, today in (
        (None, date(2027, 1, 4)),
        (1, date(2027, 1, 20)),
        (4, date(2026, 12, 14)),
    ):
        again, pages = await charge(dues, "2027-01", today=today, page_size=page_size)
        dated = first.model_copy(update={"charged_on": today, "due_on": again.due_on})
        assert again == nothing_new(dated)
        assert sum(page.charges + page.invoices for page in pages) == 0
        assert await counted(pool) == before
    assert (first.charged_on, first.due_on) == (date(2027, 1, 4), date(2027, 1, 18))


async def test_small_pages_charge_what_one_page_does(pool, persistence, dues):
    """Where a page ends changes nothing: each member is on exactly one."""
    await some_members(persistence, rounds=3)
    _, pages = await charge(dues, "2026-12", page_size=4)
    assert sum(page.charges for page in pages) == await pool.fetchval(
        "SELECT count(*) FROM charges WHERE period_from = $1", DECEMBER
    )
    again, [page] = await charge(dues, "2026-12")
    # 3 * (1 + 2 + 3) lines; the students' fee is for the year they joined in.
    assert (again.charges, page.charges, len(again.quarantined)) == (18, 0, 3)


async def test_two_runs_at_once_charge_once(pool, persistence, dues):
    """The second finds nothing to do, or fails as a whole and finds nothing when it is retried."""
    await some_members(persistence, rounds=20)

    async def insisting():
        opening = DuesOpening(period="2026-12", today=date(2026, 12, 1))
        run = await dues.open_dues_run(opening)
        for _ in range(5):
            try:
                return await dues.charge_dues_page(DuesPage(run=run, first="00000001"))
            except PersistenceError:
                await asyncio.sleep(0.05)  # as Temporal waits before the next attempt
        raise AssertionError("a page that is retried never ends")

    pages = await asyncio.gather(*(insisting() for _ in range(4)))
    assert sum(page.charges for page in pages) == 20 * 6
    assert sum(page.invoices for page in pages) == 20 * 2
    twice = await pool.fetch(
        "SELECT membership_id FROM invoices WHERE period_from = $1 "
        "GROUP BY membership_id HAVING count(*) > 1",
        DECEMBER,
    )
    assert twice == []


async def test_who_joined_after_the_run_is_added_by_the_next(pool, persistence, dues):
    """The late one alone is charged, and has two weeks to pay like everybody (P2)."""
    await joins(persistence)
    await charge(dues, "2026-12", today=date(2026, 12, 1))
    late = await joins(persistence)
    report, [page] = await charge(dues, "2026-12", today=date(2026, 12, 21))
    assert (page.charges, page.invoices) == (1, 1)
    assert (report.members, report.charges, report.amount_ore) == (2, 2, 2 * 49500)
    assert await charged(pool, late, DECEMBER) == {"central_dues": 49500}
    dates = await pool.fetchrow(
        "SELECT issued_on, due_on FROM invoices WHERE membership_id = $1 AND period_from = $2",
        late,
        DECEMBER,
    )
    assert tuple(dates) == (date(2026, 12, 21), date(2027, 1, 4))


async def test_a_line_that_came_later_is_added_alone(pool, persistence, dues):
    """A premium that begins in a month already charged gets an invoice of its own."""
    member = await joins(persistence)
    await charge(dues, "2026-12")
    facts = life(since=SINCE, premiums=(Span(valid_from=DECEMBER),))
    await persistence.record_decision(replanned(member, 3, *plan_terms(facts, BOOK)))
    _, [page] = await charge(dues, "2026-12")
    assert (page.charges, page.invoices) == (1, 1)
    assert await charged(pool, member, DECEMBER) == {
        "central_dues": 49500,
        "insurance_premium": 20000,
    }


async def test_another_amount_is_never_billed_again(pool, persistence, dues):
    """Terms that changed after the month was charged leave the month as it is (invariant 1)."""
    member = await joins(persistence, terms=(term(49500),))
    await charge(dues, "2026-12")
    await persistence.record_decision(replanned(member, 3, term(24750, payer=Payer.PAYROLL)))
    report, [page] = await charge(dues, "2026-12")
    assert (page.charges, report.amount_ore) == (0, 49500)
    assert await charged(pool, member, DECEMBER) == {"central_dues": 49500}
    await charge(dues, "2027-01")
    # The difference comes next month, as a line of its own: 24750 - 49500.
    assert await charged(pool, member, date(2027, 1, 1)) == {
        f"central_dues {A}": 24750,
        f"correction {A}": -24750,
    }


async def rehearsed(pool, period, today):
    """Rehearse in a transaction that could not write if it tried to."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        book = await RulebookReader(allow_synthetic_ids=False).current(connection)
        return await rehearse(connection, book, DuesOpening(period=period, today=today))


async def test_a_rehearsal_says_what_the_run_does(pool, persistence, dues):
    """Nothing is written, and the report is the run's, before a run as well as after."""
    await some_members(persistence, rounds=2)
    today = date(2027, 1, 4)
    for _ in range(2):
        before = await counted(pool)
        dry = await rehearsed(pool, "2027-01", today)
        assert await counted(pool) == before
        run, pages = await charge(dues, "2027-01", today=today)
        assert dry == run
        assert dry.new_charges == sum(page.charges for page in pages)
        assert dry.new_invoices == sum(page.invoices for page in pages)
        assert dry.new_charges > 0
        assert len(dry.quarantined) > 0
        # The second time there is something left to do.
        await some_members(persistence)
        today = date(2027, 1, 25)


async def test_a_rehearsal_of_what_is_done_adds_nothing(pool, persistence, dues):
    """After the run a rehearsal says: nothing new, and what there is."""
    await some_members(persistence)
    run, _ = await charge(dues, "2026-12")
    assert await rehearsed(pool, "2026-12", date(2026, 12, 2)) == nothing_new(run)
