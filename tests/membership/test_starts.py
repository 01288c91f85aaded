"""Whatever id, attributes, memo or limits a start carries: nothing of it stays, nobody is lost."""

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from schemas.names import FORMS, SHOWN
from tests.life import PATIENCE_SECONDS, Json, Life, application
from tests.replay.corpus import replayer
from tests.runs import names_of, runs_of
from tests.shared.test_names import EXAMPLES
from workflows.membership.start import FOR_LIFE, LIMITED, WRONG_ID, is_ours
from workflows.shared.search_attributes import AWAITING_ROLES, CATEGORY, REVIEW_DUE, STAGE

NAME = "Kanarinavn"


@pytest.fixture
def start(apply, skipper, shared_pool, mail_sink):
    """Start a membership with options of the client's own, and return its Life."""

    async def with_options(form: Json, name: str | None = None, **options: Any) -> Life:
        handle = await skipper.client.start_workflow(
            "Membership",
            form,
            id=name or f"membership-{uuid.uuid4()}",
            task_queue="membership",
            **options,
        )
        return Life(handle, skipper, shared_pool, mail_sink.mail_dir)

    assert apply
    return with_options


@pytest.mark.parametrize(
    "name",
    [
        f"membership-{NAME}-12848612345",
        "12848612345",
        "membership-1",
        "915d33bc-1932-4ea9-ab54-bdf5976d4d8e",
        "MEMBERSHIP-FA02CB98-FB10-446F-AE23-E718B1E56079",
        "membership-8e9f1980-1daa-4c23-976f-362014d98ff0\n",
        "membership-fd7dbadaad884d1da528e1d41fd53d91",
        "membership-\x00",
        "deduction-settlement-00000007-2099-12",
        "arrears-2099-01-01",
        "dues-run-2099-12",
    ],
)
async def test_a_foreign_id_ends_as_invalid_under_one_of_ours(start, name):
    """It names the form, keeps the application for caseworkers, and repeats the id nowhere."""
    wrong_id = name + uuid.uuid4().hex[:4] * name.endswith("1")
    life = await start(application(), wrong_id)
    found = await life.result()
    assert (found["outcome"], found["faults"]) == ("invalid", [WRONG_ID])
    assert is_ours(found["membership_id"])
    kept = await life.pool.fetchrow(
        "SELECT * FROM rejected_intakes JOIN remarks USING (membership_id)"
        " WHERE membership_id = $1",
        found["membership_id"],
    )
    assert "applicant" in kept["content"]
    rows = await life.pool.fetch(
        "SELECT template, status, figures FROM letters WHERE membership_id = $1",
        found["membership_id"],
    )
    assert [(row["template"], row["status"]) for row in rows] == [("caseworker_task", "sent")]
    told = json.dumps([str(dict(kept)), [dict(row) for row in rows], await life.explain()])
    assert wrong_id not in told
    stored = await life.pool.fetchval(
        "SELECT count(*) FROM memberships WHERE membership_id = $1", life.id.replace("\x00", "")
    )
    assert stored == 0


async def test_nothing_that_was_planted_stays(start):
    """Search attributes of the start give way to the membership's own; a memo is taken away."""
    planted: list[SearchAttributePair[Any]] = [
        SearchAttributePair(CATEGORY, NAME),
        SearchAttributePair(STAGE, NAME),
        SearchAttributePair(AWAITING_ROLES, [NAME]),
    ]
    forms = {"under_review": application(), "ended": "no application"}
    for stage, form in forms.items():
        life = await start(
            form, search_attributes=TypedSearchAttributes(planted), memo={"who": NAME}
        )
        assert (await life.state())["stage"] == stage
        found = await life.handle.describe()
        shown = {pair.key.name: pair.value for pair in found.typed_search_attributes}
        assert shown["MembershipStage"] == stage
        assert NAME not in str(shown)
        assert not await found.memo()
    assert REVIEW_DUE.name not in shown


SOON = timedelta(seconds=25)

LIMITS: dict[str, dict[str, Any]] = {
    "of all runs": {"execution_timeout": SOON},
    "of all runs and each": {"execution_timeout": SOON, "run_timeout": SOON},
    "with a message": {"run_timeout": SOON, "start_signal": "withdraw_application"},
}


@pytest.mark.parametrize("what", LIMITS)
async def test_a_life_with_a_limit_ends_with_a_reason(start, what):
    """Nobody becomes a member who would be gone when the time is out."""
    life = await start(application(), **LIMITS[what])
    found = await life.result()
    assert (found["outcome"], found["faults"]) == ("invalid", [LIMITED])
    assert found["membership_id"] == life.id
    assert (await life.letters()) == [("caseworkers", "caseworker_task", "sent")]


async def test_the_limit_of_a_run_is_lifted(start):
    """The application goes over to a run that lasts, before anything else; the member lives on."""
    life = await start(application(), run_timeout=timedelta(seconds=4))
    state = await life.state()
    assert (state["stage"], state["membership_id"]) == ("under_review", life.id)
    first, *later = await runs_of(life.handle, life.skipper.client)
    assert names_of(first)[-1] == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"
    assert "ACTIVITY_TASK_SCHEDULED" not in names_of(first)
    for history in (first, *later):
        await replayer().replay_workflow(history)
    await asyncio.sleep(4)  # the time that the first run had
    await life.approve()
    assert (await life.state())["stage"] == "onboarding"
    for history in later:
        started = history.events[0].workflow_execution_started_event_attributes
        assert started.workflow_run_timeout.ToTimedelta() == FOR_LIFE


async def test_a_schedule_is_lifted(start):
    """A membership that was started by a cron schedule lives once, and ends for good."""
    life = await start(application(), cron_schedule="@every 1s")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await runs_of(life.handle, life.skipper.client)) == 1:
            await asyncio.sleep(0.1)  # the server starts by its own clock
    assert (await life.state())["stage"] == "under_review"
    await life.update("withdraw_application", {})
    assert (await life.result())["outcome"] == "withdrawn"
    begun = len(await runs_of(life.handle, life.skipper.client))
    await asyncio.sleep(2)  # two more turns of the schedule
    assert len(await runs_of(life.handle, life.skipper.client)) == begun


@pytest.mark.parametrize("form", ["no application", {"version": 2}, {"lifted": "e30="}])
async def test_garbage_with_a_limit_is_garbage(start, form):
    """What looks like something that we hand over is an application with faults, and no more."""
    for limits in ({}, {"run_timeout": timedelta(seconds=25)}):
        life = await start(form, **limits)
        found = await life.result()
        assert found["outcome"] == "invalid"
        assert found["faults"]
        assert LIMITED not in found["faults"]


async def test_an_ordinary_start_does_nothing_more(apply):
    """No upsert, no marker: the first commands are those of the recorded histories."""
    life = await apply(application())
    history, _ = await runs_of(life.handle, life.skipper.client)
    names = names_of(history)
    first = names.index("WORKFLOW_TASK_COMPLETED") + 1
    assert names[first : first + 2] == [
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
        "ACTIVITY_TASK_SCHEDULED",
    ]


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("workflow", sorted(FORMS.keys() - {"Membership"}))
async def test_a_run_stands_under_an_id_of_its_own_only(client, workflow):
    """Under a membership's, another run's, or with a name after it, it fails at once."""
    other = "audit-2099-01-01" if workflow != "Audit" else "arrears-2099-01-01"
    for name in (f"membership-{uuid.uuid4()}", other, f"{EXAMPLES[workflow]}-{NAME}"):
        handle = await client.start_workflow(workflow, {}, id=name, task_queue="membership")
        with pytest.raises(WorkflowFailureError) as failed:
            await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
        assert SHOWN[workflow] in str(failed.value.cause)
        assert name not in str(failed.value.cause)
        assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED


def test_the_form_of_an_id():
    """A canonical UUID of any version, in lower case, with the prefix."""
    assert is_ours(f"membership-{uuid.uuid4()}")
    assert is_ours(f"membership-{uuid.uuid1()}")
    assert not is_ours(f"membership-{uuid.uuid4()} ")
    assert not is_ours(f"membership-{{{uuid.uuid4()}}}")
