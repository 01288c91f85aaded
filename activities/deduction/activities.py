"""The activities of payroll deduction, on PostgreSQL."""

import asyncio

import asyncpg
from temporalio import activity
from temporalio.client import Client

from activities.declarations.deduction import DeductionActivities
from activities.deduction import listing, lists, reports, settlement
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.rulebook import RulebookReader
from activities.shared.signatures import UNKNOWN, Signatures, note_refusal
from schemas.access.stamps import BadStamp
from schemas.deduction.contracts import (
    DecideDeduction,
    DeductionAnswer,
    DeductionDecision,
    DeductionListsOrder,
    DeductionListsReport,
    ListRequest,
    ReportRequest,
    ReportVerdict,
    SettlementState,
)
from schemas.shared.base import Month
from schemas.shared.calendar import first_day_of_period

STARTS_AT_ONCE = 20
"""Enough to keep the server busy, too few to flood it."""


class Deduction(DeductionActivities):
    """Lists, reports and their settlement.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        client: to start settlements, and to tell them that something has come.
        signatures: whose are believed, and whether every message must have one.
    """

    def __init__(
        self, pool: asyncpg.Pool, client: Client, signatures: Signatures = UNKNOWN
    ) -> None:
        self._pool = pool
        self._signatures = signatures
        self._client = client
        self._rulebooks = RulebookReader(allow_synthetic_ids=False)

    @activity.defn(name="make_deduction_lists")
    async def make_deduction_lists(self, order: DeductionListsOrder) -> DeductionListsReport:
        """Some employers at a time, each time in a transaction.

        A line or a list that the database refuses keeps no other one back: it becomes a task.
        """
        done = DeductionListsReport()
        async with heartbeats(), without_values(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            month, waiting = await listing.prepare(connection, rulebook, order)
            size = listing.EMPLOYERS_AT_A_TIME
            for start in range(0, len(waiting), size):
                some = waiting[start : start + size]
                done = done.plus(await listing.make_lists(connection, month, some))
        return done

    @activity.defn(name="start_settlements")
    async def start_settlements(self, period: Month) -> int:
        """An attempt after one that was cut off goes on where that one's heartbeat says."""
        details = activity.info().heartbeat_details
        after, counted = details[0] if details else ("", 0)
        async with heartbeats(lambda: (after, counted)):
            async with without_values(), self._pool.acquire() as connection:
                found = await lists.lists_of(connection, first_day_of_period(period), after)
            for start in range(0, len(found), STARTS_AT_ONCE):
                some = found[start : start + STARTS_AT_ONCE]
                ids = await asyncio.gather(
                    *(lists.start_settlement(self._client, number, period) for number in some)
                )
                moved = {number: other for number, other in zip(some, ids, strict=True) if other}
                if moved:
                    today = first_day_of_period(period)
                    async with without_values(), self._pool.acquire() as connection:
                        await lists.tell_of_moved(connection, moved, period, today)
                after, counted = some[-1], counted + len(some)
        return int(counted)

    @activity.defn(name="take_deduction_report")
    async def take_deduction_report(self, request: ReportRequest) -> ReportVerdict:
        """The verdict is kept before the settlement hears of it.

        An attempt after one that was cut off in between answers from what was kept, and has the
        settlement look then.
        """
        async with heartbeats(), without_values():
            async with self._pool.acquire() as connection:
                rulebook = await self._rulebooks.current(connection)
                taken = await reports.take_report(connection, rulebook, request)
            number = taken.verdict.list_number
            if number is not None and taken.period is not None:
                await lists.wake_settlement(self._client, number, taken.period)
        return taken.verdict

    @activity.defn(name="settle_list")
    async def settle_list(self, request: ListRequest) -> SettlementState:
        """The list's row is locked first, and only lines without an outcome are settled."""
        async with heartbeats(), without_values(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            return await settlement.settle(connection, rulebook, request)

    @activity.defn(name="decide_deduction")
    async def decide_deduction(self, decision: DeductionDecision) -> DeductionAnswer:
        """The list's row is locked first. A decision whose key is known is answered as it was."""
        name = DecideDeduction.card.name
        try:
            self._signatures.sender(decision.stamp, decision.workflow_id, name)
        except BadStamp as why:
            note_refusal(decision.workflow_id, name, why)
            return DeductionAnswer(applied=False, refusal=str(why))
        async with without_values(), self._pool.acquire() as connection:
            return await settlement.decide(connection, decision)
