"""The floor: a workflow that issues the commands of an onboarding and decides nothing."""

import asyncio
from datetime import timedelta
from functools import partial

from temporalio import activity, workflow
from temporalio.common import SearchAttributeKey

from schemas import names

STAGE = SearchAttributeKey.for_keyword(names.STAGE.name)
PERSISTENCE_QUEUE = "floor-persistence"
NOTIFICATIONS_QUEUE = "floor-notifications"
DECISIONS = 2
"""Signals answered: the approval and the employer's answer."""


@activity.defn
async def nothing(number: int) -> int:
    """Do nothing."""
    return number


@workflow.defn
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
        """Keep and send once for the application and once for each signal."""
        sends = [await self._step(0)]
        for number in range(1, DECISIONS + 1):
            timer = asyncio.create_task(workflow.sleep(timedelta(days=10 + number)))
            await workflow.wait_condition(partial(self._heard, number))
            timer.cancel()
            sends.append(await self._step(number))
        self._done = True
        await asyncio.gather(*sends)
        return len(sends)

    def _heard(self, number: int) -> bool:
        return self._signals >= number

    async def _step(self, number: int) -> asyncio.Task[int]:
        workflow.upsert_search_attributes([STAGE.value_set(str(number))])
        await self._act(number, PERSISTENCE_QUEUE)
        return asyncio.create_task(self._act(number, NOTIFICATIONS_QUEUE))

    async def _act(self, number: int, queue: str) -> int:
        return await workflow.execute_activity(
            nothing, number, task_queue=queue, start_to_close_timeout=timedelta(seconds=30)
        )


@workflow.defn
class Nothing:
    """What every workflow costs, whatever it does."""

    @workflow.run
    async def run(self, _argument: str) -> int:
        """Do nothing."""
        return 0
