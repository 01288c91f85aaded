"""Kill -9 of the workflows worker in the middle of a continue-as-new: nothing sent is lost.

`make chaos` kills it 20 times, and in one round once at each of the three moments.
"""

import asyncio
import contextlib
import random
import signal
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests import clock
from tests.chaos.dying import BEGUN, ENDING, EVENTS, NEVER, SENDING
from tests.chaos.rounds import ROUNDS
from tests.life import Life, application
from tests.replay.corpus import replayer
from tests.runs import left_behind, names_of, own_failures, runs_of
from workflows.shared import options

ROOT = Path(__file__).parents[2]
MOMENTS = (ENDING, SENDING, BEGUN)
PATIENCE_SECONDS = 90
KILLS = 20 if ROUNDS > 1 else len(MOMENTS)

pytestmark = pytest.mark.timeout(PATIENCE_SECONDS + 30 * KILLS)


class Sender:
    """Sends payments and nonsense, and remembers what was sent."""

    def __init__(self, life: Life) -> None:
        self.references: list[str] = []
        self.nonsense = 0
        self.answers: list[asyncio.Task[bool]] = []
        self._chance = random.Random(KILLS)
        self._life = life

    async def burst(self) -> None:
        """Send some of each, while a worker comes up, works and dies."""
        for _ in range(5):
            # At any moment of a worker's life: what waits for one moment misses the others.
            await asyncio.sleep(self._chance.uniform(0, 0.8))
            await self._life.signal("record_payment", self._payment())
        await self._life.signal("nobody_knows_this", 1)
        self.nonsense += 1
        self.answers.append(asyncio.create_task(self._update(self._payment())))

    def _payment(self) -> dict[str, object]:
        self.references.append(f"{self._life.id}-{len(self.references)}")
        today = str(clock.today())
        return {"reference": self.references[-1], "amount_ore": 100, "paid_on": today}

    async def _update(self, message: dict[str, object]) -> bool:
        """Send an update; a renewal may hide that it was applied, never that it was not."""
        try:
            await self._life.handle.execute_update("record_payment", message)
        except WorkflowUpdateFailedError as error:
            if "recorded before" not in str(error.cause):
                raise
            return False
        return True


def end(process: asyncio.subprocess.Process) -> None:
    """End a process that may have ended itself."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()


async def test_a_worker_killed_in_the_middle_of_a_renewal_loses_nothing(apply, monkeypatch):
    """Each signal and update counts exactly once, through every kill, in real processes."""
    monkeypatch.setattr(options, "RENEW_AFTER_EVENTS", EVENTS)  # for the replay at the end
    example = await apply(application())
    queue, deployment = f"membership-{uuid.uuid4()}", f"dying-{uuid.uuid4()}"
    client = example.skipper.client
    address = client.service_client.config.target_host

    async def worker(where: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.dying", address, queue, deployment, where),
            cwd=ROOT,
        )

    handle = await client.start_workflow(
        "Membership",
        application(hidden=True, insurance_reservation=True),
        id=f"membership-{uuid.uuid4()}",
        task_queue=queue,
        task_timeout=timedelta(seconds=2),  # how soon a killed worker's task is given to another
    )
    life = Life(handle, example.skipper, example.pool, example.mail_dir)
    await life.signal("decide_application", {"decision": "approve", "caseworker": "ola"})
    sender = Sender(life)
    for number in range(KILLS):
        doomed = await worker(MOMENTS[number % len(MOMENTS)])
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.gather(sender.burst(), doomed.wait())
            assert doomed.returncode == -signal.SIGKILL
        finally:
            end(doomed)

    last = await worker(NEVER)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answered = await asyncio.gather(*sender.answers)
        state = await life.state()
    finally:
        end(last)
    rows = await life.pool.fetch("SELECT reference FROM payments WHERE membership_id = $1", life.id)
    assert sorted(row["reference"] for row in rows) == sorted(sender.references)
    events = await life.decisions()
    assert events == [
        "application_received",
        "application_approved",
        *["payment_recorded"] * len(rows),
    ]
    assert len(state["rejected_messages"]) == sender.nonsense + answered.count(False)
    histories = await runs_of(handle, client)
    renewed = sum(names_of(run)[-1] == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW" for run in histories)
    assert renewed >= KILLS // len(MOMENTS)
    for history in histories:
        assert (own_failures(history), left_behind(history)) == ([], 0)
        await replayer().replay_workflow(history)
