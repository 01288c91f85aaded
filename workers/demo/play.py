"""Lets the cast live: real signals, fast-forward on the real server, then the promises."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from schemas.rules.calendar import OSLO, month_after, oslo_date
from schemas.vocabulary import Event, Stage
from workers.demo.cast import (
    AcceptPayroll,
    Days,
    PayFirstInvoice,
    Person,
    Scene,
    Send,
    Until,
)
from workflows.options import MEMBERSHIP_QUEUE

PATIENCE_SECONDS = 60.0
"""Nothing in the demo takes longer; what does has gone wrong."""

MAX_SKIPS = 5000
"""The server stops skipping after 200 otherwise."""

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


class Play:
    """Plays every person's scenes, all side by side.

    Args:
        client: of the stack's Temporal server.
        changed: called whenever a life has moved on.
    """

    def __init__(self, client: Client, changed: Callable[[Life], None]) -> None:
        # Skipping is switched on only for each fast-forward: left on, it races through deadlines.
        config = TimeSkippingConfig(enabled=False, max_session_skip_count=MAX_SKIPS)
        self._skipper = TimeSkipper(client, config=config)
        self._changed = changed

    async def live(self, life: Life) -> None:
        """Let one person apply and live through their scenes.

        Raises:
            TimeoutError: a membership did not move on in time.
        """
        handle = await self._skipper.client.start_workflow(
            "Membership",
            life.person.application,
            id=life.membership_id,
            task_queue=MEMBERSHIP_QUEUE,
        )
        await self._settle(life, handle)
        for scene in life.person.scenes:
            await self._play(scene, life, handle)
            await self._settle(life, handle)
            if life.seen:
                await self._look(life, handle)
        life.over = True
        self._changed(life)

    async def _play(self, scene: Scene, life: Life, handle: Handle) -> None:
        match scene:
            case Days(count=count):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._skipper.fast_forward(handle, timedelta(days=count))
                life.days += count
            case Until(day=day):
                await self._reach(day, life, handle)
            case Send(message=message, data=data):
                today = (await self._today(handle)).isoformat()
                sent = {key: today if value == "today" else value for key, value in data.items()}
                await handle.signal(message, sent)
            case PayFirstInvoice():
                invoice = life.state["first_invoice"]
                await handle.signal(
                    "record_payment",
                    {
                        "reference": f"demo-{invoice['number']}",
                        "amount_ore": invoice["total_ore"],
                        "paid_on": (await self._today(handle)).isoformat(),
                        "kid": invoice["kid"],
                    },
                )
            case AcceptPayroll():
                period = month_after(month_after(await self._today(handle)))
                await handle.signal(
                    "answer_payroll_request",
                    {"answer": "accepted", "first_period": f"{period:%Y-%m}"},
                )

    async def _reach(self, day: date, life: Life, handle: Handle) -> None:
        """Let time pass until noon of a day, with a look at the membership each New Year."""
        this = (await self._today(handle)).year
        years = [date(year, 1, 1) for year in range(this + 1, day.year + 1)]
        for stop in [*(year for year in years if year < day), day]:
            ahead = datetime.combine(stop, time(12), OSLO) - await self._now(handle)
            if ahead > timedelta():
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._skipper.fast_forward(handle, ahead)
            await self._settle(life, handle)
            await self._look(life, handle)

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
        """Tell whether a task or an activity of the workflow is under way."""
        found = (await handle.describe()).raw_description
        return bool(found.pending_activities) or found.HasField("pending_workflow_task")


def new_life(person: Person) -> Life:
    """Return a life that has not begun, under an opaque id."""
    return Life(person=person, membership_id=f"membership-{uuid.uuid4()}")
