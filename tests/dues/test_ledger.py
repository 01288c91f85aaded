"""The books: every charge and payment has one entry, and they balance (invariant 2)."""

from datetime import date

import asyncpg
import pytest

from schemas.dues.terms import Span
from tests.dues.lives import life, yes
from tests.dues.making import SINCE, charge, joins
from tests.membership.making import decision, payment

UNBOOKED = """
    SELECT 'charge ' || kind FROM charges WHERE (
        SELECT count(*) FROM entries WHERE source = 'charge'
          AND (entries.membership_id, entries.period_from, entries.kind, entries.amount_ore)
            = (charges.membership_id, charges.period_from, charges.kind, charges.amount_ore)
          AND credit = charges.kind
          AND debit = CASE WHEN employer_orgnr IS NULL THEN 'members' ELSE 'employers' END) <> 1
    UNION ALL
    SELECT 'payment ' || reference FROM payments WHERE (
        SELECT count(*) FROM entries
        WHERE (source, debit, credit) = (
                CASE WHEN reverses IS NULL THEN 'payment' ELSE 'reversal' END,
                CASE WHEN reverses IS NULL THEN 'bank' ELSE 'suspense' END,
                CASE WHEN reverses IS NULL THEN 'suspense' ELSE 'bank' END)
          AND entries.membership_id IS NOT DISTINCT FROM payments.membership_id
          AND (entries.reference, entries.amount_ore)
            = (payments.reference, payments.amount_ore)) <> 1
    UNION ALL
    SELECT 'allocation ' || reference || '/' || serial
    FROM allocations
    CROSS JOIN LATERAL (
        SELECT CASE WHEN list_number IS NULL THEN 'members' ELSE 'employers' END AS payer
    ) AS owed
    WHERE reference IS NOT NULL AND (
        SELECT count(*) FROM entries WHERE source = 'allocation'
          AND (entries.reference, entries.amount_ore)
            = (allocations.reference || '/' || serial, abs(allocations.amount_ore))
          AND debit = CASE WHEN allocations.amount_ore > 0 THEN 'suspense' ELSE payer END
          AND credit = CASE WHEN allocations.amount_ore > 0 THEN payer ELSE 'suspense' END) <> 1
    UNION ALL
    SELECT 'refund ' || reference FROM booked_refund_parts AS parts WHERE (
        SELECT count(*) FROM entries
        WHERE source = 'refund' AND entries.reference = parts.reference
          AND entries.amount_ore = abs(parts.amount_ore)
          AND (CASE WHEN parts.amount_ore > 0 THEN debit ELSE credit END)
            = parts.account
          AND (CASE WHEN parts.amount_ore > 0 THEN credit ELSE debit END) = 'refunds') <> 1
    UNION ALL
    SELECT 'write-off ' || invoice_number || '/' || serial FROM write_offs WHERE (
        SELECT count(*) FROM entries
        WHERE (source, debit, credit) = ('write_off',
                CASE WHEN write_offs.amount_ore > 0 THEN 'losses' ELSE 'members' END,
                CASE WHEN write_offs.amount_ore > 0 THEN 'members' ELSE 'losses' END)
          AND (entries.reference, entries.amount_ore)
            = (invoice_number || '/' || serial, abs(write_offs.amount_ore))) <> 1
"""
"""What has not exactly one entry of its own. A credit note's allocation has none."""


async def test_everything_is_booked_once_and_balances(pool, persistence, dues):
    """First invoices, runs, a payment that fits and one that does not: all on both sides."""
    direct = await joins(persistence, life(branch="OSLO", since=SINCE))
    await joins(
        persistence,
        life(
            since=SINCE,
            payers=(yes(date(2026, 11, 1)),),
            premiums=(Span(valid_from=date(2026, 11, 1)),),
        ),
    )
    for month in ("2026-11", "2026-12", "2026-12"):
        await charge(dues, month)
    kid = await pool.fetchval(
        "SELECT kid FROM invoices WHERE membership_id = $1 AND serial = 2", direct
    )
    await persistence.record_decision(decision(3, direct, payment=payment("B-1", 54500, kid)))
    await persistence.record_decision(decision(4, direct, payment=payment("B-2", 12345, None)))
    assert await pool.fetch(UNBOOKED) == []
    booked = await pool.fetchval("SELECT count(*) FROM entries")
    # Direct: 3 months of 2 lines; payroll: 1 direct and 2 months of 2 lines; 2 payments, of which
    # one is allocated.
    assert booked == 3 * 2 + 1 + 2 * 2 + 2 + 1
    found = {row["account"]: row["balance_ore"] for row in await pool.fetch("TABLE balances")}
    assert found == {
        # 3 * 54500 directly, 49500 as the other's first invoice; 54500 paid.
        "members": 3 * 54500 + 49500 - 54500,
        "employers": 2 * (49500 + 20000),
        "bank": 54500 + 12345,
        "suspense": -12345,
        "central_dues": -6 * 49500,
        "local_dues": -3 * 5000,
        "insurance_premium": -2 * 20000,
    }
    assert sum(found.values()) == 0


async def test_what_a_run_books_is_dated_by_the_run(pool, persistence, dues):
    """The booking date is the run's own, not the clock's (invariant 7)."""
    await joins(persistence)
    await charge(dues, "2026-12", today=date(2026, 12, 1))
    await joins(persistence)
    await charge(dues, "2026-12", today=date(2026, 12, 30))
    days = await pool.fetch(
        "SELECT booked_on FROM entries WHERE period_from = '2026-12-01' ORDER BY booked_on"
    )
    assert [row["booked_on"] for row in days] == [date(2026, 12, 1), date(2026, 12, 30)]


REFUSED = {
    "an entry changed": ("entries_append_only", "UPDATE entries SET amount_ore = 1"),
    "an entry deleted": ("entries_append_only", "DELETE FROM entries"),
    "all entries deleted": ("entries_append_only", "TRUNCATE entries"),
    "a charge changed": ("charges_append_only", "UPDATE charges SET amount_ore = 1"),
    "a charge moved to an employer": (
        "charges_append_only",
        "UPDATE charges SET invoice_number = NULL, employer_orgnr = '974760673'",
    ),
    "a charge deleted": ("charges_append_only", "DELETE FROM charges"),
    "a charge booked twice": (
        "entries_unbuilt_one_per_charge",
        """INSERT INTO entries (booked_on, source, membership_id, period_from, kind, debit,
                                credit, amount_ore)
           SELECT booked_on, source, membership_id, period_from, kind, debit, credit, 1
           FROM entries""",
    ),
}


@pytest.mark.parametrize(("constraint", "script"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_run_can_not_be_rewritten(pool, persistence, dues, constraint, script):
    """What a run wrote is as firm as what a decision wrote."""
    await joins(persistence)
    await charge(dues, "2026-11")
    with pytest.raises(asyncpg.PostgresError) as caught:
        await pool.execute(script)
    assert caught.value.constraint_name == constraint
