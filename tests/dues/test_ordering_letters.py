"""One letter for each invoice of a month's run, ordered set by set."""

from datetime import date

import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.dues.letters import DuesLetters
from activities.shared.hashes import letter_message_id
from schemas.letters.contracts import InvoiceLetters, OrderedLetters
from tests.arrears.making import owe
from tests.letters.making import make_invoice, make_membership
from tests.refusing import REFUSED, refuse

TODAY = date(2026, 12, 15)


async def order(pool: asyncpg.Pool, period_from: date) -> OrderedLetters:
    """Run the activity."""
    asked = InvoiceLetters(period_from=period_from, today=TODAY)
    return await ActivityEnvironment().run(DuesLetters(pool).order_invoice_letters, asked)


async def test_one_letter_for_each_invoice_of_the_run(pool: asyncpg.Pool) -> None:
    """Not for another month's, nor for one that a decision issued; again: nothing."""
    members = [await make_membership(pool) for _ in range(3)]
    await make_invoice(pool, members[0], serial=1)  # by a decision: its own letter goes out
    numbers = {member: await owe(pool, member, date(2026, 12, 30)) for member in members[1:]}
    await owe(pool, members[1], date(2026, 12, 30))  # of the next month
    month = date(2001, 1, 1)
    assert await pool.fetchval("SELECT count(*) FROM invoices WHERE period_from = $1", month) == 2
    assert await order(pool, month) == OrderedLetters(batch="dues-run-2001-01", letters=2)
    rows = await pool.fetch("SELECT * FROM letters ORDER BY key")
    assert {row["membership_id"]: row["figures"] for row in rows} == {
        member: {"invoice": number} for member, number in numbers.items()
    }
    for row in rows:
        assert row["key"] == f"invoice-{row['figures']['invoice']}"
        assert (row["template"], row["audience"], row["status"]) == (
            "dues_invoice",
            "member",
            "pending",
        )
        assert (row["decision"], row["ordered_on"]) == (None, TODAY)
        assert row["message_id"] == letter_message_id(row["membership_id"], row["key"])
    assert (await order(pool, month)).letters == 0


async def test_one_that_is_refused_keeps_no_other_back(pool: asyncpg.Pool) -> None:
    """The other invoices' letters are ordered; of the one a caseworker is told, once."""
    members = [await make_membership(pool) for _ in range(5)]
    for member in members:
        await owe(pool, member, date(2026, 12, 30))
    await refuse(pool, "letters", f"NEW.membership_id = '{members[2]}'")
    month = date(2001, 1, 1)
    assert [(await order(pool, month)).letters for _ in range(2)] == [4, 0]
    [task] = await pool.fetch("SELECT membership_id, says FROM tasks")
    assert task["membership_id"] == members[2]
    assert f"can't be sent: {REFUSED}" in task["says"]
