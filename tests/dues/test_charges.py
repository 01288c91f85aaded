"""What each kind of member is charged for December and January: by hand, in øre.

Full central dues are 49500 (S2), OSLO's local dues 5000, BERGEN's 4500 and halved with the
central ones (A3), the insurance package 20000 (S7).
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import pytest

from schemas.dues.terms import Span
from schemas.membership.situation import Facts
from schemas.shared.vocabulary import Cadence, Category, PensionKind
from tests.dues.lives import A, B, becomes, draws, ends, leave, life, retired_life, works, yes
from tests.dues.making import SINCE, charge, charged, joins, replanned, term

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
INSURED = (Span(valid_from=NOVEMBER),)


@dataclass(frozen=True)
class Case:
    """A life, and its charges for December 2026 and January 2027."""

    facts: Facts
    december: dict[str, int]
    january: dict[str, int]


def every_month(facts: Facts, **lines: int) -> Case:
    """A life that is charged the same in both months."""
    return Case(facts, lines, lines)


STUDENT = life(category=Category.STUDENT, percent=None, employer=None, since=SINCE)
PENSIONER = life(
    category=Category.PENSIONER,
    born=date(1955, 3, 8),
    percent=None,
    employer=None,
    since=SINCE,
    pension=PensionKind.OLD_AGE,
)
FULL = {"central_dues": 49500}

CASES = {
    "ordinary": every_month(life(since=SINCE), **FULL),
    "payroll": every_month(
        life(since=SINCE, payers=(yes(NOVEMBER),)), **{f"central_dues {A}": 49500}
    ),
    "payroll from January": Case(
        life(since=SINCE, payers=(yes(JANUARY),)), FULL, {f"central_dues {A}": 49500}
    ),
    "another employer deducts from January": Case(
        life(
            works(JANUARY, employer=B),
            since=SINCE,
            payers=(yes(NOVEMBER), yes(JANUARY, employer=B)),
        ),
        {f"central_dues {A}": 49500},
        {f"central_dues {B}": 49500},
    ),
    # 49500 * 50 / 100 = 24750 (S5); not rounded to ten kroner (A2).
    "half": every_month(life(percent="50", since=SINCE), central_dues=24750),
    "half from January": Case(
        life(works(date(2026, 12, 8), percent="40"), since=SINCE), FULL, {"central_dues": 24750}
    ),
    "branch": every_month(life(branch="OSLO", since=SINCE), **FULL, local_dues=5000),
    # 4500 / 2 = 2250 where the branch halves (A3).
    "half, branch": every_month(
        life(percent="50", branch="BERGEN", since=SINCE), central_dues=24750, local_dues=2250
    ),
    "premium": every_month(life(since=SINCE, premiums=INSURED), **FULL, insurance_premium=20000),
    "premium from January": Case(
        life(since=SINCE, premiums=(Span(valid_from=JANUARY),)),
        FULL,
        {**FULL, "insurance_premium": 20000},
    ),
    "everything by payroll": every_month(
        life(branch="OSLO", since=SINCE, premiums=INSURED, payers=(yes(NOVEMBER),)),
        **{
            f"central_dues {A}": 49500,
            f"local_dues {A}": 5000,
            f"insurance_premium {A}": 20000,
        },
    ),
    "hidden": every_month(life(hidden=True, branch="OSLO", since=SINCE), **FULL),  # S33, A23
    "apprentice": every_month(life(category=Category.APPRENTICE, since=SINCE)),  # S14: 0
    # A7: 0 dues and the package by choice.
    "insured apprentice": every_month(
        life(category=Category.APPRENTICE, since=SINCE, premiums=INSURED), insurance_premium=20000
    ),
    # 49500 / 4 = 12375 (S21).
    "early pensioner": every_month(
        retired_life(born=date(1963, 5, 17), since=SINCE), central_dues=12375
    ),
    # Turns 67 on 8 December: a quarter still for December, then 49500 * 12 / 10 = 59400,
    # up to ten kroner 60000; from January it is the whole year (A12, S18).
    "early pensioner turns 67": Case(
        retired_life(born=date(1959, 12, 8), since=SINCE),
        {"central_dues": 12375},
        {"central_dues": 60000},
    ),
    # 3/12 of 60000 came with the first invoice in October; the whole comes in January.
    "pensioner": Case(PENSIONER, {}, {"central_dues": 60000}),
    # 49500 * 12 * 5 / 100 = 29700, up to ten kroner 30000 (S12); October's is for all of 2026.
    "student": Case(STUDENT, {}, {"central_dues": 30000}),
    # S17: an accepted offer ends the 30000 a year and begins the 49500 a month.
    "student becomes ordinary": Case(
        life(
            becomes(DECEMBER, Category.ORDINARY),
            category=Category.STUDENT,
            percent=None,
            employer=None,
            since=SINCE,
        ),
        FULL,
        FULL,
    ),
    "leave": Case(life(leave(JANUARY, date(2027, 3, 31)), since=SINCE), FULL, {}),
    # A leave waives the dues, not the insurance.
    "insured leave": Case(
        life(leave(JANUARY, date(2027, 3, 31)), since=SINCE, premiums=INSURED),
        {**FULL, "insurance_premium": 20000},
        {"insurance_premium": 20000},
    ),
    "resigned": Case(life(ends(JANUARY), since=SINCE), FULL, {}),
    "retires in December": Case(
        life(draws(DECEMBER), born=date(1963, 5, 17), since=SINCE, payers=(yes(NOVEMBER),)),
        {"central_dues": 12375},
        {"central_dues": 12375},
    ),
}


async def test_everybody_is_charged_what_the_rules_say(pool, persistence, dues):
    """One run for all of them: each pays what is due, and the sums of the report are theirs."""
    members = {name: await joins(persistence, case.facts) for name, case in CASES.items()}
    reports = []
    for period, month in ((DECEMBER, "december"), (JANUARY, "january")):
        report, _ = await charge(dues, f"{period:%Y-%m}")
        found = {name: await charged(pool, member, period) for name, member in members.items()}
        assert found == {name: getattr(case, month) for name, case in CASES.items()}
        lines = [ore for case in CASES.values() for ore in getattr(case, month).values()]
        assert (report.charges, report.amount_ore) == (len(lines), sum(lines))
        assert report.members == sum(bool(getattr(case, month)) for case in CASES.values())
        assert report.quarantined == ()
        assert sum(total.charges for total in report.totals) == report.charges
        assert sum(total.amount_ore for total in report.totals) == report.amount_ore
        reports.append(report)
    assert reports[1].previous_ore == reports[0].amount_ore


async def test_all_lines_of_a_member_stand_on_one_invoice(pool, persistence, dues):
    """A direct member gets one invoice a month, which adds up and is due on a bank day."""
    member = await joins(persistence, life(branch="OSLO", since=SINCE, premiums=INSURED))
    # 26 December 2026, 14 days after the 12th, is a holiday, and a Saturday: Monday the 28th.
    report, _ = await charge(dues, "2026-12", today=date(2026, 12, 12))
    [invoice] = await pool.fetch(
        "SELECT * FROM invoices WHERE membership_id = $1 AND period_from = $2", member, DECEMBER
    )
    assert invoice["total_ore"] == 49500 + 5000 + 20000
    assert (invoice["issued_on"], invoice["due_on"]) == (date(2026, 12, 12), date(2026, 12, 28))
    assert (report.invoices, report.charges, report.members) == (1, 3, 1)


async def test_first_invoice_is_not_repeated_by_the_run_of_its_month(pool, persistence, dues):
    """Who was approved this month has paid for it, the yearly fees for the year (S26, A13)."""
    facts = {
        "ordinary": (life(since=SINCE), 49500),
        "student": (STUDENT, 30000),
        # From October three months remain: 60000 * 3 / 12 = 15000.
        "pensioner": (PENSIONER, 15000),
    }
    members = {name: await joins(persistence, one) for name, (one, _) in facts.items()}
    _, pages = await charge(dues, "2026-10")
    assert sum(page.charges for page in pages) == 0
    for name, member in members.items():
        assert await charged(pool, member, OCTOBER) == {"central_dues": facts[name][1]}
    for month in ("2026-11", "2026-12"):
        await charge(dues, month)
    assert [await charged(pool, members[name], NOVEMBER) for name in ("student", "pensioner")] == [
        {},
        {},
    ]


async def test_a_year_costs_a_year(pool, persistence, dues):
    """Run by run through a year: 12 months, or one fee in January and none besides."""
    ordinary = await joins(persistence)
    student, pensioner = await joins(persistence, STUDENT), await joins(persistence, PENSIONER)
    for month in range(1, 13):
        await charge(dues, f"2027-{month:02d}")
    paid = dict(
        await pool.fetch(
            "SELECT membership_id, sum(amount_ore)::bigint FROM charges "
            "WHERE period_from BETWEEN '2027-01-01' AND '2027-12-01' GROUP BY membership_id"
        )
    )
    # 12 * 49500 = 594000 (S2)
    assert paid == {ordinary: 594000, student: 30000, pensioner: 60000}


async def test_pension_in_the_middle_of_a_year(pool, persistence, dues):
    """The pensioner's fee begins with July: 60000 * 6 / 12 = 30000, and 60000 next year (A13)."""
    facts = retired_life(born=date(1960, 6, 17), since=SINCE)
    member = await joins(persistence, facts)
    months = ["2027-06", "2027-07", "2027-08", "2028-01", "2028-07"]
    for month in months:
        await charge(dues, month)
    assert [await charged(pool, member, date.fromisoformat(f"{m}-01")) for m in months] == [
        {"central_dues": 12375},
        {"central_dues": 30000},
        {},
        {"central_dues": 60000},
        {},
    ]


async def test_a_new_price_within_the_year_is_not_a_second_fee(pool, persistence, dues):
    """A26: the year that is paid stays paid; whatever months are run, in whatever order."""
    january = term(30000, cadence=Cadence.YEARLY, valid_from=OCTOBER)
    member = await joins(persistence, terms=(january,))
    split = (
        january.model_copy(update={"valid_to": date(2027, 7, 1)}),
        term(32000, cadence=Cadence.YEARLY, valid_from=date(2027, 7, 1)),
    )
    await persistence.record_decision(replanned(member, 3, *split))
    # January's run was forgotten, and is made up for after July's.
    for month in ("2027-07", "2027-01", "2028-01"):
        await charge(dues, month)
    rows = await pool.fetch("SELECT period_from, amount_ore FROM charges ORDER BY 1")
    assert [tuple(row) for row in rows] == [(date(2027, 1, 1), 30000), (date(2028, 1, 1), 32000)]


async def test_quarterly_terms_are_charged_with_the_quarter(pool, persistence, dues):
    """No rule plans them yet; the contract has them: in January, April, July and October."""
    member = await joins(persistence, terms=(term(37125, cadence=Cadence.QUARTERLY),))
    for month in range(1, 13):
        await charge(dues, f"2027-{month:02d}")
    rows = await pool.fetch(
        "SELECT extract(month FROM period_from)::int AS month, amount_ore, cadence FROM charges "
        "WHERE membership_id = $1 ORDER BY period_from",
        member,
    )
    assert [tuple(row) for row in rows] == [(month, 37125, "quarterly") for month in (1, 4, 7, 10)]


async def test_superseded_terms_charge_nothing(pool, persistence, dues):
    """Only what holds now counts, not what was planned before it."""
    member = await joins(persistence, terms=(term(49500),))
    await persistence.record_decision(replanned(member, 3, term(24750)))
    await charge(dues, "2026-12")
    assert await charged(pool, member, DECEMBER) == {"central_dues": 24750}


async def test_invoices_count_on_without_a_gap(pool, persistence, dues):
    """Numbers, serials and KIDs go on from the first invoice's, for each member by itself."""
    members = [await joins(persistence) for _ in range(3)]
    for month in ("2026-11", "2026-12", "2027-01"):
        await charge(dues, month)
    for member in members:
        number = await pool.fetchval(
            "SELECT member_number FROM memberships WHERE membership_id = $1", member
        )
        rows = await pool.fetch(
            "SELECT number, serial, kid, period_from, decision FROM invoices "
            "WHERE membership_id = $1 ORDER BY serial",
            member,
        )
        assert [row["serial"] for row in rows] == [1, 2, 3, 4]
        assert [row["number"] for row in rows] == [f"{number}-{serial}" for serial in range(1, 5)]
        # Of the first invoice the 16 digits but the serial's six and the check digit stay.
        assert {row["kid"][:9] for row in rows} == {f"1{number}"}
        assert [row["kid"][9:15] for row in rows] == [f"{serial:06d}" for serial in range(1, 5)]
        assert all(one["period_from"] < two["period_from"] for one, two in pairwise(rows))
        assert [row["decision"] is None for row in rows] == [False, True, True, True]


@pytest.mark.parametrize("period", ["2026-09", "2026-10"])
async def test_nobody_is_charged_before_joining(pool, persistence, dues, period):
    """The month before, and the first one, which the approval billed."""
    await joins(persistence)
    before = await pool.fetchval("SELECT count(*) FROM charges")
    await charge(dues, period)
    assert await pool.fetchval("SELECT count(*) FROM charges") == before == 1


async def test_a_union_without_members(dues):
    """Nothing to charge is no fault."""
    report, pages = await charge(dues, "2026-12")
    assert (report.members, report.charges, report.amount_ore, pages) == (0, 0, 0, [])
