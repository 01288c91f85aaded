"""Kill -9 of every part at every stage changes nothing but time: invariant 6, in real processes.

``MEDLEMSFLYT_CHAOS_ROUNDS=3`` makes each part die before, at and after each stage (`make chaos`);
one round, as CI runs it, takes one of the three moments for each pair.
"""

import asyncio
import contextlib
import email
import itertools
import random
import signal
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from schemas.membership.identity import is_national_id
from schemas.shared.calendar import month_after, oslo_date
from tests import clock
from tests.chaos.rounds import ROUNDS
from tests.clock import Skipper
from tests.devstack import STOP_SECONDS, Dev, free_offset, no_members
from tests.life import Json, application
from tests.roles import as_administrator
from workers.demo.settled import is_settled

pytestmark = pytest.mark.timeout(120 + 180 * ROUNDS)

PARTS = {
    "worker workflows": "worker workflows",
    "worker persistence": "worker persistence",
    "worker notifications": "worker notifications",
    "PostgreSQL": "bin/postgres",
    "Temporal": "server start-dev",
}
"""What is killed, and what its command line holds."""

KILL_AT = 0.3
BEGIN_AT = (0.0, 0.3, 0.7)
"""Seconds into a turn: a stage is under way when the part is killed, or begins with or after it."""

TURN_SECONDS = 3.0
"""The next part is killed after this, even if somebody still waits for the last one's return."""

PATIENCE_SECONDS = 120.0
"""An activity whose worker died is noticed after 45 s at most, and a kill may hit twice."""

AWAY = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}

T = TypeVar("T")


def is_away(error: RPCError) -> bool:
    """Tell whether a server that is gone, or still starting, is all that is wrong."""
    words = error.message.lower()
    return error.status in AWAY or "transport error" in words or "shard" in words


async def insisting(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call while the server is away, as any client of a real server must."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await asyncio.wait_for(call(), 20)
            except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
                pass  # asked again under the same id: an update counts once
            except RPCError as error:
                if not is_away(error):
                    raise
            await asyncio.sleep(0.2)


@dataclass
class Joining:
    """Somebody who joins, as another system lets them: every message carries its own id.

    Attributes:
        serial: tells people apart; an odd one is told by updates, an even one by signals.
        goal: the moment up to which time is skipped, once that has begun.
    """

    serial: int
    skipper: TimeSkipper
    goal: datetime | None = None
    national_id: str = field(init=False)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def live(self, stage: "Stage") -> None:
        """Go through a stage, once the one before is over."""
        async with self._one_at_a_time:
            await stage(self)

    def __post_init__(self) -> None:
        self.national_id = synthetic_id(self.serial)

    @property
    def id(self) -> str:
        """The membership's id."""
        return f"membership-{uuid.uuid5(uuid.NAMESPACE_OID, str(self.serial))}"

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The membership, by a client without anything of ours."""
        return self.skipper.client.get_workflow_handle(self.id)

    async def apply(self) -> None:
        """Stage 1: the application."""
        with contextlib.suppress(WorkflowAlreadyStartedError):
            await insisting(self._start)

    async def _start(self) -> None:
        await self.skipper.client.start_workflow(
            "Membership",
            application(applicant={"email": f"kari-{self.serial}@example.org"}),
            id=self.id,
            task_queue="membership",
        )

    async def be_approved(self) -> None:
        """Stage 2: the caseworker's approval."""
        await self._tell(
            "decide_application", {"decision": "approve", "caseworker": "ola", "branch": "OSLO"}
        )

    async def answer(self) -> None:
        """Stage 3: the missing national id, the bank and the employer."""
        invoice = (await self.state(letters=False))["first_invoice"]
        today = oslo_date(await insisting(lambda: self.skipper.get_current_time(self.handle)))
        await self._tell(
            "supply_information",
            {"information": "Her er nummeret", "applicant": {"national_id": self.national_id}},
        )
        await self._tell(
            "record_payment",
            {
                "reference": f"bank-{self.serial}",
                "amount_ore": invoice["total_ore"],
                "paid_on": str(today),
                "kid": invoice["kid"],
            },
        )
        period = f"{month_after(month_after(today)):%Y-%m}"
        await self._tell("answer_payroll_request", {"answer": "accepted", "first_period": period})

    async def wait_out(self) -> None:
        """Stage 4: the reservation window of 30 days passes."""
        if self.goal is None:
            now = await insisting(lambda: self.skipper.get_current_time(self.handle))
            self.goal = now + timedelta(days=31)
        goal = self.goal

        async def skip() -> None:
            left = goal - await self.skipper.get_current_time(self.handle)
            if left > timedelta(minutes=1):
                with contextlib.suppress(RuntimeError):  # overridden by one of an earlier attempt
                    await self.skipper.fast_forward(self.handle, left)

        await insisting(skip)

    async def _tell(self, name: str, message: Json) -> None:
        await self.settle(letters=False)
        tell = self._update if self.serial % 2 else self._signal
        await insisting(lambda: tell(name, message))

    async def _update(self, name: str, message: Json) -> None:
        await self.handle.execute_update(name, message, id=f"{name}-{self.serial}")

    async def _signal(self, name: str, message: Json) -> None:
        client = self.skipper.client
        payloads: list[Payload] = await client.data_converter.encode([message])
        await client.workflow_service.signal_workflow_execution(
            SignalWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=self.id),
                signal_name=name,
                input=Payloads(payloads=payloads),
                request_id=f"{name}-{self.serial}",
            )
        )

    async def settle(self, *, letters: bool = True) -> None:
        """Wait until no task and no activity is under way.

        Args:
            letters: Whether letters must be out; neither bank nor employer waits for that.
        """
        apart = () if letters else ("deliver_letters",)
        look = partial(is_settled, self.handle, self.skipper.client, apart=apart)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await insisting(look):
                await asyncio.sleep(0.1)

    async def state(self, *, letters: bool = True) -> Json:
        """Return the ``state`` query's JSON once everything has settled."""
        await self.settle(letters=letters)
        found: Json = await insisting(lambda: self.handle.query("state"))
        return found


Stage = Callable[[Joining], Awaitable[None]]
STAGES = (Joining.apply, Joining.be_approved, Joining.answer, Joining.wait_out)


def synthetic_id(serial: int) -> str:
    """Return a test person's national id (month + 80) for 12 April 1986, another per serial."""
    candidates = (f"128486{number:05d}" for number in range(100_000))
    valid = (number for number in candidates if is_national_id(number, synthetic=True))
    return next(itertools.islice(valid, serial, None))


ROWS = {
    "decisions": "SELECT number, event, decided_on, decided_by, "
    # Sealed, the same words are never the same cipher text.
    "content IS NOT NULL AS remarked, rules FROM decisions "
    "LEFT JOIN remarks USING (membership_id, number) WHERE membership_id = $1 ORDER BY number",
    "terms": "SELECT kind, amount_ore, cadence, payer, valid::text, decision, superseded_by "
    "FROM terms WHERE membership_id = $1 ORDER BY decision, kind, valid",
    "invoices": "SELECT serial, decision, period_from, issued_on, due_on, total_ore "
    "FROM invoices WHERE membership_id = $1 ORDER BY serial",
    "charges": "SELECT period_from, kind, amount_ore FROM charges "
    "WHERE membership_id = $1 ORDER BY period_from, kind",
    "payments": "SELECT decision, amount_ore, paid_on, EXISTS (SELECT FROM allocations "
    "WHERE allocations.reference = payments.reference) AS allocated "
    "FROM payments WHERE membership_id = $1 ORDER BY reference",
    "letters": "SELECT audience, template, decision, status, sent_on FROM letters "
    "WHERE membership_id = $1 ORDER BY audience, template, decision",
    "disclosures": "SELECT audience, disclosed_on FROM disclosures "
    "WHERE membership_id = $1 ORDER BY audience, key",
}
"""All that is kept about a membership, without what differs between two people."""

OWN = {"membership_id", "member_number", "number", "kid", "since"}
"""What differs between two people who live the same life."""


def without_own(value: Any) -> Any:
    """Return a state without ids, numbers and moments."""
    if isinstance(value, dict):
        return {key: without_own(item) for key, item in value.items() if key not in OWN}
    return [without_own(item) for item in value] if isinstance(value, list) else value


def message_ids_in(mail_dir: Path) -> Counter[str]:
    """Return how many mails of each Message-ID were kept, by its left part."""
    mails = (email.message_from_bytes(path.read_bytes()) for path in mail_dir.glob("*.eml"))
    return Counter(str(mail["Message-ID"]).lstrip("<").partition("@")[0] for mail in mails)


class Kills:
    """A stack of real processes, what is killed in it, and what becomes of its people."""

    def __init__(self, dev: Dev) -> None:
        self.dev = dev
        self.record: Json = {}
        self.skipper: TimeSkipper
        self._serials = iter(range(400))
        self._calm: dict[date, Json] = {}

    async def start(self) -> None:
        """Bring the stack up, anew or again."""
        self.record = await self.dev.start()
        client = await Client.connect(self.record["temporal_address"])
        self.skipper = Skipper(client)

    def person(self) -> Joining:
        """Somebody nobody else is."""
        return Joining(next(self._serials), self.skipper)

    async def kill(self, part: str) -> None:
        """Kill -9 a part, waiting for it to run first."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.dev.kill(PARTS[part]):
                await asyncio.sleep(0.05)

    async def end_of(self, person: Joining) -> Json:
        """Return all that has become of somebody, in a form that can be compared."""
        state = await person.state()
        found: Json = {"state": without_own(state)}
        connection = await asyncpg.connect(as_administrator(self.record["database_url"]))
        try:
            for what, query in ROWS.items():
                rows = await connection.fetch(query, person.id)
                found[what] = [tuple(row.values()) for row in rows]
            sent = await connection.fetch(
                "SELECT audience, template, message_id FROM letters "
                "WHERE membership_id = $1 AND status = 'sent'",
                person.id,
            )
        finally:
            await connection.close()
        arrived = message_ids_in(Path(self.record["mail_dir"]))
        found["mails"] = sorted(
            (row["audience"], row["template"], arrived[row["message_id"]]) for row in sent
        )
        return found

    async def calm(self) -> Json:
        """Return what becomes of somebody who joins today while nothing is killed."""
        today = clock.today()
        if today not in self._calm:
            person = self.person()
            for stage in STAGES:
                await stage(person)
            self._calm[today] = await self.end_of(person)
        return self._calm[today]

    async def check(self, person: Joining) -> None:
        """Assert that somebody ended as in the undisturbed run, nothing twice, nothing refused."""
        found, calm = await self.end_of(person), await self.calm()
        for what in calm:
            assert found[what] == calm[what], f"{person.id}: {what}"
        numbers = [number for number, *_ in found["decisions"]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert {count for *_, count in found["mails"]} == {1}
        assert found["state"]["rejected_messages"] == []
        assert await self.code_failures(person) == []

    async def code_failures(self, person: Joining) -> list[str]:
        """Return the workflow tasks that failed by our own code: replay found it non-determined."""
        ours = {
            WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
            WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
        }
        history = await insisting(person.handle.fetch_history)
        return [
            event.workflow_task_failed_event_attributes.failure.message
            for event in history.events
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
            and event.workflow_task_failed_event_attributes.cause in ours
        ]

    async def check_all(self) -> None:
        """Assert that no membership failed and none refused a message."""
        client = self.skipper.client
        for query in (
            "ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated', 'Canceled')",
            "RejectedMessages > 0",
        ):
            counted = await insisting(partial(client.count_workflows, query))
            assert counted.count == 0, query


@pytest.fixture(scope="module")
async def kills(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kills]:
    """A stack of real processes that may skip time, ended with this file's tests."""
    folder = tmp_path_factory.mktemp("kills") / "data"
    stack = Kills(Dev(folder, await free_offset(), "--time-skipping"))
    try:
        await stack.start()
        await stack.calm()
        yield stack
    finally:  # also when it did not come up in time
        stack.dev.end()


async def test_every_part_may_die_at_every_stage_and_in_a_burst(kills: Kills) -> None:
    """Each part dies while people stand at each stage, then all of them; nothing but time is lost.

    Both happen in one test, since what an activity's dead worker costs is a wait, and one will do.
    """
    in_turns = [kills.person() for _ in range(len(PARTS) * ROUNDS)]
    in_a_burst = [kills.person() for _ in range(10)]
    async with asyncio.TaskGroup() as lives:
        await kill_at_every_stage(kills, in_turns, lives)
        await kill_in_a_burst(kills, in_a_burst, lives)
    for person in in_turns + in_a_burst:
        await kills.check(person)
    await kills.check_all()


async def kill_at_every_stage(
    kills: Kills, people: list[Joining], lives: asyncio.TaskGroup
) -> None:
    """Kill one part a turn; in each turn somebody new applies, and those before go a stage on."""
    under_way: set[asyncio.Task[None]] = set()
    for turn in range(len(people) + len(STAGES) - 1):
        for place, stage in enumerate(STAGES):
            if 0 <= turn - place < len(people):
                begin = BEGIN_AT[(turn // len(PARTS) + place) % len(BEGIN_AT)]
                living = after(begin, people[turn - place].live(stage))
                under_way.add(lives.create_task(living))
        await after(KILL_AT, kills.kill(list(PARTS)[turn % len(PARTS)]))
        _, under_way = await asyncio.wait(under_way, timeout=TURN_SECONDS)


async def kill_in_a_burst(kills: Kills, people: list[Joining], lives: asyncio.TaskGroup) -> None:
    """Kill every part in a random order, while all these people are on their way."""

    async def live_through(person: Joining) -> None:
        for stage in STAGES:
            await person.live(stage)

    for person in people:
        lives.create_task(live_through(person))
    order = random.Random(ROUNDS)
    for _ in range(ROUNDS):
        for part in order.sample(list(PARTS), len(PARTS)):
            await after(order.uniform(0.2, 1.0), kills.kill(part))


async def after(seconds: float, what: Awaitable[None]) -> None:
    """Let something happen a little later."""
    await asyncio.sleep(seconds)
    await what


async def test_ctrl_c_in_the_middle_and_life_goes_on_the_next_day(kills: Kills) -> None:
    """Ctrl-C ends everything in time; started again, every state is there and people go on."""
    done, waiting = kills.person(), kills.person()
    for stage in STAGES:
        await stage(done)
    for stage in STAGES[:2]:
        await stage(waiting)
    before = [await done.state(), await waiting.state()]
    code, seconds = await kills.dev.stop(signal.SIGINT)
    assert (code, seconds < STOP_SECONDS) == (0, True)
    assert await no_members(kills.dev) == {}
    await kills.start()
    done.skipper = waiting.skipper = kills.skipper
    assert [await done.state(), await waiting.state()] == before
    for stage in STAGES[2:]:
        await stage(waiting)
    await kills.check(waiting)
    await kills.check_all()
