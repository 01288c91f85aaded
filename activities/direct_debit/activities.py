"""The activity ``make_claims``, on PostgreSQL."""

import asyncpg
from temporalio import activity

from activities.declarations.direct_debit import DirectDebitActivities
from activities.direct_debit.claims import Creditor, make_claims
from activities.shared.begun_runs import begin_run, end_run
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.rulebook import RulebookReader
from schemas.direct_debit.contracts import ClaimDay, ClaimReport
from schemas.names import WorkflowType, direct_debit_run_id


class DirectDebit(DirectDebitActivities):
    """What is claimed by AvtaleGiro.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        creditor: who claims.
    """

    def __init__(self, pool: asyncpg.Pool, creditor: Creditor) -> None:
        self._pool = pool
        self._creditor = creditor
        self._rulebooks = RulebookReader(allow_synthetic_ids=False)

    @activity.defn(name="make_claims")
    async def make_claims(self, order: ClaimDay) -> ClaimReport:
        """In one transaction: the claims, their file, and the letters of what is given back."""
        run = direct_debit_run_id(order.today)
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            await begin_run(connection, run, WorkflowType.DIRECT_DEBIT_RUN, order.today)
            rulebook = await self._rulebooks.current(connection)
            report = await make_claims(connection, order, rulebook, self._creditor)
            await end_run(connection, run)
            return report
