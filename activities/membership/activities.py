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
        """Membership, person and decision 1 are written in one transaction.

        A repeated call is answered from them.

        Raises:
            DecisionConflict: another application was kept under this id.
            DatabaseRefused: a constraint does not let it pass.
        """
        return await receive(self._pool, self._rulebooks, intake)

    @activity.defn(name="record_decision")
    async def record_decision(self, decision: Decision) -> DecisionReceipt:
        """The membership's row is locked first.

        A decision that stands in the log is answered with the receipt that stands beside it.

        Raises:
            DecisionConflict: the number is taken by another decision, or is not the next one.
            InvoiceLineConflict: a line for the same period and kind was billed before.
            MembershipUnknown: no application was received under this id.
            DatabaseRefused: a constraint does not let it pass.
        """
        return await record(self._pool, self._rulebooks, decision)

    @activity.defn(name="read_rulebook")
    async def read_rulebook(self) -> Rulebook:
        """Assembled once a revision: what is read each time is only which one is in force."""
        async with without_values(), self._pool.acquire() as connection:
            return await self._rulebooks.current(connection)
