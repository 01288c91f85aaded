"""Making lists: what stands on a line, which code, and that each is made once."""

import asyncio
from datetime import date

import pytest

from schemas.deduction.contracts import DeductionListsReport
from tests.deduction.making import A, B
from tests.kids import is_valid_kid, list_kid


async def test_a_line_is_the_charges_of_the_month(office):
    """Central, local and premium each by itself; a correction within what it corrects."""
    kari, ola = await office.joins(), await office.joins()
    await office.charge(kari, central=49500, local=5000, premium=20000)
    # 24750 - 49500 = -24750 of central dues, and 2250 - 4500 = -2250 of local ones.
    await office.charge(ola, central=24750, correction={"central": -24750, "local": -2250})
    assert await office.make() == DeductionListsReport(lists=1, lines=2)
    assert await office.lines_of(await office.number_of()) == {
        kari: (49500, 5000, 20000, 74500, "START"),
        # 24750 - 24750 = 0 central; 0 - 2250 local; together -2250, which is carried over (A37).
        ola: (2250, -2250, 0, 0, "START"),
    }


async def test_each_employer_gets_its_own_list(office):
    """Number, KID, serial and due date; the direct payer stands on none."""
    for employer in (A, B):
        await office.charge(await office.joins(), employer=employer)
    assert (await office.make()).lists == 2
    for employer in (A, B):
        row = await office.pool.fetchrow(
            "SELECT * FROM deduction_lists JOIN employers ON orgnr = employer_orgnr"
            " WHERE orgnr = $1",
            employer,
        )
        assert row["number"] == f"{row['payer_number']}-1"
        assert row["kid"] == list_kid(row["payer_number"], 1)
        assert is_valid_kid(row["kid"])
        assert row["kid"].startswith("2")
        assert (row["total_ore"], row["line_count"]) == (49500, 1)
        assert row["report_due_on"] == date(2027, 1, 15)


@pytest.mark.parametrize(
    ("period", "due_on"),
    [
        ("2026-12", date(2027, 1, 15)),  # a Friday
        ("2026-07", date(2026, 8, 17)),  # the 15th is a Saturday
        ("2027-04", date(2027, 5, 18)),  # 15 May is a Saturday, the 17th a holiday
    ],
)
async def test_the_report_is_due_on_a_bank_day(office, period, due_on):
    """D5: the 15th of the month after, or the next bank day."""
    await office.charge(await office.joins(), period)
    await office.make(period)
    due = await office.pool.fetchval("SELECT report_due_on FROM deduction_lists")
    assert due == due_on


async def test_codes_over_several_months(office):
    """START, CONTINUE, CHANGE, STOP, and START again for whoever comes back."""
    months = {
        "2026-10": {"a": 49500, "b": 49500, "c": 49500},
        "2026-11": {"a": 49500, "b": 24750},
        "2026-12": {"a": 49500, "b": 24750, "c": 49500},
        "2027-01": {"b": 24750, "c": 49500},
    }
    members = {name: await office.joins() for name in "abc"}
    found = {}
    for period, charges in months.items():
        for name, ore in charges.items():
            await office.charge(members[name], period, central=ore)
        await office.make(period)
        lines = await office.lines_of(await office.number_of(period=period))
        found[period] = {name: lines[m][3:] for name, m in members.items() if m in lines}
    assert found == {
        "2026-10": {"a": (49500, "START"), "b": (49500, "START"), "c": (49500, "START")},
        "2026-11": {"a": (49500, "CONTINUE"), "b": (24750, "CHANGE"), "c": (0, "STOP")},
        "2026-12": {"a": (49500, "CONTINUE"), "b": (24750, "CONTINUE"), "c": (49500, "START")},
        "2027-01": {"a": (0, "STOP"), "b": (24750, "CONTINUE"), "c": (49500, "CONTINUE")},
    }


async def test_a_stop_is_said_once(office):
    """Who was stopped last month is not on the list at all."""
    gone, stays = await office.joins(), await office.joins()
    await office.charge(gone, "2026-10")
    for period in ("2026-10", "2026-11", "2026-12"):
        await office.charge(stays, period)
        await office.make(period)
    number = await office.number_of(period="2026-12")
    assert set(await office.lines_of(number)) == {stays}


async def test_after_a_restore_no_lists_number_comes_again(office):
    """The next list says who goes on and who stops as if none had been passed over (ADR 102)."""
    gone, stays = await office.joins(), await office.joins()
    await office.charge(gone, "2026-10")
    await office.charge(stays, "2026-10")
    await office.make("2026-10")
    await office.pool.execute("INSERT INTO restores VALUES (DEFAULT, '2026-11-01', 9, 40)")
    await office.charge(stays, "2026-11")
    await office.make("2026-11")
    number = await office.number_of(period="2026-11")
    assert number.endswith("-41")
    lines = await office.lines_of(number)
    assert {member: lines[member][4] for member in (gone, stays)} == {
        gone: "STOP",
        stays: "CONTINUE",
    }


async def test_made_again_nothing_is_added(office):
    """Idempotent by employer and month, also two at once."""
    members = [await office.joins() for _ in range(3)]
    for member in members:
        await office.charge(member)
    both = await asyncio.gather(office.make(), office.make())
    assert sorted(done.lists for done in both) == [0, 1]
    assert await office.make() == DeductionListsReport()
    assert await office.pool.fetchval("SELECT count(*) FROM deduction_lines") == 3


async def test_what_was_charged_too_late_comes_with_the_next_month(office):
    """A list stands as it was made; the late charge is carried, once."""
    early, late = await office.joins(), await office.joins()
    await office.charge(early, "2026-11")
    await office.make("2026-11")
    await office.charge(late, "2026-11")
    assert await office.make("2026-11") == DeductionListsReport()
    for member in (early, late):
        await office.charge(member, "2026-12")
    assert (await office.make("2026-12")).carried == 1
    lines = await office.lines_of(await office.number_of())
    # 49500 for December and 49500 for November.
    assert lines[late] == (99000, 0, 0, 99000, "START")
    assert lines[early][3:] == (49500, "CONTINUE")
    for member in (early, late):
        await office.charge(member, "2027-01")
    assert (await office.make("2027-01")).carried == 0
    lines = await office.lines_of(await office.number_of(period="2027-01"))
    assert lines[late][3:] == (49500, "CHANGE")


async def test_lists_ask_for_exactly_what_is_charged(office):
    """Over all lists of a month: the sum of the payroll charges, but for what is carried over."""
    for ore in (49500, 24750, 12375):
        await office.charge(await office.joins(), central=ore, premium=20000)
    await office.charge(await office.joins(), employer=B, correction={"central": -59500})
    await office.make()
    charged = await office.pool.fetchval("SELECT sum(amount_ore) FROM charges")
    over = await office.pool.fetchval("SELECT sum(amount_ore) FROM carried_over")
    asked = await office.pool.fetchval("SELECT sum(total_ore) FROM deduction_lines")
    # 49500 - 59500 = -10000: a line of nothing, and 10000 carried over.
    assert (over, asked) == (10000, charged + 10000)
