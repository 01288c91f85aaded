"""What waits for the caseworkers beside the memberships themselves, as the inbox lists it."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
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


async def inbox_items(pool: asyncpg.Pool) -> InboxItems:
    """Return what is rejected, in suspense or lost, and who may be known."""
    async with pool.acquire() as connection:
        return InboxItems(
            rejected_intakes=tuple(
                [RejectedIntake(**row) async for row in _SQL.rejected_intakes(connection)]
            ),
            suspended_payments=tuple(
                [SuspendedPayment(**row) async for row in _SQL.suspended_payments(connection)]
            ),
            lost_letters=await list_lost_letters(connection),
            possibly_known=await _possibly_known(connection),
        )


async def _possibly_known(connection: Connection) -> tuple[PossiblyKnown, ...]:
    """Look for them anew: others have applied, moved and been merged since the intake."""
    undecided = [row async for row in _SQL.undecided_applications(connection)]
    found = [
        PossiblyKnown(**row, candidates=await count_candidates(connection, row["membership_id"]))
        for row in undecided
    ]
    return tuple(known for known in found if known.candidates)
