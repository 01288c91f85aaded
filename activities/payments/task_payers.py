"""Tasks about payments, with who has paid and for whom it may be: for caseworkers alone (P6)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.payments.proposals import proposals_for
from activities.payments.suspense import stream_suspense
from activities.shared.tasks import OpenTask
from schemas.payments.proposals import Proposal

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

AT_ONCE = 200
_ABOUT_A_PAYMENT = ("suspense/", "entry/", "late/", "reversal/", "unbooked/")
"""How the keys of tasks begin that go on with a payment's reference."""


class PaymentTask(OpenTask):
    """A task beside what is known of its payment: read anew each time, and secret.

    Attributes:
        about: who has paid and what they wrote.
        proposals: for whom it may be, the likeliest first.
    """

    about: str | None = None
    proposals: tuple[Proposal, ...] = ()


async def with_payers(
    connection: Connection, tasks: AsyncIterator[OpenTask]
) -> AsyncIterator[PaymentTask]:
    """Yield tasks with who has paid, in their order. Source: P6."""
    waiting: list[OpenTask] = []
    async for task in tasks:
        waiting.append(task)
        if len(waiting) == AT_ONCE:
            for one in await _with_payers(connection, waiting):
                yield one
            waiting = []
    for one in await _with_payers(connection, waiting):
        yield one


async def payers_of(connection: Connection, task_ids: Sequence[int]) -> dict[int, PaymentTask]:
    """Return some open tasks by their ids, with who has paid. Source: P6."""
    if not task_ids:
        return {}
    found = [
        OpenTask(**row) async for row in _SQL.list_tasks_by_id(connection, task_ids=list(task_ids))
    ]
    return {task.task_id: task for task in await _with_payers(connection, found)}


async def _with_payers(connection: Connection, tasks: Sequence[OpenTask]) -> list[PaymentTask]:
    references = {
        task.key: task.key.partition("/")[2]
        for task in tasks
        if task.key.startswith(_ABOUT_A_PAYMENT)
    }
    if not references:
        return [PaymentTask(**task.model_dump()) for task in tasks]
    wanted = list(references.values())
    about = {
        row["reference"]: _about(row)
        async for row in _SQL.read_payers(connection, references=wanted)
    }
    held = [each async for each in stream_suspense(connection, only=wanted)]
    proposals = await proposals_for(connection, held) if held else {}
    return [
        PaymentTask(
            **task.model_dump(),
            about=about.get(references.get(task.key, "")),
            proposals=proposals.get(references.get(task.key, ""), ()),
        )
        for task in tasks
    ]


def _about(row: Mapping[str, Any]) -> str | None:
    own = _in_words(row, "")
    if row["same_as"] is None:
        return own
    twin = _in_words(row, "twin_")
    return f"{own or 'nobody named'}; {row['same_as']}: {twin or 'nobody named'}"


def _in_words(row: Mapping[str, Any], prefix: str) -> str | None:
    told = (row[f"{prefix}{name}"] for name in ("payer", "account", "text", "numbers"))
    return " · ".join(one for one in told if one) or None
