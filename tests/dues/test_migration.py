"""A database with invoices and payments of the version before is brought into the books."""

import asyncio
import uuid
from datetime import date

import asyncpg
import pytest
from alembic import command

from activities.database.migrate import migrate
from activities.database.pool import open_pool
from activities.dues.activities import Dues
from tests.dues.making import charge, charged
from tests.dues.test_ledger import UNBOOKED

BEFORE = """
    INSERT INTO memberships (membership_id, stage, category, hidden, member_number, member_since,
                             received_at, received_on, last_decision)
    SELECT id, 'active', category, false, number, '2026-11-22', '2026-11-22T10:00Z',
           '2026-11-22', 3
    FROM (VALUES ('full', 'ordinary', '00000001'), ('student', 'student', '00000002'),
                 ('once student', 'ordinary', '00000003')) AS member(id, category, number);
    INSERT INTO people (membership_id, name, name_key, birth_date, email, email_key, language,
                        employer_orgnr, employer_name, tell_recruiter, newsletter, application)
    SELECT membership_id, 'Kari', 'kari', '1986-04-12', 'kari@example.org', 'kari@example.org',
           'nb', '974760673', 'Eksempel AS', false, false, '{}' FROM memberships;
    INSERT INTO decisions (membership_id, number, event, decided_at, decided_on, decided_by, rules,
                           content_hash, receipt)
    SELECT membership_id, number, 'application_approved', '2026-11-22T10:00Z', '2026-11-22', 'ola',
           '{}', repeat('0', 64), '{}' FROM memberships, generate_series(1, 3) AS number;
    INSERT INTO terms (membership_id, kind, amount_ore, cadence, payer, valid, decision,
                       superseded_by)
    VALUES ('full', 'central_dues', 49500, 'monthly', 'direct', '[2026-11-01,)', 2, NULL),
           ('full', 'local_dues', 5000, 'monthly', 'direct', '[2026-11-01,)', 2, NULL),
           ('student', 'central_dues', 30000, 'yearly', 'direct', '[2026-11-01,)', 2, NULL),
           ('once student', 'central_dues', 30000, 'yearly', 'direct', '[2026-11-01,)', 1, 2),
           ('once student', 'central_dues', 49500, 'monthly', 'direct', '[2026-11-01,)', 2, NULL);
    WITH line (member, number, kid, kind, amount) AS (
        VALUES ('full', '00000001-1', '1000000010000016', 'central_dues', 49500),
               ('full', '00000001-1', '1000000010000016', 'local_dues', 5000),
               ('student', '00000002-1', '1000000020000014', 'central_dues', 30000),
               ('once student', '00000003-1', '1000000030000012', 'central_dues', 49500)
    ), invoice AS (
        INSERT INTO invoices (number, kid, membership_id, serial, decision, period_from, issued_on,
                              due_on, total_ore, currency)
        SELECT number, kid, member, 1, 2, '2026-11-01', '2026-11-22', '2026-12-07',
               sum(amount), 'NOK'
        FROM line GROUP BY number, kid, member
    )
    INSERT INTO invoice_lines (invoice_number, membership_id, period_from, kind, amount_ore,
                               content_hash)
    SELECT number, member, '2026-11-01', kind, amount, repeat('0', 64) FROM line;
    INSERT INTO payments (reference, membership_id, decision, invoice_number, amount_ore, paid_on,
                          kid)
    VALUES ('B-1', 'full', 3, '00000001-1', 54500, '2026-12-01', NULL),
           ('B-2', 'student', 3, NULL, 100, '2026-12-02', NULL);
"""


@pytest.fixture
async def brought_up(postgres, monkeypatch):
    """Connections to a database that had these rows before the ledger came."""
    url = await postgres.create_database(f"before_{uuid.uuid4().hex}")
    with monkeypatch.context() as before:
        upgrade = command.upgrade
        before.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0003_life"))
        await asyncio.to_thread(migrate, url)
    connection = await asyncpg.connect(url)
    await connection.execute(BEFORE)
    await connection.close()
    assert (await asyncio.to_thread(migrate, url))[0] == "0004_ledger"
    async with await open_pool(url) as pool:
        yield pool


async def test_what_was_billed_and_paid_is_booked(brought_up):
    """Each line and each payment has its entry, on its own date, and the books balance."""
    assert await brought_up.fetch(UNBOOKED) == []
    booked = await brought_up.fetch(
        "SELECT source, booked_on, debit, credit, amount_ore FROM entries"
        " ORDER BY booked_on, membership_id, credit"
    )
    billed, paid = date(2026, 11, 22), date(2026, 12, 1)
    assert [tuple(row) for row in booked] == [
        ("charge", billed, "members", "central_dues", 49500),
        ("charge", billed, "members", "local_dues", 5000),
        ("charge", billed, "members", "central_dues", 49500),
        ("charge", billed, "members", "central_dues", 30000),
        ("allocation", paid, "suspense", "members", 54500),
        ("payment", paid, "bank", "suspense", 54500),
        ("payment", date(2026, 12, 2), "bank", "suspense", 100),
    ]
    assert await brought_up.fetchval("SELECT sum(balance_ore) FROM balances") == 0


async def test_what_was_paid_is_allocated(brought_up):
    """The payment of an invoice stays on it; what was in suspense stays there."""
    rows = await brought_up.fetch("SELECT reference, invoice_number, amount_ore FROM allocations")
    assert [tuple(row) for row in rows] == [("B-1", "00000001-1", 54500)]
    left = await brought_up.fetch("SELECT reference, suspense_ore FROM payment_balances ORDER BY 1")
    assert [tuple(row) for row in left] == [("B-1", 0), ("B-2", 100)]
    asked = await brought_up.fetch("SELECT number, open_ore FROM invoice_balances ORDER BY 1")
    assert [tuple(row) for row in asked] == [
        ("00000001-1", 0),
        ("00000002-1", 30000),
        ("00000003-1", 49500),
    ]


async def test_a_year_that_is_paid_is_known(brought_up):
    """Yearly is what was billed as such: not what the terms had been before."""
    rows = await brought_up.fetch("SELECT membership_id, kind, cadence FROM charges ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [
        ("full", "central_dues", "monthly"),
        ("full", "local_dues", "monthly"),
        ("once student", "central_dues", "monthly"),
        ("student", "central_dues", "yearly"),
    ]


async def test_runs_go_on_from_there(brought_up):
    """November adds nothing; December and January charge what is due, numbered on."""
    dues = Dues(brought_up)
    added = [
        sum(page.charges for page in (await charge(dues, month))[1])
        for month in ("2026-11", "2026-12", "2027-01")
    ]
    # December: 2 lines and 1; January: the student's year as well.
    assert added == [0, 3, 4]
    assert await charged(brought_up, "student", date(2027, 1, 1)) == {"central_dues": 30000}
    kids = await brought_up.fetch("SELECT kid FROM invoices WHERE membership_id = 'full'")
    assert len({row["kid"] for row in kids}) == 3
    assert await brought_up.fetch(UNBOOKED) == []


async def test_what_is_firm_stays_firm(brought_up):
    """The trigger that the migration put aside stands again."""
    with pytest.raises(asyncpg.RestrictViolationError):
        await brought_up.execute("UPDATE charges SET cadence = 'yearly'")
