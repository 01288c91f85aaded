"""The activities on the queue ``membership-persistence``, on PostgreSQL."""

import asyncpg
from temporalio import activity

from activities.declarations.membership import PersistenceActivities
from activities.membership.decisions import record
from activities.membership.intake import receive
from activities.shared.errors import without_values
from activities.shared.rulebook import RulebookReader
from schemas.membership.decision import Decision, DecisionReceipt, Intake, IntakeReceipt
from schemas.pricing.rulebook import Rulebook


class Persistence(PersistenceActivities):
    """What PostgreSQL keeps of a membership.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        allow_synthetic_ids: whether test numbers count as national ids; never in production.
    """

    def __init__(self, pool: asyncpg.Pool, *, allow_synthetic_ids: bool) -> None:
        self._pool = pool
        self._rulebooks = RulebookReader(allow_synthetic_ids=allow_synthetic_ids)

    @activity.defn(name="receive_application")
    async def receive_application(self, intake: Intake) -> IntakeReceipt:
        """Keep an application as it arrived and say what is known of the person.

        Idempotent by membership id: the first call writes the membership, the person and
        decision 1 in one transaction, and a repeated one answers from them.

        Raises:
            DecisionConflict: another application was kept under this id.
            DatabaseRefused: a constraint does not let it pass.
        """
        return await receive(self._pool, self._rulebooks, intake)

    @activity.defn(name="record_decision")
    async def record_decision(self, decision: Decision) -> DecisionReceipt:
        """Write one decision with all that follows from it, in one transaction.

        Idempotent by (membership id, number): the membership's row is locked first, and a
        decision that stands in the log is answered with the receipt that stands beside it.

        Raises:
            DecisionConflict: the number is taken by another decision, or is not the next one.
            InvoiceLineConflict: a line for the same period and kind was billed before.
            MembershipUnknown: no application was received under this id.
            DatabaseRefused: a constraint does not let it pass.
        """
        return await record(self._pool, self._rulebooks, decision)

    @activity.defn(name="read_rulebook")
    async def read_rulebook(self) -> Rulebook:
        """Return the rulebook as it stands. Reads only, so repeating it is harmless."""
        async with without_values(), self._pool.acquire() as connection:
            return await self._rulebooks.current(connection)
