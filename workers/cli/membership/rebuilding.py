"""Rebuilds memberships whose workflow is gone, wedged, or not of one moment with PostgreSQL.

What PostgreSQL has is taken for the truth (ADR 101). A workflow that knows as much is left alone;
another is ended, and one is begun under its id that goes on from the rows. They go by lanes, as an
import does: a worker never has more than a second's of them before it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.membership.open_memberships import OpenMembership
from activities.shared.failing import failing_activities
from schemas.membership.messages import MESSAGES as KNOWN
from schemas.membership.rebuilt import Mended, RebuildReport, Unanswered
from schemas.membership.state import MembershipState
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType
from workers.cli.register.carrier import LANE, LANES, has_begun
from workers.cli.shared import connections
from workers.cli.shared.connections import as_it_is
from workflows.membership.start import REBUILD


class Stands(StrEnum):
    """How the workflow of a membership stands, beside its rows."""

    WELL = "well"
    MISSING = "missing"
    STOPPED = "stopped"
    BEHIND = "behind"
    AHEAD = "ahead"
    FAILING = "failing"
    MUTE = "mute"


WRONG = {
    Stands.MISSING: "the server knows no workflow of it",
    Stands.STOPPED: "its workflow was stopped",
    Stands.BEHIND: "its workflow knew less than the database",
    Stands.AHEAD: "its workflow knew more than the database, which has lost it",
    Stands.FAILING: "its workflow could not record a decision",
    Stands.MUTE: "its workflow did not answer",
}
"""What was the matter, in a sentence."""


@dataclass
class Rebuilder:
    """Rebuilds memberships, and counts.

    Attributes:
        client: to the server that is to lead them.
        dry_run: look, and leave everything as it is.
        told: called with how many more have been looked at.
    """

    client: Client
    dry_run: bool = False
    told: Callable[[int], None] = lambda _: None
    report: RebuildReport = field(default_factory=RebuildReport)

    async def rebuild(self, memberships: AsyncIterator[OpenMembership]) -> RebuildReport:
        """Look at memberships, and begin those anew that are not well.

        Raises:
            UserError: no worker takes up what begins. What has been done stays.
        """
        waiting: asyncio.Queue[list[OpenMembership]] = asyncio.Queue(maxsize=LANES)
        async with asyncio.TaskGroup() as everybody:
            lanes = [everybody.create_task(self._lane(waiting)) for _ in range(LANES)]
            few: list[OpenMembership] = []
            async for one in memberships:
                few.append(one)
                if len(few) == LANE:
                    await waiting.put(few)
                    few = []
            if few:
                await waiting.put(few)
            for _ in lanes:
                await waiting.put([])
        mended = sorted(self.report.mended, key=lambda one: one.membership_id)
        return self.report.model_copy(update={"mended": tuple(mended)})

    async def _lane(self, waiting: "asyncio.Queue[list[OpenMembership]]") -> None:
        while few := await waiting.get():
            begun = [handle for handle in await asyncio.gather(*map(self._mend, few)) if handle]
            if begun:
                await has_begun(begun[-1])
            self.told(len(few))

    async def _mend(self, one: OpenMembership) -> WorkflowHandle[Any, Any] | None:
        """Look at one membership, and begin it anew if it is not well."""
        stands = await self._stands(one)
        mended: tuple[Mended, ...] = ()
        handle = None
        if stands is not Stands.WELL:
            left = await self._unanswered(one) if stands is not Stands.MISSING else ()
            mended = (Mended(membership_id=one.membership_id, was=WRONG[stands], unanswered=left),)
            handle = None if self.dry_run else await self._begin(one)
        self.report = self.report.model_copy(
            update={
                "looked_at": self.report.looked_at + 1,
                "mended": (*self.report.mended, *mended),
            }
        )
        return handle

    async def _stands(self, one: OpenMembership) -> Stands:
        handle = self.client.get_workflow_handle(one.membership_id)
        try:
            found = await handle.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Stands.MISSING
            raise
        if found.status is not WorkflowExecutionStatus.RUNNING:
            return Stands.STOPPED
        knows = await self._decisions(handle)
        if knows is None:
            return Stands.MUTE
        if knows != one.decisions:
            return Stands.BEHIND if knows < one.decisions else Stands.AHEAD
        failing = await failing_activities(found)
        stuck = any(activity.name == "record_decision" for activity in failing)
        return Stands.FAILING if stuck else Stands.WELL

    async def _decisions(self, handle: WorkflowHandle[Any, Any]) -> int | None:
        """Return how many decisions a workflow knows; None: it does not say."""
        try:
            answer = await handle.query("state", rpc_timeout=connections.QUERY_TIMEOUT)
            return MembershipState.model_validate(answer).decisions
        except (WorkflowQueryFailedError, ValidationError):
            return None
        except RPCError as error:
            if error.status is RPCStatusCode.UNAVAILABLE:
                raise
            return None

    async def _unanswered(self, one: OpenMembership) -> tuple[Unanswered, ...]:
        """Return the messages that came after the last decision: none may be the answer to one."""
        found: list[Unanswered] = []
        handle = self.client.get_workflow_handle(one.membership_id)
        async for event in handle.fetch_history_events():
            at = event.event_time.ToDatetime(one.decided_at.tzinfo)
            if at <= one.decided_at:
                continue
            if event.HasField("workflow_execution_signaled_event_attributes"):
                name = event.workflow_execution_signaled_event_attributes.signal_name
            elif event.HasField("workflow_execution_update_accepted_event_attributes"):
                taken = event.workflow_execution_update_accepted_event_attributes
                name = taken.accepted_request.input.name
            else:
                continue
            found.append(Unanswered(name=name if name in KNOWN else "a message", at=at))
        return tuple(found)

    async def _begin(self, one: OpenMembership) -> WorkflowHandle[Any, Any] | None:
        """Begin a workflow that goes on from the rows, in place of whichever runs."""
        try:
            return await self.client.start_workflow(
                WorkflowType.MEMBERSHIP,
                as_it_is(REBUILD),
                id=one.membership_id,
                task_queue=MEMBERSHIP_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            )
        except WorkflowAlreadyStartedError:
            return None  # another rebuild was at it at the same moment
