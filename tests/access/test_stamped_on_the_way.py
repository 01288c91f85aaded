"""What goes through the gateway: who sent it, signed and then encrypted, as a workflow reads it."""

import json
import uuid
from base64 import b64decode, b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.service import RPCError

from schemas.access.roles import AccessRole
from schemas.access.signing import verified
from schemas.access.stamps import ACTOR_KEY, START, fitting
from tests.access.asking import bearer
from tests.access.making import RING

UNSERVED = "nobody-works-on-this"


async def sender(keys, hidden, membership, message):
    """Return who a membership takes for the sender, once it is clear that nobody else reads it."""
    [sealed] = hidden.payloads
    assert sealed.metadata["encoding"] == b"binary/encrypted"
    assert b"Kanari" not in sealed.SerializeToString()
    [payload] = await keys.decode([sealed], membership)
    about: dict[str, Any] = {
        "namespace": "default",
        "workflow_id": membership,
        "message": message,
        "now": datetime.now(UTC),
        "valid_for": timedelta(days=1),
    }
    claims = verified(payload.metadata, payload.data, ring=RING, **about)
    assert fitting(payload.metadata, payload.data, **about).claims == claims
    return claims.subject, claims.roles


async def test_an_application_says_which_system_sent_it(in_front, temporal, keys):
    """In the history of a real server: stamped for this start, and encrypted."""
    membership = f"membership-{uuid.uuid4()}"
    async with in_front.client(headers=bearer("system")) as client:
        begun = await client.post(
            f"/api/v1/namespaces/default/workflows/{membership}",
            json={"workflowType": {"name": "Membership"}, "input": [{"name": "Kanari"}]},
        )
    assert begun.status_code == 200, begun.text
    run = begun.json()["runId"]
    handle = (await temporal.connect()).get_workflow_handle(membership, run_id=run)
    first = await anext(handle.fetch_history_events())
    with suppress(RPCError):  # workers of other tests may have ended it already
        await handle.terminate()
    given = first.workflow_execution_started_event_attributes.input
    assert await sender(keys, given, membership, START) == ("system-7", {AccessRole.SYSTEM})


async def test_a_message_says_who_was_logged_in(in_front, temporal, keys):
    """Whatever stamp it came with; who may reads it in full, the stamp included."""
    membership = f"membership-{uuid.uuid4()}"
    handle = await (await temporal.connect()).start_workflow(
        "Membership", id=membership, task_queue=UNSERVED
    )
    forged = {
        "metadata": {"encoding": b64encode(b"json/plain").decode(), ACTOR_KEY: "e30="},
        "data": b64encode(b'"Kanari"').decode(),
    }
    path = f"/api/v1/namespaces/default/workflows/{membership}"
    async with in_front.client(headers=bearer("caseworker")) as client:
        sent = await client.post(f"{path}/signal/record_death", json={"input": [forged]})
        read = await client.get(f"{path}/history")
    assert sent.status_code == 200, sent.text
    events = (await handle.fetch_history()).events
    await handle.terminate()
    [nth] = [
        n for n, event in enumerate(events) if "signaled" in str(event.WhichOneof("attributes"))
    ]
    given = events[nth].workflow_execution_signaled_event_attributes.input
    who = await sender(keys, given, membership, "record_death")
    assert who == ("caseworker-7", {AccessRole.CASEWORKER})

    event = read.json()["history"]["events"][nth]
    [shown] = event["workflowExecutionSignaledEventAttributes"]["input"]["payloads"]
    assert json.loads(b64decode(shown["data"])) == "Kanari"
    assert json.loads(b64decode(shown["metadata"][ACTOR_KEY]))["subject"] == "caseworker-7"
