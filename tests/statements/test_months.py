"""How many months of a year somebody was a member, and which of them they worked (X2, S24)."""

from datetime import date

from schemas.dues.rates import Paid, Rate
from schemas.statements.tax import part_of_cap, unreported_because, without_work
from tests.statements.making import is_deducted, lives, member, one_person, pays, stated, year_end
from tests.statements.test_tax import PARTS, UNREPORTED

JANUARY, APRIL, JULY = date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)
OCTOBER, NEXT = date(2024, 10, 1), date(2025, 1, 1)
LONG_AGO = date(2019, 3, 1)

FULL, HALF = "central.full", "central.half"
MUCH = 900000
"""More than any cap: what is deductible is the cap itself."""

Spans = list[tuple[str, date, date | None]]

LIVES: dict[str, tuple[date, Spans, int]] = {
    # since, spans of rates, and the part of 8,000.00 that follows
    "all year": (LONG_AGO, [(FULL, LONG_AGO, None)], 800000),
    # X2: three months of twelve.
    "joined in October": (date(2024, 10, 1), [(FULL, OCTOBER, None)], 200000),
    # The month of joining counts whole, on whichever of its days.
    "on its last day": (date(2024, 10, 31), [(FULL, OCTOBER, None)], 200000),
    # A19: charged from the month after, a member in the month before.
    "charged from November": (date(2024, 10, 14), [(FULL, date(2024, 11, 1), None)], 200000),
    # A29: reported in May, until the end of June: six months.
    "resigned in May": (LONG_AGO, [(FULL, LONG_AGO, JULY)], 400000),
    # Died on 10 March: three months.
    "died in March": (LONG_AGO, [(FULL, LONG_AGO, APRIL)], 200000),
    # Left before the year: what is paid of arrears promises nothing.
    "left before": (LONG_AGO, [(FULL, LONG_AGO, date(2023, 9, 1))], 0),
    # Known to join after the year: no month of it.
    "joins after": (NEXT, [(FULL, NEXT, None)], 0),
    # A change of rate is no end, and a member on leave is one.
    "half, then free": (LONG_AGO, [(HALF, LONG_AGO, APRIL), ("none", APRIL, None)], 800000),
    "unemployed": (LONG_AGO, [("waived.25<central.full", LONG_AGO, None)], 800000),
}


async def test_the_cap_follows_the_months_of_membership(pool, persistence, statements):
    """A month with any membership in it counts; no other does (X2)."""
    who = {}
    for name, (since, spans, _) in LIVES.items():
        who[name] = await member(persistence, pool)
        await lives(pool, who[name], since, *spans)
        await is_deducted(pool, who[name], date(2024, 12, 1), MUCH)
    await year_end(statements)
    told = {name: await stated(pool, one) for name, one in who.items()}
    assert told == {name: [(MUCH, part)] for name, (*_, part) in LIVES.items()}


async def test_months_of_one_person_count_once(pool, persistence, statements):
    """Two memberships are one statement under the later one, with one cap and no month twice."""
    spans = {
        # January to April, and April to June: six months, of which April is in both.
        "overlapping": ((JANUARY, date(2024, 5, 1)), (APRIL, JULY), 400000),
        # January to March and October to December: six.
        "back after a break": ((JANUARY, APRIL), (OCTOBER, None), 400000),
        # All the year twice is twelve months, not 24.
        "both all year": ((JANUARY, None), (JANUARY, None), 800000),
    }
    who = {}
    for name, (*both, _) in spans.items():
        who[name] = [await member(persistence, pool) for _ in both]
        for one, (first, until) in zip(who[name], both, strict=True):
            await lives(pool, one, first, (FULL, first, until))
            await is_deducted(pool, one, date(2024, 12, 1), 450000)
        await one_person(pool, *who[name])
    await year_end(statements)
    for name, (*_, part) in spans.items():
        earlier, later = who[name]
        told = await stated(pool, earlier), await stated(pool, later)
        assert told == ([], [(900000, part)]), name


async def test_who_comes_back_next_year_is_stated_where_they_were(pool, persistence, statements):
    """The membership of the year holds its statement, also once there is a newer one."""
    old, new = await member(persistence, pool), await member(persistence, pool)
    await lives(pool, old, JANUARY, (FULL, JANUARY, JULY))
    await lives(pool, new, NEXT, (FULL, NEXT, None))
    await pays(pool, old, 49500, date(2024, 2, 2), month=JANUARY)
    await one_person(pool, old, new)
    await year_end(statements)
    assert await stated(pool, old) == [(49500, 49500)]
    assert await stated(pool, new) == []


async def test_a_merge_moves_what_was_stated(pool, persistence, statements):
    """Both have a new version, and one letter tells of both together."""
    one, other = await member(persistence, pool), await member(persistence, pool)
    for each in (one, other):
        await pays(pool, each, 49500, date(2024, 11, 5))
    await year_end(statements)
    await one_person(pool, one, other)
    found = await year_end(statements, today=date(2025, 2, 1))
    assert (found.corrections, found.letters) == (2, 1)
    assert await stated(pool, one) == [(49500, 49500), (0, 0)]
    assert await stated(pool, other) == [(49500, 49500), (99000, 99000)]
    again = await year_end(statements, today=date(2025, 3, 1))
    assert (again.statements, again.corrections) == (0, 0)


WORK: dict[str, tuple[Spans, date, int]] = {
    # rates over the year, the month that 495.00 was paid straight for, what of it is deductible
    "ordinary": ([(FULL, LONG_AGO, None)], APRIL, 49500),
    "apprentice": ([("none", LONG_AGO, None)], APRIL, 49500),
    "works past 67": ([(FULL, LONG_AGO, None)], APRIL, 49500),
    "student": ([("student.year", LONG_AGO, None)], JANUARY, 0),
    "early pensioner": ([("central.quarter", LONG_AGO, None)], APRIL, 0),
    "pensioner": ([("pensioner.year", LONG_AGO, None)], JANUARY, 0),
    "by a fee with local dues": ([("pensioner.year+local@OSLO", LONG_AGO, None)], APRIL, 0),
    # From July on a pensioner: what was paid for the months before counts, and nothing since.
    "until June": ([(FULL, LONG_AGO, JULY), ("pensioner.year", JULY, None)], APRIL, 49500),
    "from July": ([(FULL, LONG_AGO, JULY), ("pensioner.year", JULY, None)], JULY, 0),
    # Paid in the year for a month of the year before, as a student.
    "arrears": ([("student.year", LONG_AGO, JANUARY), (FULL, JANUARY, None)], date(2023, 8, 1), 0),
}


async def test_only_dues_of_work_are_deductible(pool, persistence, statements):
    """What students and pensioners pay promises nothing, and is not reported (S24, X3)."""
    who = {}
    for name, (spans, month, _) in WORK.items():
        who[name] = await member(persistence, pool)
        await lives(pool, who[name], LONG_AGO, *spans)
        await pays(pool, who[name], 49500, date(2024, 11, 5), month=month)
    await year_end(statements)
    rows = await pool.fetch(
        "SELECT membership_id, deductible_ore, reported_ore, unreported FROM tax_statements"
    )
    told = {row["membership_id"]: tuple(row)[1:] for row in rows}
    assert {name: told[one] for name, one in who.items()} == {
        name: (ore, ore, None if ore else "no_deduction") for name, (*_, ore) in WORK.items()
    }


async def test_both_can_be_decided_otherwise(pool, persistence, statements):
    """By the policies of the year's last day: everybody's dues, and the whole cap (X2, S24)."""
    for name, value in (("deductible_of", "everybody"), ("part_year_cap", "whole")):
        await pool.execute("INSERT INTO policies VALUES ($1, '2024-12-31', $2, 'X2')", name, value)
    who = await member(persistence, pool)
    await lives(pool, who, OCTOBER, ("student.year", OCTOBER, None))
    await is_deducted(pool, who, date(2024, 12, 1), MUCH)
    await year_end(statements)
    assert await stated(pool, who) == [(MUCH, 800000)]


async def test_the_rules_in_sql_are_those_in_python(shared_pool):
    """Part of a cap, work and reporting: the same answer in both (X2, X3, S24)."""
    for cap_ore, months, _ in PARTS:
        there = await shared_pool.fetchval("SELECT part_of_cap($1, $2)", cap_ore, months)
        assert there == part_of_cap(cap_ore, months)
    for paid in Paid:
        for rate in (Rate(paid), Rate(paid, branch="OSLO", of_local=True, of_premium=True)):
            cadence = "yearly" if rate.yearly else "monthly"
            there = await shared_pool.fetchval("SELECT without_work($1, $2)", rate.code, cadence)
            assert there is without_work(paid), rate.code
    for direct, reportable, objects, numbered, _ in UNREPORTED:
        there = await shared_pool.fetchval(
            "SELECT unreported_because($1, $2, $3, $4)", direct, reportable, objects, numbered
        )
        here = unreported_because(direct, reportable, objects=objects, has_national_id=numbered)
        assert there == here
