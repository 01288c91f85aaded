"""P15, P8: the insurance office is paid as refunds are: two people, and the bank's own word."""

from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from activities import insurance
from activities.audit import books as comparing
from activities.books.ledger import read_books
from activities.database.pool import load_queries
from activities.insurance.paying import approve_payout, ask_payout, name_account, read_payout
from activities.insurance.settling import NotSettled, note_payment
from activities.payments.refund_files import make_refund_file
from activities.payments.refunds import note_rejected, refuse_refund
from activities.payments.suspense import NotPossible
from schemas.audit.contracts import AuditOpening, AuditPlan
from schemas.books.balances import trial_balance
from schemas.payments.refunds import RefundState
from tests.payments.making import bring, camt_of
from tests.payments.refunding import THEIRS, UNION, debit

SQL = load_queries(Path(insurance.__file__).with_name("sql") / "queries.sql")
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
TODAY, LATER = date(2026, 12, 3), date(2027, 1, 4)


@pytest.fixture
async def connection(pool):
    """A connection in a transaction, as commands have one."""
    async with pool.acquire() as connection, connection.transaction():
        yield connection


async def settled(connection, month, ore):
    """Settle a month for so much."""
    await SQL.write_settlement(
        connection,
        period_from=month,
        settled_on=LATER,
        booked_on=TODAY,
        amount_ore=ore,
        months=[month],
        amounts=[ore],
    )


async def named(connection, by="per"):
    """Name the office's account."""
    await name_account(connection, THEIRS, "Forsikring AS", from_on=TODAY, today=TODAY, by=by)


async def drifted(connection):
    """What the audit says of the ledger."""
    opening = AuditOpening(run="r", today=LATER, dry_run=True)
    plan = AuditPlan(opening=opening, months=(NOVEMBER,), charged=(), pages=(), page_size=1)
    return [f for one in await comparing.compare_ledger(connection, plan) for f in one.named]


async def stands(connection):
    """How the bank's account, the office's and that of money on its way stand."""
    books = await read_books(connection, NOVEMBER, LATER)
    at = {one.number: one.closing_ore for one in trial_balance(books)}
    on_its_way = await connection.fetchval(
        "SELECT coalesce((SELECT balance_ore FROM balances WHERE account = 'refunds'), 0)"
    )
    return at.get("1920", 0), at["2995"], on_its_way


async def test_people_are_told_apart_by_their_keys(pool):
    """Who asks, and who named the account, is nobody else by typing another name (ADR 85)."""
    async with pool.acquire() as connection, connection.transaction():
        await settled(connection, NOVEMBER, 30000)
        told: dict[str, Any] = {"from_on": TODAY, "today": TODAY, "by": "per", "subject": "idp|1"}
        await name_account(connection, THEIRS, "Forsikring AS", **told)
        await ask_payout(connection, NOVEMBER, today=TODAY, by="ola", subject="idp|2")
        for subject in ("idp|1", "idp|2"):
            with pytest.raises(NotPossible, match="somebody else approves it"):
                await approve_payout(connection, NOVEMBER, today=TODAY, by="eva", subject=subject)
        told = {"today": TODAY, "by": "ola", "subject": "idp|3"}
        approved = await approve_payout(connection, NOVEMBER, **told)
        assert approved.state == RefundState.APPROVED, "another of the same name"


async def test_two_people_and_the_banks_word(pool):
    """300.00 asked by one, approved by another, paid by the bank's debit; returned, owed again."""
    async with pool.acquire() as connection, connection.transaction():
        await settled(connection, NOVEMBER, 30000)
        with pytest.raises(NotPossible, match="nobody has named the office's account"):
            await ask_payout(connection, NOVEMBER, today=TODAY, by="ola")
        with pytest.raises(NotPossible, match="no payout of 2026-11 waits"):
            await approve_payout(connection, NOVEMBER, today=TODAY, by="eva")
        await named(connection)
        asked = await ask_payout(connection, NOVEMBER, today=TODAY, by="ola")
        assert asked == await ask_payout(connection, NOVEMBER, today=TODAY, by="ola")
        for same in ("Ola", "p.e.r"):
            with pytest.raises(NotPossible, match="somebody else approves it"):
                await approve_payout(connection, NOVEMBER, today=TODAY, by=same)
        approved = await approve_payout(connection, NOVEMBER, today=TODAY, by="eva")
        assert (approved.amount_ore, approved.state) == (30000, RefundState.APPROVED)
        assert await stands(connection) == (0, -30000, 0)
        made = await make_refund_file(connection, UNION, today=TODAY, by="eva")
        assert await stands(connection) == (0, 0, -30000)
        assert await drifted(connection) == []
    assert made is not None
    assert b"<Ustrd>Forsikringspremie 2026-11</Ustrd>" in made.content
    assert b"<Nm>Forsikring AS</Nm>" in made.content
    assert f"<Id>{THEIRS}</Id>".encode() in made.content
    told = debit(30000, to=THEIRS, id_of=asked.refund_id, on=LATER)
    await bring(pool, camt_of(told), today=LATER)
    async with pool.acquire() as connection, connection.transaction():
        paid = await read_payout(connection, NOVEMBER)
        assert (paid.state, paid.paid_on) == (RefundState.PAID, LATER)
        assert await stands(connection) == (-30000, 0, 0)
        assert await drifted(connection) == []
        with pytest.raises(NotSettled, match="no debit D1 is unexplained"):
            await note_payment(connection, NOVEMBER, "D1", today=LATER, by="ola")
    sent_back: dict[str, Any] = {
        "kind": "CRDT",
        "more": "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>",
    }
    told = debit(30000, key="D2", to=THEIRS, id_of=asked.refund_id, on=LATER, **sent_back)
    await bring(pool, camt_of(told), today=LATER)
    async with pool.acquire() as connection, connection.transaction():
        assert (await read_payout(connection, NOVEMBER)).state == RefundState.RETURNED
        assert await stands(connection) == (0, -30000, 0)
        assert await drifted(connection) == []


async def test_what_is_rejected_or_refused_is_owed_again(connection):
    """It may be asked for again, with what the next month brought: 300.00 - 50.00."""
    await settled(connection, NOVEMBER, 30000)
    await named(connection)
    first = await ask_payout(connection, NOVEMBER, today=TODAY, by="ola")
    await approve_payout(connection, NOVEMBER, today=TODAY, by="eva")
    await make_refund_file(connection, UNION, today=TODAY, by="eva")
    why: dict[str, Any] = {"today": TODAY, "by": "eva", "why": "no such account"}
    await note_rejected(connection, first.refund_id, **why)
    assert await stands(connection) == (0, -30000, 0)
    assert (await read_payout(connection, NOVEMBER)).state == RefundState.RETURNED
    second = await ask_payout(connection, NOVEMBER, today=TODAY, by="ola")
    assert (second.state, second.refund_id != first.refund_id) == (RefundState.ASKED, True)
    await refuse_refund(connection, second.refund_id, **why)
    await settled(connection, DECEMBER, -5000)
    with pytest.raises(NotPossible, match="2026-12 is settled"):
        await ask_payout(connection, NOVEMBER, today=LATER, by="ola")
    third = await ask_payout(connection, DECEMBER, today=LATER, by="ola")
    assert third.amount_ore == 25000
    # What is being paid out is not owed to whoever pays by hand.
    assert await SQL.owed_until(connection, period_from=DECEMBER) == 0
    assert await drifted(connection) == []


async def test_nothing_is_paid_that_is_not_owed(connection):
    """A month of less than nothing is not paid out, and the database refuses an øre more."""
    await settled(connection, NOVEMBER, -5000)
    await named(connection)
    assert await ask_payout(connection, NOVEMBER, today=TODAY, by="ola") is None
    await settled(connection, DECEMBER, 5001)
    assert (await ask_payout(connection, DECEMBER, today=TODAY, by="ola")).amount_ore == 1
    with pytest.raises(asyncpg.CheckViolationError, match="is of more than there is"):
        await connection.execute(
            "WITH asked AS (INSERT INTO refunds (refund_id, amount_ore, reason, requested_on,"
            " requested_by) VALUES ('R0000000000000001', 1, 'x', '2027-01-04', 'ola'))"
            " INSERT INTO refund_parts (refund_id, serial, insurance_from, amount_ore)"
            " VALUES ('R0000000000000001', 1, '2026-12-01', 1)"
        )


async def test_an_account_is_checked_and_dated(connection):
    """Eleven digits with a check digit; one a day, and another from a later day (P7)."""
    for wrong in ("86011117948", "8601111794", "x", ""):
        with pytest.raises(NotPossible, match="account"):
            await name_account(connection, wrong, "F", from_on=TODAY, today=TODAY, by="per")
    await named(connection)
    await named(connection)
    with pytest.raises(NotPossible, match="has another account from 2026-12-03"):
        await name_account(
            connection, "12345678903", "Forsikring AS", from_on=TODAY, today=TODAY, by="per"
        )
    await name_account(
        connection, "12345678903", "Forsikring AS", from_on=LATER, today=TODAY, by="per"
    )
    await settled(connection, NOVEMBER, 100)
    asked = await ask_payout(connection, NOVEMBER, today=TODAY, by="ola")
    assert (asked.account, asked.account_by) == (THEIRS, "per")


async def test_by_hand(command, pool):
    """Asked for and approved at the command line, and each refusal says why."""
    async with pool.acquire() as connection, connection.transaction():
        await settled(connection, date(2020, 1, 1), 30000)
    none = await command("insurance-settlement", "2020-01", "--by", "ola")
    assert "Nothing was settled: nobody has named the office's account" in none.err
    ours = await command("insurance-account", "1", "--to", "F", "--by", "per")
    assert "Nothing was changed: a refund goes to a Norwegian account" in ours.err
    kept = await command("insurance-account", THEIRS, "--to", "F", "--by", "per")
    assert f"The insurance office is paid to {THEIRS} from" in kept.out
    asked = await command("insurance-settlement", "2020-01", "--by", "ola")
    assert "of 300.00 kr is asked." in asked.out
    nobody = await command("insurance-settlement", "2020-01", "--approve")
    assert "say who approves with --by" in nobody.err
    done = await command("insurance-settlement", "2020-01", "--approve", "--by", "eva", "--json")
    assert (done.json["payout"]["state"], done.json["payout"]["approved_by"]) == ("approved", "eva")
