"""Refunds: asked for by one person, approved by another, written for the bank, told by the bank.

The triggers ``check_refund_parts`` and ``check_refund_filled`` refuse more than there is, and to
change what stands.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from stdnum.no import kontonr

from activities.database.pool import load_queries
from activities.payments.suspense import NotPossible
from activities.payments.transactions import account_number
from activities.secrecy.words import words_of
from activities.shared.tasks import close_task_of, open_task
from schemas.payments.refunds import Refund, RefundState
from schemas.shared.amounts import kroner

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

MAX_NAME = 70
"""Of a receiver's name: banks carry no more."""


def new_refund_id() -> str:
    """Return an id that says nothing, as the bank carries it."""
    return f"R{secrets.token_hex(8).upper()}"


async def ask_refund(
    connection: Connection,
    *,
    today: date,
    by: str,
    reason: str,
    reference: str | None = None,
    member_number: str | None = None,
    amount_ore: int | None = None,
    account: str | None = None,
    receiver: str | None = None,
    subject: str | None = None,
) -> Refund:
    """Ask for money in suspense, or a member's credit, to be paid out: it is set apart at once.

    Args:
        connection: in a transaction of the caller's.
        today: the business date.
        by: who asks.
        reason: for the books.
        reference: of a payment in suspense; else
        member_number: of whom all credit is meant, in suspense and of credit notes.
        amount_ore: None: all there is.
        account: the receiver's; None: who paid, as the bank tells it, else it is asked for.
        receiver: the name; None: who paid, else the member's.
        subject: who asks is for ever, where that is known.

    Returns:
        The refund, to be approved by somebody else.

    Raises:
        NotPossible: there is no such credit, or not so much, or it can't go to that account.

    Source: P8, A37.
    """
    owner = await _SQL.find_owner(connection, reference=reference, member_number=member_number)
    if owner is None:
        raise NotPossible(
            f"there is no payment {reference}"
            if member_number is None
            else f"there is no member {member_number}"
        )
    of = {"membership_id": owner["membership_id"], "reference": owner["reference"]}
    await _SQL.lock_credits(connection, **of)
    owed_ore = await _check_free(connection, owner)
    credit = [dict(row) async for row in _SQL.read_credits(connection, **of)]
    parts = _cut(credit, amount_ore, owed_ore)
    to = await _receiver(connection, owner, parts, account, receiver)
    refund_id = new_refund_id()
    whose = owner["membership_id"]
    await _SQL.ask_refund(
        connection,
        refund_id=refund_id,
        membership_id=whose,
        reason=await words_of(connection).seal(
            reason, whose, "refunds.reason", {"refund_id": refund_id}
        ),
        today=today,
        by=by,
        account=to[0],
        receiver=to[1],
        account_by=by if to[0] is not None else None,
        subject=subject,
        references=[part["reference"] for part in parts],
        credits=[part["credit_number"] for part in parts],
        amounts=[part["ore"] for part in parts],
    )
    await _close_settled(connection, refund_id, today, by)
    return await read_refund(connection, refund_id)


async def _check_free(connection: Connection, owner: Mapping[str, Any]) -> int:
    """Return what a member's credit is net of: what was paid back and then taken back.

    Raises:
        NotPossible: the bank has taken the payment back, or the member owes beside the credit.
    """
    whose = owner["membership_id"]
    overdrawn: int = await _SQL.read_overdrawn(connection, membership_id=whose)
    if owner["reference"] is not None:
        payment = await _SQL.read_payment(connection, reference=owner["reference"])
        if payment["reversed"]:
            raise NotPossible(f"the bank has taken payment {owner['reference']} back")
        if payment["suspense_ore"] <= 0:
            raise NotPossible(f"nothing is in suspense of payment {owner['reference']}")
        if overdrawn > 0:
            raise NotPossible(f"{_owes(overdrawn)}: refund --member pays out what is left of it")
        return 0
    owed: int = await _SQL.read_debts(connection, membership_id=whose)
    if owed > 0:
        raise NotPossible(
            f"the member owes {kroner(owed)}: what is in suspense pays that first. Name a payment "
            "if it is to be paid back all the same"
        )
    return overdrawn


def _owes(ore: int) -> str:
    return (
        f"the member owes {kroner(ore)} of a payment that was paid back and that the bank then "
        "took back"
    )


def _cut(
    parts: list[dict[str, Any]], amount_ore: int | None, owed_ore: int
) -> list[dict[str, Any]]:
    """Return the parts that come to an amount, the oldest credit first.

    Raises:
        NotPossible: there is not so much, net of what is owed.
    """
    there = sum(part["ore"] for part in parts) - owed_ore
    if owed_ore > 0 and there <= 0:
        raise NotPossible(f"{_owes(owed_ore)}: there is no more than that")
    wanted = there if amount_ore is None else amount_ore
    if wanted <= 0 or there <= 0:
        raise NotPossible("there is nothing to pay out" if there <= 0 else "nothing is asked for")
    if wanted > there:
        raise NotPossible(f"there are {kroner(there)} to pay out, and not {kroner(wanted)}")
    found, left = [], wanted
    for part in parts:
        ore = min(part["ore"], left)
        if ore > 0:
            found.append({**part, "ore": ore})
        left -= ore
    return found


async def _receiver(
    connection: Connection,
    owner: Mapping[str, Any],
    parts: list[dict[str, Any]],
    account: str | None,
    receiver: str | None,
) -> tuple[str, str] | tuple[None, None]:
    """Return account and name of who receives a refund; of the dead it is said by somebody."""
    references = [part["reference"] for part in parts if part["reference"]]
    notes = [part["credit_number"] for part in parts if part["credit_number"]]
    told = await _SQL.read_receiver(
        connection, membership_id=owner["membership_id"], references=references, credits=notes
    )
    if account is not None:
        name = receiver or (None if told["has_died"] else told["payer"] or told["member"])
        return checked_account(account), _named(name, has_died=told["has_died"])
    own = told["account"]
    if told["has_died"] or own is None or not kontonr.is_valid(own):
        return None, None
    name = receiver or told["payer"] or told["member"]
    return (own, name[:MAX_NAME]) if name else (None, None)


def _named(name: str | None, *, has_died: bool) -> str:
    # Without what no file can carry: one name would spoil the bank's file of all.
    name = " ".join("".join(char if char.isprintable() else " " for char in name or "").split())
    if not name:
        raise NotPossible(
            "the member has died: name whose account it is, the estate's, with --to"
            if has_died
            else "nobody knows whose account it is: name who receives it with --to"
        )
    return name[:MAX_NAME]


def checked_account(text: str) -> str:
    """Return an account number as it is written for the bank.

    Raises:
        NotPossible: it is none of Norway, or its check digit is wrong.

    Source: P7.
    """
    number = account_number(text)
    if not (number.isascii() and number.isdecimal() and len(number) == 11):
        raise NotPossible("a refund goes to a Norwegian account: 11 digits")
    if not kontonr.is_valid(number):
        raise NotPossible("the account's check digit is wrong: ask for the number again")
    return number


async def read_refund(connection: Connection, refund_id: str) -> Refund:
    """Return a refund.

    Raises:
        NotPossible: there is none.
    """
    found = await list_refunds(connection, refund_id=refund_id)
    if not found:
        raise NotPossible(f"there is no refund {refund_id}")
    return found[0]


def owed_again(refund: Refund) -> str:
    """Return what to do with a refund that has not reached its receiver."""
    again = (
        "ask for another account, and ask for a new refund"
        if refund.membership_id is not None
        else "find out why, and ask for it to be paid anew"
    )
    return f"What it was of is owed again: {again}."


async def ask_about(
    connection: Connection,
    refund_id: str,
    matter: str,
    says: str,
    *,
    membership_id: str | None,
    today: date,
) -> None:
    """Give a caseworker the task to look at a refund, once for each matter.

    Args:
        connection: in a transaction of the caller's.
        refund_id: which one.
        matter: names the matter, in one word: ``returned``.
        says: what is the matter and what to do; no personal data.
        membership_id: whose refund it is; None: nobody's.
        today: the business date.
    """
    await open_task(
        connection,
        key=f"refund/{refund_id}/{matter}",
        kind="refund",
        says=says,
        today=today,
        membership_id=membership_id,
    )


async def list_refunds(
    connection: Connection,
    *,
    refund_id: str | None = None,
    only_open: bool = False,
    message_id: str | None = None,
    most: int | None = None,
) -> list[Refund]:
    """Return refunds, the oldest first: one, those that are not over, those of a file, or all."""
    rows = _SQL.list_refunds(
        connection, refund_id=refund_id, open=only_open, message_id=message_id, most=most
    )
    words = words_of(connection)
    return [Refund(**await words.row_shown("refunds", row)) for row in [row async for row in rows]]


async def name_receiver(
    connection: Connection,
    refund_id: str,
    *,
    account: str,
    receiver: str | None,
    by: str,
    subject: str | None = None,
) -> Refund:
    """Note the account that a receiver has named, until somebody has approved.

    Raises:
        NotPossible: it is approved or over, or that is no account.
    """
    refund = await _locked(connection, refund_id, RefundState.ASKED)
    told = await _SQL.read_receiver(
        connection, membership_id=refund.membership_id, references=[], credits=[]
    )
    name = receiver or refund.receiver or (None if told["has_died"] else told["member"])
    await _SQL.name_receiver(
        connection,
        refund_id=refund_id,
        account=checked_account(account),
        receiver=_named(name, has_died=told["has_died"]),
        by=by,
        subject=subject,
    )
    return await read_refund(connection, refund_id)


async def approve_refund(
    connection: Connection, refund_id: str, *, today: date, by: str, subject: str | None = None
) -> Refund:
    """Approve a refund that somebody else has asked for: it goes into the next file.

    Args:
        connection: in a transaction of the caller's.
        refund_id: of one that is asked for.
        today: the business date.
        by: who approves; the database refuses who has asked, or has named the account.
        subject: who that is for ever, where that is known.

    Raises:
        NotPossible: it can't be approved, or not by this person.

    Source: P8, R6.
    """
    refund = await _locked(connection, refund_id, RefundState.ASKED)
    if refund.account is None:
        raise NotPossible(f"refund {refund_id} has no account yet: name it with refund-account")
    hands = [row async for row in _SQL.read_hands(connection, refund_id=refund_id)]
    for one in hands:
        if await _SQL.same_hands(
            connection,
            one=one["name"],
            one_subject=one["subject"],
            other=by,
            other_subject=subject,
        ):
            raise NotPossible(f"{by} has asked for refund {refund_id}: somebody else approves it")
    if not await _SQL.is_covered(connection, refund_id=refund_id):
        raise NotPossible(
            f"the bank has taken back what refund {refund_id} is of, or as much that was paid back "
            "before: refuse it with --refuse"
        )
    await _SQL.approve_refund(connection, refund_id=refund_id, today=today, by=by, subject=subject)
    return await read_refund(connection, refund_id)


async def refuse_refund(
    connection: Connection, refund_id: str, *, today: date, by: str, why: str
) -> Refund:
    """Give up a refund that the bank has not been told of: what it was of is free again."""
    refund = await _locked(connection, refund_id, RefundState.ASKED, RefundState.APPROVED)
    why = await _why_released(connection, refund, why)
    await release(connection, refund_id, today=today, by=by, why=why)
    await close_task_of(connection, f"refund/{refund_id}/held", today=today, by=by, note="given up")
    return await read_refund(connection, refund_id)


async def note_rejected(
    connection: Connection, refund_id: str, *, today: date, by: str, why: str
) -> Refund:
    """Note that the bank has rejected an instruction, so that no money left: it is owed again."""
    refund = await _locked(connection, refund_id, RefundState.INSTRUCTED)
    why = await _why_released(connection, refund, why)
    await release(connection, refund_id, today=today, by=by, why=why)
    return await read_refund(connection, refund_id)


async def _why_released(connection: Connection, refund: Refund, why: str) -> str:
    """Return somebody's reason to release a refund as its row has it."""
    return await words_of(connection).seal(
        why, refund.membership_id, "refunds.released_why", {"refund_id": refund.refund_id}
    )


async def release(
    connection: Connection, refund_id: str, *, today: date, by: str, why: str
) -> None:
    """Give free what a refund is of, with its entries and the tasks of its payments; once."""
    await _SQL.release_refund(connection, refund_id=refund_id, today=today, by=by, why=why)
    await _SQL.reopen_suspense(connection, refund_id=refund_id, today=today)


async def _locked(connection: Connection, refund_id: str, *states: RefundState) -> Refund:
    """Lock a refund that is in one of some states.

    Raises:
        NotPossible: there is none, or it is in another.
    """
    await _SQL.lock_refund(connection, refund_id=refund_id)
    refund = await read_refund(connection, refund_id)
    if refund.state not in states:
        raise NotPossible(f"refund {refund_id} is {refund.state} already")
    return refund


async def _close_settled(connection: Connection, refund_id: str, today: date, by: str) -> None:
    """Close the tasks of payments of which nothing is in suspense any more."""
    note = "nothing is in suspense"
    async for row in _SQL.list_refund_payments(connection, refund_id=refund_id):
        payment = await _SQL.read_payment(connection, reference=row["reference"])
        if payment["suspense_ore"] <= 0:
            key = f"suspense/{row['reference']}"
            await close_task_of(connection, key, today=today, by=by, note=note)
