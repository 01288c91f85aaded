"""Years in which money goes both ways, and what is told of who died or was erased since."""

import io
from datetime import date

import pytest

from activities.statements import reporting
from schemas.statements.tax import Unreported
from tests.dues.spoiling import unguarded
from tests.statements.making import (
    allocates,
    credit_of_10000,
    is_deducted,
    lives,
    member,
    pays,
    pays_out,
    report,
    stated,
    year_end,
)
from tests.statements.test_reporting import MARCH, deliver
from workers.cli.statements.authority_file import CutShort, write_delivery

LONG_AGO = date(2019, 3, 1)
APRIL, NOVEMBER, DECEMBER = date(2024, 4, 1), date(2024, 11, 1), date(2024, 12, 1)
FULL, STUDENT = "central.full", "student.year"

WORKS = ((FULL, LONG_AGO, None),)
STUDIES_LATER = ((FULL, LONG_AGO, NOVEMBER), (STUDENT, NOVEMBER, None))
STUDIED = ((STUDENT, LONG_AGO, NOVEMBER), (FULL, NOVEMBER, None))


@pytest.mark.parametrize(
    ("rates", "came", "deducted", "back", "said"),
    [
        # In April straight, in December by the employer, paid out of a note of November; then what
        # was paid, straight, for work, what is reported, and why not.
        pytest.param(WORKS, 10000, 0, 10000, None, id="all back"),
        pytest.param(WORKS, 8000, 0, 10000, None, id="more back than came"),
        pytest.param(WORKS, 49500, 0, 10000, (39500, 39500, 39500, 39500, None), id="part back"),
        # 495.00 - 100.00; nothing of it came straight.
        pytest.param(WORKS, 0, 49500, 10000, (39500, 0, 39500, 0, None), id="of a deduction"),
        # A student's fee comes back: 495.00 were for work, 395.00 are left of all.
        pytest.param(
            STUDIES_LATER, 49500, 0, 10000, (39500, 39500, 39500, 39500, None), id="a fee back"
        ),
        # 40.00 - 100.00 straight, 495.00 by the employer: 435.00, of which 40.00 were for work.
        pytest.param(
            STUDIES_LATER, 4000, 49500, 10000, (43500, 0, 4000, 0, None), id="a fee, beside"
        ),
        pytest.param(
            STUDIED, 30000, 0, 10000, (20000, 20000, 0, 0, Unreported.NO_DEDUCTION), id="of work"
        ),
    ],
)
async def test_no_part_is_more_than_what_stayed(
    pool, persistence, statements, rates, came, deducted, back, said
):
    """No more is deductible or reported than was paid in all, whatever came back (S24, X3)."""
    who = await member(persistence, pool)
    await lives(pool, who, LONG_AGO, *rates)
    if came:
        await pays(pool, who, came, date(2024, 11, 5), month=APRIL)
    if deducted:
        await is_deducted(pool, who, DECEMBER, deducted)
    _, credit = await credit_of_10000(pool, who)
    await pays_out(pool, who, credit, back, date(2024, 12, 20))
    await year_end(statements)
    row = await pool.fetchrow(
        "SELECT paid_ore, direct_ore, working_ore, reported_ore, unreported FROM tax_statements"
    )
    assert (None if row is None else tuple(row)) == said
    assert await pool.fetchval("SELECT count(*) FROM tasks") == (came < back)


@pytest.mark.parametrize(
    ("month", "kind", "counts", "said"),
    [
        # Paid in April for work; the note of November, a student's, gives back 100.00 of April.
        (APRIL, "central_dues", "true", (39500, 39500)),
        # Or of a month of study: what was paid for work stays.
        (date(2024, 10, 1), "central_dues", "true", (39500, 49500)),
        # Local dues that do not count when they come do not when they go (A24).
        (APRIL, "local_dues", "false", (49500, 49500)),
        (APRIL, "local_dues", "true", (39500, 39500)),
    ],
)
async def test_what_a_note_gives_back_is_of_the_months_it_corrects(
    pool, persistence, statements, month, kind, counts, said
):
    """S24, X4: 495.00 for April, at work until September, and 100.00 of a note paid out.

    Beside it 300.00 came for October, as a student: 795.00 in all, 495.00 of it for work.
    """
    await pool.execute(
        "INSERT INTO policies VALUES ('local_dues_deductible', '2024-12-31', $1::text::jsonb,"
        " 'A24')",
        counts,
    )
    october = date(2024, 10, 1)
    who = await member(persistence, pool)
    await lives(pool, who, LONG_AGO, (FULL, LONG_AGO, october), (STUDENT, october, None))
    await pays(pool, who, 49500, date(2024, 4, 5), month=APRIL)
    _, credit = await credit_of_10000(pool, who)
    await pool.execute(
        "INSERT INTO corrections (membership_id, charged_in, period_from, kind, reason, was_ore,"
        " is_ore) VALUES ($1, '2024-11-01', $2, $3, 'reassessed', 49500, 39500)",
        who,
        month,
        kind,
    )
    await is_deducted(pool, who, DECEMBER, 30000)
    await pays_out(pool, who, credit, 10000, date(2024, 12, 20))
    await year_end(statements)
    row = await pool.fetchrow("SELECT paid_ore - 30000, working_ore FROM tax_statements")
    assert tuple(row) == said


async def test_an_estate_is_told_of_each_statement(pool, persistence, statements):
    """A correction is a task of its own; of a year in which money only went out there is none."""
    who = await member(persistence, pool)
    _, credit = await credit_of_10000(pool, who)
    reference = await pays(pool, who, 49500, date(2024, 11, 5))
    await pool.execute("UPDATE memberships SET stage = 'ended', outcome = 'deceased'")
    await year_end(statements)
    await allocates(pool, reference, who, -9500, date(2025, 1, 20))
    for day in (1, 2):
        await year_end(statements, today=date(2025, 2, day))
    await pays_out(pool, who, credit, 10000, date(2025, 3, 1))
    await year_end(statements, year=2025, today=date(2026, 1, 15))
    assert await stated(pool, who) == [(49500, 49500), (40000, 40000)]
    keys = [row[0] for row in await pool.fetch("SELECT key FROM tasks ORDER BY key")]
    assert keys == [
        f"tax-estate/2024/{who}",
        f"tax-estate/2024/{who}/2",
        f"tax-paid-out/2025/{who}/10000",
    ]


async def test_who_is_erased_is_told_nothing_more(pool, persistence, statements):
    """Neither statement nor task of somebody who is nobody now; a file is not cut short."""
    who, stays = await member(persistence, pool), await member(persistence, pool)
    for one in (who, stays):
        await pays(pool, one, 49500, date(2024, 11, 5))
    await year_end(statements)
    assert len(await deliver(pool, MARCH) or {}) == 2
    async with unguarded(pool) as connection:
        await connection.execute("DELETE FROM tax_delivery_lines WHERE membership_id = $1", who)
    await pool.execute(
        "UPDATE memberships SET (stage, outcome, open_until, erased_on, person_id, facts,"
        " employer_name, position, recruited_by)"
        " = ('ended', 'resigned', NULL, $2, NULL, NULL, NULL, NULL, NULL) WHERE membership_id = $1",
        who,
        MARCH,
    )
    found = await year_end(statements, today=date(2025, 4, 10))
    assert (found.statements, found.corrections, found.letters) == (0, 0, 0)
    assert await pool.fetch("SELECT FROM tasks WHERE closed_on IS NULL") == []
    async with pool.acquire() as connection:
        [delivery] = await reporting.deliveries_of(connection, 2024)
        with pytest.raises(CutShort):
            await write_delivery(io.BytesIO(), delivery, reporting.lines_of(connection, delivery))


async def test_a_deduction_that_is_told_late_makes_a_year_outdated(pool, persistence, statements):
    """X4: whatever an employer tells of its months after the statements is asked about."""
    who = await member(persistence, pool)
    await pays(pool, who, 49500, date(2024, 11, 5))
    await year_end(statements)
    await report(statements)
    await is_deducted(pool, who, DECEMBER, 49500, settled_on=date(2026, 3, 1))
    await year_end(statements, year=2025, today=date(2026, 3, 10))
    await report(statements, year=2025, today=date(2026, 3, 10))
    tasks = await pool.fetch("SELECT key FROM tasks WHERE closed_on IS NULL")
    assert [row["key"] for row in tasks] == ["tax-outdated/2024"]
