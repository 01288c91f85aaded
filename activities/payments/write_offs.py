"""Letting go what will not be paid: a loss in the books, decided by somebody, and undone so."""

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import asyncpg

from activities.database.pool import load_queries
from activities.payments.suspense import NotPossible
from activities.secrecy.words import words_of
from activities.shared.tasks import close_task_of, open_task
from schemas.pricing.rulebook import Policies

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class WriteOff(NamedTuple):
    """What became of a wish to let go of an invoice.

    Attributes:
        ore: how much it is about.
        waits: for another person, who says the same of the invoice; nothing is let go yet.
    """

    ore: int
    waits: bool = False


async def write_off(
    connection: Connection,
    number: str,
    policies: Policies,
    *,
    today: date,
    by: str,
    reason: str,
    subject: str | None = None,
) -> WriteOff:
    """Let go all that is open of an invoice; where a policy says so, once two people want it.

    Args:
        connection: in a transaction of the caller's.
        number: the invoice's.
        policies: in force today.
        today: the business date.
        by: who decides.
        reason: for the books.
        subject: who decides is for ever, where that is known.

    Raises:
        NotPossible: nothing is open of it, or more than may be let go; or the same person has
            asked for it.

    Source: A30, R6.
    """
    open_ore = await _open(connection, number)
    if open_ore <= 0:
        raise NotPossible(f"nothing is open of invoice {number}")
    if open_ore > policies.write_off_at_most_ore:
        raise NotPossible(
            f"{open_ore} øre are open of invoice {number}, and at most "
            f"{policies.write_off_at_most_ore} are written off (policy write_off_at_most_ore)"
        )
    decision = _Decision(number, open_ore, today, by, reason, subject)
    if not policies.four_eyes_write_off:
        await _decide(connection, decision)
        return WriteOff(open_ore)
    asked = await _SQL.find_write_off_request(
        connection,
        number=number,
        amount_ore=open_ore,
        since=today - timedelta(days=policies.four_eyes_days),
    )
    if asked is None:
        await _ask(connection, decision)
        return WriteOff(open_ore, waits=True)
    if await _SQL.same_hands(
        connection,
        one=asked["asked_by"],
        one_subject=asked["asked_by_subject"],
        other=by,
        other_subject=subject,
    ):
        raise NotPossible(f"{by} has asked for it already: somebody else says so too")
    await _decide(connection, decision, request=asked["serial"])
    await close_task_of(connection, _matter(number), today=today, by=by, note="written off")
    return WriteOff(open_ore)


async def undo_write_off(
    connection: Connection, number: str, *, today: date, by: str, reason: str
) -> int:
    """Ask again for all that was let go of an invoice; return how much, in øre.

    Raises:
        NotPossible: nothing of it is written off.
    """
    await _open(connection, number)
    gone: int = await _SQL.read_written_off(connection, number=number)
    if gone <= 0:
        raise NotPossible(f"nothing is written off of invoice {number}")
    await _decide(connection, _Decision(number, -gone, today, by, reason))
    return gone


async def _open(connection: Connection, number: str) -> int:
    """Lock an invoice and return what is open of it."""
    if await _SQL.lock_invoice(connection, number=number) is None:
        raise NotPossible(f"there is no invoice {number}")
    invoice = await _SQL.read_invoice(connection, number=number)
    return int(invoice["open_ore"])


class _Decision(NamedTuple):
    number: str
    amount_ore: int
    today: date
    by: str
    reason: str
    subject: str | None = None


def _matter(number: str) -> str:
    """Return what names the task of an invoice that one person wants to let go."""
    return f"write-off/{number}"


async def _ask(connection: Connection, decision: _Decision) -> None:
    """Keep that one person wants it, and have another one look."""
    number, by = decision.number, decision.by
    whose = await _SQL.read_invoiced(connection, number=number)
    serial = await _SQL.next_write_off_request(connection, number=number)
    await _SQL.ask_write_off(
        connection,
        number=number,
        serial=serial,
        amount_ore=decision.amount_ore,
        today=decision.today,
        by=by,
        subject=decision.subject,
        reason=await words_of(connection).seal(
            decision.reason,
            whose,
            "write_off_requests.reason",
            {"invoice_number": number, "serial": serial},
        ),
    )
    await open_task(
        connection,
        key=_matter(number),
        kind="write_off",
        says=f"Somebody wants invoice {number} let go. Another person says so too, with "
        f"`medlemsflyt write-off {number}`, or nothing happens.",
        today=decision.today,
        membership_id=whose,
    )


async def _decide(
    connection: Connection, decision: _Decision, *, request: int | None = None
) -> None:
    """Write it down; more than is open is refused by the trigger ``check_allocations``."""
    number, today = decision.number, decision.today
    why = await words_of(connection).seal(
        decision.reason,
        await _SQL.read_invoiced(connection, number=number),
        "write_offs.reason",
        {"invoice_number": number, "decided_on": today},
    )
    await _SQL.write_off(
        connection,
        number=number,
        amount_ore=decision.amount_ore,
        today=today,
        by=decision.by,
        reason=why,
        subject=decision.subject,
        request=request,
    )
