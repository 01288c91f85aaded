"""A line is never below zero: what is left over comes with the next list, or is paid out (A37)."""

from datetime import date
from pathlib import Path

import pytest

from activities.audit import books
from activities.database.pool import load_queries
from activities.dues.activities import Dues
from tests.deduction.making import LATE, A, B, filled
from tests.dues.making import charge

AUDIT = load_queries(Path(books.__file__).with_name("sql") / "queries.sql")
MONTHS = ("2026-12", "2027-01", "2027-02", "2027-03")


async def pays(office, member, payer="payroll", employer: str | None = A):
    """Let a member be charged full dues from January on."""
    await office.pool.execute(
        "WITH decided AS (INSERT INTO decisions (membership_id, number, event, decided_at,"
        " decided_on, decided_by, rules, content_hash, receipt)"
        " VALUES ($1, 1, 'approved', '2026-12-03', '2026-12-03', 'rule', '{}', repeat('0', 64),"
        " '{}'))"
        " INSERT INTO terms (membership_id, kind, amount_ore, cadence, payer, employer_orgnr,"
        " valid, decision)"
        " VALUES ($1, 'central_dues', 49500, 'monthly', $2, $3, '[2027-01-01,)', 1)",
        member,
        payer,
        employer,
    )


async def credited(office, given_back=120000):
    """A member of whom more is given back in December than is charged, and the list for it."""
    member = await office.joins()
    await office.charge(member, central=49500, correction={"central": -given_back})
    await office.make()
    return member


async def month(office, period):
    """Charge a month, and make its lists."""
    await charge(Dues(office.pool), period)
    await office.make(period)


async def asked(office, member):
    """What each list asks for a member: øre by employer and month."""
    rows = await office.pool.fetch(
        "SELECT employer_orgnr, to_char(period_from, 'YYYY-MM'), deduction_lines.total_ore"
        " FROM deduction_lines JOIN deduction_lists ON number = list_number"
        " WHERE membership_id = $1",
        member,
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def drifts(office):
    """What the audit finds in the books of all months."""
    found = []
    async with office.pool.acquire() as connection:
        for period in MONTHS:
            about = {"month": date.fromisoformat(f"{period}-01"), "most": 9}
            for query in (AUDIT.find_charges, AUDIT.find_lists):
                found += [row["says"] async for row in query(connection, **about)]
        since = date(2026, 11, 1)
        money = AUDIT.find_money(connection, since=since, most=9)
        found += [row["says"] async for row in money]
    return found


async def test_what_is_left_over_comes_with_the_lists_that_follow(office):
    """Carried twice, beside somebody of whom nothing is; the books balance after each list."""
    other = await office.joins()
    await office.charge(other)
    member = await credited(office)
    for each in (other, member):
        await pays(office, each)
    # 49500 - 120000 = -70500: nothing is asked for, and no employer owes less than nothing.
    assert await office.balance("employers") == 49500
    for period in MONTHS[1:]:
        await month(office, period)
        await month(office, period)
    # January 49500 - 70500 = -21000; February 49500 - 21000 = 28500.
    assert await asked(office, member) == {
        (A, "2026-12"): 0, (A, "2027-01"): 0, (A, "2027-02"): 28500, (A, "2027-03"): 49500
    }  # fmt: skip
    assert await asked(office, other) == {(A, period): 49500 for period in MONTHS}
    left = "SELECT array_agg(amount_ore ORDER BY period_from) FROM carried_over"
    assert await office.pool.fetchval(left) == [70500, 21000]
    # All that is asked for: 4 * 49500 + 28500 + 49500; what was carried has cleared itself.
    assert await office.balance("employers") == 276000
    assert await office.pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0
    books_say = (
        "SELECT sum(CASE debit WHEN 'correction' THEN 1 ELSE 0 END * amount_ore) -"
        " sum(CASE credit WHEN 'correction' THEN 1 ELSE 0 END * amount_ore) FROM booked"
    )
    assert await office.pool.fetchval(books_say) == 0
    assert await drifts(office) == []


@pytest.mark.parametrize(
    ("change", "payer", "employer", "line", "credit"),
    [
        # 49500 - 60000 = -10500 carried; 49500 - 10500 = 39000 asked of the new employer.
        ("has another employer", "payroll", B, 39000, 0),
        # 49500 - 10500 = 39000 by invoice: nothing is left with us.
        ("hides", "direct", None, None, 0),
        # Nothing is charged any more: a credit note of 10500, which is paid out.
        ("leaves", None, None, None, 10500),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
async def test_whoever_collects_next_takes_it_off(office, change, payer, employer, line, credit):
    """By the next employer's list, by the next invoice, or as money that is left over."""
    member = await credited(office, given_back=60000)
    changes = {
        "hides": "UPDATE memberships SET hidden = true WHERE membership_id = $1",
        "leaves": "UPDATE memberships SET stage = 'ended', outcome = 'resigned'"
        " WHERE membership_id = $1",
    }
    if change in changes:
        await office.pool.execute(changes[change], member)
    if payer:
        await pays(office, member, payer, employer)
    await month(office, "2027-01")
    assert await asked(office, member) == {(A, "2026-12"): 0} | (
        {(employer, "2027-01"): line} if employer else {}
    )
    assert await office.pool.fetchval("SELECT credit_of($1)", member) == credit
    assert await office.balance("employers") == (line or 0)
    invoiced = "SELECT sum(total_ore) FROM invoices WHERE membership_id = $1"
    assert await office.pool.fetchval(invoiced, member) == {
        "hides": 39000, "leaves": -10500
    }.get(change)  # fmt: skip
    assert await drifts(office) == []


async def test_a_line_of_nothing_settles_with_nothing(office):
    """The employer reads 0.00 and sends back 0; taken all the same, that is given back as well."""
    member, taken = await office.joins(), await office.joins()
    for each in (member, taken):
        await office.charge(each, correction={"central": -10000}, central=4000)
    await office.make()
    number = await office.number_of()
    await office.deliver(number)
    await office.take(filled(await office.file_of(number), {office.numbers[taken]: ("5,00", "")}))
    await office.pay(number, 500)
    assert (await office.settle(number, LATE)).settled
    outcomes = "SELECT array_agg(outcome ORDER BY outcome) FROM deductions"
    assert await office.pool.fetchval(outcomes) == ["deducted", "over"]
    assert await office.balance("employers") == 0
    await charge(Dues(office.pool), "2027-01")
    given = await office.pool.fetch(
        "SELECT membership_id, amount_ore FROM charges WHERE kind = 'correction'"
        " AND period_from = '2027-01-01'"
    )
    # 4000 - 10000 = -6000 each; of the other 500 more.
    assert {tuple(row) for row in given} == {(member, -6000), (taken, -6500)}
    assert await drifts(office) == []
