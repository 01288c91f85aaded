"""The day the tests take for today: MEDLEMSFLYT_ON moves it, and all of them (invariant 13).

Three clocks are moved together: that of this process (the tests, the command line, activities),
and by a start in the future and a fast-forward that of every workflow this process starts. The
Temporal server's own, and those of other processes, can't be moved.
"""

import asyncio
import os
import uuid
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common import v1 as api
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
)
from temporalio.testing import TimeSkipper

from schemas.shared.calendar import OSLO, oslo_date, start_of
from workers.stack.skipping import MAX_SKIPS
from workers.stack.skipping import Skipper as SureSkipper

VARIABLE = "MEDLEMSFLYT_ON"


def is_moved() -> bool:
    """Tell whether another day was asked for."""
    return bool(os.environ.get(VARIABLE))


def moment_of(text: str) -> datetime:
    """Return the moment a date (noon) or a date with a time stands for, by the clocks of Oslo."""
    found = datetime.fromisoformat(text if "T" in text else f"{text}T12:00")
    return found if found.tzinfo else found.replace(tzinfo=OSLO)


def move() -> None:
    """Move the clocks of this process as the environment says; nothing without it.

    Raises:
        ValueError: the day is past: a server's clock is only ever moved ahead.
    """
    if not is_moved():
        return
    wanted = os.environ[VARIABLE]
    moment = moment_of(wanted)
    ahead = moment - datetime.now(UTC)
    if ahead < timedelta():
        raise ValueError(f"{VARIABLE}={wanted} is past: name a day to come")
    # Loaded here alone: on the machine's own day the tests do without it.
    import_module("time_machine").travel(moment, tick=True).start()
    connect = partial(_connect, Client.connect, BeginsAhead(ahead))
    setattr(Client, "connect", connect)  # noqa: B010 - a method, as far as its callers can tell


async def _connect(connect: Any, ahead: Interceptor, *args: Any, **options: Any) -> Client:
    """Connect with what is asked for, and with the interceptor beside it."""
    options["interceptors"] = [*options.get("interceptors", ()), ahead]
    found: Client = await connect(*args, **options)
    return found


class Skipper(SureSkipper):
    """Leaves to others what a workflow begins with."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._given = client

    @property
    def client(self) -> Client:
        """The client it was made with: it stamps nothing of its own on a start."""
        return self._given


class BeginsAhead(Interceptor):
    """Lets every workflow of a client have its first task at a moment to come."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Stand in front of a client."""
        return _Ahead(next, self._ahead)


class _Ahead(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, ahead: timedelta) -> None:
        super().__init__(next)
        self._ahead = ahead

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        """Start it so far ahead, and wait until that time has passed.

        One that runs already is left alone. So is one with a cron of its own: the server refuses
        both at once.
        """
        if input.cron_schedule:
            return await super().start_workflow(input)
        skip = str(uuid.uuid4())
        duration = Duration()
        duration.FromTimedelta(self._ahead)
        input.start_delay = self._ahead
        if input.execution_timeout is not None:
            # Counted from the start, and meant from when it begins.
            input.execution_timeout += self._ahead
        input.time_skipping_config = api.TimeSkippingConfig(
            enabled=True,
            fast_forward_config=api.FastForwardConfig(id=skip, duration=duration),
            max_session_skip_count=MAX_SKIPS,
        )
        handle = await super().start_workflow(input)
        with suppress(RuntimeError):  # a skip of another start: this one runs already
            await TimeSkipper(handle._client)._poll_fast_forward_completion(handle, skip)
        return handle


def today() -> date:
    """Return the business date by the clock of this process; a Life's own is ``Life.today``."""
    return oslo_date(datetime.now(UTC))


ONE_TEST = timedelta(seconds=20)
"""What a test about two lives takes at most."""


def midnight_wait(moment: datetime) -> timedelta:
    """Return how long to wait for a day with room for a test; nothing while this one has it."""
    left = start_of(oslo_date(moment) + timedelta(days=1)) - moment
    return left if left <= ONE_TEST else timedelta()


async def within_a_day() -> None:
    """Wait until tomorrow where today ends too soon: what two lives are told has its own dates."""
    await asyncio.sleep(midnight_wait(datetime.now(UTC)).total_seconds())


def this_year(ahead: int = 0) -> int:
    """Return the year by Oslo's calendar, so many years ahead; negative: ago.

    For tables of a test, which are read before any membership could be asked: leave a year's room.
    """
    return today().year + ahead
