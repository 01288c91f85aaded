"""The floor: a workflow that issues the commands of an onboarding and decides nothing.

Counted in the histories of ordinary members, whose messages come as fast as here: as many runs,
activities on as many queues, timers, search attributes and messages, with payloads of about the
same size, under the same options. The letters of a first run go out in the second, in one activity.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio import activity, workflow
from temporalio.common import SearchAttributeIndexedValueType as Kind
from temporalio.common import SearchAttributeKey, VersioningBehavior
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    import workflows.shared.options as options
    from workflows.shared.search_attributes import (
        AWAITING_ROLES,
        CATEGORY,
        REVIEW_DUE,
        STAGE,
        WAITING_SINCE,
    )

QUEUE = "floor"
PERSISTENCE_QUEUE = "floor-persistence"
NOTIFICATIONS_QUEUE = "floor-notifications"

APPLICATION = "x" * 250
"""What a floor is started with; in bytes of JSON, like all sizes here."""

RECORD = "x" * 6_100
"""What its first run hands to the second."""

DELIVERY, REPORT = 100, 450
"""What the worker that sends is told, and what it answers."""


@dataclass(frozen=True)
class Hop:
    """A step that is recorded.

    Attributes:
        order, answer: what the worker that records is told, and what it answers.
        shown: the search attributes written after it.
    """

    order: int
    answer: int
    shown: tuple[SearchAttributeKey[Any], ...]


HOPS = (
    Hop(1_200, 4_600, (STAGE, CATEGORY, AWAITING_ROLES, WAITING_SINCE, REVIEW_DUE)),
    Hop(3_100, 200, (STAGE, AWAITING_ROLES, WAITING_SINCE, REVIEW_DUE)),
    Hop(2_000, 150, (AWAITING_ROLES,)),
)
"""The application, the approval, the employer's answer."""

FIRST_SHOWN = (STAGE,)
LAST_SHOWN = (AWAITING_ROLES, WAITING_SINCE)


@activity.defn
async def nothing(order: str, answer: int) -> str:  # noqa: ARG001 - it only has to travel
    """Answer with so many bytes."""
    return "x" * answer


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class Floor:
    """The commands of an ordinary member's onboarding, up to the employer's answer."""

    def __init__(self) -> None:
        self._signals = 0
        self._done = False

    @workflow.signal
    def go(self) -> None:
        """Stand for a message."""
        self._signals += 1

    @workflow.update
    async def last(self) -> bool:
        """Stand for the message whose sender waits for the answer."""
        self._signals += 1
        await workflow.wait_condition(lambda: self._done)
        return True

    @workflow.run
    async def run(self, _argument: str) -> str:
        """Record the application and each message; then send in a run without them, and wait on."""
        if not workflow.info().continued_run_id:
            await self._record()
        deadline = _sleep(365)
        report = await _act(NOTIFICATIONS_QUEUE, DELIVERY, REPORT)
        _show(LAST_SHOWN)
        deadline.cancel()
        await _sleep(31)
        return report

    async def _record(self) -> None:
        """Record what comes, and end this run."""
        _show(FIRST_SHOWN)
        deadline: asyncio.Task[None] | None = None
        for number, hop in enumerate(HOPS):
            await workflow.wait_condition(partial(self._heard, number))
            await _act(PERSISTENCE_QUEUE, hop.order, hop.answer)
            _show(hop.shown)
            if deadline is not None:
                deadline.cancel()
            deadline = _sleep(10 + number)
        self._done = True
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            RECORD, initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE
        )

    def _heard(self, number: int) -> bool:
        return self._signals >= number


def _sleep(days: int) -> asyncio.Task[None]:
    return asyncio.create_task(workflow.sleep(timedelta(days=days), summary="a deadline"))


def _show(keys: tuple[SearchAttributeKey[Any], ...]) -> None:
    """Write other values than before, as a decision does."""
    now = workflow.now()
    values = {Kind.DATETIME: now, Kind.KEYWORD: f"{now:%M%S%f}", Kind.KEYWORD_LIST: [f"{now:%S%f}"]}
    workflow.upsert_search_attributes(
        [key.value_set(values[key.indexed_value_type]) for key in keys]
    )


async def _act(queue: str, order: int, answer: int) -> str:
    return await workflow.execute_activity(
        nothing,
        args=("x" * order, answer),
        task_queue=queue,
        start_to_close_timeout=options.PERSISTENCE_TIMEOUT,
        retry_policy=options.UNTIL_MENDED,
        summary="do nothing and answer",
    )
