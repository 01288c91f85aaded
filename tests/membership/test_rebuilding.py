"""PostgreSQL is the truth: a membership that lost its workflow, or met a later log, goes on."""

import json
import uuid
from datetime import date
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowHandle

from tests.life import Json, Life, Refusal, application, synthetic_id

REBUILD = {"rebuild": True}


@pytest.fixture
def again(apply, skipper):
    """Start a workflow anew under a membership's id, and return its Life."""

    async def start(life: Life, argument: Json) -> Life:
        found: Life = await apply(argument, membership_id=life.id)
        return found

    assert skipper
    return start


FORGETS = (
    ResetReapplyExcludeType.Value("RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL"),
    ResetReapplyExcludeType.Value("RESET_REAPPLY_EXCLUDE_TYPE_UPDATE"),
)
"""As a server that was restored from a backup: whatever came later never came."""


async def reset_to(
    life: Life, event: int, forgets: tuple[ResetReapplyExcludeType.ValueType, ...] = ()
) -> Life:
    """Put a workflow back to an earlier task; what came later comes again, or is forgotten."""
    run = (await life.handle.describe()).run_id
    client = life.skipper.client
    answer = await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=life.id, run_id=run),
            workflow_task_finish_event_id=event,
            request_id=str(uuid.uuid4()),
            reason="an older Temporal under a newer PostgreSQL",
            reset_reapply_exclude_types=forgets,
        )
    )
    assert answer.run_id != run
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(life.id)
    return Life(handle, life.skipper, life.pool, life.mail_dir)


async def first_task_after_the_application(life: Life) -> int:
    """Return the last task of a run so far: whatever comes later is forgotten by a reset to it."""
    await life.settle()
    tasks = [
        event.event_id
        async for event in life.handle.fetch_history_events()
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    return tasks[-1]


async def test_a_terminated_membership_goes_on_as_it_stood(apply, again):
    """With the same id, terms, waits and deadlines; nobody is written to again, nothing is lost."""
    life = await apply(application(applicant={"national_id": synthetic_id()}))
    await life.approve(branch="OSLO")
    before, letters, lines = await life.state(), await life.letters(), await life.explain()
    await life.handle.terminate("by mistake")
    life = await again(life, REBUILD)
    assert await life.state() == before
    assert await life.letters() == letters
    assert said(await life.explain()) == said(lines)
    await life.update("answer_payroll_request", {"answer": "refused"})
    await life.reach(date.fromisoformat(before["insurance"]["reservation_deadline"]))
    await life.days(2)
    found = await life.state()
    assert (found["stage"], found["insurance"]["status"]) == ("active", "covered")


async def test_an_older_workflow_takes_over_what_it_does_not_know(apply):
    """Reset to before the approval it takes the member over, and what comes is applied on top."""
    life = await apply(application(applicant={"national_id": synthetic_id()}))
    early = await first_task_after_the_application(life)
    await life.approve(branch="OSLO")
    before, letters = await life.state(), await life.letters()
    life = await reset_to(life, early, FORGETS)
    assert (await life.state())["stage"] == "under_review"
    answer = await life.update("reserve_insurance", {"received_on": str(await life.today())})
    found = await life.state()
    assert (answer["applied"], found["insurance"]["status"]) == (True, "reserved")
    assert [found[name] for name in KEPT] == [before[name] for name in KEPT]
    assert (await life.letters())[: len(letters)] == letters
    assert await logged(life) == [
        "application_received",
        "application_approved",
        "insurance_reserved",
    ]


async def test_what_the_log_has_is_answered_as_it_was(apply):
    """A message that comes again after a reset is answered as then, or refused: not done twice."""
    life = await apply(application(applicant={"national_id": synthetic_id()}))
    early = await first_task_after_the_application(life)
    approval = {"decision": "approve", "caseworker": "ola"}
    first = await life.handle.execute_update("decide_application", approval, id="approved-once")
    await life.settle()
    life = await reset_to(life, early)
    again = await life.handle.execute_update("decide_application", approval, id="approved-once")
    assert again == first
    await life.settle()
    with pytest.raises(Refusal, match="the application has been decided"):
        await life.approve()
    assert await logged(life) == ["application_received", "application_approved"]


async def test_the_same_application_again_takes_over(apply, again):
    """Another one under the same id ends as invalid, and disturbs nobody."""
    form = application(applicant={"national_id": synthetic_id()})
    life = await apply(form)
    await life.approve()
    before = await life.state()
    await life.handle.terminate("by mistake")
    other = await again(life, application())
    assert (await other.result())["outcome"] == "invalid"
    life = await again(life, form)
    assert await life.state() == before
    assert await logged(life) == ["application_received", "application_approved"]


async def test_nothing_is_made_of_nothing(apply):
    """Under an id that nobody has, a rebuild ends, and keeps nothing."""
    life = await apply(REBUILD)
    found = await life.result()
    assert (found["outcome"], found["faults"]) == (
        "invalid",
        ["no membership is stored under this id: an application starts one"],
    )
    assert not await life.pool.fetchval(
        "SELECT 1 FROM memberships WHERE membership_id = $1", life.id
    )


async def test_an_application_goes_on_from_its_rows(apply, again):
    """Before anybody has decided, the application is all there is to know; its waits go on."""
    life = await apply(application())
    before = await life.state()
    await life.handle.terminate("by mistake")
    life = await again(life, REBUILD)
    assert await life.state() == before
    assert (await life.approve())["applied"]


def said(lines: list[Json]) -> list[str]:
    """Return what ``explain`` says, whoever may see it: a page decides that by the rules."""
    return sorted(json.dumps(line | {"confidential": None}) for line in lines)


KEPT = ("stage", "member_number", "member_since", "branch", "first_invoice", "payroll", "terms")


async def logged(life: Life) -> list[str]:
    """Return the events of a membership's log, in order."""
    rows = await life.pool.fetch(
        "SELECT event FROM decisions WHERE membership_id = $1 ORDER BY number", life.id
    )
    return [row["event"] for row in rows]
