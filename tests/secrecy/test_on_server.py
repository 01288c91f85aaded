"""Lives on a server of their own whose store is looked through: what is encrypted is not there."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue

from tests.clock import within_a_day
from tests.life import application
from tests.secrecy.office import Office, running
from workers.demo.settled import is_settled


@pytest.fixture
async def office(tmp_path: Path, shared_pool, letters, process) -> AsyncIterator[Office]:
    """The office, until the end of the test."""
    async with running(tmp_path, shared_pool, letters, process()) as office:
        yield office


CANARIES = {
    "name": "Kanarifugl {mark}navn",
    "email": "kanari-{mark}@example.org",
    "street": "Kanariveien {mark}gate",
    "wish": "kanari {mark}fritekst",
    "reason": "kanari {mark}begrunnelse",
    "garbage": "kanari {mark}tull",
}


def canaries() -> dict[str, str]:
    """Texts that stand nowhere else."""
    mark = uuid.uuid4().hex[:10]
    return {name: text.format(mark=mark) for name, text in CANARIES.items()}


async def live(client: Client, said: dict[str, str]) -> WorkflowHandle[Any, Any]:
    """Become a member, and say each of the texts on the way."""
    form = application(
        applicant={
            "name": said["name"],
            "email": said["email"],
            "address": {"line1": said["street"], "postcode": "0155", "city": "Oslo"},
        },
        additional_information=said["wish"],
    )
    handle = await client.start_workflow(
        "Membership", form, id=f"membership-{uuid.uuid4()}", task_queue="membership"
    )
    wrong = {"received_on": "never", "reason": said["garbage"]}
    await handle.signal("resign", wrong)
    asked = {"decision": "request_information", "caseworker": "ola", "reason": said["reason"]}
    answered = {"information": said["wish"], "additional_information": said["wish"]}
    for name, message in (
        ("decide_application", asked),
        ("supply_information", answered),
        ("decide_application", {"decision": "approve", "caseworker": "ola"}),
        ("answer_payroll_request", {"answer": "accepted"}),
    ):
        # Who knows no keys can't read the answer either.
        await handle.execute_update(name, message, result_type=RawValue)
    while not await is_settled(handle, client):
        await asyncio.sleep(0.1)  # nothing tells when the last letter is noted
    return handle


def comparable(state: dict[str, Any]) -> dict[str, Any]:
    """What two lives have in common that were lived alike."""
    own = {"member_number", "first_invoice", "awaiting", "rejected_messages", "membership_id"}
    return {name: value for name, value in state.items() if name not in own}


async def test_a_life_that_is_encrypted_leaves_nothing_in_the_store(office):
    """It goes as a plain one does; and the same scan finds each text that a foreign client sent.

    The foreign client's plain run is left behind as soon as it has been heard.
    """
    await within_a_day()
    hidden, open_ = canaries(), canaries()
    own, foreign = await office.own(), await office.foreign()
    member = await live(own, hidden)
    other = await live(foreign, open_)
    state = await member.query("state")
    assert comparable(state) == comparable(await own.get_workflow_handle(other.id).query("state"))
    assert [one["name"] for one in state["rejected_messages"]] == ["resign"]

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await foreign.get_workflow_handle(member.id).execute_update("resign", {"x": 1})
    assert "received_on" in str(refused.value.cause)  # our refusal, readable without keys

    await garbage_is_shown(office, own, member)
    found = {name: office.holds(text) for name, text in open_.items()}
    assert found == dict.fromkeys(CANARIES, True)
    assert {name: office.holds(text) for name, text in hidden.items()} == dict.fromkeys(
        CANARIES, False
    )
    description = await foreign.get_workflow_handle(other.id).describe()
    events = [event async for event in foreign.get_workflow_handle(other.id).fetch_history_events()]
    assert not [event for event in events if b"kanari" in event.SerializeToString().lower()]
    assert description.run_id != other.first_execution_run_id


async def garbage_is_shown(office: Office, own: Client, member: WorkflowHandle[Any, Any]) -> None:
    """Send what can't be decrypted: it is rejected, visibly, and nobody is wedged."""
    [theirs] = await office.encryption.encode([Payload(data=b"{}")], f"membership-{uuid.uuid4()}")
    spoilt = Payload(metadata=theirs.metadata, data=b"\x00garbage")
    foreign = (await office.foreign()).get_workflow_handle(member.id)
    for one in (theirs, spoilt):
        await foreign.signal("resign", RawValue(one))
    state = await own.get_workflow_handle(member.id).query("state")
    assert [one["name"] for one in state["rejected_messages"]] == ["resign"] * 3
    assert "can't be decrypted" in state["rejected_messages"][-1]["reason"]
    started = await (await office.foreign()).start_workflow(
        "Membership", RawValue(spoilt), id=f"membership-{uuid.uuid4()}", task_queue="membership"
    )
    ended = await own.get_workflow_handle(started.id).result()
    assert ended["outcome"] == "invalid"
