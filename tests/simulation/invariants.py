"""What must hold of the books after every month, whatever has happened."""

from collections.abc import AsyncIterator
from datetime import date

import asyncpg

_BALANCES = "SELECT account, balance_ore FROM balances"
_OPEN = "SELECT coalesce(sum(open_ore), 0)::bigint FROM invoice_balances"
_SUSPENSE = "SELECT coalesce(sum(suspense_ore), 0)::bigint FROM payment_balances"
_CARRIED = """
SELECT (SELECT coalesce(sum(amount_ore), 0) FROM carried_over)::bigint
     + (SELECT coalesce(sum(amount_ore), 0) FROM corrections
        WHERE reason = 'carried_over')::bigint"""
"""What lists could not give back yet, and the next one does (A37)."""

NOTHING = {
    "a line of who is not a member": """
        SELECT membership_id FROM charges JOIN memberships USING (membership_id)
        WHERE period_from = $1 AND kind <> 'correction'
          AND (member_number IS NULL OR $1 < date_trunc('month', member_since))""",
    "two payers of a month": """
        SELECT membership_id FROM charges
        WHERE period_from = $1 AND kind <> 'correction' GROUP BY membership_id
        HAVING count(DISTINCT employer_orgnr IS NULL) > 1""",
    "a hidden member on a list": """
        SELECT membership_id FROM deduction_lines
        JOIN deduction_lists ON number = list_number
        JOIN memberships USING (membership_id) WHERE period_from = $1 AND hidden""",
    "a hidden member charged through an employer": """
        SELECT membership_id FROM charges JOIN memberships USING (membership_id)
        WHERE period_from = $1 AND charges.employer_orgnr IS NOT NULL
          AND hidden""",
    "a line of a list below nothing": """
        SELECT membership_id FROM deduction_lines JOIN deduction_lists ON number = list_number
        WHERE period_from = $1 AND deduction_lines.total_ore < 0""",
    "an invoice that is not the sum of its lines": """
        SELECT membership_id FROM invoices
        JOIN (SELECT invoice_number, sum(amount_ore) AS ore FROM charges
              WHERE period_from = $1 GROUP BY 1) AS lines ON invoice_number = number
        WHERE total_ore <> ore""",
    "a charge that is not in the ledger": """
        SELECT membership_id FROM charges
        LEFT JOIN entries USING (membership_id, period_from, kind)
        WHERE charges.period_from = $1 AND charges.amount_ore <> 0
          AND abs(charges.amount_ore) IS DISTINCT FROM entries.amount_ore""",
    "money without a place and a task": """
        SELECT membership_id FROM suspended_payments AS money
        WHERE $1::date IS NOT NULL AND NOT EXISTS (
            SELECT FROM tasks WHERE key = 'suspense/' || money.reference)""",
}
"""What there may be none of, each by the month that has just been charged."""

TWICE = """
SELECT min(membership_id) FROM memberships
GROUP BY member_number HAVING count(*) > 1 AND member_number IS NOT NULL
UNION ALL SELECT min(membership_id) FROM invoices GROUP BY kid HAVING count(*) > 1"""
"""Numbers that were given twice."""

WHOLE = frozenset({1, 7})
"""Months after which all there ever was is looked through, line by line."""


async def broken(
    books: asyncpg.Connection, month: date, owed_ore: int, bank_ore: int
) -> AsyncIterator[tuple[str | None, str]]:
    """Yield who it is about and what does not hold.

    Args:
        books: a connection that may read all.
        month: that has just been charged.
        owed_ore: what all members together have come to owe, by the model.
        bank_ore: what is on the account, by whoever paid it.
    """
    for what, query in NOTHING.items():
        for row in await books.fetch(query, month):
            yield row[0], what
    balances = {row[0]: row[1] for row in await books.fetch(_BALANCES)}
    if sum(balances.values()):
        yield None, f"the trial balance is {balances}"
    incomes = ("central_dues", "local_dues", "insurance_premium", "correction")
    income = -sum(balances.get(account, 0) for account in incomes)
    carried = await books.fetchval(_CARRIED)
    if income - carried != owed_ore:
        yield (
            None,
            (
                f"{income} øre are booked as income and {carried} of them carried over,"
                f" and {owed_ore} are owed by the model"
            ),
        )
    if balances.get("bank", 0) != bank_ore:
        yield None, f"{balances.get('bank', 0)} øre are in the bank, and {bank_ore} were paid"
    if month.month not in WHOLE:
        return
    for row in await books.fetch(TWICE):
        yield row[0], "a number was given twice"
    still_open, suspense = await books.fetchval(_OPEN), await books.fetchval(_SUSPENSE)
    if balances.get("members", 0) != still_open:
        yield None, f"members owe {balances.get('members', 0)}, and {still_open} are open"
    if -balances.get("suspense", 0) != suspense:
        yield None, f"{-balances.get('suspense', 0)} in suspense, and {suspense} by payment"
