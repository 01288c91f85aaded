"""A month that is built beside the books is, row for row, the month that came line by line."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from activities.database.pool import load_queries, open_pool
from activities.dues import building, charging
from activities.dues.activities import Dues
from activities.dues.charging import charge_page
from activities.membership.activities import Persistence
from activities.membership.decisions import _ONE_LINE, key_of_all
from schemas.dues.contracts import DuesOpening, DuesPage
from schemas.dues.terms import Span
from schemas.shared.vocabulary import Category, Payer
from tests.dues.lives import life, yes
from tests.dues.making import DECEMBER, SINCE, charge, charged, counted, joins, replanned, term
from tests.dues.spoiling import add_invoice
from tests.dues.test_bad_rows import SPOILT, tasks_of
from tests.dues.test_one_person import one_person

CHARGE_PAGE = load_queries(Path(charging.__file__).with_name("sql") / "queries.sql").charge_page
NOVEMBER, JANUARY = date(2026, 11, 1), date(2027, 1, 1)

LEDGER = (
    (
        "SELECT number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore"
        " FROM invoices"
    ),
    (
        "SELECT invoice_number, membership_id, period_from, kind, amount_ore, content_hash,"
        " employer_orgnr, cadence FROM charges"
    ),
    (
        "SELECT booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore"
        " FROM entries"
    ),
    "SELECT * FROM corrections",
    "SELECT * FROM reassessments",
    "SELECT * FROM dues_quarantine",
    "SELECT credit_number, invoice_number, amount_ore FROM allocations",
)


async def build(dues, period, *, today=None, attached=True):
    """Run a month as the workflow does, in pages so small that it is built."""
    today = today or date.fromisoformat(f"{period}-02")
    run = await dues.open_dues_run(DuesOpening(period=period, today=today, page_size=3))
    for first in run.pages:
        await dues.charge_dues_page(DuesPage(run=run, first=first))
    if attached and run.built:
        await dues.attach_dues_month(run)
    return run


async def ledger(pool):
    """Return every row that charging writes."""
    return [sorted(str(tuple(row)) for row in await pool.fetch(query)) for query in LEDGER]


async def number_of(pool, membership_id):
    """Return a member's number."""
    return await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", membership_id
    )


async def parts(pool, period_from):
    """Return where the lines and the entries of a month are."""
    return [
        {row[0] for row in await pool.fetch(query, period_from)}
        for query in (
            "SELECT tableoid::regclass::text FROM charges WHERE period_from = $1",
            "SELECT tableoid::regclass::text FROM entries WHERE period_from = $1",
        )
    ]


async def live(pool, run):
    """Lead members of all kinds through two months: one is corrected, one can't be charged."""
    persistence, dues = Persistence(pool, allow_synthetic_ids=True), Dues(pool)
    lives = {
        "full": life(since=SINCE),
        "deducted": life(since=SINCE, branch="OSLO", payers=(yes(NOVEMBER),)),
        "insured": life(since=SINCE, branch="BERGEN", premiums=(Span(valid_from=NOVEMBER),)),
        "student": life(category=Category.STUDENT, percent=None, employer=None, since=SINCE),
    }
    for name, facts in lives.items():
        await joins(persistence, facts, membership_id=f"membership-{name}")
    for name in ("half", "less"):
        await joins(persistence, membership_id=f"membership-{name}", terms=(term(),))
    await joins(
        persistence,
        membership_id="membership-nobody",
        terms=(term(payer=Payer.PAYROLL),),
        employer=None,
    )
    await run(dues, "2026-12")
    for name, ore in (("half", 24750), ("less", 100)):
        # 495.00 were charged: 247.50 come back and 247.50 stay; 494.00 are more than a month.
        await persistence.record_decision(
            replanned(f"membership-{name}", 3, term(ore, valid_from=DECEMBER))
        )
    await run(dues, "2027-01")
    return await ledger(pool)


async def looked_into(pool, run):
    """Return which built months a run's first page looks into; nothing of it is kept."""
    async with pool.acquire() as connection:
        # What was counted before goes to the server, and is counted here no more.
        await connection.execute("SELECT pg_stat_force_next_flush()")
        transaction = connection.transaction()
        await transaction.start()
        await charge_page(connection, DuesPage(run=run, first=run.pages[0]))
        found = await connection.fetch(
            "SELECT relname FROM pg_stat_xact_user_tables"
            " WHERE relname ~ '^(charges|entries)_20' AND seq_scan + coalesce(idx_scan, 0) > 0"
        )
        await transaction.rollback()
    return {row["relname"] for row in found}


async def test_it_is_row_for_row_what_comes_line_by_line(pool, postgres, migrated):
    """Invoices, lines, entries, corrections, marks, who is set aside, and what credits paid."""
    by_line = await live(pool, charge)
    url = await postgres.create_database("built_month", template=migrated)
    async with await open_pool(url, size=3) as other:
        assert await live(other, build) == by_line
        assert await parts(other, JANUARY) == [{"charges_2027_01"}, {"entries_2027_01"}]
    assert await parts(pool, JANUARY) == [{"charges_unbuilt"}, {"entries_unbuilt"}]
    assert all(by_line[:4])


@pytest.fixture
async def members(persistence):
    """Seven members who pay by invoice: three pages."""
    return [await joins(persistence, terms=(term(),)) for _ in range(7)]


@pytest.mark.usefixtures("members")
async def test_nothing_can_be_seen_of_it_before_it_is_there_whole(pool, dues):
    """Neither lines nor invoices; then all of them, and the same run again finds nothing to do."""
    before = await counted(pool)
    run = await build(dues, "2026-12", attached=False)
    assert run.built
    assert await counted(pool) == before | {"dues_runs": 1}
    await dues.attach_dues_month(run)
    there = {"charges": 7, "invoices": 7, "entries": 7, "dues_runs": 1, "reassessments": 0}
    assert await counted(pool) == before | there
    # Once more, as after an answer that was lost; and all of it.
    assert (await dues.attach_dues_month(run)).charges == 0
    assert not (await build(dues, "2026-12")).built
    assert await counted(pool) == before | there
    assert await pool.fetchval("SELECT count(*) FROM dues_building") == 0


@pytest.mark.parametrize("what", SPOILT)
async def test_who_clashes_is_set_aside_and_stops_nobody(pool, dues, members, what):
    """With the reason that is given row by row, and a task; the six others are charged."""
    spoil, reason = SPOILT[what]
    await spoil(pool, members[3])
    run = await build(dues, "2026-12")
    report = await dues.report_dues_run(run)
    assert [(held.membership_id, held.reason) for held in report.quarantined] == [
        (members[3], reason.replace("unbuilt", "2026_12"))
    ]
    assert (report.charges, report.members) == (6, 6)
    assert await tasks_of(pool) == [(members[3], True)]
    assert (await parts(pool, DECEMBER))[0] == {"charges_2026_12"}


async def test_what_comes_before_and_after_stands_with_it(pool, persistence, dues, members):
    """A first invoice from before the run, one while it is built, and one of who joins later."""
    december = life(since=date(2026, 12, 1))
    early = await joins(persistence, december)
    run = await build(dues, "2026-12", attached=False)
    meanwhile = await joins(persistence, december)
    await dues.attach_dues_month(run)
    later = await joins(persistence, december)
    late = await joins(persistence, terms=(term(),))
    await build(dues, "2026-12")
    for member in (*members, early, meanwhile, later, late):
        assert await charged(pool, member, DECEMBER) == {"central_dues": 49500}
    assert await parts(pool, DECEMBER) == [{"charges_2026_12"}, {"entries_2026_12"}]
    assert await pool.fetchval("SELECT count(*) FROM entries") == 11


async def test_who_is_charged_while_the_month_is_built_is_charged_once(pool, dues, members):
    """The line that stands first stays: what was built of that member is taken out again."""
    run = await build(dues, "2026-12", attached=False)
    row_by_row = run.model_copy(update={"built": False, "page_size": 1})
    number = await number_of(pool, members[4])
    report = await dues.charge_dues_page(DuesPage(run=row_by_row, first=number))
    assert (report.charges, report.invoices) == (1, 1)
    await dues.attach_dues_month(run)
    assert await pool.fetchval("SELECT count(*) FROM charges") == 7
    assert await pool.fetchval("SELECT count(*) FROM invoices") == 7
    assert await tasks_of(pool) == []


@pytest.mark.usefixtures("members")
async def test_one_page_of_many_is_built(pool, dues, monkeypatch):
    """Charged row by row it would keep every decision that issues an invoice waiting (ADR 100)."""
    opening = DuesOpening(period="2026-12", today=date(2026, 12, 2))
    few = await dues.open_dues_run(opening)
    assert (len(few.pages), few.built) == (1, False)
    monkeypatch.setattr(building, "FEW", 3)
    many = await dues.open_dues_run(opening)
    assert (len(many.pages), many.built) == (1, True)
    given = await pool.fetch("SELECT * FROM invoice_series")
    assert (await dues.charge_dues_page(DuesPage(run=many, first=many.pages[0]))).charges > 0
    assert await pool.fetch("SELECT * FROM invoice_series") == given
    assert await pool.fetchval("SELECT count(*) FROM charges WHERE period_from = '2026-12-01'") == 0
    await dues.attach_dues_month(many)
    assert await pool.fetchval("SELECT count(*) FROM charges WHERE period_from = '2026-12-01'") > 0


@pytest.mark.usefixtures("members")
async def test_a_run_that_was_cut_off_goes_on(pool, dues):
    """On the same day with what is built; on another day from nothing, with dates of its own."""
    today = date(2026, 12, 2)
    run = await dues.open_dues_run(DuesOpening(period="2026-12", today=today, page_size=3))
    first = DuesPage(run=run, first=run.pages[0])
    assert (await dues.charge_dues_page(first)).charges == 3
    again = await dues.open_dues_run(DuesOpening(period="2026-12", today=today, page_size=3))
    assert again == run
    assert (await dues.charge_dues_page(first)).charges == 0
    assert await pool.fetchval("SELECT count(*) FROM built_charges") == 3
    await build(dues, "2026-12", today=date(2026, 12, 3))
    days = await pool.fetch("SELECT issued_on, count(*) FROM invoices GROUP BY 1")
    assert [tuple(row) for row in days] == [(date(2026, 12, 3), 7)]


@pytest.mark.usefixtures("members")
async def test_a_month_that_another_run_has_let_go_of_comes_line_by_line(pool, dues):
    """Two runs at once: the one whose month is no more being built charges all the same."""
    run = await build(dues, "2026-12", attached=False)
    await build(dues, "2027-01", today=date(2026, 12, 2))
    done = await dues.attach_dues_month(run)
    assert (done.charges, done.invoices) == (7, 7)
    assert (await parts(pool, DECEMBER))[0] == {"charges_unbuilt"}
    assert (await parts(pool, JANUARY))[0] == {"charges_2027_01"}


@pytest.mark.usefixtures("members")
async def test_attaching_waits_for_who_reads_long_and_holds_up_nobody(pool, dues):
    """It asks for its locks again and again, is cut off meanwhile, and is done the next time."""
    run = await build(dues, "2026-12", attached=False)
    async with pool.acquire() as reader, reader.transaction():
        assert await reader.fetchval("SELECT count(*) FROM charges") == 0
        attaching = asyncio.create_task(dues.attach_dues_month(run))
        async with asyncio.timeout(20):
            while not await pool.fetchval(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                " AND relation = 'charges_unbuilt'::regclass)"
            ):
                await asyncio.sleep(0.005)  # the database tells nobody that somebody waits
        await joins(Persistence(pool, allow_synthetic_ids=True), life(since=SINCE))
        attaching.cancel()
        await asyncio.gather(attaching, return_exceptions=True)
        assert await reader.fetchval("SELECT count(*) FROM invoices") == 1
    await dues.attach_dues_month(run)
    assert await pool.fetchval("SELECT count(*) FROM charges WHERE period_from = $1", DECEMBER) == 7


async def test_one_person_is_charged_once_whatever_the_memberships(pool, dues, members):
    """Two memberships on two pages: what is built can't be seen, so both come after it."""
    await one_person(pool, members[0], members[6])
    await build(dues, "2026-12")
    assert await pool.fetchval("SELECT count(*) FROM charges") == 6
    assert await charged(pool, members[0], DECEMBER) == {"central_dues": 49500}
    assert await tasks_of(pool) == []


@pytest.mark.usefixtures("members")
async def test_each_key_of_a_month_is_known_by_the_name_for_all_months(pool, dues):
    """What a decision makes of a key that was taken goes by that name, wherever the line stands."""
    await build(dues, "2026-12")
    keys = await pool.fetch(
        "SELECT own.relname AS own, whole.relname AS whole FROM pg_inherits"
        " JOIN pg_class AS own ON own.oid = inhrelid"
        " JOIN pg_class AS whole ON whole.oid = inhparent"
        " JOIN pg_index ON indexrelid = own.oid WHERE indisunique"
        # What has no month clashes with nothing.
        " AND indrelid <> 'entries_of_money'::regclass"
    )
    named = {key["own"]: key["whole"] for key in keys}
    assert named["charges_2026_12_one_per_kind_and_month"] == "charges_one_per_kind_and_month"
    assert {own: key_of_all(own) for own in named} == named
    assert set(named.values()) >= _ONE_LINE, "each that is told apart is a key of all months"


async def test_a_month_that_is_just_being_charged_is_no_rare_value(pool):
    """No statistics say which months there are: one they don't know yet was taken for none."""
    rows = await pool.fetch(
        "SELECT attrelid::regclass::text, attstattarget FROM pg_attribute WHERE attname = "
        "'period_from' AND attrelid IN ('charges_unbuilt'::regclass, 'entries_unbuilt'::regclass)"
    )
    assert {tuple(row) for row in rows} == {("charges_unbuilt", 0), ("entries_unbuilt", 0)}


async def test_no_key_of_all_invoices_goes_to_a_page_for_each_member(pool):
    """What begins with the member holds all of one's invoices as one entry, or credit notes."""
    rows = await pool.fetch(
        "SELECT indexrelid::regclass::text, indnkeyatts, indpred IS NULL AS of_all FROM pg_index"
        " JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
        " WHERE indrelid = 'invoices'::regclass AND attname = 'membership_id'"
    )
    assert {tuple(row) for row in rows} == {
        ("invoices_of_membership", 1, True),
        ("invoices_given_back", 1, False),
    }


async def test_serials_go_on_where_each_member_s_last_invoice_left_off(
    pool, persistence, dues, members
):
    """Looked up, or read from the month before; one from long ago in the way is no end of it."""
    billed = await joins(persistence, life(since=SINCE))
    await build(dues, "2026-11")
    number = f"{await number_of(pool, members[4])}-2"
    await add_invoice(pool, members[4], number=number, kid="1234567890123452", serial=2)
    await build(dues, "2026-12")
    await build(dues, "2027-01")
    rows = await pool.fetch(
        "SELECT membership_id, array_agg(serial ORDER BY serial) FROM invoices GROUP BY 1"
    )
    last = dict.fromkeys(members, 3) | {billed: 4, members[4]: 4}
    assert {row[0]: row[1] for row in rows} == {
        member: list(range(1, serial + 1)) for member, serial in last.items()
    }


async def test_a_page_looks_into_no_month_but_those_a_late_change_reaches(
    pool, persistence, dues, members
):
    """The sixtieth month costs what the first one did: the months between are not looked at."""
    for period in ("2026-11", "2026-12", "2027-01"):
        await build(dues, period)
    opening = DuesOpening(period="2027-02", today=date(2027, 2, 2), page_size=3)
    run = (await dues.open_dues_run(opening)).model_copy(update={"since": DECEMBER})
    assert await looked_into(pool, run) == set()
    late = replanned(members[0], 3, term(24750, valid_from=DECEMBER))
    await persistence.record_decision(late)
    assert await looked_into(pool, run) == {"charges_2026_12", "charges_2027_01"}


@pytest.mark.usefixtures("members")
async def test_a_page_is_planned_for_the_month_it_charges_and_no_other(pool, dues):
    """Each month there is would be opened by each scan of all of them, though hardly one ran."""
    for month in ("2026-11", "2026-12", "2027-01"):
        run = await build(dues, month)
    values = {"first": "00000001", "last": "00000003", "building": True, "since": NOVEMBER}
    values |= {"period_from": date(2027, 2, 1), "charged_on": JANUARY, "due_on": JANUARY}
    assert run.built
    async with pool.acquire() as connection:
        explained = await connection.prepare(f"EXPLAIN {CHARGE_PAGE.sql}")
        plan = await explained.fetch(*(values[name] for name in CHARGE_PAGE.parameters))
    assert not {row[0] for row in plan if " on charges_20" in row[0]}


@pytest.mark.usefixtures("members")
async def test_what_is_compared_is_joined_and_not_gone_through_line_by_line(pool, dues):
    """However many reported late, and however little memory there is: their square is never met."""
    run = await build(dues, "2026-11")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL work_mem = '64kB'")
        plan = await connection.fetch(
            "EXPLAIN SELECT * FROM corrections_due('2026-12-01', $1, '00000001', '99999999')",
            run.since,
        )
    assert not [row[0] for row in plan if "period_from = (SubPlan" in row[0]]


@pytest.mark.usefixtures("members")
async def test_all_months_are_looked_through_once_they_have_grown_by_a_tenth(pool, dues):
    """What the planner knows of all of them comes from each of them: not after every month."""
    known = "SELECT reltuples FROM pg_class WHERE oid = 'charges'::regclass"
    note = "UPDATE pg_class SET reltuples = $1 WHERE oid = 'charges'::regclass"
    await build(dues, "2026-11")
    assert await pool.fetchval(known) == 7
    await pool.execute(note, 13)
    await build(dues, "2026-12")
    assert await pool.fetchval(known) == 13
    await pool.execute(note, 19)
    await build(dues, "2027-01")
    assert await pool.fetchval(known) == 21
