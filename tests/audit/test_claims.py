"""Claims by AvtaleGiro, compared every night with invoices, mandates and what has come (P9)."""

from datetime import date

from activities.audit import books
from activities.dues.activities import Dues
from activities.shared.rulebook import RulebookReader
from schemas.audit.contracts import AuditOpening, Check
from tests.audit.making import drift
from tests.direct_debit.test_claims import CLAIMED, SIGNED, claim, sign
from tests.dues.making import charge
from tests.payments.making import payer

# What is done by hand, the day that is looked at, and what the audit says of it.
HARMS = {
    "the invoice is gone": (
        "DELETE FROM invoices WHERE period_from = '2026-12-01'",
        date(2026, 12, 5),
        Check.CLAIM_OF_INVOICE,
        "49500 øre are claimed for an invoice that is not there: have the bank cancel the claim",
    ),
    "it asks less": (
        "UPDATE invoices SET total_ore = 100 WHERE period_from = '2026-12-01'",
        date(2026, 12, 15),
        Check.CLAIM_OF_INVOICE,
        "49500 øre are claimed, and the invoice asks 100: pay back what the bank collects",
    ),
    "claimed of somebody else": (
        "UPDATE claims SET membership_id = 'membership-' || gen_random_uuid()",
        date(2026, 12, 5),
        Check.CLAIM_OF_INVOICE,
        "it is claimed of somebody else than the invoice is to",
    ),
    "claimed twice": (
        (
            "INSERT INTO claims SELECT number, invoices.membership_id, claims.kid, 49500,"
            " claims.due_on, false, claimed_on FROM claims, invoices"
            " WHERE invoices.period_from = '2026-11-01'"
        ),
        date(2026, 12, 5),
        Check.CLAIM_OF_INVOICE,
        "2 claims have its KID, of 99000 øre together: have the bank cancel all but one",
    ),
    "not in the file": (
        "UPDATE claim_files SET claims = 2",
        date(2026, 12, 5),
        Check.CLAIM_OF_INVOICE,
        (
            "the file of 2026-12-03 tells of 2 claims of 49500 øre and 0 cancellations, and the "
            "books of 1 of 49500 øre and 0"
        ),
    ),
    "never claimed": (
        "DELETE FROM claims",
        date(2026, 12, 12),
        Check.CLAIM_MISSED,
        "due 2026-12-16, issued under a mandate and not claimed; the bank takes nothing for that",
    ),
    "neither collected nor given back": (
        "UPDATE claims SET bank_notifies = false",
        date(2026, 12, 28),
        Check.CLAIM_MISSED,
        "the bank was to collect it on 2026-12-16, 49500 øre are open, and the member was not",
    ),
    "a mandate that has ended": (
        "UPDATE mandates SET ended_on = '2026-12-04'",
        date(2026, 12, 6),
        Check.CLAIM_VOID,
        "49500 øre are to be collected on 2026-12-16 by a mandate that has ended: run medlemsflyt",
    ),
    "no mandate at all": (
        "DELETE FROM mandates",
        date(2026, 12, 6),
        Check.CLAIM_VOID,
        "49500 øre are to be collected on 2026-12-16 and there has never been a mandate",
    ),
    "who has left": (
        "UPDATE memberships SET stage = 'ended', outcome = 'resigned'",
        date(2026, 12, 6),
        Check.CLAIM_VOID,
        "by a mandate that may not be used any more",
    ),
}


async def found(connection, today):
    """What the audit of a day says of claims: by check, subject and text."""
    rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
    opening = AuditOpening(run=f"run-{today}", today=today, dry_run=True)
    plan = await books.plan_audit(connection, rulebook, opening, busy=False)
    parts = await books.compare_claims(connection, rulebook, plan)
    return [(part.check, one.says) for part in parts for one in part.named]


async def test_what_is_wrong_with_a_claim_is_found_with_what_to_do(pool, persistence):
    """Nothing from the claim to the day the bank should have collected it; then each harm alone."""
    kari = await payer(pool, persistence, "2026-11")
    await sign(pool, kari, on=SIGNED)
    await charge(Dues(pool), "2026-12", today=date(2026, 12, 2))
    await claim(pool, CLAIMED)
    async with pool.acquire() as connection:
        for day in range(3, 23):
            assert await found(connection, date(2026, 12, day)) == [], day
        for harm, (sql, today, check, says) in HARMS.items():
            tried = connection.transaction()
            await tried.start()
            await drift(connection, sql)
            named = await found(connection, today)
            await tried.rollback()
            assert any(one is check and says in text for one, text in named), (harm, named)
