"""The floor: a workflow that issues the commands of an onboarding and decides nothing.

Counted in the history of an ordinary member's: as many activities on as many queues, timers, search
attributes and messages, with payloads of about the same size, under the same options.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio import activity, workflow
from temporalio.common import SearchAttributeIndexedValueType as Kind
from temporalio.common import SearchAttributeKey, VersioningBehavior

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

APPLICATION = "x" * 600
"""What a floor is started with; in bytes of JSON, like all sizes here."""

DELIVERY, REPORT = 100, 200
"""What the worker that sends is told, and what it answers."""


@dataclass(frozen=True)
class Hop:
    """A step that is recorded.

    Attributes:
        order, answer: what the worker that records is told, and what it answers.
        shown: the search attributes written before it.
    """

    order: int
    answer: int
    shown: tuple[SearchAttributeKey[Any], ...]


HOPS = (
    Hop(1_200, 3_900, (STAGE,)),
    Hop(2_600, 250, (STAGE, CATEGORY, AWAITING_ROLES, WAITING_SINCE, REVIEW_DUE)),
    Hop(1_900, 350, (STAGE, AWAITING_ROLES, WAITING_SINCE, REVIEW_DUE)),
)
"""The application, the approval, the employer's answer."""

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
    async def run(self, _application: str) -> int:
        """Record and send once for the application and once for each message; then wait on."""
        sends: list[asyncio.Task[str]] = []
        deadline: asyncio.Task[None] | None = None
        for number, hop in enumerate(HOPS):
            await workflow.wait_condition(partial(self._heard, number))
            _show(hop.shown)
            await _act(PERSISTENCE_QUEUE, hop.order, hop.answer)
            sends.append(asyncio.create_task(_act(NOTIFICATIONS_QUEUE, DELIVERY, REPORT)))
            if deadline is not None:
                deadline.cancel()
            deadline = asyncio.create_task(workflow.sleep(timedelta(days=10 + number)))
        _show(LAST_SHOWN)
        self._done = True
        await workflow.wait_condition(lambda: deadline is not None and deadline.done())
        return len(sends)

    def _heard(self, number: int) -> bool:
        return self._signals >= number


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
