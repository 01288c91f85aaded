"""What counts as paid in a year, who is told of it, and what happens when it comes out otherwise.

The first invoice is 495.00; the cap of 2024 is 8,000.00 (S25).
"""

from datetime import date

import asyncpg
import pytest

from activities.statements import yearly
from schemas.statements.contracts import YearEndOpening, YearEndPage
from schemas.statements.tax import TaxCap, deductible_ore
from tests.counting import counted
from tests.persons.making import change_person
from tests.statements.making import (
    TODAY,
    YEAR,
    allocates,
    credit_of_10000,
    is_deducted,
    member,
    pays,
    pays_out,
    report,
    stated,
    year_end,
)

NOVEMBER = date(2024, 11, 5)


async def test_a_page_does_not_ask_of_each_member_whether_it_is_dead(pool, persistence):
    """All who are dead are found at once: one by one they cost as much as the whole page."""
    for _ in range(2):
        await pays(pool, await member(persistence, pool), 49500, NOVEMBER)
    async with counted(pool) as (connection, calls):
        period = await yearly.open_year(connection, YearEndOpening(year=YEAR, today=TODAY))
        assert period.cap is not None
        page = YearEndPage(
            year=YEAR, today=TODAY, cap=period.cap, first="00000001", page_size=period.page_size
        )
        assert (await yearly.make_page(connection, page)).statements == 2
        assert (await yearly.report_year(connection, YEAR, period.cap)).deceased == 0
        assert await calls.of("has_died") == 0


async def test_the_cash_principle(pool, persistence, statements):
    """Paid is what came in the year and stayed, and what was deducted for its months (A24, X4)."""
    names = ("paid", "late", "new year's eve", "part", "suspense", "taken back", "deducted", "much")
    who = {name: await member(persistence, pool) for name in names}
    await pays(pool, who["paid"], 49500, NOVEMBER)
    await pays(pool, who["late"], 49500, date(2025, 1, 1))
    await pays(pool, who["new year's eve"], 49500, date(2024, 12, 31))
    # 300.00 on the invoice, 100.00 in suspense: 300.00.
    await pays(pool, who["part"], 40000, NOVEMBER, allocated_ore=30000)
    await pays(pool, who["suspense"], 49500, NOVEMBER, allocated_ore=0)
    back = await pays(pool, who["taken back"], 49500, NOVEMBER)
    await allocates(pool, back, who["taken back"], -49500, date(2025, 1, 3))
    # Deducted in November and December, settled in January: 2 * 495.00 and 495.00 paid.
    await pays(pool, who["deducted"], 49500, NOVEMBER)
    for month in (date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)):
        await is_deducted(pool, who["deducted"], month, 49500)
    await is_deducted(pool, who["much"], date(2024, 6, 1), 834000)

    found = await year_end(statements)
    told = {name: await stated(pool, one) for name, one in who.items()}
    assert told == {
        "paid": [(49500, 49500)],
        "late": [],
        "new year's eve": [(49500, 49500)],
        "part": [(30000, 30000)],
        "suspense": [],
        "taken back": [],
        "deducted": [(148500, 148500)],
        # Members since October: 8,000.00 * 3 / 12 (X2).
        "much": [(834000, 200000)],
    }
    assert (found.statements, found.corrections, found.letters) == (5, 0, 5)
    async with pool.acquire() as connection:
        cap = await yearly.read_cap(connection, YEAR)
        summed = await yearly.report_year(connection, YEAR, cap)
    paid = [ore for one in told.values() for ore, _ in one]
    assert (summed.statements, summed.paid_ore, summed.capped) == (5, sum(paid), 1)
    # The sum in SQL is the rule in Python.
    assert summed.deductible_ore == sum(deductible_ore(ore, 3, cap) for ore in paid)
    assert summed.part_year == 5
    # Deducted: 2 * 495.00 and 8,340.00; the rest came straight to the union, and is reported (X3).
    assert (summed.direct_ore, summed.reported_ore) == (sum(paid) - 933000, sum(paid) - 933000)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        # 495.00 + 50.00 local by invoice, and a month of the same by the employer.
        ({}, {"paid": 54500, "part": 30000, "deducted": 109000, "central only": 49500}),
        # 545.00 less 50.00. Of 300.00 the share of 50 in 545 is 27.52: 272.48 count.
        (
            {"local_dues_deductible": False},
            {"paid": 49500, "part": 27248, "deducted": 99000, "central only": 49500},
        ),
    ],
)
async def test_whether_local_dues_count(pool, persistence, statements, counts, told):
    """All that was paid, or what of it was no local dues, by the end of the year's policy (A24)."""
    for name, value in counts.items():
        await pool.execute("INSERT INTO policies VALUES ($1, '2024-12-31', $2, 'A24')", name, value)
        await pool.execute("INSERT INTO policies VALUES ($1, '2025-01-01', 'true', 'A24')", name)
    who = {name: await member(persistence, pool, branch="OSLO") for name in list(told)[:3]}
    who["central only"] = await member(persistence, pool)
    await pays(pool, who["paid"], 54500, NOVEMBER)
    await pays(pool, who["part"], 30000, NOVEMBER)
    await pays(pool, who["deducted"], 54500, NOVEMBER)
    await is_deducted(pool, who["deducted"], date(2024, 12, 1), 54500, local_ore=5000)
    await pays(pool, who["central only"], 49500, NOVEMBER)
    await year_end(statements)
    for name, ore in told.items():
        assert await stated(pool, who[name]) == [(ore, ore)], name


async def test_what_was_paid_out_was_not_paid(pool, persistence, statements):
    """Of a credit note, by the day the bank is told; refused or sent back it has not left (X3)."""
    who = await member(persistence, pool)
    _, credit = await credit_of_10000(pool, who)
    await pays(pool, who, 49500, NOVEMBER)
    await pays_out(pool, who, credit, 3000, date(2024, 12, 20))
    await pays_out(pool, who, credit, 3000, date(2025, 1, 5))
    await pays_out(pool, who, credit, 3000, NOVEMBER, comes_back_on=NOVEMBER)
    await year_end(statements)
    assert await stated(pool, who) == [(46500, 46500)]
    found = await report(statements)
    assert (found.direct_ore, found.reported_ore) == (46500, 46500)
    # In 2025 nothing came: what was paid out then had been paid in 2024, and a person tells that.
    for _ in range(2):
        await year_end(statements, year=2025, today=date(2026, 1, 15))
    assert await stated(pool, who, 2025) == []
    assert (await report(statements, year=2025, today=date(2026, 1, 15))).statements == 0
    [task] = await pool.fetch("SELECT key, says, membership_id FROM tasks")
    assert (task["key"], task["membership_id"]) == (f"tax-paid-out/2025/{who}/3000", who)
    assert "3000 øre more were paid out in 2025 than came straight from the member" in task["says"]


async def test_a_year_that_changes_late_is_asked_about(pool, persistence, statements):
    """X4: no schedule looks at it again; run by hand, its members have filed their returns."""
    who = await member(persistence, pool)
    reference = await pays(pool, who, 49500, NOVEMBER)
    await year_end(statements)
    await report(statements)
    open_tasks = "SELECT key FROM tasks WHERE closed_on IS NULL ORDER BY key"

    async def asked():
        return [row["key"] for row in await pool.fetch(open_tasks)]

    await allocates(pool, reference, who, -49500, date(2026, 3, 1))
    for year, today, keys in (
        (2025, date(2026, 3, 10), ["tax-outdated/2024"]),
        (2025, date(2026, 4, 10), ["tax-outdated/2024"]),
        (2024, date(2026, 4, 11), ["tax-late/2024/2026-04-11"]),
        (2025, date(2026, 5, 10), ["tax-late/2024/2026-04-11"]),
    ):
        await year_end(statements, year=year, today=today)
        await report(statements, year=year, today=today)
        assert await asked() == keys, today
    assert await stated(pool, who) == [(49500, 49500), (0, 0)]


async def test_a_set_off_credit_note_is_no_money(pool, persistence, statements):
    """49500 less a credit of 10000 leaves 39500 to pay, and 39500 were paid."""
    who = await member(persistence, pool)
    number, credit = await credit_of_10000(pool, who)
    await pool.execute(
        "INSERT INTO allocations (credit_number, serial, invoice_number, amount_ore, allocated_on,"
        " allocated_by) VALUES ($1, 1, $2, 10000, '2024-11-01', 'rule')",
        credit,
        number,
    )
    await pays(pool, who, 39500, NOVEMBER)
    await year_end(statements)
    assert await stated(pool, who) == [(39500, 39500)]


async def test_again_adds_nothing(pool, persistence, statements):
    """The same year, run again: no row, no letter, no task (invariant 6)."""
    who = await member(persistence, pool)
    await pays(pool, who, 49500, NOVEMBER)
    await year_end(statements)
    again = await year_end(statements, today=date(2025, 2, 1))
    assert (again.statements, again.corrections, again.letters) == (0, 0, 0)


async def test_another_result_is_a_correction_with_its_own_number(pool, persistence, statements):
    """A payment taken back in January makes 2024 another year: told anew, nothing overwritten."""
    who = await member(persistence, pool)
    reference = await pays(pool, who, 49500, NOVEMBER)
    await year_end(statements)
    await allocates(pool, reference, who, -49500, date(2025, 1, 20))
    corrected = await year_end(statements, today=date(2025, 2, 1))
    assert (corrected.statements, corrected.corrections, corrected.letters) == (0, 1, 1)
    assert await stated(pool, who) == [(49500, 49500), (0, 0)]
    letters = await pool.fetch(
        "SELECT key, batch, ordered_on, figures FROM letters "
        "WHERE membership_id = $1 AND template = 'tax_statement' ORDER BY key",
        who,
    )
    assert [(row["key"], row["batch"]) for row in letters] == [
        ("year-end-2024-1", "year-end-2024"),
        ("year-end-2024-2", "year-end-2024"),
    ]
    assert letters[1]["figures"] == {
        "year": 2024,
        "version": 2,
        "paid_ore": 0,
        "direct_ore": 0,
        "working_ore": 0,
        "months": 3,
        "whole_cap_ore": 800000,
        "cap_ore": 200000,
        "deductible_ore": 0,
        "reported_ore": 0,
        "unreported": None,
        "cap_confirmed": True,
        "made_on": "2025-02-01",
    }
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute("UPDATE tax_statements SET paid_ore = 1")


async def test_who_has_left_is_told_and_an_estate_is_a_task(pool, persistence, statements):
    """Resigned: a letter. Deceased: a statement, no mail, and a task for a caseworker."""
    left, died = await member(persistence, pool), await member(persistence, pool)
    for who, outcome in ((left, "resigned"), (died, "deceased")):
        await pays(pool, who, 49500, NOVEMBER)
        await pool.execute(
            "UPDATE memberships SET stage = 'ended', outcome = $2 WHERE membership_id = $1",
            who,
            outcome,
        )
    found = await year_end(statements)
    assert (found.statements, found.letters) == (2, 1)
    [task] = await pool.fetch("SELECT key, membership_id, says FROM tasks")
    assert (task["key"], task["membership_id"]) == (f"tax-estate/2024/{died}", died)
    assert (
        await pool.fetchval("SELECT membership_id FROM letters WHERE template = 'tax_statement'")
        == left
    )


async def test_without_a_national_id_nothing_is_reported(pool, persistence, statements):
    """A task until the number has come; the statement goes out all the same (N3)."""
    who = await member(persistence, pool, national_id=None)
    known = await member(persistence, pool)
    for one in (who, known):
        await pays(pool, one, 49500, NOVEMBER)
    await year_end(statements)
    async with pool.acquire() as connection:
        reported = await yearly.read_report(connection, YEAR)
    assert [row["membership_id"] for row in reported] == [known]
    task = await pool.fetchrow(
        "SELECT kind, says, closed_on FROM tasks WHERE membership_id = $1", who
    )
    assert task["kind"] == "tax_statement"
    assert task["closed_on"] is None
    await change_person(pool, who, national_id="12848600006")
    await year_end(statements, today=date(2025, 2, 1))
    assert await pool.fetchval("SELECT closed_on FROM tasks WHERE membership_id = $1", who) == date(
        2025, 2, 1
    )


@pytest.mark.parametrize(
    ("year", "today", "refused"),
    [
        (2024, date(2024, 12, 31), "2024 is not over yet"),
        (2026, date(2027, 1, 15), "the cap of 2026 is not known: set it with `medlemsflyt tax-cap"),
    ],
)
async def test_a_year_that_can_not_be_stated(statements, year, today, refused):
    """It is said why, and what to do."""
    period = await statements.open_year_end(YearEndOpening(year=year, today=today))
    assert period.refused is not None
    assert period.refused.startswith(refused)
    assert period.pages == ()


async def test_a_cap_is_set_by_hand_and_kept(pool, statements):
    """An unknown year becomes known; a confirmed cap is not replaced unless that is meant."""
    cap = TaxCap(year=2026, cap_ore=840000, confirmed=True, source="test")
    other = cap.model_copy(update={"cap_ore": 850000})
    async with pool.acquire() as connection:
        await yearly.write_cap(connection, cap)
        await yearly.write_cap(connection, cap)
        with pytest.raises(yearly.CapConfirmed, match=r"is confirmed as 8400\.00; --replace"):
            await yearly.write_cap(connection, other)
        assert await yearly.read_cap(connection, 2026) == cap
        await yearly.write_cap(connection, other, replace=True)
        assert await yearly.read_cap(connection, 2026) == other
    period = await statements.open_year_end(YearEndOpening(year=2026, today=date(2027, 1, 15)))
    assert period.cap == other


async def test_a_rehearsal_says_what_then_happens(pool, persistence, statements):
    """The same figures, and nothing written; also of a year that is not over."""
    who = await member(persistence, pool, national_id=None)
    await pays(pool, who, 49500, NOVEMBER)
    async with pool.acquire() as connection:
        rehearsed = await yearly.rehearse(connection, YEAR)
        assert await pool.fetchval("SELECT count(*) FROM tax_statements") == 0
        made = await year_end(statements, today=TODAY)
        summed = await yearly.report_year(connection, YEAR, rehearsed.cap)
    assert (rehearsed.new, rehearsed.corrections, rehearsed.letters) == (1, 0, made.letters)
    same = {"statements", "paid_ore", "deductible_ore", "capped", "without_national_id", "deceased"}
    assert rehearsed.model_dump(include=same) == summed.model_dump(include=same)
