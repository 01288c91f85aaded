"""P15: what was received as premium is owed to the office, and as much as the ledger says."""

from datetime import date
from pathlib import Path

import pytest

from activities import audit
from activities.database.pool import load_queries
from activities.dues.activities import Dues
from activities.insurance.settling import NotSettled, note_payment, settle_premiums
from schemas.dues.terms import Span
from tests.arrears.making import kid_of
from tests.dues.lives import A, life, yes
from tests.dues.making import SINCE, charge, joins
from tests.letters.making import pay

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
AUDIT = load_queries(Path(audit.__file__).with_name("sql") / "queries.sql")
INSURED = (Span(valid_from=NOVEMBER),)


async def settle(pool, month, today):
    """Settle a month, and return what is owed and what of each month that was charged."""
    async with pool.acquire() as connection, connection.transaction():
        found = await settle_premiums(connection, month, today)
        # All there ever was is added up: that takes longer than an ordinary statement may.
        allowed = await connection.fetchval("SHOW statement_timeout")
        assert allowed == ("30min" if found.made_now else "25s")
    return found.amount_ore, {str(one.charged_from)[:7]: one.amount_ore for one in found.months}


async def pay_for(pool, member, month, ore, on):
    """Pay so much of a month's invoice, on a day."""
    number = await pool.fetchval(
        "SELECT number FROM invoices WHERE membership_id = $1 AND period_from = $2", member, month
    )
    return await pay(pool, await kid_of(pool, number), ore, on=on)


async def account(pool, name):
    """Return how an account of the ledger stands: owed to others is less than nothing."""
    found = await pool.fetchval("SELECT balance_ore FROM balances WHERE account = $1", name)
    return found or 0


async def test_what_was_received_is_owed(persistence, pool):
    """By part payments, late ones and what the bank takes back; the ledger says the same (P15)."""
    whole = await joins(persistence, life(since=SINCE, premiums=INSURED))
    part = await joins(persistence, life(since=SINCE, premiums=INSURED))
    dues = Dues(pool)
    await charge(dues, "2026-11")
    await charge(dues, "2026-12")
    # 495.00 + 200.00: all of one, 347.50 of the other, which is half.
    await pay_for(pool, whole, NOVEMBER, 69500, date(2026, 11, 20))
    await pay_for(pool, part, NOVEMBER, 34750, date(2026, 11, 20))
    assert await settle(pool, NOVEMBER, DECEMBER) == (30000, {"2026-11": 30000})
    assert await settle(pool, NOVEMBER, date(2027, 5, 1)) == (30000, {"2026-11": 30000})
    # The rest of November comes in December, and December of one.
    await pay_for(pool, part, NOVEMBER, 34750, date(2026, 12, 18))
    await pay_for(pool, whole, DECEMBER, 69500, date(2026, 12, 18))
    owed = (30000, {"2026-11": 10000, "2026-12": 20000})
    assert await settle(pool, DECEMBER, date(2027, 1, 4)) == owed
    # Taken back in January: the next settlement is less than nothing, and comes off.
    await pool.execute(
        "INSERT INTO allocations (reference, serial, invoice_number, amount_ore, allocated_on,"
        " allocated_by) SELECT reference, allocations.serial + 1, invoice_number, -amount_ore,"
        " '2027-01-10', 'rule' FROM allocations JOIN invoices ON number = invoice_number"
        " WHERE membership_id = $1 AND period_from = $2",
        whole,
        DECEMBER,
    )
    assert await settle(pool, JANUARY, date(2027, 2, 1)) == (-20000, {"2026-12": -20000})
    # 300.00 + 300.00 - 200.00 are owed of 4 * 200.00 that were charged.
    assert await account(pool, "insurance_office") == -40000
    assert await account(pool, "insurance_premium") == -40000
    assert await pool.fetchval("SELECT sum(balance_ore) FROM balances") == 0

    assert await drifted(pool) == set()

    with pytest.raises(NotSettled, match="2027-01 is settled"):
        await settle(pool, date(2026, 10, 1), date(2027, 2, 1))
    with pytest.raises(NotSettled, match="2027-02 is not over"):
        await settle(pool, date(2027, 2, 1), date(2027, 2, 28))
    await debit(pool, "B-7", 40000)
    await debit(pool, "B-8", 39999)
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(NotSettled, match=r"debit B-8 is of 399\.99 kr, and until 2027-01"):
            await note_payment(connection, JANUARY, "B-8", today=date(2027, 2, 5), by="Ola")
        with pytest.raises(NotSettled, match="no debit B-9 is unexplained"):
            await note_payment(connection, JANUARY, "B-9", today=date(2027, 2, 5), by="Ola")
        with pytest.raises(NotSettled, match="2027-02 is not settled"):
            await note_payment(
                connection, date(2027, 2, 1), "B-7", today=date(2027, 2, 5), by="Ola"
            )
        paid = await note_payment(connection, JANUARY, "B-7", today=date(2027, 2, 5), by="Ola")
        with pytest.raises(NotSettled, match="no debit B-7 is unexplained"):
            await note_payment(connection, JANUARY, "B-7", today=date(2027, 2, 5), by="Ola")
    assert (paid, await account(pool, "insurance_office")) == (40000, 0)
    assert await drifted(pool) == set()


async def drifted(pool):
    """Return which of the office's accounts, and which of its entries, the audit finds wrong."""
    async with pool.acquire() as connection:
        accounts = [row["subject"] async for row in AUDIT.find_balances(connection)]
        money = AUDIT.find_money(connection, since=NOVEMBER, most=100)
        entries = [row["subject"] async for row in money]
    return {
        *({"insurance_office", "insurance_premium"} & set(accounts)),
        *(entry for entry in entries if "insurance" in entry or "B-7" in entry),
    }


async def debit(pool, reference, ore):
    """Let the bank tell that money has left, for what nobody knows."""
    file_id = f"{ore:064d}"
    await pool.execute(
        "INSERT INTO inbound_files (file_id, kind, name, content, received_on) "
        "VALUES ($1, 'payments', 'b.xml', '', '2027-02-03')",
        file_id,
    )
    await pool.execute(
        "INSERT INTO bank_entries (file_id, position, place, account, channel, message, amount_ore,"
        " booked_on, debit, own, bank_references, entry, identity, nth, reference, aside, says)"
        " VALUES ($1, 1, 'entry 1', '12345678903', 'camt', 'm', $2, '2027-02-03', true, true, '',"
        " 1, gen_random_uuid(), 1, $3, 'outgoing', 'x')",
        file_id,
        ore,
        reference,
    )


async def test_what_an_employer_deducted_is_owed_once_it_is_paid(persistence, pool):
    """Of 695.00 half was deducted: 100.00, once the list's money is there (P15, D6)."""
    facts = life(since=SINCE, premiums=INSURED, payers=(yes(NOVEMBER),))
    member = await joins(persistence, facts)
    await charge(Dues(pool), "2026-11")
    await pool.execute(
        "WITH list AS (INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, "
        "period_from, made_on, report_due_on, total_ore, line_count) VALUES ('L-1', '1234', $1, "
        "1, '2026-11-01', '2026-11-02', '2026-12-15', 69500, 1)), line AS (INSERT INTO "
        "deduction_lines VALUES ('L-1', $2, 49500, 0, 20000, 69500, 'START')) INSERT INTO "
        "deductions (list_number, membership_id, outcome, expected_ore, deducted_ore, reason, "
        "decided_by, settled_on) VALUES ('L-1', $2, 'written_off', 69500, 34750, 'OTHER', 'rule', "
        "'2026-12-10')",
        A,
        member,
    )
    assert await settle(pool, DECEMBER, date(2027, 1, 4)) == (0, {})
    await pool.execute(
        "WITH money AS (INSERT INTO payments (reference, amount_ore, paid_on) VALUES "
        "('M-1', 34750, '2027-01-05')) INSERT INTO allocations (reference, serial, list_number, "
        "amount_ore, allocated_on, allocated_by) VALUES ('M-1', 1, 'L-1', 34750, '2027-01-05', "
        "'rule')"
    )
    assert await settle(pool, JANUARY, date(2027, 2, 1)) == (10000, {"2026-11": 10000})


async def test_what_a_credit_note_gives_back_comes_off(persistence, pool):
    """November's premium is given back in December, and pays part of it: nothing is owed twice."""
    member = await joins(persistence, life(since=SINCE, premiums=INSURED))
    dues = Dues(pool)
    await charge(dues, "2026-11")
    await pay_for(pool, member, NOVEMBER, 69500, date(2026, 11, 20))
    assert await settle(pool, NOVEMBER, DECEMBER) == (20000, {"2026-11": 20000})
    await pool.execute("SET CONSTRAINTS ALL DEFERRED")
    await pool.execute(
        "WITH invoice AS (INSERT INTO invoices (number, kid, membership_id, serial, period_from, "
        "issued_on, due_on, total_ore, currency) VALUES ('C-1', '9912', $1, 99, '2026-12-01', "
        "'2026-12-02', '2026-12-16', -20000, 'NOK')), line AS (INSERT INTO charges "
        "(invoice_number, membership_id, period_from, kind, amount_ore, content_hash, person_id) "
        "SELECT 'C-1', $1, '2026-12-01', 'correction', -20000, repeat('0', 64), person_id "
        "FROM memberships WHERE membership_id = $1) INSERT INTO corrections (membership_id, "
        "charged_in, period_from, kind, reason, was_ore, is_ore) VALUES ($1, '2026-12-01', "
        "'2026-11-01', 'insurance_premium', 'reassessed', 20000, 0)",
        member,
    )
    # As long as nobody has had it, it is still with us.
    assert await settle(pool, DECEMBER, date(2027, 1, 4)) == (0, {})
    await pool.execute(
        "INSERT INTO allocations (credit_number, serial, invoice_number, amount_ore, allocated_on,"
        " allocated_by) SELECT 'C-1', 1, number, 20000, '2027-01-10', 'rule' FROM invoices"
        " WHERE membership_id = $1 AND period_from = '2026-10-01'",
        member,
    )
    assert await settle(pool, JANUARY, date(2027, 2, 1)) == (-20000, {"2026-12": -20000})


async def test_by_hand(command, pool, tmp_path):
    """An empty month settles to nothing; the statement is the owner's, and refusals say why."""
    path = tmp_path / "oppgjor.csv"
    tried = await command("insurance-settlement", "2020-01", "--dry-run")
    assert "0.00 kr would be owed to the insurance office for 2020-01." in tried.out
    assert await pool.fetchval("SELECT count(*) FROM insurance_settlements") == 0
    made = await command("insurance-settlement", "2020-01", "--csv", str(path), "--json")
    assert (made.json["amount_ore"], made.json["months"]) == (0, [])
    assert path.stat().st_mode & 0o777 == 0o600
    assert '"Sum til oppgjør";"0,00"' in path.read_text("utf-8-sig")
    refused = await command("insurance-settlement", "2019-12")
    assert "Nothing was settled: 2020-01 is settled" in refused.err
    unpaid = await command("insurance-paid", "2020-01", "B-1", "--by", "Ola")
    assert "Nothing was noted: no debit B-1 is unexplained." in unpaid.err
