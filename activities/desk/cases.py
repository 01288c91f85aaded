"""The inbox: what is to be done, and who has it. A case is all there is about one membership."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import asyncpg

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.access.roles import MAY_DO, Work
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Row = TypeVar("Row")

AT_ONCE = 200

COLLEAGUES_LOOK_BACK = timedelta(days=90)
"""Who has not logged in for so long is nobody to hand a case to."""


class Whose(StrEnum):
    """Which cases somebody wants to see."""

    ALL = "all"
    MINE = "mine"
    FREE = "free"
    LATER = "later"


class Move(StrEnum):
    """What may be done with a case."""

    TAKEN = "taken"
    HANDED_OVER = "handed_over"
    PUT_BACK = "put_back"
    LET_GO = "let_go"


class Case(Contract):
    """A case as the inbox lists it.

    Attributes:
        case_key: the membership's id, or ``task-<id>`` of a task about none.
        since: the day of the oldest thing that is to be done.
        due_on: that, or the day until which it was put back.
        name: None where it is about nobody, or nobody could be read.
    """

    case_key: str
    membership_id: str | None
    since: date
    due_on: date
    kinds: tuple[str, ...]
    items: int
    holder_subject: str | None
    holder: str | None
    until_on: date | None
    name: str | None
    member_number: str | None
    hidden: bool | None


class Counts(Contract):
    """How many cases there are: of a kind, or of all."""

    kind: str | None
    cases: int
    mine: int
    later: int


class Item(Contract):
    """One thing that is to be done; an application has no task."""

    task_id: int | None
    kind: str
    since: date
    membership_id: str | None
    says: str | None
    key: str | None


class Moved(Contract):
    """Who did what with a case."""

    move: Move
    holder_subject: str | None
    holder: str | None
    until_on: date | None
    moved_at: datetime
    moved_by: str


class Holder(Contract):
    """Who has a case now."""

    case_key: str
    holder: str | None
    until_on: date | None

    @property
    def in_words(self) -> str:
        """Who has it, and till when it was put back."""
        back = f"back on {self.until_on}" if self.until_on else ""
        return ", ".join(part for part in (self.holder, back) if part)


class Colleague(Contract):
    """Somebody a case can be handed to."""

    subject: str
    name: str


class NotPossible(Exception):
    """The case does not move: another has it by now, or there is nothing to move."""


async def list_cases(
    connection: Connection,
    *,
    subject: str,
    today: date,
    whose: Whose = Whose.ALL,
    kind: str | None = None,
    after: tuple[date, str] | None = None,
    most: int,
) -> tuple[Case, ...]:
    """Return a page of the cases, the first due first.

    Args:
        connection: of any kind; nothing is written.
        subject: who looks.
        today: the business date; what was put back till later is not shown before.
        whose: which of them.
        kind: only those with something of this kind.
        after: the day and the key of the last case of the page before.
        most: so many.
    """
    due, key = after or (date.min, "")
    rows = _SQL.list_cases(
        connection,
        subject=subject,
        today=today,
        whose=whose,
        later=whose is Whose.LATER,
        kind=kind,
        after_due=due,
        after_key=key,
        most=most,
    )
    return tuple([Case.model_validate(dict(row)) async for row in rows])


async def count_cases(connection: Connection, subject: str, today: date) -> tuple[Counts, ...]:
    """Return how many cases there are in all, and then of each kind."""
    rows = _SQL.count_cases(connection, subject=subject, today=today)
    return tuple([Counts.model_validate(dict(row)) async for row in rows])


async def read_items(connection: Connection, case_key: str) -> tuple[Item, ...]:
    """Return all that is to be done about a case, the oldest first."""
    rows = _SQL.list_items(connection, case_key=case_key)
    return tuple([Item.model_validate(dict(row)) async for row in rows])


async def read_moves(connection: Connection, case_key: str) -> tuple[Moved, ...]:
    """Return who has had a case, the latest first."""
    rows = _SQL.list_moves(connection, case_key=case_key)
    return tuple([Moved.model_validate(dict(row)) async for row in rows])


async def holders(connection: Connection, case_keys: Iterable[str]) -> dict[str, Holder]:
    """Return who has which of some cases; nobody has had those that are missing."""
    rows = _SQL.find_holders(connection, case_keys=list(case_keys))
    return {row["case_key"]: Holder.model_validate(dict(row)) async for row in rows}


async def with_holders(
    connection: Connection, rows: AsyncIterator[Row], case_key: Callable[[Row], str | None]
) -> AsyncIterator[tuple[Row, Holder | None]]:
    """Yield rows in their order, each with who has its case, and hold a few at a time.

    Args:
        connection: of any kind; nothing is written.
        rows: of any list.
        case_key: tells whose case a row belongs to; None: to none.
    """
    waiting: list[Row] = []
    async for row in rows:
        waiting.append(row)
        if len(waiting) == AT_ONCE:
            for pair in await _held(connection, waiting, case_key):
                yield pair
            waiting = []
    for pair in await _held(connection, waiting, case_key):
        yield pair


async def _held(
    connection: Connection, rows: Sequence[Row], case_key: Callable[[Row], str | None]
) -> list[tuple[Row, Holder | None]]:
    keys = [case_key(row) for row in rows]
    found = await holders(connection, [key for key in keys if key is not None]) if rows else {}
    return [(row, found.get(key or "")) for row, key in zip(rows, keys, strict=True)]


def key_of(membership_id: str | None, task_id: int | None) -> str:
    """Return which case something belongs to: its membership's, else its own."""
    return membership_id or f"task-{task_id}"


async def colleagues(connection: Connection, at: datetime) -> tuple[Colleague, ...]:
    """Return who works here and may handle cases, by name."""
    roles = [str(role) for role in MAY_DO[Work.HANDLE]]
    rows = _SQL.list_colleagues(connection, since=at - COLLEAGUES_LOOK_BACK, roles=roles)
    found = [Colleague.model_validate(dict(row)) async for row in rows]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.subject)))


async def move_case(
    pool: asyncpg.Pool,
    case_key: str,
    move: Move,
    *,
    request_id: str,
    by: Colleague,
    to: Colleague | None = None,
    until_on: date | None = None,
    at: datetime,
    today: date,
) -> None:
    """Move a case; the same request counts once, and who comes second is told so.

    Args:
        pool: of the database.
        case_key: which one.
        move: what is done with it.
        request_id: of the form that asks for it.
        by: who does it.
        to: who gets it, where it is handed over.
        until_on: till when it is put back; it stays with who has it.
        at: when.
        today: the business date.

    Raises:
        NotPossible: there is no such case, another has taken it, or the day has come already.
    """
    async with pool.acquire() as connection, connection.transaction():
        await _SQL.lock_case(connection, case_key=case_key)
        items = await read_items(connection, case_key)
        if not items:
            raise NotPossible("gone")
        if until_on is not None and until_on <= today:
            raise NotPossible("past")
        moves = await read_moves(connection, case_key)
        now = moves[0] if moves else None
        holder = _holder_after(move, now, by, to)
        await _SQL.add_move(
            connection,
            request_id=request_id,
            case_key=case_key,
            membership_id=items[0].membership_id,
            move=move,
            holder_subject=holder.subject if holder else None,
            holder=holder.name if holder else None,
            until_on=until_on,
            moved_at=at,
            moved_on=today,
            moved_by_subject=by.subject,
            moved_by=by.name,
        )


def _holder_after(
    move: Move, now: Moved | None, by: Colleague, to: Colleague | None
) -> Colleague | None:
    """Return who has a case once it has moved.

    Raises:
        NotPossible: another has it, and nobody takes it from them unasked.
    """
    has = None
    if now is not None and now.holder_subject is not None and now.holder is not None:
        has = Colleague(subject=now.holder_subject, name=now.holder)
    match move:
        case Move.TAKEN if has is not None and has.subject != by.subject:
            raise NotPossible("taken")
        case Move.TAKEN:
            return by
        case Move.HANDED_OVER:
            return to
        case Move.PUT_BACK:
            return has or by
        case Move.LET_GO:
            return None
