"""What follows of the bank's status report: refunds that it rejects are owed again."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.payments.refund_entries import BANK
from activities.payments.refunds import ask_about, owed_again, read_refund, release
from activities.payments.status_reports import read_status_report
from activities.payments.suspense import NotPossible
from activities.shared.tasks import open_task
from schemas.payments.refund_status import (
    BankSays,
    Known,
    RefundStatusReport,
    Status,
    StatusReport,
    StatusVerdict,
    judge,
    understand,
)
from schemas.payments.refunds import Refund
from schemas.shared.amounts import kroner

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def take_status_report(
    connection: Connection, content: bytes, *, today: date
) -> RefundStatusReport:
    """Take in what the bank says of a file of refunds; again: nothing new.

    Args:
        connection: in a transaction of the caller's.
        content: pain.002 as it came; it is not kept, since receivers stand in it.
        today: the business date.

    Returns:
        What it says of each refund, and what followed.

    Raises:
        NotPossible: it is no such report, or answers nothing of ours.

    Source: P8.
    """
    report = read_status_report(content)
    ours = await _ours(connection, report)
    understood = understand(report, ours)
    digest = sha256(content).hexdigest()[:12]
    found: dict[str, list[str]] = {}
    for refund_id, status in sorted(understood.told.items()):
        came_to = await _take(connection, report, refund_id, status, today)
        found.setdefault(came_to, []).append(refund_id)
    for refund_id in understood.contradicted:
        why = "says two things of it, or another amount"
        await _ask_about(connection, refund_id, why, today)
        found.setdefault("asked_about", []).append(refund_id)
    if understood.unknown:
        await open_task(
            connection,
            key=f"refund-status/{digest}",
            kind="refund",
            says=f"The bank's status report {digest} on the file {report.original_id} names "
            f"{len(understood.unknown)} payments that are no refunds of ours "
            f"({', '.join(understood.unknown[:5])}): ask the bank what they are.",
            today=today,
        )
    lists = {name: tuple(ids) for name, ids in found.items()}
    return RefundStatusReport(
        report_id=report.report_id,
        original_id=report.original_id,
        unknown=len(understood.unknown),
        **lists,
    )


async def _ours(connection: Connection, report: StatusReport) -> Sequence[Known]:
    """Lock and return the refunds that a report may be about.

    Raises:
        NotPossible: it is about none, or about another file of the same name.
    """
    names = [one for payment in report.payments for one in payment.ids]
    rows = _SQL.lock_reported(connection, message_id=report.original_id, refund_ids=names)
    ours = [Known(**row) async for row in rows]
    if not ours:
        raise NotPossible(
            "the file is refused: it answers a message that is not ours, and names no refund of "
            "ours"
        )
    of_file = [one.amount_ore for one in ours if one.of_file]
    held = (len(of_file), sum(of_file))
    said = (report.count, report.total_ore)
    if of_file and any(a is not None and a != b for a, b in zip(said, held, strict=True)):
        raise NotPossible(
            f"the file is refused: our file {report.original_id} held {held[0]} payments of "
            f"{kroner(held[1])}, and the one it answers did not"
        )
    return ours


async def _take(
    connection: Connection, report: StatusReport, refund_id: str, status: Status, today: date
) -> str:
    """Do what follows for a refund, and return what it came to."""
    refund = await read_refund(connection, refund_id)
    given_up = await _SQL.read_rejected_at(connection, refund_id=refund_id)
    newer = given_up is None or report.created_at is None or report.created_at > given_up
    verdict = judge(status, refund.state, newer=newer)
    # A second copy that is rejected says nothing of the first.
    says = BankSays.UNCLEAR if status.duplicate else status.says or BankSays.UNCLEAR
    await _SQL.note_status(
        connection,
        refund_id=refund_id,
        report_id=report.report_id,
        says=says,
        code=status.code or "",
        reasons=" ".join(status.reasons),
        reported_at=report.created_at,
        today=today,
    )
    match verdict:
        case StatusVerdict.RELEASED:
            await _reject(connection, refund, status, today)
            return BankSays.REJECTED
        case StatusVerdict.ASKED_ABOUT:
            await _ask_about(connection, refund_id, _unfitting(status, refund), today)
            return "asked_about"
        case StatusVerdict.KNOWN:
            return "known"
        case StatusVerdict.NOTED:
            return says


async def _reject(connection: Connection, refund: Refund, status: Status, today: date) -> None:
    """Give free what the bank has rejected, and say what to do."""
    why = f"rejected by the bank: {status.why or 'it gives no reason'}"
    told = f"{why} ({status.text})" if status.text else why
    await release(connection, refund.refund_id, today=today, by=BANK, why=told)
    says = f"Refund {refund.refund_id} was {why}. {owed_again(refund)}"
    whose = refund.membership_id
    await ask_about(
        connection, refund.refund_id, "rejected", says, membership_id=whose, today=today
    )


def _unfitting(status: Status, refund: Refund) -> str:
    if status.says is BankSays.REJECTED and status.duplicate:
        return (
            f"rejects it as one that it has already ({status.why}): see whether it is paid. If it "
            "is not, note that with refund-rejected"
        )
    word = "nothing that is known here" if status.says is BankSays.UNCLEAR else status.says
    return f"says {word} ({status.code or 'no code'}), and it is {refund.state} here"


async def _ask_about(connection: Connection, refund_id: str, why: str, today: date) -> None:
    refund = await read_refund(connection, refund_id)
    says = (
        f"Of refund {refund_id} the bank's status report {why}. Nothing was changed: ask the bank."
    )
    whose = refund.membership_id
    await ask_about(connection, refund_id, "status", says, membership_id=whose, today=today)
