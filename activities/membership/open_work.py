"""What waits for the caseworkers beside the memberships themselves, as the inbox lists it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries, streamed
from activities.letters.lost_letters import LostLetter, list_lost_letters
from activities.persons.views import count_candidates
from activities.shared.tasks import Connection
from schemas.shared.base import Contract

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class RejectedIntake(Contract):
    """An application that can't be read or breaks a rule."""

    membership_id: str
    received_on: date
    faults: tuple[str, ...]


class PossiblyKnown(Contract):
    """An application of somebody who may be known, as `person` shows."""

    membership_id: str
    received_on: date
    candidates: int


class SuspendedPayment(Contract):
    """Money that no invoice could be found for."""

    reference: str
    membership_id: str | None
    amount_ore: int
    paid_on: date


class InboxItems(Contract):
    """What waits for a caseworker beside the memberships themselves. No personal data."""

    rejected_intakes: tuple[RejectedIntake, ...]
    suspended_payments: tuple[SuspendedPayment, ...]
    lost_letters: tuple[LostLetter, ...] = ()
    possibly_known: tuple[PossiblyKnown, ...] = ()


class OpenWork(Contract):
    """How much waits for a caseworker beside the memberships themselves.

    Attributes:
        undecided: applications, of which some may be of somebody who is known.
    """

    rejected_intakes: int
    suspended_payments: int
    lost_letters: int
    undecided: int


async def inbox_items(pool: asyncpg.Pool) -> InboxItems:
    """Return what is rejected, in suspense or lost, and who may be known."""
    async with pool.acquire() as connection:
        return InboxItems(
            rejected_intakes=tuple([each async for each in rejected_intakes(connection)]),
            suspended_payments=tuple([each async for each in suspended_payments(connection)]),
            lost_letters=await list_lost_letters(connection),
            possibly_known=tuple([each async for each in possibly_known(connection)]),
        )


async def count_open_work(connection: Connection) -> OpenWork:
    """Return how much there is of each kind."""
    return OpenWork(**await _SQL.count_open_work(connection))


async def rejected_intakes(
    connection: Connection, most: int | None = None
) -> AsyncIterator[RejectedIntake]:
    """Yield the applications that could not be taken, the latest first; ``most`` or all."""
    async for row in streamed(connection, _SQL.rejected_intakes, most=most):
        yield RejectedIntake(**row)


async def suspended_payments(
    connection: Connection, most: int | None = None
) -> AsyncIterator[SuspendedPayment]:
    """Yield the payments without an invoice, the oldest first; ``most`` or all."""
    async for row in streamed(connection, _SQL.suspended_payments, most=most):
        yield SuspendedPayment(**row)


async def possibly_known(
    connection: Connection, most: int | None = None, among: int | None = None
) -> AsyncIterator[PossiblyKnown]:
    """Yield the applications of somebody who may be known, the oldest first.

    Looked for anew: others have applied, moved and been merged since the intake.

    Args:
        connection: of any kind; nothing is written.
        most: yield no more than so many; None: all.
        among: look at so many applications, the oldest; None: at all.
    """
    undecided = streamed(connection, _SQL.undecided_applications, most=among)
    async with aclosing(undecided):
        async for row in undecided:
            if most == 0:
                return
            candidates = await count_candidates(connection, row["membership_id"])
            if candidates:
                yield PossiblyKnown(**row, candidates=candidates)
                most = None if most is None else most - 1
