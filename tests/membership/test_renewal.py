"""One run of a membership ends and the next goes on: nothing is lost, little is carried."""

import asyncio
import json
import random
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.common import RawValue, SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

from schemas.membership.decision import Applied
from schemas.membership.messages import Answer
from schemas.membership.state import ExplanationLine, Rejected
from schemas.shared.vocabulary import Stage
from tests import builders, clock
from tests.life import PATIENCE_SECONDS, Life, application
from tests.replay.corpus import replayer
from tests.replay.first import FirstMembership
from tests.replay.mutated import MutatedMembership
from tests.runs import left_behind, names_of, own_failures, runs_of
from workers import versions, workflows
from workflows.membership import answering
from workflows.membership.attributes import changed_attributes, shown
from workflows.membership.record import (
    KEPT_UPDATES,
    RECORD_VERSION,
    RENEWAL_VERSION,
    SHOWN_DUPLICATES,
    MembershipRecord,
    PossibleDuplicate,
    Review,
)
from workflows.membership.renewal import KEPT_LINES, carried, resumed
from workflows.membership.workflow import Membership
from workflows.shared import options
from workflows.shared.sandbox import sandboxed_runner
from workflows.shared.tolerance import ToleranceInterceptor

IDLE = {"hidden": True, "insurance_reservation": True}
"""Active with the approval: no employer to ask, no window to wait for."""

FAST_FORWARD = {
    "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
    "WORKFLOW_EXECUTION_OPTIONS_UPDATED",
}
"""Events that only a life in skipped time has."""


async def member(apply, **changes) -> Life:
    """Return somebody who is a settled member."""
    life: Life = await apply(application(**(IDLE | changes)))
    await life.approve()
    assert (await life.state())["stage"] == "active"
    return life


async def runs(life) -> list[WorkflowHistory]:
    """Return the histories of all runs of a membership."""
    return await runs_of(life.handle, life.skipper.client)


def payment(reference: str) -> dict[str, object]:
    """Return a payment that fits no invoice: it ends in suspense, once."""
    return {"reference": reference, "amount_ore": 100, "paid_on": str(clock.today())}


def carried_in(run: WorkflowHistory) -> bytes:
    """Return what a run was started with."""
    started = run.events[0].workflow_execution_started_event_attributes
    data: bytes = started.input.payloads[0].data
    return data


async def test_a_run_ends_when_the_onboarding_is_over(apply):
    """The approval's run is closed; the next one says and shows the same."""
    life = await member(apply)
    _, first, second = await runs(life)
    assert names_of(first)[-1] == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"
    assert len(second.events) <= 5
    state = await life.state()
    assert (state["stage"], state["rejected_messages"]) == ("active", [])
    assert [line["about"] for line in (await life.explain())[-2:]] == [
        "application_received",
        "application_approved",
    ]
    assert (await life.decisions()) == ["application_received", "application_approved"]


async def test_an_idle_year_is_close_to_nothing(apply):
    """Ten events a year, the same state, and one run a year."""
    life = await member(apply)
    before, explained = await life.state(), await life.explain()
    for _ in range(3):
        await life.days(366)
    assert (await life.state(), await life.explain()) == (before, explained)
    histories = await runs(life)
    assert len(histories) == 3 + 3
    for history in histories[2:-1]:
        own = [name for name in names_of(history) if name not in FAST_FORWARD]
        assert len(own) <= 10, own
        assert "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES" not in own
    assert len(carried_in(histories[-1])) < 8_000


async def test_the_inbox_finds_a_membership_after_its_renewal(apply):
    """Search attributes are carried over, and change again when there is a reason to."""
    life = await member(apply)
    await life.signal("nobody_knows_this", 1)
    await life.settle()
    found = (await life.handle.describe()).search_attributes
    assert (found["MembershipStage"], found["RejectedMessages"]) == (["active"], [1])
    assert found["MemberCategory"] == ["ordinary"]
    assert not found.get("AwaitingRoles")


async def test_nothing_is_lost_or_doubled_in_a_storm_of_renewals(apply, monkeypatch):
    """Signals, updates and nonsense all through several renewals: each one counts once."""
    monkeypatch.setattr(options, "RENEW_AFTER_EVENTS", 30)
    life = await member(apply)
    chance = random.Random(7)
    sent = [f"{life.id}-{number}" for number in range(30)]

    async def send(number: int) -> None:
        # The storm is meant to hit every moment of a renewal, so it waits for none of them.
        await asyncio.sleep(chance.uniform(0, 0.3))
        if number % 5 == 0:
            answer = await life.update("record_payment", payment(sent[number]))
            assert answer["applied"]
        else:
            await life.signal("record_payment", payment(sent[number]))
        if number % 2:
            await life.signal("nobody_knows_this", 1)

    for first in range(0, len(sent), 5):
        await asyncio.gather(*(send(first + number) for number in range(5)))
        await asyncio.sleep(chance.uniform(0, 0.4))  # as above: between two bursts, any moment
    state = await life.state()
    rows = await life.pool.fetch("SELECT reference FROM payments WHERE membership_id = $1", life.id)
    assert sorted(row["reference"] for row in rows) == sorted(sent)
    assert (await life.decisions()).count("payment_recorded") == len(rows)
    assert len(state["rejected_messages"]) == 15
    histories = await runs(life)
    assert len(histories) >= 4, [len(h.events) for h in histories]
    for history in histories:
        assert (own_failures(history), left_behind(history)) == ([], 0)
        await replayer().replay_workflow(history)


def a_record(**changes) -> MembershipRecord:
    """Return a record that has little in it."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    record = MembershipRecord(
        membership_id="membership-1", received_at=now, review=Review(since=now)
    )
    return record.model_copy(update={"version": RECORD_VERSION, "stage": Stage.ACTIVE, **changes})


def raw(value: object) -> RawValue:
    """Return a value as a continued run is given it."""
    (payload,) = workflows.CONVERTER.payload_converter.to_payloads([value])
    return RawValue(payload)


def test_the_reasons_to_renew_belong_to_the_version_of_the_record():
    """Running memberships replay by the reasons they began with."""
    reasons = (RENEWAL_VERSION, options.RENEW_AFTER, options.RENEW_AFTER_EVENTS)
    assert reasons == (2, timedelta(days=365), 500), "raise RENEWAL_VERSION with them, see ADR 11"
    assert RENEWAL_VERSION <= RECORD_VERSION


def test_of_what_grows_only_the_latest_is_carried():
    """Fifty of each list, and the approval: it says since when somebody is a member."""
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    about = ["application_received", "application_approved", *["payment_recorded"] * 60]
    log = tuple(
        ExplanationLine(about=what, says=str(number), rules=(), decided_by="rule", at=at)
        for number, what in enumerate(about)
    )
    rejected = tuple(Rejected(name="x", at=at, reason=str(number)) for number in range(50))
    payments = tuple(f"reference-{number}" for number in range(60))
    record = a_record(log=log, rejected=rejected, payments=payments, rejected_count=70)
    kept = carried(record)
    assert [line.says for line in kept.log] == ["1", *[str(number) for number in range(12, 62)]]
    assert kept.payments == payments[-KEPT_LINES:]
    assert (kept.rejected, kept.rejected_count) == (rejected, 70)
    assert carried(kept) == kept
    assert carried(a_record(log=log[:40])).log == log[:40]


def test_a_record_is_read_as_it_was_carried():
    """What older code did not know has its default, what newer code added is ignored."""
    record = a_record()
    assert resumed(raw(record), a_record()) == record
    written = json.loads(record.model_dump_json())
    older = {name: written[name] for name in ("membership_id", "received_at", "review", "stage")}
    assert resumed(raw(older | {"version": 1}), a_record()) == record
    assert resumed(raw(written | {"not_invented_yet": 1}), a_record()) == record


def test_messages_refused_before_the_record_was_read_are_kept():
    """A continued run may hear from somebody before it knows who it is."""
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    first, second = (Rejected(name="x", at=at, reason=reason) for reason in "12")
    before = a_record(rejected=(first,), rejected_count=7)
    early = a_record(rejected=(second,), rejected_count=1)
    found = resumed(raw(before), early)
    assert (found.rejected, found.rejected_count) == ((first, second), 8)


def test_attributes_that_are_carried_need_no_event():
    """What the server shows already is not written again."""
    record = a_record(category="ordinary", rejected_count=2)
    updates, _ = changed_attributes(record, {})
    carried_over = TypedSearchAttributes(
        [pair for update in updates if (pair := _pair(update)) is not None]
    )
    assert changed_attributes(record, shown(carried_over))[0] == []


def _pair(update):
    """Return what an update leaves behind."""
    return None if update.value is None else SearchAttributePair(update.key, update.value)


async def test_a_newer_record_waits_for_newer_code(apply):
    """The task fails with a reason; the membership itself goes on once a worker can read it."""
    life = await member(apply)
    history = (await runs(life))[-1]
    await replayer().replay_workflow(history)
    payload = history.events[0].workflow_execution_started_event_attributes.input.payloads[0]
    payload.data = json.dumps(json.loads(payload.data) | {"version": 99}).encode()
    with pytest.raises(RuntimeError, match=r"NewerRecord|record version 99"):
        await replayer().replay_workflow(history)


@pytest.mark.parametrize("schedule", ["", "@every 1s"])
async def test_nobody_can_start_a_membership_with_a_record(apply, schedule):
    """What only a run may hand to the next is no application, not even for a later cron run."""
    record = json.loads(carried_in((await runs(await member(apply)))[-1]))
    name = f"membership-{uuid.uuid4()}"
    record |= {"membership_id": name}
    if not schedule:
        life = await apply(record, membership_id=name)
        assert (await life.result())["outcome"] == "invalid"
        return
    client = (await apply(application())).skipper.client
    handle = await client.start_workflow(
        "Membership", record, id=name, task_queue="membership", cron_schedule=schedule
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        # The first run lifts the schedule; the next one finds no application.
        assert (await handle.result())["outcome"] == "invalid"


@pytest.fixture
async def builds(apply, monkeypatch):
    """Workers of several builds on a task queue and a deployment of their own."""
    life = await apply(application())
    address = life.skipper.client.service_client.config.target_host
    client = await Client.connect(address, data_converter=workflows.CONVERTER)
    async with AsyncExitStack() as stack:
        yield Builds(client, life, stack, monkeypatch)


class Builds:
    """Starts workers and memberships apart from those of the other tests."""

    def __init__(self, client, example, stack, monkeypatch):
        self.client, self.example = client, example
        self.stack, self.monkeypatch = stack, monkeypatch
        self.queue = f"membership-{uuid.uuid4()}"
        monkeypatch.setattr(versions, "DEPLOYMENT", f"test-{uuid.uuid4()}")
        monkeypatch.setattr(workflows, "MEMBERSHIP_QUEUE", self.queue)

    async def work(self, build_id, cls):
        """Put a worker of a build to work and make the build current."""
        self.monkeypatch.setattr(workflows, "Membership", cls)
        await self.stack.enter_async_context(workflows.worker(self.client, build_id))
        await versions.promote(self.client, build_id, unseen=True)
        await self._routed(build_id)

    async def _routed(self, build_id):
        """Wait until new memberships get to a build: the server answers before its queues know."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await build_of(await self.start()) != build_id:
                await asyncio.sleep(0.05)  # it offers nothing to wait for

    async def start(self, *, settle: bool = True) -> Life:
        """Start a membership on the queue of these workers."""
        skipper = self.example.skipper
        handle = await skipper.client.start_workflow(
            "Membership",
            application(**IDLE),
            id=f"membership-{uuid.uuid4()}",
            task_queue=self.queue,
        )
        life = Life(handle, skipper, self.example.pool, self.example.mail_dir)
        if settle:
            await life.settle()
        return life


async def build_of(life) -> str:
    """Return the build a membership's present run is on."""
    info = (await life.handle.describe()).raw_description.workflow_execution_info
    build: str = info.versioning_info.deployment_version.build_id
    return build


async def test_a_run_stays_on_its_build_and_the_next_goes_to_the_current_one(builds):
    """Two builds that differ without a patch: the new one never replays what the old one began."""
    await builds.work("v1", Membership)
    life = await builds.start()
    await life.approve()
    await life.settle()
    await builds.work("v2", MutatedMembership)
    assert [await build_of(await builds.start()), await build_of(life)] == ["v2", "v1"]

    before = await runs(life)
    await life.update("record_payment", payment(life.id))
    await settled_on(life, "v2")
    *old, new = await runs(life)
    assert len(old) == len(before)
    assert "TIMER_STARTED" in names_of(new)[:6]  # which only the new build does first of all
    assert [line["about"] for line in (await life.explain())][-1] == "payment_recorded"
    for history in old:
        await replayer().replay_workflow(history)


async def test_who_has_left_goes_to_the_current_build_as_well(builds):
    """A member that has ended and can still be reopened is renewed like any other (L9)."""
    await builds.work("v1", Membership)
    life = await builds.start()
    await life.approve()
    number = (await life.state())["member_number"]
    died = {"died_on": str(await life.today()), "caseworker": "ola", "member_number": number}
    await life.update("record_death", died)
    ended = await life.state()
    await builds.work("v2", MutatedMembership)
    await life.update("record_payment", payment(life.id))
    await settled_on(life, "v2")
    assert await life.state() == ended | {"decisions": ended["decisions"] + 1}
    assert ended["open_until"] is not None


async def settled_on(life, build_id) -> None:
    """Wait until a membership's run is on a build, and has read its record there."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await build_of(life) != build_id or (await life.state())["stage"] == "received":
            await asyncio.sleep(0.1)  # the next run begins when the server says so


async def test_what_came_before_the_first_task_is_replayed_in_the_same_order(builds):
    """Nonsense and an update before any worker was there: a patch in the first task would wedge."""
    life = await builds.start(settle=False)
    await life.signal("nobody_knows_this", 1)
    update = asyncio.create_task(life.update("record_payment", payment(life.id)))
    # An update that no worker has taken leaves no trace to wait for; the test also holds if it
    # comes after the first task.
    await asyncio.sleep(0.2)
    await builds.work("v1", Membership)
    assert (await update)["applied"]
    history = (await runs(life))[0]
    names = names_of(history)
    accepted = names.index("WORKFLOW_EXECUTION_UPDATE_ACCEPTED")
    assert names[accepted - 1] == "WORKFLOW_TASK_COMPLETED"
    assert names[:accepted].count("WORKFLOW_TASK_COMPLETED") == 1
    await replayer().replay_workflow(history)


async def test_a_membership_of_the_first_version_goes_on_and_is_renewed(builds):
    """The first code, whose worker had no build, is gone; today's worker carries on its history."""
    first = Worker(
        builds.client,
        task_queue=builds.queue,
        workflows=[FirstMembership],
        workflow_runner=sandboxed_runner(),
        interceptors=[ToleranceInterceptor()],
        patch_activation_callback=lambda _patch: False,
    )
    async with first:
        asleep, joining = await builds.start(), await builds.start()
        await asleep.approve()
        await asleep.settle()
    for life in (asleep, joining):
        (history,) = await runs(life)
        assert not {"MARKER_RECORDED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"} & {*names_of(history)}

    await builds.work("v2", Membership)
    await asleep.update("record_payment", payment(asleep.id))
    await joining.approve()
    for life in (asleep, joining):
        assert (await life.state())["stage"] == "active"
        assert await build_of(life) == "v2"
        old, new = await runs(life)
        assert names_of(old)[-1] == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"
        assert json.loads(carried_in(new))["version"] == RECORD_VERSION
        assert "TIMER_STARTED" in names_of(new)  # the year's, which no run of version 1 has
        for history in (old, new):
            await replayer().replay_workflow(history)


async def renewed(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a membership go on in a run of its own."""
    before = (await life.handle.describe()).run_id
    monkeypatch.setattr(options, "RENEW_AFTER_EVENTS", 0)
    await life.signal("nobody_knows_this", 1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await life.handle.describe()).run_id == before:
            await asyncio.sleep(0.05)
    monkeypatch.setattr(options, "RENEW_AFTER_EVENTS", 500)
    await life.settle()


async def test_an_update_sent_again_in_a_later_run_is_answered_as_it_was(apply, monkeypatch):
    """A resignation that was withdrawn does not come back, nor does an old address."""
    life = await member(apply)
    today = str(await life.today())
    resign = {"received_on": today, "reason": "Ombestemt"}
    old = {"information": "Ny adresse", "applicant": {"email": f"old-{life.id}@example.org"}}
    first = await life.handle.execute_update("resign", resign, id="resign-1")
    moved = await life.handle.execute_update("supply_information", old, id="moved-1")
    assert (await life.state())["leaves_on"] is not None
    await life.update("withdraw_change", {"change": "resign", "effective_on": today})
    new_address = f"new-{life.id}@example.org"
    new = {"information": "Enda en", "applicant": {"email": new_address}}
    await life.update("supply_information", new)
    decided = await life.decisions()
    await renewed(life, monkeypatch)
    assert await life.handle.execute_update("resign", resign, id="resign-1") == first
    assert await life.handle.execute_update("resign", {}, id="resign-1") == first
    assert await life.handle.execute_update("supply_information", old, id="moved-1") == moved
    assert (await life.state())["leaves_on"] is None
    assert await life.decisions() == decided
    email = await life.pool.fetchval(
        "SELECT email FROM people JOIN memberships USING (person_id) WHERE membership_id = $1",
        life.id,
    )
    assert email == new_address
    for history in await runs(life):
        assert (own_failures(history), left_behind(history)) == ([], 0)


async def test_an_approval_sent_again_in_a_later_run_is_answered_as_it_was(apply):
    """A student is active at once, and the run that was told has ended by then."""
    study = {"school": "UiB", "ends_on": "2099-06-15"}
    life = await apply(application(category="student", employment=None, study=study))
    approve = {"decision": "approve", "caseworker": "ola"}
    first = await life.handle.execute_update("decide_application", approve, id="approve-1")
    await life.settle()
    assert len(await runs(life)) == 3
    again = await life.handle.execute_update("decide_application", approve, id="approve-1")
    assert (again, again["applied"]) == (first, True)


async def test_an_update_id_is_one_message_s_for_a_whole_life(apply, monkeypatch):
    """In a later run another message under it is refused; what was refused may be tried again."""
    life = await member(apply)
    today = str(await life.today())
    await life.handle.execute_update("resign", {"received_on": today}, id="first")
    with pytest.raises(WorkflowUpdateFailedError):
        await life.handle.execute_update("resign", {}, id="second")
    await renewed(life, monkeypatch)
    hide = {"hidden": False, "effective_on": today, "consent": True}
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await life.handle.execute_update("set_hidden", hide, id="first")
    assert "resign was applied under this update id" in str(refused.value.cause)
    died = {"died_on": today, "caseworker": "ola"}
    assert (await life.handle.execute_update("record_death", died, id="second"))["applied"]


async def test_an_update_is_known_however_many_came_after_it(apply, monkeypatch):
    """Beyond what a run hands over the database knows it: nothing is applied a second time."""
    monkeypatch.setattr(answering, "KEPT_UPDATES", 2)
    life = await member(apply)
    today = str(await life.today())
    resign = {"received_on": today, "reason": "Ombestemt"}
    first = await life.handle.execute_update("resign", resign, id="resign-1")
    await life.update("withdraw_change", {"change": "resign", "effective_on": today})
    for number in range(3):
        await life.update("record_payment", payment(f"later-{number}-{life.id}"))
    await renewed(life, monkeypatch)
    run = await runs(life)
    assert b"resign-1" not in carried_in(run[-1])
    decided = await life.decisions()
    assert await life.handle.execute_update("resign", resign, id="resign-1") == first
    state = await life.state()
    assert (state["leaves_on"], state["rejected_messages"][1:]) == (None, [])
    assert await life.decisions() == decided
    for number in range(3):
        await life.update("record_payment", payment(f"last-{number}-{life.id}"))
    await renewed(life, monkeypatch)
    died = {"died_on": today, "caseworker": "ola"}
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await life.handle.execute_update("record_death", died, id="resign-1")
    assert "resign was applied under this update id" in str(refused.value.cause)
    assert (await life.state())["outcome"] is None
    histories = await runs(life)
    assert [own_failures(history) for history in histories] == [[]] * len(histories)
    await replayer().replay_workflow(histories[-1])


def test_updates_are_remembered_up_to_a_bound():
    """What a run hands over stays small, however many updates there were."""
    answer = Answer(applied=True, stage=Stage.ACTIVE, says="the payment was recorded" * 3)
    applied = tuple(
        Applied(update_id=str(uuid.uuid4()), name="record_payment", answer=answer)
        for _ in range(KEPT_UPDATES)
    )
    record = a_record(applied=applied)
    assert carried(record).applied_under(applied[0].update_id) == applied[0]
    assert len(carried(record).model_dump_json()) < 30_000


def test_of_who_may_be_the_same_the_surest_are_handed_over():
    """Somebody with many namesakes has no large record for it: `person` finds them all (N8)."""
    namesakes = tuple(
        PossibleDuplicate(membership_id=f"membership-{number}", certain=False, stage=Stage.ACTIVE)
        for number in range(50)
    )
    among = builders.member().model_copy(update={"possible_duplicates": namesakes})
    assert carried(among).possible_duplicates == namesakes[:SHOWN_DUPLICATES]
    # 4,968 bytes alone, by the rulebook there is at first: policies by default are left out.
    assert len(carried(among).model_dump_json()) < 8_000
