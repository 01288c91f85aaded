"""Money that waits for somebody at the desk: in suspense, to be paid out, and whose it may be."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from activities.database.pool import load_queries
from activities.payments.placing import Paid, Target
from activities.payments.suspense import Suspended, stream_suspense
from activities.shared.tasks import Connection
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class Waiting(Contract):
    """A payment in suspense, with the task about it; None: it needs nobody yet."""

    payment: Suspended
    task_id: int | None = None


class Payable(Contract):
    """What money can be placed on: an invoice, with whose it is; or an employer's list.

    Attributes:
        target: an invoice, or a list.
        number: its own.
        shown: as its reader knows it.
        name: the member's, or the employer's.
    """

    target: Target
    number: str
    shown: str
    membership_id: str | None
    member_number: str | None
    name: str | None
    period_from: date


class PaymentTask(Contract):
    """Which payment a task is about."""

    task_id: int
    reference: str
    membership_id: str | None


class Credit(Contract):
    """What a member has with us in all.

    Attributes:
        ore: what could be paid out.
        owes: the member owes something, which it pays first.
        asked_on: since when we wait for an account; ``late_on``: since when too long.
    """

    ore: int
    owes: bool
    asked_on: date | None
    late_on: date | None


async def list_waiting(connection: Connection, most: int) -> list[Waiting]:
    """Return what is in suspense, the oldest first, each with its latest task."""
    found = [one async for one in stream_suspense(connection, most)]
    rows = _SQL.find_suspense_tasks(connection, references=[one.reference for one in found])
    tasks = {row["reference"]: row["task_id"] async for row in rows}
    return [Waiting(payment=one, task_id=tasks.get(one.reference)) for one in found]


async def payment_of_task(connection: Connection, task_id: int) -> PaymentTask | None:
    """Return which payment in suspense a task is about, or None: it is about none."""
    row = await _SQL.read_payment_task(connection, task_id=task_id)
    return None if row is None else PaymentTask.model_validate(dict(row))


async def payables(connection: Connection, paid: Iterable[Paid]) -> dict[Paid, Payable]:
    """Return whose some invoices and lists are, by what they are and their own numbers."""
    wanted = list(paid)
    rows = _SQL.list_payables(
        connection,
        invoices=[number for target, number in wanted if target is Target.INVOICE],
        lists=[number for target, number in wanted if target is Target.LIST],
    )
    return {
        (Target(row["target"]), row["number"]): Payable.model_validate(dict(row))
        async for row in rows
    }


async def names_of(connection: Connection, membership_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of members, by their memberships; whoever has none is left out."""
    rows = _SQL.list_names(connection, membership_ids=list(membership_ids))
    return {row["membership_id"]: row["name"] async for row in rows}


async def read_credit(connection: Connection, membership_id: str) -> Credit:
    """Return what a member has with us."""
    row = await _SQL.read_credit(connection, membership_id=membership_id)
    return Credit.model_validate(dict(row))


async def count_to_approve(connection: Connection, subject: str) -> int:
    """Return how many refunds wait for a second person who is not this one."""
    return int(await _SQL.count_to_approve(connection, subject=subject))
