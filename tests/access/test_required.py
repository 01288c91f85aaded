"""Where every message must say who sent it: what does not is refused, and wedges nobody."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.common import RawValue

from activities.secrecy.codec import Encryption
from activities.shared.signatures import Signatures
from schemas.access.roles import MAY_SEND, AccessRole
from schemas.membership.messages import MESSAGES
from schemas.names import WorkflowType
from tests.access.asking import Gateway, bearer, opened, settings
from tests.access.making import FORGER, GATEWAY, RING, SERVICE, stamp
from tests.clock import today
from tests.life import PATIENCE_SECONDS, application
from tests.membership.decisions.garbage import RIGHT
from workers import notifications, persistence, versions, workflows
from workers.encryption import converter_for
from workers.gateway.coding import Stamps
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import DEVELOPMENT_BUILD
from workers.signing import door_by
from workers.stack import TemporalServer

APPROVES = {"decision": "approve", "caseworker": "ola"}
NAME = "decide_application"


@dataclass(frozen=True)
class Office:
    """A gateway that stamps, workers that insist on it, and a way around the gateway."""

    gateway: Gateway
    around: Client

    async def asked(self, role: str, path: str, body: dict[str, Any]) -> Any:
        """Ask through the gateway."""
        answer = await self.gateway.client().post(
            f"/api/v1/namespaces/default/workflows/{path}", json=body, headers=bearer(role)
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self, member: str) -> dict[str, Any]:
        """Return where a membership stands."""
        [found] = (await self.asked("caseworker", f"{member}/query/state", {}))["queryResult"]
        return dict(found)


@pytest.fixture
async def office(
    tmp_path: Path, shared_pool: asyncpg.Pool, letters: Any, keys: Encryption
) -> AsyncIterator[Office]:
    """The office, until the end of the test."""
    async with TemporalServer(tmp_path / "temporal.log", ui=False) as server:
        deciding, acting = [
            await Client.connect(server.address, data_converter=converter_for(plain, keys))
            for plain in (workflows.CONVERTER, ACTIVITIES_CONVERTER)
        ]
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        signatures = Signatures(RING, required=True)
        rooms = persistence.rooms(
            shared_pool, acting, allow_synthetic_ids=True, signatures=signatures
        )
        made = settings(ui_url=server.http_url, http_api_url=server.http_url)
        gateway = opened(shared_pool, made, codec=keys, stamper=Stamps(GATEWAY))
        async with (
            workflows.worker(deciding, door=door_by(signatures)),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(shared_pool, letters)),
        ):
            yield Office(gateway, await server.connect())


def sent(
    member: str, *, nonce: str, name: str = NAME, said: object = APPROVES, **other: Any
) -> RawValue:
    """Return a message, an approval unless told otherwise, with a stamp."""
    data = json.dumps(said).encode()
    made = stamp(member, name, data, nonce=nonce, **{"at": datetime.now(UTC), **other})
    return RawValue(Payload(metadata={"encoding": b"json/plain", **made}, data=data))


async def test_only_who_is_known_decides(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Unsigned, forged, expired and sent twice: refused, with a reason, and logged.

    A forgery does not use up the stamp that it copies.
    """
    member = f"membership-{uuid.uuid4()}"
    start = {"workflowType": {"name": "Membership"}, "input": [application()]}
    await office.asked("system", member, start)
    past = office.around.get_workflow_handle(member)
    nonce = uuid.uuid4().hex
    for message in (
        APPROVES,
        sent(member, nonce=nonce, key=FORGER),
        sent(member, nonce=f"{nonce}-old", at=datetime.now(UTC) - timedelta(hours=25)),
    ):
        await past.signal(NAME, message)
    honest = sent(member, nonce=nonce)
    for _ in range(2):
        await past.signal(NAME, honest)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len((await office.state(member))["rejected_messages"] or ()) < 4:
            await asyncio.sleep(0.05)  # a signal is answered by nothing
    found = await office.state(member)
    assert found["stage"] == "onboarding"
    assert sorted(one["reason"].partition(":")[0] for one in found["rejected_messages"]) == [
        "is not signed",
        "its stamp has expired",
        "its stamp is forged",
        "its stamp was used before",
    ]
    assert [one for one in caplog.records if "message.refused" in one.message]
    answer = await office.asked(
        "caseworker",
        f"{member}/update/resign",
        {
            "request": {
                "meta": {"updateId": "u"},
                "input": {"args": [{"received_on": str(today())}]},
            }
        },
    )
    assert answer["outcome"]["success"][0]["applied"] is True


async def test_an_application_of_nobody_ends(office: Office) -> None:
    """Whoever goes around the gateway begins no membership."""
    started = await office.around.start_workflow(
        "Membership", application(), id=f"membership-{uuid.uuid4()}", task_queue="membership"
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await office.state(started.id))["outcome"] != "invalid":
            await asyncio.sleep(0.05)  # it may be received yet


def wrong(member: str, name: str, said: object) -> dict[str, object]:
    """Return a message as nobody who may has sent it, by what is wrong with it."""
    role = AccessRole(next(iter(MAY_SEND[WorkflowType.MEMBERSHIP][name])))
    own: dict[str, Any] = {"name": name, "said": said, "role": role}
    old = datetime.now(UTC) - timedelta(hours=25)
    stamps: dict[str, dict[str, Any]] = {
        "forged": {"key": FORGER},
        # The service's own word is vouched for by its own key alone.
        "expired": {"at": old, "key": SERVICE if role is AccessRole.SERVICE else GATEWAY},
        "of a reader": {"role": AccessRole.AUDITOR},
    }
    return {
        "unsigned": said,
        **{
            why: sent(member, nonce=uuid.uuid4().hex, **{**own, **how})
            for why, how in stamps.items()
        },
    }


IN_WORDS = {
    "expired": "its stamp has expired",
    "of a reader": "may not be sent by who has stamped it",
}


async def test_no_decision_is_anybody_s(office: Office, shared_pool: asyncpg.Pool) -> None:
    """Whatever the message: unsigned, forged, expired or a reader's it changes nothing.

    What is signed is decided by who has signed it, whomever it names as its caseworker.
    """
    member = f"membership-{uuid.uuid4()}"
    start = {"workflowType": {"name": "Membership"}, "input": [application()]}
    await office.asked("system", member, start)
    past = office.around.get_workflow_handle(member)
    await past.execute_update(NAME, sent(member, nonce=uuid.uuid4().hex), result_type=RawValue)
    before = await office.state(member)
    places = asyncio.Semaphore(8)

    async def refused(name: str, message: object) -> str:
        async with places:
            try:
                await past.execute_update(name, message, result_type=RawValue)
            except WorkflowUpdateFailedError as error:
                return str(error.cause).removeprefix("Refused: ")
        return "applied"

    tried = [
        (name, why, message)
        for name in MESSAGES
        for why, message in wrong(member, name, RIGHT[name]).items()
    ]
    answers = await asyncio.gather(*(refused(name, message) for name, _, message in tried))
    told = {(name, why): says for (name, why, _), says in zip(tried, answers, strict=True)}
    for (name, why), says in told.items():
        assert says.startswith(IN_WORDS.get(why, "")), (name, why, says)
        # Also `reprice` by a rulebook that is known already, of which nothing is recorded.
        assert says != "applied", (name, why)
        # Whether it would be applied nobody learns who is not believed.
        assert why != "unsigned" or says.startswith("is not signed"), name
        assert why != "forged" or says.startswith("its stamp is forged"), name
    messages = "SELECT message FROM decisions WHERE membership_id = $1 AND message IS NOT NULL"
    assert [row["message"] for row in await shared_pool.fetch(messages, member)] == [NAME]

    day, other = str(today()), {"caseworker": "Somebody Else"}
    for name, said in (
        ("grant_leave", {"from_on": day, "until_on": str(today() + timedelta(days=60)), **other}),
        ("set_hidden", {"hidden": True, "effective_on": day}),
        ("resign", {"received_on": day}),
        ("record_death", {"died_on": day, "member_number": before["member_number"], **other}),
        ("reopen", {"reason": "Feil person", **other}),
    ):
        update = {"meta": {"updateId": name}, "input": {"args": [said]}}
        answer = await office.asked("caseworker", f"{member}/update/{name}", {"request": update})
        assert answer["outcome"]["success"][0]["applied"] is True, answer
    rows = await shared_pool.fetch(
        "SELECT message, decided_by, subject, named FROM decisions"
        " JOIN decision_actors USING (membership_id, number) WHERE membership_id = $1"
        " ORDER BY number",
        member,
    )
    by = ("caseworker", "caseworker-7")
    assert [tuple(row) for row in rows[2:]] == [
        ("grant_leave", *by, "Somebody Else"),
        ("set_hidden", *by, None),
        ("resign", *by, None),
        ("record_death", *by, "Somebody Else"),
        ("reopen", *by, "Somebody Else"),
    ]
