"""One timer that is set again only when its time has changed."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

MAX_SLEEP = timedelta(days=365)
"""Timers end at 100 years; a year at most also lets a sleeping run meet newer code."""

NO_MOMENT: tuple[datetime | None, str] = (None, "")
"""What to set when nothing is due."""


class Alarm:
    """Rings once its moment has come, by the workflow's clock."""

    def __init__(self) -> None:
        """Start silent, with nothing set."""
        self._due_at: datetime | None = None
        self._sleep: asyncio.Task[None] | None = None

    @property
    def rung(self) -> bool:
        """Whether the moment has come."""
        return self._sleep is not None and self._sleep.done()

    def set(self, due_at: datetime | None, summary: str) -> None:
        """Ring at ``due_at``, or in a year if that is sooner; None silences it.

        Args:
            due_at: aware; a moment that has passed rings at once.
            summary: shown at the timer in the Temporal UI.
        """
        if due_at == self._due_at and not self.rung:
            return
        if self._sleep is not None:
            self._sleep.cancel()
        self._due_at, self._sleep = due_at, None
        if due_at is not None:
            wait = min(max(due_at - workflow.now(), timedelta(0)), MAX_SLEEP)
            self._sleep = asyncio.create_task(workflow.sleep(wait, summary=summary))
