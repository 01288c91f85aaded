"""An erasure on the real server: what it waits for, what is left, and what is said of it."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowFailureError

from activities.privacy.certifying import (
    BadCertificate,
    SignedCertificate,
    certificate_of,
    checked,
)
from activities.privacy.holdings import held_on
from schemas.names import erasure_id, person_id
from tests.access.making import RING
from tests.commands import commands_of
from tests.life import PATIENCE_SECONDS, application, synthetic_id
from tests.runs import runs_of
from tests.secrecy.making import is_gone


@pytest.fixture
def cli(tmp_path, temporal, shared_database_url):
    """Commands on the stack of the server tests."""
    return commands_of(
        tmp_path, database_url=shared_database_url, temporal_address=temporal.address
    )


async def begin(skipper, whose, **order):
    """Start an erasure as the gateway does for the data-protection officer."""
    return await skipper.client.start_workflow(
        "Erasure",
        {"whose": whose, "requested_by": "member", **order},
        id=erasure_id(whose),
        task_queue="membership",
    )


async def until(handle, what):
    """Wait until an erasure stands somewhere."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not what(state := await handle.query("state")):
            await asyncio.sleep(0.05)  # its activities run in real time
    return state


async def test_a_membership_is_asked_to_be_erased(apply, skipper, shared_pool):
    """It is written down who asked, and done once the application is over; again, it is one."""
    life = await apply(application())
    asked = {"requested_by": "personvernombudet", "basis": "artikkel 17"}
    for _ in range(2):
        answer = await life.update("request_erasure", asked)
        assert answer["says"].startswith("erasure was asked for")
    handle = skipper.client.get_workflow_handle(erasure_id(life.id))
    waiting = await until(handle, lambda state: state["obstacles"])
    assert {one["obstacle"] for one in waiting["obstacles"]} == {"open_membership"}
    lines = (await life.handle.query("explain"))["lines"]
    by = [line["decided_by"] for line in lines if line["about"] == "erasure_requested"]
    assert by == ["personvernombudet"] * 2
    await life.update("withdraw_application", {})
    await life.result()
    await asyncio.wait_for(skipper.fast_forward(handle, timedelta(days=2)), PATIENCE_SECONDS)
    done = await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert (done["stage"], done["memberships"]) == ("done", [life.id])
    async with shared_pool.acquire() as connection:
        kept = await certificate_of(connection, life.id)
    assert kept is not None
    assert checked(kept, RING).requested_by == "personvernombudet"


async def test_erased_by_request(apply, skipper, cli, shared_pool):
    """Held until its day; then no row, no run and no word of it, but a certificate that holds."""
    number = synthetic_id()
    form = application(applicant={"national_id": number})
    life, other = await apply(form), await apply(application())
    await life.update("supply_information", {"information": "Kanarisvar"})
    await life.update("withdraw_application", {"reason": "Kanarigrunn"})
    await life.result()
    today, person = await life.today(), person_id(life.id)
    held = await cli(
        "erasure-hold", life.id, "--until", str(today + timedelta(days=30)), "--by", "kari",
        "--reason", "Tvist",
    )  # fmt: skip
    assert held.code == 0, held.err
    planned = (await cli("erase", life.id, "--dry-run", "--json")).json
    assert planned["whose"] == person
    assert planned["person"]
    assert [(one["obstacle"], one["reason"]) for one in planned["obstacles"]] == [("hold", "Tvist")]
    assert planned["erased"]["people"] == planned["erased"]["applications"] == 1
    assert planned["kept_until"] is None

    runs = [history.run_id for history in await runs_of(life.handle, skipper.client)]
    handle = await begin(skipper, person)
    waiting = await until(handle, lambda state: state["obstacles"])
    assert [(one["obstacle"], one["until_on"]) for one in waiting["obstacles"]] == [
        ("hold", str(today + timedelta(days=30)))
    ]
    await asyncio.wait_for(skipper.fast_forward(handle, timedelta(days=31)), PATIENCE_SECONDS)
    done = await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert (done["stage"], done["memberships"]) == ("done", [life.id])

    for run in runs:
        assert await is_gone(skipper.client, life.id, run)
    async with shared_pool.acquire() as connection:
        assert await held_on(connection, life.id, today) is None
        assert await held_on(connection, other.id, today) is not None
        kept = await certificate_of(connection, life.id)
    assert kept is not None
    said = checked(kept, RING)
    assert (said.memberships, said.requested_by, said.kept_until) == ((life.id,), "member", None)
    assert said.runs_deleted >= 1
    assert said.erased["people"] == 1
    assert set(said.kept) <= {"memberships", "decisions", "erased_memberships", "disclosures"}
    with pytest.raises(BadCertificate, match="changed"):
        checked(SignedCertificate(kept.text.replace("member", "Member"), *kept[1:]), RING)
    with pytest.raises(BadCertificate, match="not known"):
        checked(kept, {})

    # What is asked of it afterwards, the rows answer.
    shown = (await cli("show", life.id, "--json")).json
    assert (shown["stage"], shown["erasure"], shown["category"]) == ("ended", handle.id, None)
    assert shown["erased_on"] == str(said.erased_on)
    [line] = (await cli("show", life.id, "--explain", "--json")).json["lines"]
    assert handle.id in line["says"]
    refused = await cli("send", life.id, "resign", "-", stdin=b"{}")
    assert (refused.code, "is erased" in refused.out) == (1, True)
    again = await cli("erase", life.id)
    assert "was erased on" in again.err

    # The same person is somebody new, and nobody else's life was touched.
    back = await apply(form)
    assert (await back.state())["stage"] == "under_review"
    assert (
        await shared_pool.fetchval("SELECT count(*) FROM people WHERE national_id = $1", number)
        == 1
    )
    assert (await other.approve())["applied"]
    begun = (await cli("erase", other.id, "--json")).json
    assert begun["erasure"] == erasure_id(person_id(other.id))
    waits = {one["obstacle"] for one in begun["waits_for"]}
    assert "open_membership" in waits
    handle = skipper.client.get_workflow_handle(begun["erasure"])
    await until(handle, lambda state: {one["obstacle"] for one in state["obstacles"]} >= waits)
    await handle.terminate()


async def test_nobody_and_another_id_are_refused(apply, skipper):
    """An erasure runs under the one id of whom it is of, and says when there is nobody."""
    del apply  # the workers are at work
    nobody = person_id("membership-nobody")
    with pytest.raises(WorkflowFailureError) as failed:
        await (await begin(skipper, nobody)).result()
    assert "nobody is known" in str(failed.value.cause)
    with pytest.raises(WorkflowFailureError):
        await skipper.client.execute_workflow(
            "Erasure",
            {"whose": nobody, "requested_by": "member"},
            id=erasure_id(person_id("membership-other")),
            task_queue="membership",
        )


async def test_a_run_that_is_gone_is_answered_from_the_rows(apply, skipper, cli):
    """Retention has deleted the run of somebody who withdrew: show and explain answer on."""
    life = await apply(application())
    await life.update("withdraw_application", {})
    before = await life.result()
    for history in await runs_of(life.handle, skipper.client):
        await skipper.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace="default",
                workflow_execution=WorkflowExecution(workflow_id=life.id, run_id=history.run_id),
            )
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_gone(skipper.client, life.id, history.run_id):
                await asyncio.sleep(0.05)  # the server tells nobody when it has
    shown = (await cli("show", life.id, "--json")).json
    for name in ("stage", "outcome", "category", "member_number", "terms", "faults"):
        assert shown[name] == before[name], name
    lines = (await cli("show", life.id, "--explain", "--json")).json["lines"]
    assert "application_withdrawn" in {line["about"] for line in lines}
