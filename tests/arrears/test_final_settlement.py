"""Money that is left over: an account is asked for, and it is paid out to that (A37)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from activities.arrears.activities import Arrears
from activities.audit import books
from activities.database.pool import load_queries
from activities.payments.refunds import approve_refund, ask_refund, refuse_refund
from schemas.shared.calendar import first_of_month, month_after
from tests.arrears.making import letters, owe, pursue
from tests.letters.making import end_membership, make_membership
from tests.payments.refunding import ASKED

DAY = date(2027, 2, 1)
AUDIT = load_queries(Path(books.__file__).with_name("sql") / "queries.sql")


@pytest.fixture
def arrears(pool, client) -> Arrears:
    """The room."""
    return Arrears(pool, client)


async def has_with_us(pool, member, ore, key):
    """Let money of a member's be in suspense."""
    await pool.execute(
        "WITH paid AS (INSERT INTO payments (reference, membership_id, amount_ore, paid_on)"
        " VALUES ($1, $2, $3, $4))"
        " INSERT INTO payments_in_suspense (reference, membership_id) VALUES ($1, $2)",
        key,
        member,
        ore,
        DAY,
    )


async def pays(pool, member, payer, cadence):
    """Let a member have terms."""
    await pool.execute(
        "INSERT INTO terms (membership_id, kind, amount_ore, cadence, payer, valid, decision)"
        " VALUES ($1, 'central_dues', 49500, $2, $3, '[2026-01-01,)', 1)",
        member,
        cadence,
        payer,
    )


async def settlements(pool):
    """Whom we have asked, how much was there, and whether that is over."""
    rows = await pool.fetch(
        "SELECT membership_id, amount_ore, asked, closed_on IS NOT NULL AS over"
        " FROM final_settlements"
    )
    return {tuple(row) for row in rows}


async def open_tasks(pool):
    """The last word of the keys of all open tasks of settlements."""
    rows = await pool.fetch(
        "SELECT key FROM tasks WHERE kind = 'final_settlement' AND closed_on IS NULL"
    )
    return [row["key"].rpartition("/")[2] for row in rows]


async def unnoticed(pool, days):
    """Whose money the audit finds, some days after it came."""
    day = DAY + timedelta(days)
    async with pool.acquire() as connection:
        found = AUDIT.find_standing(
            connection,
            first="00000001",
            last="99999999",
            today=day,
            this_month=first_of_month(day),
            next_month=month_after(day),
            most=99,
        )
        return {row["membership_id"] async for row in found if row["name"] == "credit_unnoticed"}


async def test_who_gets_no_next_invoice_is_asked_for_an_account(pool, arrears):
    """Left, yearly or through an employer: by letter, once; of the dead a caseworker; 49.99 nobody.

    Who pays by the month gets a next invoice, and who owes pays that first.
    """
    who = {}
    for name in ("left", "dead", "little", "owing", "yearly", "payroll", "monthly"):
        who[name] = await make_membership(pool, stage="active")
        await has_with_us(pool, who[name], 4999 if name == "little" else 49500, f"K-{name}")
    for name in ("left", "little", "owing"):
        await end_membership(pool, who[name], "resigned")
    await end_membership(pool, who["dead"], "deceased")
    await owe(pool, who["owing"], DAY + timedelta(300), 99000)
    await pays(pool, who["yearly"], "direct", "yearly")
    await pays(pool, who["payroll"], "payroll", "monthly")
    await pays(pool, who["monthly"], "direct", "monthly")
    # Of the two who have left and are owed something, and the little: nobody has asked yet.
    left = {who[name] for name in ("left", "dead", "little")}
    assert (await unnoticed(pool, 7), await unnoticed(pool, 8)) == (set(), left)
    for on in (DAY, DAY + timedelta(1)):
        await pursue(arrears, on)
    assert await unnoticed(pool, 300) == set()
    assert await settlements(pool) == {
        (who["left"], 49500, "member", False),
        (who["yearly"], 49500, "member", False),
        (who["payroll"], 49500, "member", False),
        (who["dead"], 49500, "estate", False),
        (who["little"], 4999, "nobody", False),
    }
    written = await pool.fetch("SELECT membership_id, key FROM letters WHERE key ~ '^settlement'")
    asked = [who[name] for name in ("left", "yearly", "payroll")]
    assert sorted(row["membership_id"] for row in written) == sorted(asked)
    told = [who for who, template in await letters(pool) if template == "overpayment"]
    assert sorted(told) == sorted([*asked, who["monthly"]])
    assert await open_tasks(pool) == ["estate"]


async def test_what_somebody_has_with_us_is_worked_out_once(pool, arrears):
    """Who has been asked is looked at once a run, and of the others nothing is worked out twice."""
    for name in ("one", "two"):
        member = await make_membership(pool, stage="active")
        await has_with_us(pool, member, 49500, f"K-{name}")
        await end_membership(pool, member, "resigned")
    await pursue(arrears, DAY)
    await pool.execute("ALTER FUNCTION held_of(text) RENAME TO held_before")
    await pool.execute("CREATE SEQUENCE looks")
    await pool.execute(
        "CREATE FUNCTION held_of(member text) RETURNS bigint LANGUAGE sql"
        " RETURN CASE WHEN nextval('looks') > 0 THEN held_before(member) END"
    )
    source = await pool.fetchval("SELECT pg_get_functiondef('credit_of(text)'::regprocedure)")
    await pool.execute(source.replace("held_before(", "held_of("))
    await pursue(arrears, DAY + timedelta(1))
    assert await pool.fetchval("SELECT last_value FROM looks") == 2


async def test_the_answer_is_paid_out_and_later_money_asked_about_anew(pool, arrears):
    """No answer by the day that was named is a task; what comes after an answer is asked anew."""
    member = await make_membership(pool, stage="active")
    number = await pool.fetchval("SELECT member_number FROM memberships")
    await has_with_us(pool, member, 3000, "K1")
    await end_membership(pool, member, "resigned")
    await pursue(arrears, DAY)
    assert await settlements(pool) == {(member, 3000, "nobody", False)}
    await has_with_us(pool, member, 4000, "K2")
    await pursue(arrears, DAY)
    figures = await pool.fetchval("SELECT figures FROM letters WHERE template = 'overpayment'")
    assert figures == {"settlement": 2, "answer_by": str(DAY + timedelta(30))}
    await pursue(arrears, DAY + timedelta(30))
    assert await open_tasks(pool) == []
    await pursue(arrears, DAY + timedelta(31))
    assert await open_tasks(pool) == ["late"]
    async with pool.acquire() as connection, connection.transaction():
        refund = await ask_refund(connection, member_number=number, today=DAY, **ASKED)
        await approve_refund(connection, refund.refund_id, today=DAY, by="eva")
    assert refund.amount_ore == 7000
    later = DAY + timedelta(32)
    await pursue(arrears, later)
    assert await settlements(pool) == {
        (member, 3000, "nobody", True),
        (member, 7000, "member", True),
    }
    assert await open_tasks(pool) == []
    await has_with_us(pool, member, 50000, "K3")
    await pursue(arrears, later)
    assert (member, 50000, "member", False) in await settlements(pool)
    async with pool.acquire() as connection, connection.transaction():
        await refuse_refund(connection, refund.refund_id, today=later, by="eva", why="closed")
        assert await connection.fetchval("SELECT credit_of($1)", member) == 57000
