"""One series over all invoices and credit notes of a year: no gap, no number twice (P10)."""

import asyncio
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from activities.audit import books as comparing
from activities.books.ledger import read_series
from activities.database.pool import load_queries
from activities.dues import building
from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from activities.membership.restores import note_restore
from activities.payments.suspense import invoice_called
from schemas.audit.contracts import AuditOpening, AuditPlan, Check
from schemas.books.contracts import GivenUp, Series
from tests.arrears.making import owe
from tests.dues.lives import life
from tests.dues.making import SINCE, charge, joins
from tests.dues.spoiling import unguarded
from tests.dues.test_building import build

MAY = date(2026, 5, 4)


async def numbers(pool, year=2026):
    """The numbers of a year's series, in order."""
    rows = await pool.fetch(
        "SELECT series_no FROM invoices WHERE extract(year FROM issued_on) = $1"
        " AND series_no IS NOT NULL ORDER BY 1",
        year,
    )
    return [row[0] for row in rows]


async def series_of(pool):
    """What `medlemsflyt books` says of 2026."""
    async with pool.acquire() as connection:
        return (await read_series(connection, date(2026, 1, 1), date(2026, 12, 31)))[0]


async def missed(pool):
    """What the audit says of the series."""
    plan = AuditPlan(
        opening=AuditOpening(run="r", today=date(2026, 12, 31), dry_run=True),
        months=(date(2026, 11, 1),),
        charged=(),
        pages=(),
        page_size=1,
    )
    async with pool.acquire() as connection:
        reports = await comparing.compare_ledger(connection, plan)
    return [
        found.says for one in reports if one.check is Check.INVOICE_SERIES for found in one.named
    ]


async def test_one_series_over_all_that_is_issued(pool):
    """Line by line, built, and again: 1 to the last, in the order of the members of a run."""
    persistence, dues = Persistence(pool, allow_synthetic_ids=True), Dues(pool)
    for _ in range(3):
        await joins(persistence, life(since=SINCE))
    await charge(dues, "2026-11")
    # Each joined with an invoice for October.
    assert await numbers(pool) == [1, 2, 3, 4, 5, 6]
    for _ in range(5):
        await joins(persistence, life(since=SINCE))
    assert (await build(dues, "2026-12")).built
    # Five more for October, and eight for December.
    assert await numbers(pool) == list(range(1, 20))
    built = await pool.fetch(
        "SELECT number FROM invoices WHERE period_from = '2026-12-01' ORDER BY series_no"
    )
    assert [row[0] for row in built] == sorted(row[0] for row in built)
    await build(dues, "2026-12")
    assert await numbers(pool) == list(range(1, 20)), "again: the same"
    assert await series_of(pool) == Series(year=2026, last_no=19, issued=19, carried_over=0)
    assert await missed(pool) == []


async def test_each_year_has_its_own(pool):
    """By the day of issue: December's are of 2026, and January begins with 1."""
    persistence = Persistence(pool, allow_synthetic_ids=True)
    member = await joins(persistence, life(since=SINCE))
    await owe(pool, member, MAY, 100)
    await owe(pool, member, date(2027, 1, 1), 100)
    await owe(pool, member, date(2026, 12, 31), 100)
    assert (await numbers(pool), await numbers(pool, 2027)) == ([1, 2, 3], [1])


async def test_a_rollback_leaves_no_gap_and_two_wait_for_each_other(pool):
    """Whoever issues holds the series: what is undone gives its number back (P10)."""
    async with pool.acquire() as one, pool.acquire() as other:
        first = one.transaction()
        await first.start()
        assert await one.fetchval("SELECT take_numbers('2026-05-04', 2)") == 1
        waiting = asyncio.create_task(other.fetchval("SELECT take_numbers('2026-05-04', 1)"))
        waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        async with asyncio.timeout(30):
            while not await one.fetchval(waits):
                await asyncio.sleep(0.005)  # the database tells nobody that somebody waits
        await first.rollback()
        assert await waiting == 1


async def test_a_run_that_is_cut_off_keeps_its_numbers(pool):
    """Killed once they were taken, it goes on with the same; let go of, they are explained."""
    persistence, dues = Persistence(pool, allow_synthetic_ids=True), Dues(pool)
    for _ in range(7):
        await joins(persistence, life(since=SINCE))
    queries = load_queries(Path(building.__file__).with_name("sql") / "queries.sql")
    await build(dues, "2026-12", today=date(2026, 12, 2), attached=False)
    async with pool.acquire() as connection:
        for _ in range(2):
            await queries.reserve_numbers(connection)
    assert await pool.fetchval("SELECT last_no FROM invoice_series") == 14
    assert (await series_of(pool)).given_up == (
        GivenUp(
            year=2026,
            first_no=8,
            last_no=14,
            period_from=date(2026, 12, 1),
            reserved_on=date(2026, 12, 2),
        ),
    )
    assert await missed(pool) == [], "a run gave them up"
    await build(dues, "2026-12", today=date(2026, 12, 2))
    assert await numbers(pool) == list(range(1, 15))
    assert (await series_of(pool)).given_up == ()
    # Another day's run lets go of what the day before has built.
    await build(dues, "2027-01", today=date(2026, 12, 30), attached=False)
    async with pool.acquire() as connection:
        await queries.reserve_numbers(connection)
    await build(dues, "2027-01", today=date(2026, 12, 31))
    assert await numbers(pool) == [*range(1, 15), *range(22, 29)]
    [up] = (await series_of(pool)).given_up
    assert (up.first_no, up.last_no, up.reserved_on) == (15, 21, date(2026, 12, 30))
    assert await missed(pool) == []


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (
            "UPDATE invoice_series SET last_no = 5",
            ["numbers 4 to 5 of the invoices of 2026 are on none, and no run gave them up"],
        ),
        (
            "UPDATE invoices SET series_no = 9 WHERE series_no = 1",
            [
                "numbers 1 to 1 of the invoices of 2026 are on none, and no run gave them up",
                "the last number given in 2026 was 3, and an invoice has 9",
            ],
        ),
        (
            "DELETE FROM invoice_series",
            ["the last number given in 2026 was 0, and an invoice has 3"],
        ),
    ],
)
async def test_the_audit_tells_a_gap(pool, harm, says):
    """What is on no invoice, and what nobody gave; a number twice the database refuses."""
    member = await joins(Persistence(pool, allow_synthetic_ids=True), life(since=SINCE))
    for _ in range(2):
        await owe(pool, member, MAY, 100)
    async with unguarded(pool) as connection:
        await connection.execute(harm)
    assert await missed(pool) == says
    async with unguarded(pool) as connection:
        with pytest.raises(asyncpg.UniqueViolationError, match="invoices_one_per_series_no"):
            await connection.execute("UPDATE invoices SET series_no = 4")


async def test_what_another_system_issued_is_outside(pool):
    """It keeps its number there, and none of ours is used for it."""
    member = await joins(Persistence(pool, allow_synthetic_ids=True), life(since=SINCE))
    await owe(pool, member, MAY, 100)
    async with unguarded(pool) as connection:
        await connection.execute(
            "INSERT INTO invoices SELECT 'OLD-7', kid || '1', membership_id, 99, decision,"
            " period_from, issued_on, due_on, total_ore, currency, NULL, true FROM invoices LIMIT 1"
        )
    assert await numbers(pool) == [1, 2]
    assert await series_of(pool) == Series(year=2026, last_no=2, issued=2, carried_over=1)
    assert await missed(pool) == []
    assert (
        await pool.fetchval("SELECT series_number FROM invoice_balances WHERE number = 'OLD-7'")
        is None
    )


async def test_an_invoice_is_found_by_either_number(pool):
    """Its own, and the one on the letter; what is neither is told as it was asked for."""
    member = await joins(Persistence(pool, allow_synthetic_ids=True), life(since=SINCE))
    number = await owe(pool, member, MAY, 100)
    async with pool.acquire() as connection:
        for called in (number, "2026-2"):
            assert await invoice_called(connection, called) == number
        for called in ("2026-3", "2026-0", "2025-2", "26-2", "2026-99999999999", ""):
            assert await invoice_called(connection, called) == called


async def test_what_a_restore_passes_over_is_explained(pool):
    """In this year and the last, as many as may have been lost; the next invoice comes after."""
    persistence = Persistence(pool, allow_synthetic_ids=True)
    await joins(persistence, life(since=SINCE))
    async with pool.acquire() as connection, connection.transaction():
        passed = await note_restore(
            connection, date(2026, 12, 2), numbers=100, serials=10, invoices=3
        )
        series = await read_series(connection, date(2025, 1, 1), date(2026, 12, 31))
    # 100, and three for one membership; 2026 had given one.
    assert passed.last_in_series == {2025: 103, 2026: 104}
    assert [(up.year, up.first_no, up.last_no) for one in series for up in one.given_up] == [
        (2025, 1, 103),
        (2026, 2, 104),
    ]
    assert {up.period_from for one in series for up in one.given_up} == {None}
    assert await missed(pool) == []
    await joins(persistence, life(since=SINCE))
    assert await numbers(pool) == [1, 105]
