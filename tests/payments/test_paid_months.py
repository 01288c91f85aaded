"""B2: fully paid months, counted over a person's memberships, and the help they open."""

import uuid
from datetime import date
from typing import Any

import pytest

from activities.dues.activities import Dues
from activities.payments.paid_months import count_paid_months, paid_months_of
from schemas.membership.help import help_open
from schemas.membership.notices import Transferred
from schemas.shared.vocabulary import Category
from tests.arrears.making import kid_of
from tests.builders import BOOK, rulebook
from tests.dues.lives import A, leave, life, yes
from tests.dues.making import SINCE, charge, joins
from tests.letters.making import pay
from tests.life import application

DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 15)


async def count(pool, *ids, on=JANUARY, **policies):
    """Return how many months are fully paid, and how many there are."""
    async with pool.acquire() as connection:
        paid, months, _ = await count_paid_months(connection, ids, rulebook(**policies), on)
    return paid, months


async def pay_for(pool, membership_id, month, ore=None):
    """Pay the invoice of a month: all of it unless told otherwise."""
    number, total = await pool.fetchrow(
        "SELECT number, total_ore FROM invoices WHERE membership_id = $1 AND period_from = $2",
        membership_id,
        month,
    )
    await pay(pool, await kid_of(pool, number), ore or total)


@pytest.fixture
def dues(pool):
    """The activities that charge."""
    return Dues(pool)


@pytest.mark.parametrize(
    ("paid", "opens"),
    [
        (0, []),
        (1, ["help"]),
        (2, ["help"]),
        (3, ["help", "casework"]),
        (5, ["help", "casework"]),
        (6, ["help", "casework", "lawyer"]),
        (11, ["help", "casework", "lawyer"]),
        (12, ["help", "casework", "lawyer", "court"]),
    ],
)
def test_what_help_is_open(paid, opens):
    """After 1, 3, 6 and 12 fully paid months; other limits are rows (B2)."""
    (policies,) = BOOK.policies
    assert [step.kind for step in help_open(paid, policies) if step.open] == opens
    limits: Any = {"help_months": 0, "casework_months": 2, "lawyer_months": 5, "court_months": 24}
    stricter = rulebook(**limits).policies_on(DECEMBER)
    assert [step.from_months for step in help_open(paid, stricter)] == [0, 2, 5, 24]


async def test_only_a_month_that_is_fully_paid_counts(persistence, dues, pool):
    """October, November, December are charged: one is paid, of one a part, one not at all."""
    member = await joins(persistence)
    for period in ("2026-11", "2026-12"):
        await charge(dues, period)
    assert await count(pool, member, on=date(2026, 12, 31)) == (0, 3)
    await pay_for(pool, member, date(2026, 10, 1))
    await pay_for(pool, member, date(2026, 11, 1), 49400)
    assert await count(pool, member, on=date(2026, 12, 31)) == (1, 3)
    await pay_for(pool, member, date(2026, 11, 1), 100)
    assert await count(pool, member, on=date(2026, 12, 31)) == (2, 3)
    # January has not been charged yet: it is a month, and not paid.
    assert await count(pool, member) == (2, 4)


async def test_what_the_employer_deducted_is_paid(persistence, dues, pool):
    """Asked for and not reported is not paid; deducted as asked is (D6)."""
    member = await joins(persistence, life(since=SINCE, payers=(yes(date(2026, 11, 1)),)))
    await charge(dues, "2026-11")
    assert await count(pool, member, on=date(2026, 11, 30)) == (0, 2)
    await pool.execute(
        "WITH list AS (INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, "
        "period_from, made_on, report_due_on, total_ore, line_count) VALUES ('L-1', '1234', $1, "
        "1, '2026-11-01', '2026-11-02', '2026-12-15', 49500, 1)), line AS (INSERT INTO "
        "deduction_lines VALUES ('L-1', $2, 49500, 0, 0, 49500, 'START')) INSERT INTO deductions "
        "(list_number, membership_id, outcome, expected_ore, deducted_ore, decided_by, settled_on)"
        " VALUES ('L-1', $2, 'deducted', 49500, 49500, 'rule', '2026-12-10')",
        A,
        member,
    )
    assert await count(pool, member, on=date(2026, 11, 30)) == (1, 2)


async def test_the_fee_of_a_year_pays_its_months(persistence, pool):
    """A pensioner who joined in October and paid 150.00: October to December (A13)."""
    facts = life(since=SINCE, category=Category.PENSIONER, born=date(1955, 3, 8), employer=None)
    member = await joins(persistence, facts, employer=None)
    assert await count(pool, member, on=date(2026, 12, 31)) == (0, 3)
    await pay_for(pool, member, date(2026, 10, 1))
    assert await count(pool, member, on=date(2026, 12, 31)) == (3, 3)
    # The fee of the next year is another one.
    assert await count(pool, member) == (3, 4)


@pytest.mark.parametrize(
    ("facts", "policies", "counted"),
    [
        (life(since=SINCE, category=Category.APPRENTICE), {}, 4),
        (life(since=SINCE, category=Category.APPRENTICE), {"free_month_counts": False}, 0),
        (life(leave(date(2026, 11, 1), date(2027, 3, 31)), since=SINCE), {}, 0),
        (
            life(leave(date(2026, 11, 1), date(2027, 3, 31)), since=SINCE),
            {"waived_month_counts": True},
            3,
        ),
    ],
    ids=["free", "free-not", "waived-not", "waived"],
)
async def test_a_month_without_dues_counts_by_policy(persistence, pool, facts, policies, counted):
    """An apprentice owes nothing more (S14); a leave's months were not paid (L4)."""
    member = await joins(persistence, facts)
    await pool.execute("UPDATE memberships SET facts = $1::text::jsonb", facts.model_dump_json())
    assert await count(pool, member, **policies) == (counted, 4)


async def test_a_persons_memberships_are_counted_together(persistence, pool):
    """October with the first, December with the second: two of the months, each once (B2)."""
    first = await joins(persistence)
    await pay_for(pool, first, date(2026, 10, 1))
    second = await joins(persistence, life(since=date(2026, 12, 3)))
    await pay_for(pool, second, DECEMBER)
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships "
        "WHERE membership_id = $1) WHERE membership_id = $2",
        first,
        second,
    )
    assert await count(pool, first, second, on=DECEMBER) == (2, 3)
    async with pool.acquire() as connection:
        found = await paid_months_of(connection, first, BOOK, DECEMBER)
        assert (
            await paid_months_of(connection, f"membership-{uuid.uuid4()}", BOOK, DECEMBER) is None
        )
    assert found is not None
    assert (found.paid, found.unpaid) == (2, 1)


async def test_what_another_union_was_paid_counts(persistence, pool):
    """October paid here, five months there: six, and a lawyer; the five are kept apart (L10)."""
    facts = life(since=SINCE)
    member = await joins(persistence, facts)
    await pay_for(pool, member, date(2026, 10, 1))
    brings = facts.beginning.model_copy(update={"transferred": Transferred(paid_months=5)})
    moved = facts.model_copy(update={"beginning": brings})
    await pool.execute(
        "UPDATE memberships SET facts = $1::text::jsonb WHERE membership_id = $2",
        moved.model_dump_json(),
        member,
    )
    async with pool.acquire() as connection:
        found = await paid_months_of(connection, member, BOOK, date(2026, 10, 31))
        without = rulebook(transfer_counts_paid_months=False)
        alone = await paid_months_of(connection, member, without, date(2026, 10, 31))
    assert found is not None
    assert alone is not None
    assert (found.paid, found.before, found.unpaid) == (6, 5, 0)
    assert [step.kind for step in found.help if step.open] == ["help", "casework", "lawyer"]
    assert (alone.paid, alone.before, alone.unpaid) == (1, 0, 0)
    # A second membership that brought along the same months counts none of them twice.
    later = life(since=date(2026, 12, 3))
    second = await joins(persistence, later)
    brings = later.beginning.model_copy(update={"transferred": Transferred(paid_months=7)})
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships "
        "WHERE membership_id = $1), facts = $2::text::jsonb WHERE membership_id = $3",
        member,
        later.model_copy(update={"beginning": brings}).model_dump_json(),
        second,
    )
    # May to November with the second; May to September with the first, October here as well.
    async with pool.acquire() as connection:
        both = await paid_months_of(connection, member, BOOK, date(2026, 10, 31))
    assert both is not None
    assert (both.paid, both.before) == (7, 6)


async def test_the_command_says_it(apply, cli):
    """In words and as JSON: the first month is paid, so there is help and no casework yet."""
    member = await apply(application(employment=None))
    await member.approve()
    state = await member.state()
    invoice = state["first_invoice"]
    money = {
        "reference": f"B-{uuid.uuid4()}",
        "amount_ore": invoice["total_ore"],
        "paid_on": invoice["issued_on"],
        "kid": invoice["kid"],
    }
    await member.update("record_payment", money)
    ran = await cli("paid-months", member.id)
    assert ran.out.splitlines()[0].startswith("1 fully paid month until ")
    assert "help: open, from 1 month on." in ran.out
    assert "casework: not yet, 2 of 3 months are missing." in ran.out
    shown = (await cli("paid-months", member.id, "--json")).json
    assert (shown["paid"], [step["open"] for step in shown["help"]]) == (
        1,
        [True, False, False, False],
    )
    unknown = await cli("paid-months", f"membership-{uuid.uuid4()}")
    assert (unknown.code, unknown.out) == (2, "")
    assert "is no membership of somebody who has been a member" in unknown.err
