"""Stamped messages on the real server: taken, refused, and nothing is wedged by any of them."""

import json

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import RawValue

from schemas.access.roles import AccessRole
from tests.access.making import FORGER, stamp
from tests.life import application

APPROVES = {"decision": "approve", "caseworker": "kari"}


async def stamped(life, name, said, **other):
    """Return a message as the gateway sends it, stamped when the membership began."""
    data = json.dumps(said).encode()
    at = (await life.handle.describe()).start_time
    made = stamp(other.pop("to", life.id), name, data, at=at, **other)
    return RawValue(Payload(metadata={"encoding": b"json/plain", **made}, data=data))


async def refused(life, name, message):
    """Return why an update is refused."""
    with pytest.raises(WorkflowUpdateFailedError) as error:
        await life.handle.execute_update(name, message)
    return str(error.value.cause)


async def test_who_has_stamped_a_message_has_decided(apply):
    """Forged, foreign, of a role that may not, and sent twice: refused; the rest is the actor's.

    Source: R5.
    """
    life = await apply(application())
    name = "decide_application"
    nonce = life.id.removeprefix("membership-")
    forged = await stamped(life, name, APPROVES, nonce=f"{nonce}-forged", key=FORGER)
    await life.handle.signal(name, forged)
    foreign = await stamped(life, name, APPROVES, nonce=f"{nonce}-else", to="membership-else")
    assert "made for another workflow" in await refused(life, name, foreign)
    role = AccessRole.AUDITOR
    auditors = await stamped(life, name, APPROVES, nonce=f"{nonce}-reads", role=role)
    assert "may not be sent by who has stamped it" in await refused(life, name, auditors)
    approval = await stamped(life, name, APPROVES, nonce=nonce)
    answer = await life.handle.execute_update(name, approval)
    assert answer["applied"]
    assert "was used before" in await refused(life, name, approval)
    log = await life.explain()
    assert [line["decided_by"] for line in log if line.get("about") == "application_approved"] == [
        "Ola Nordås"
    ]
    rejected = (await life.state())["rejected_messages"]
    assert [one["reason"] for one in rejected] == [
        "its stamp is forged: the signature does not hold"
    ]
