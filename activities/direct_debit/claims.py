"""A day's claims: made, cancelled, given back, and written into one file for the bank (P9)."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.direct_debit.claim_file import Claim, claim_file
from activities.shared.tasks import close_task_of, open_task
from schemas.direct_debit.contracts import ClaimDay, ClaimReport
from schemas.direct_debit.deadlines import Deadlines, deadlines, issued_since
from schemas.pricing.rulebook import Rulebook
from schemas.shared.amounts import kroner
from schemas.shared.calendar import bank_day_from

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

NEVER_COLLECTED = frozenset({"settled", "withdrawn"})
"""Void claims that somebody must look at when it is too late to cancel them: money comes that is
not owed. One whose mandate has ended is not collected anyway."""


@dataclass(frozen=True)
class Creditor:
    """Who claims.

    Attributes:
        sender: our number with the bank's processing centre, 8 digits; None: it is not known yet,
            and nothing can be claimed.
        account: where members pay, 11 digits.
    """

    sender: str | None
    account: str

    def __post_init__(self) -> None:
        """Refuse what the bank would refuse.

        Raises:
            ValueError: it is no such number.
        """
        if self.sender is not None and (len(self.sender) != 8 or not self.sender.isdecimal()):
            raise ValueError("MEDLEMSFLYT_UNION_GIRO_SENDER has 8 digits")


@dataclass(frozen=True)
class ClaimFile:
    """The file of a day, as it was written."""

    day: date
    file_id: str
    content: bytes
    claims: int
    cancellations: int
    amount_ore: int


async def read_claim_file(connection: Connection, day: date) -> ClaimFile | None:
    """Return the file of a day; None: there was nothing to tell, or it has not been made."""
    row = await _SQL.read_claim_file(connection, day=day)
    return None if row is None else ClaimFile(**row)


async def make_claims(
    connection: Connection, order: ClaimDay, rulebook: Rulebook, creditor: Creditor
) -> ClaimReport:
    """Make the claims of a day, in one transaction with the file that tells them.

    Again: the day's file stands, and what has come since waits for the next day's.

    Args:
        connection: outside a transaction.
        order: the day, and the batch of the letters.
        rulebook: with the policies in force on it.
        creditor: who claims.

    Source: P9.
    """
    policies = rulebook.policies_on(order.today)
    until = deadlines(order.today, policies)
    pay_by = bank_day_from(order.today + timedelta(days=policies.payment_days))
    async with connection.transaction():
        await _SQL.lock_claiming(connection)
        made = await read_claim_file(connection, order.today)
        too_late = 0
        if made is None and await _may_claim(connection, order.today, creditor):
            claims = await _claims(connection, order.today, until)
            void, too_late = await _cancellations(connection, order.today, until)
            made = await _write(connection, order.today, creditor, claims, void)
        returned = await _return(connection, order, until, pay_by)
    return ClaimReport(
        today=order.today,
        file_id=made.file_id if made else None,
        claims=made.claims if made else 0,
        amount_ore=made.amount_ore if made else 0,
        cancellations=made.cancellations if made else 0,
        too_late=too_late,
        **returned,
    )


async def _may_claim(connection: Connection, today: date, creditor: Creditor) -> bool:
    """Tell whether the bank knows who claims; else ask for it, as long as anybody wants to pay so.

    What is not claimed in time goes back to its member, as whatever else could not be.
    """
    if creditor.sender is not None:
        await close_task_of(connection, _NO_SENDER, today=today, by="direct_debit")
        return True
    if await _SQL.has_mandates(connection):
        await open_task(
            connection,
            key=_NO_SENDER,
            kind="claims_without_sender",
            says=(
                "Members have AvtaleGiro mandates, and nothing can be claimed: set "
                "MEDLEMSFLYT_UNION_GIRO_SENDER, our number with the bank's processing centre."
            ),
            today=today,
        )
    return False


_NO_SENDER = "claims-without-sender"


async def _claims(connection: Connection, today: date, until: Deadlines) -> list[Claim]:
    rows = _SQL.make_claims(
        connection,
        today=today,
        since=issued_since(today),
        earliest=until.earliest,
        latest=until.latest,
        bank_from=until.bank_from,
    )
    return sorted([_claim(row) async for row in rows], key=lambda one: one.number)


def _claim(row: Mapping[str, Any]) -> Claim:
    return Claim(
        number=row["shown"],
        kid=row["kid"],
        amount_ore=row["amount_ore"],
        due_on=row["due_on"],
        bank_notifies=row["bank_notifies"],
    )


async def _cancellations(
    connection: Connection, today: date, until: Deadlines
) -> tuple[list[Claim], int]:
    """Cancel what can be; return that, and how many void claims are collected all the same."""
    found = [row async for row in _SQL.find_void_claims(connection, today=today)]
    # The bank knows no claim of this day's own file yet, and would not find it.
    void = [r for r in found if r["due_on"] >= until.cancel_from and r["claimed_on"] < today]
    await _SQL.cancel_claims(
        connection,
        today=today,
        numbers=[row["invoice_number"] for row in void],
        nths=[row["nth"] for row in void],
        reasons=[row["reason"] for row in void],
    )
    late = [r for r in found if r["due_on"] < until.cancel_from and _comes_for_nothing(r, today)]
    for row in late:
        await open_task(
            connection,
            key=f"claim-too-late/{row['invoice_number']}",
            kind="claim_too_late",
            says=_late(row),
            today=today,
            membership_id=row["membership_id"],
        )
    return [_claim(row) for row in void], len(late)


def _comes_for_nothing(row: Mapping[str, Any], today: date) -> bool:
    """Tell whether somebody must look at a void claim; what pays on its day is what it brought."""
    on_its_day = row["reason"] == "settled" and row["due_on"] <= today
    return row["reason"] in NEVER_COLLECTED and not on_its_day


def _late(row: Mapping[str, Any]) -> str:
    return (
        f"The bank collects {kroner(row['amount_ore'])} for invoice {row['shown']} on "
        f"{row['due_on']}, which is not to be paid that way any more ({row['reason']}), and it is "
        "too late to tell it. Ask the member's bank to stop it, or pay back what comes."
    )


async def _write(
    connection: Connection,
    day: date,
    creditor: Creditor,
    claims: Sequence[Claim],
    void: Sequence[Claim],
) -> ClaimFile | None:
    if creditor.sender is None or not (claims or void):
        return None
    # Seconds for a hundred thousand: heartbeats go on beside it.
    content = await asyncio.to_thread(
        claim_file, day, creditor.sender, creditor.account, claims, void
    )
    file = ClaimFile(
        day=day,
        file_id=hashlib.sha256(content).hexdigest(),
        content=content,
        claims=len(claims),
        cancellations=len(void),
        amount_ore=sum(one.amount_ore for one in claims),
    )
    await _SQL.write_claim_file(connection, **vars(file))
    return file


async def _return(
    connection: Connection, order: ClaimDay, until: Deadlines, pay_by: date
) -> dict[str, int]:
    rows = _SQL.return_invoices(
        connection,
        today=order.today,
        since=issued_since(order.today),
        refused_before=until.refused_before,
        pay_by=pay_by,
        batch=order.batch,
    )
    return {row["reason"]: row["number"] async for row in rows}
