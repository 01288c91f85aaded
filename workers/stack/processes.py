"""The three workers as parts of the stack: one operating-system process each."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from temporalio.service import RPCError

from activities.database import roles
from schemas.names import MEMBERSHIP_QUEUE, NOTIFICATIONS_QUEUE, PERSISTENCE_QUEUE
from workers.pollers import pollers
from workers.stack.parts import Command, Part
from workers.stack.temporal import TemporalServer


class WorkerKind(StrEnum):
    """The kinds of work; each has its own process and task queue."""

    WORKFLOWS = "workflows"
    PERSISTENCE = "persistence"
    NOTIFICATIONS = "notifications"


TASK_QUEUES = {
    WorkerKind.WORKFLOWS: MEMBERSHIP_QUEUE,
    WorkerKind.PERSISTENCE: PERSISTENCE_QUEUE,
    WorkerKind.NOTIFICATIONS: NOTIFICATIONS_QUEUE,
}


DATABASE_ROLES = {
    WorkerKind.PERSISTENCE: roles.PERSISTENCE,
    WorkerKind.NOTIFICATIONS: roles.NOTIFICATIONS,
}
"""Who a worker is in the database; a workflows worker has none."""


def own_command(*arguments: str) -> tuple[str, ...]:
    """The command line of `medlemsflyt` with arguments, whatever the working directory holds."""
    return (sys.executable, "-P", "-m", "workers", *arguments)


class WorkerProcess(Part):
    """One worker, run as `medlemsflyt worker KIND`.

    Args:
        kind: Which of the three.
        temporal: The server it asks for work.
        env: Its settings.
        log_file: Where its output goes.
        number: Which of several that share one kind of work.
    """

    # Longer than the workers' own grace (workers.running.GRACE) for what is under way.
    stop_seconds = 10.0

    def __init__(
        self,
        kind: WorkerKind,
        temporal: TemporalServer,
        env: Mapping[str, str],
        log_file: Path,
        number: int = 1,
    ) -> None:
        super().__init__(f"worker {kind}" if number == 1 else f"worker {kind} {number}", log_file)
        self._kind = kind
        self._temporal = temporal
        self._env = dict(env)

    async def prepare(self) -> Command:
        """Say how to run it; a worker leaves nothing behind that would need mending."""
        return Command(own_command("worker", self._kind), env=self._env)

    async def answers(self) -> bool:
        """Whether this process (not one before it, or beside it) asks its task queue for work."""
        try:
            client = await self._temporal.connect()
            found = await pollers(client, TASK_QUEUES[self._kind], since=self.started_at)
        except (RPCError, RuntimeError):
            return False
        own = f"{self.process.pid}@" if self.process else ""
        return any(poller.identity.startswith(own) for poller in found)
