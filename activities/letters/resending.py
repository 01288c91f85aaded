"""Sending a letter again because somebody asks for it: a copy of its own, past the same gate."""

import re
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.letters.cases import circumstances
from activities.letters.conditions import GateOutcome
from activities.letters.gate import pass_gate
from activities.letters.payroll_channel import NO_CHANNEL, channel_task_key
from activities.letters.store import Store
from activities.shared.tasks import close_task_of
from schemas.names import resend_batch
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

UNDER_WAY = frozenset({"pending", "sending"})

LIST_NUMBER = re.compile(r"[0-9]{8}-[0-9]{1,6}")
"""What names a deduction list, and no letter."""


class NotPossible(Exception):
    """Nothing was sent again; the text says why, without personal data."""


class Resent(Contract):
    """A letter that has been ordered once more.

    Attributes:
        letter: the copy's opaque id; ``of`` is the one it repeats.
        batch: what it goes out with.
    """

    letter: str
    of: str
    membership_id: str
    key: str
    batch: str


async def resend(pool: asyncpg.Pool, letter: str, *, by: str, at: datetime, today: date) -> Resent:
    """Order a letter once more, and log who asked.

    Args:
        pool: from ``activities.database.pool.open_pool``.
        letter: its opaque id, or ``<membership id>/<key>``.
        by: who asks.
        at: when.
        today: the business date.

    Raises:
        NotPossible: there is no such letter, it is on its way, or the gate does not let it pass.

    One that is held goes out as well, if what held it is over: the copy takes its place.
    """
    membership_id, _, key = letter.partition("/")
    async with pool.acquire() as connection, connection.transaction():
        found = await _SQL.find_letter(
            connection, message_id=letter, membership_id=membership_id, key=key
        )
        if found is None:
            raise NotPossible(f"there is no letter {letter}")
        membership_id, of_key = found["membership_id"], found["key"]
        if found["status"] in UNDER_WAY or await _SQL.is_under_way(
            connection, membership_id=membership_id, key=of_key
        ):
            raise NotPossible("it is on its way already")
        if found["status"] == "held":
            await _SQL.close_held(connection, membership_id=membership_id, key=of_key)
        batch = resend_batch(today)
        try:
            copy = await _SQL.copy_letter(
                connection, membership_id=membership_id, key=of_key, batch=batch, ordered_on=today
            )
        except asyncpg.CheckViolationError:
            raise NotPossible("the membership is not disclosed to this audience") from None
        await _ask_gate(Store(connection, membership_id, "resend", today), copy["key"])
        await _SQL.log_resend(
            connection,
            membership_id=membership_id,
            key=copy["key"],
            of_key=of_key,
            requested_by=by,
            requested_at=at,
        )
        await _SQL.close_tasks(
            connection,
            membership_id=membership_id,
            message_id=found["message_id"],
            closed_on=today,
            closed_by=by,
        )
        return Resent(
            letter=copy["message_id"],
            of=found["message_id"],
            membership_id=membership_id,
            key=copy["key"],
            batch=batch,
        )


async def resend_held(
    pool: asyncpg.Pool, orgnr: str, *, by: str, at: datetime, today: date
) -> tuple[Resent, ...]:
    """Order the letters that waited for a channel to an employer, and close the task about them.

    What the gate lets pass no more is left to its membership's next order, which closes it.
    """
    waiting = [
        row["message_id"]
        async for row in _SQL.list_held(pool, employer_orgnr=orgnr, note=NO_CHANNEL)
    ]
    ordered = []
    for letter in waiting:
        with suppress(NotPossible):
            ordered.append(await resend(pool, letter, by=by, at=at, today=today))
    async with pool.acquire() as connection:
        await close_task_of(connection, channel_task_key(orgnr), today=today, by=by)
    return tuple(ordered)


async def _ask_gate(store: Store, key: str) -> None:
    case, letter = await store.lock_case_and_claim(key)
    assert letter is not None, "ordered a moment ago, in this transaction"
    verdict = pass_gate(letter.audience, letter.template, circumstances(case, letter, store.today))
    if verdict.passage is not GateOutcome.SEND:
        raise NotPossible(verdict.note or "the gate does not let it pass")


async def resend_list(pool: asyncpg.Pool, list_number: str) -> str:
    """Let a deduction list go out again that was not answered, or not taken; return its month.

    Raises:
        NotPossible: there is no such list, or nothing keeps it back.
    """
    async with pool.acquire() as connection, connection.transaction():
        found = await _SQL.reset_list(connection, list_number=list_number)
    if found is None:
        raise NotPossible(f"there is no list {list_number}")
    if found["delivered"] or not found["waited"]:
        raise NotPossible("it has been delivered, or nothing keeps it back")
    return str(found["period"])
