"""What a union has come to, held against a page of arithmetic."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.payments.entries import TOO_EARLY
from schemas.shared.amounts import kroner
from tests.union.mail import Month
from tests.union.playing import Union

_OPEN = "SELECT number, open_ore FROM invoice_balances"
_OWN = """
SELECT invoices.number, sum(suspense_ore)::bigint
FROM suspended_payments JOIN invoices USING (membership_id) GROUP BY invoices.number"""
_NOBODYS = "SELECT suspense_ore FROM suspended_payments WHERE membership_id IS NULL"
_BALANCES = "SELECT account, balance_ore FROM balances"
_DEDUCTED = """
SELECT list_number, member_number, deducted_ore
FROM deductions JOIN memberships USING (membership_id)"""
_PAID = """
SELECT list_number, sum(amount_ore)::bigint FROM allocations
WHERE list_number IS NOT NULL GROUP BY list_number"""
WITHOUT_TASK = """
SELECT reference FROM suspended_payments AS money
WHERE NOT EXISTS (
    SELECT FROM tasks WHERE closed_on IS NULL AND key = 'suspense/' || money.reference)
UNION ALL
SELECT file_id || ', ' || place FROM bank_entries AS entry
WHERE aside IS NOT NULL AND aside <> ALL ($1)
  AND NOT EXISTS (SELECT FROM bank_charges WHERE bank_charges.reference = entry.reference)
  AND NOT EXISTS (
    SELECT FROM tasks WHERE kind = 'set_aside'
    AND key IN ('entry/' || entry.reference, 'entry/' || entry.identity))"""


@dataclass(frozen=True)
class Found:
    """What the database says, in øre, and money that has neither a place nor a task."""

    still_open: Mapping[str, int]
    own: Mapping[str, int]
    nobodys: list[int]
    balances: Mapping[str, int]
    deducted: Mapping[str, Mapping[str, int]]
    paid: Mapping[str, int]
    without_task: list[str]


async def find(union: Union) -> Found:
    """Read what a union has come to."""

    async def pairs(statement: str) -> dict[str, Any]:
        return {row[0]: row[1] for row in await union.rows(statement)}

    deducted: dict[str, dict[str, int]] = {}
    for number, member, ore in await union.rows(_DEDUCTED):
        deducted.setdefault(number, {})[member] = ore
    return Found(
        still_open=await pairs(_OPEN),
        own=await pairs(_OWN),
        nobodys=sorted(row[0] for row in await union.rows(_NOBODYS)),
        balances=await pairs(_BALANCES),
        deducted=deducted,
        paid=await pairs(_PAID),
        without_task=[row[0] for row in await union.rows(WITHOUT_TASK, list(TOO_EARLY))],
    )


def unexplained(found: Found, month: Month) -> Iterator[str]:
    """Yield every amount that is not what arithmetic says, and money without a place or a task."""
    yield from _of_members(found, month)
    yield from _of_lists(found, month)
    is_, wanted = Counter(found.nobodys), Counter(month.nobodys)
    for what, differing in (("missing", wanted - is_), ("too much", is_ - wanted)):
        for ore, count in sorted(differing.items()):
            yield f"of nobody's money {count} payments of {kroner(ore)} are {what}"
    bank_ore = found.balances.get("bank", 0)
    if bank_ore != month.bank_ore - month.fees_ore:
        fees = kroner(month.fees_ore)
        yield f"bank: {kroner(bank_ore)}, and not {kroner(month.bank_ore)} less fees of {fees}"
    if sum(found.balances.values()):
        yield f"the books do not balance: {dict(found.balances)}"
    for reference in found.without_task:
        yield f"payment {reference} has no place and no task"


def _of_members(found: Found, month: Month) -> Iterator[str]:
    for number, expected in month.members.items():
        is_ = (found.still_open.get(number), found.own.get(number, 0))
        if is_ != (expected.open_ore, expected.own_ore):
            yield f"invoice {number}: open and in suspense {is_}, and not {expected}"


def _of_lists(found: Found, month: Month) -> Iterator[str]:
    for number, lines in month.deducted.items():
        differing = lines.items() ^ found.deducted.get(number, {}).items()
        if differing:
            yield f"list {number}: {sorted(differing)}"
    for number, ore in month.paid.items():
        if found.paid.get(number, 0) != ore:
            yield f"list {number}: {found.paid.get(number, 0)} is paid, and not {ore}"
