"""Lets the cast live: real signals, fast-forward on the real server, then the promises."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle

from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, membership_id
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Event, Stage
from workers.demo.beginning import noon
from workers.demo.dates import after, month_of
from workers.demo.scenes import (
    AcceptPayroll,
    Days,
    PayFirstInvoice,
    Person,
    Scene,
    Send,
    Until,
)
from workers.demo.settled import is_settled
from workers.stack.skipping import Skipper

PATIENCE_SECONDS = 60.0
"""Nothing in the demo takes longer; what does has gone wrong."""

EVENTS_OF_FIRST_TASK = 3
"""Started, and the first task scheduled and started: until it is over no query is answered."""

DECISIONS = frozenset(Event)
"""``explain`` also tells of amounts and waits; the story is made of decisions."""

Json = dict[str, Any]
Handle = WorkflowHandle[Any, Any]


@dataclass(frozen=True)
class Glimpse:
    """How somebody's membership stood on a day."""

    on: date
    category: str | None
    hidden: bool
    on_leave: bool


@dataclass
class Life:
    """What has become of one person so far.

    Attributes:
        log: the lines of ``explain`` that tell of decisions, in order.
        seen: how the membership stood at each stop of a long way, at least once a year.
        faults: what differs from the promise; filled in at the end.
    """

    person: Person
    membership_id: str
    state: Json = field(default_factory=dict)
    log: list[Json] = field(default_factory=list)
    seen: list[Glimpse] = field(default_factory=list)
    days: int = 0
    over: bool = False
    faults: list[str] = field(default_factory=list)


def stop_of(scene: Scene, today: date) -> date | None:
    """Return the day until whose noon time passes, or None where none does."""
    match scene:
        case Days(count=count):
            return after(today, count)
        case Until(day=day):
            return day
        case _:
            return None


def message_of(scene: Scene, today: date, state: Json) -> tuple[str, Json]:
    """Return the signal that is sent in a scene where no time passes: its name and its data.

    Args:
        today: by the membership's own clock.
        state: as the ``state`` query answers.
    """
    match scene:
        case Send(message=message, data=data):
            return message, {k: str(today) if v == "today" else v for k, v in data.items()}
        case PayFirstInvoice():
            invoice = state["first_invoice"]
            return "record_payment", {
                "reference": f"demo-{invoice['number']}",
                "amount_ore": invoice["total_ore"],
                "paid_on": str(today),
                "kid": invoice["kid"],
            }
        case AcceptPayroll():
            period = month_of(today, 2)
            return "answer_payroll_request", {
                "answer": "accepted",
                "first_period": f"{period:%Y-%m}",
            }
        case _:
            raise AssertionError("time passes in this scene")


def stops_on_the_way(today: date, day: date) -> list[date]:
    """Return where a way through time stops: each New Year, and the day itself."""
    years = [date(year, 1, 1) for year in range(today.year + 1, day.year + 1)]
    return [*(year for year in years if year < day), day]


class Play:
    """Plays every person's scenes, all side by side.

    Args:
        client: of the stack's Temporal server.
        begins: the moment the story begins at, by every membership's own clock; now, if past.
        changed: called whenever a life has moved on.
    """

    def __init__(self, client: Client, begins: datetime, changed: Callable[[Life], None]) -> None:
        # Skipping is switched on only for each fast-forward: left on, it races through deadlines.
        self._skipper = Skipper(client)
        self._begins = begins
        self._changed = changed

    async def live(self, life: Life) -> None:
        """Let one person apply and live through their scenes.

        Raises:
            TimeoutError: a membership did not move on in time.
        """
        handle = await self._begin(life)
        await self._settle(life, handle)
        for scene in life.person.scenes:
            await self._play(scene, life, handle)
            await self._settle(life, handle)
            if life.seen:
                await self._look(life, handle)
        life.over = True
        self._changed(life)

    async def _begin(self, life: Life) -> Handle:
        """Start a membership, and skip what is left until the story begins.

        A start that is delayed has its first task, and so its first look at a clock, afterwards.
        """
        delay = self._begins - datetime.now(UTC)
        handle = await self._skipper.client.start_workflow(
            WorkflowType.MEMBERSHIP,
            life.person.application,
            id=life.membership_id,
            task_queue=MEMBERSHIP_QUEUE,
            start_delay=delay if delay > timedelta() else None,
        )
        if delay > timedelta():
            await self._skip(handle, delay)
        return handle

    async def _play(self, scene: Scene, life: Life, handle: Handle) -> None:
        today = await self._today(handle)
        stop = stop_of(scene, today)
        if stop is None:
            message, data = message_of(scene, today, life.state)
            await handle.signal(message, data)
        elif isinstance(scene, Until):
            for one in stops_on_the_way(today, stop):
                await self._reach(one, handle)
                await self._settle(life, handle)
                await self._look(life, handle)
        else:
            await self._reach(stop, handle)
            life.days += (stop - today).days

    async def _reach(self, day: date, handle: Handle) -> None:
        """Let time pass until noon of a day."""
        ahead = noon(day) - await self._now(handle)
        if ahead > timedelta():
            await self._skip(handle, ahead)

    async def _skip(self, handle: Handle, ahead: timedelta) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._skipper.fast_forward(handle, ahead)

    async def _look(self, life: Life, handle: Handle) -> None:
        """Keep how the membership stands now."""
        glimpse = Glimpse(
            on=await self._today(handle),
            category=life.state["category"],
            hidden=life.state["hidden"],
            on_leave=life.state["stage"] == Stage.ON_LEAVE,
        )
        life.seen.append(glimpse)

    async def _now(self, handle: Handle) -> datetime:
        """Return the moment by the workflow's own, perhaps forwarded, clock."""
        return await self._skipper.get_current_time(handle)

    async def _today(self, handle: Handle) -> date:
        """Return the date by the workflow's own, perhaps forwarded, clock."""
        return oslo_date(await self._now(handle))

    async def _settle(self, life: Life, handle: Handle) -> None:
        """Wait until a membership has dealt with everything, and take over what it says."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self._busy(handle):
                await asyncio.sleep(0.1)
        life.state = await handle.query("state")
        explained = await handle.query("explain")
        life.log = [line for line in explained["lines"] if line["about"] in DECISIONS]
        self._changed(life)

    async def _busy(self, handle: Handle) -> bool:
        """Tell whether anything of the workflow is under way, or its first task is to come."""
        found = (await handle.describe()).raw_description
        begun = found.workflow_execution_info.history_length > EVENTS_OF_FIRST_TASK
        return not begun or not await is_settled(handle, self._skipper.client)


def new_life(person: Person) -> Life:
    """Return a life that has not begun, under an opaque id."""
    return Life(person=person, membership_id=membership_id(uuid.uuid4()))
