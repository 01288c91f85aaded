"""Whose payloads somebody has decrypted is kept, and who may read nothing opens nothing."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.protobuf import json_format
from httpx2 import ASGITransport
from temporalio.api.common.v1 import Payload, Payloads

from activities.access import log as access_log
from activities.secrecy.codec import Encryption
from activities.secrecy.key_file import KeyFile
from activities.secrecy.keyring import KeyRing
from activities.secrecy.store import KeyStore
from tests.access.asking import Gateway, bearer, opened, settings
from workers.gateway.coding import Codec

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"Kanari"')
NOWHERE = "http://127.0.0.1:9"


def gateway_of(pool: Any, codec: Codec, **other: Any) -> Gateway:
    """A gateway that decrypts."""
    return opened(pool, settings(ui_url=NOWHERE, http_api_url=NOWHERE), codec=codec, **other)


def body(*payloads: Payload) -> Any:
    """What is posted to be encrypted or decrypted."""
    return json_format.MessageToDict(Payloads(payloads=payloads))


async def asked(gateway: Gateway, role: str, path: str, *payloads: Payload, **claims: Any) -> Any:
    """Ask the codec."""
    headers = bearer(role, **claims)
    return await gateway.client().post(path, json=body(*payloads), headers=headers)


async def test_the_log_says_whose_payloads_were_opened(shared_pool, keys):
    """Each membership once, by its keys and by nothing that the request says."""
    gateway = gateway_of(shared_pool, keys)
    mine, other = (f"membership-{uuid.uuid4()}" for _ in range(2))
    sealed = [*(await keys.encode([PLAIN, PLAIN], mine)), *(await keys.encode([PLAIN], other))]
    [own] = await keys.encode([PLAIN], "dues-run-2027-01")
    subject = uuid.uuid4().hex
    headers = bearer("auditor", sub=subject) | {"referer": f"http://x/{uuid.uuid4()}"}
    answer = await gateway.client().post("/decode", json=body(*sealed, own), headers=headers)
    assert answer.json() == body(*[PLAIN] * 4)
    kept = await access_log.read(shared_pool, subject=subject)
    assert {(one.act, one.workflow_id, one.refused) for one in kept} == {
        ("decode", mine, None), ("decode", other, None), ("decode", None, None),
    }  # fmt: skip
    assert len(kept) == 3


@pytest.mark.parametrize("role", ["insurance_office", "branch", "system"])
async def test_who_reads_no_histories_opens_nothing(shared_pool, keys, role):
    """They are refused, and it stands in the log whose it was."""
    gateway = gateway_of(shared_pool, keys)
    member, subject = f"membership-{uuid.uuid4()}", uuid.uuid4().hex
    sealed = await keys.encode([PLAIN], member)
    answer = await asked(gateway, role, "/decode", *sealed, PLAIN, sub=subject)
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_allowed")
    [kept] = await access_log.read(shared_pool, subject=subject)
    assert (kept.workflow_id, kept.refused) == (member, "not_allowed")
    # Pages of the UI have whatever they show decrypted: what was never encrypted is no secret.
    answer = await asked(gateway, role, "/decode", PLAIN)
    assert answer.status_code == (200 if role == "insurance_office" else 403)


async def test_what_is_encrypted_and_what_is_no_list_is_kept(shared_pool, keys):
    """Also what is refused before anybody has looked at it."""
    gateway, subject = gateway_of(shared_pool, keys), uuid.uuid4().hex
    assert (await asked(gateway, "caseworker", "/encode", PLAIN, sub=subject)).status_code == 200
    for path in ("/encode", "/decode"):
        headers = bearer("caseworker", sub=subject)
        answer = await gateway.client().post(path, json={"payloads": 7}, headers=headers)
        assert answer.status_code == 400
    answer = await asked(gateway, "nothing", "/encode", PLAIN, sub=subject)
    assert answer.status_code == 403
    kept = await access_log.read(shared_pool, subject=subject)
    assert [(one.act, one.refused) for one in kept] == [
        ("encode", "not_allowed"), ("decode", "unreadable"), ("encode", "unreadable"),
        ("encode", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "what"),
    [("/%2e%2e/api/v1/settings", "page"), ("/api/v1/namespaces/default/xyz", "unknown call")],
)
async def test_a_refused_address_is_kept(shared_pool, keys, path, what):
    """Whoever tries what leads around the tables stands in the log."""
    gateway, subject = gateway_of(shared_pool, keys), uuid.uuid4().hex
    answer = await gateway.client().get(path, headers=bearer("caseworker", sub=subject))
    assert answer.status_code in {400, 403}
    [kept] = await access_log.read(shared_pool, subject=subject, refused=True)
    assert (kept.what, kept.refused) == (what, answer.json()["reason"])


async def test_while_keys_are_away_nothing_is_told(shared_pool, tmp_path: Path):
    """Without the master key: try again, and no word of why in the answer."""
    ring = KeyRing(KeyStore(shared_pool.acquire), KeyFile(tmp_path / "no"), patience=timedelta())
    gateway = gateway_of(shared_pool, Encryption(ring, "default"))
    answer = await asked(gateway, "caseworker", "/encode", PLAIN)
    assert (answer.status_code, answer.json()["reason"]) == (503, "keys_unavailable")


async def test_a_run_that_makes_way_is_waited_for(shared_pool, keys):
    """Temporal refuses a message to a run that is just ending; the next one takes it."""
    answers = [(429, b'{"message":"workflow is closing"}'), (200, b"{}")]

    async def temporal(_scope: Any, _receive: Any, send: Any) -> None:
        status, content = answers.pop(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})

    upstream: httpx2.AsyncBaseTransport = ASGITransport(temporal)
    gateway = gateway_of(shared_pool, keys, upstream=upstream)
    path = f"/api/v1/namespaces/default/workflows/membership-{uuid.uuid4()}/update/resign"
    said = {"request": {"meta": {"updateId": "u"}, "input": {"args": [{}]}}}
    answer = await gateway.client().post(path, json=said, headers=bearer("caseworker"))
    assert (answer.status_code, answers) == (200, [])


async def test_a_reason_stands_in_the_log_and_in_no_history(shared_pool, keys):
    """Temporal keeps in plain text why a run was ended, and what a message has beside its words."""
    seen: list[bytes] = []

    async def temporal(_scope: Any, receive: Any, send: Any) -> None:
        seen.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    gateway = gateway_of(shared_pool, keys, upstream=ASGITransport(temporal))
    subject = uuid.uuid4().hex
    headers = bearer("team_lead", sub=subject)
    base = f"/api/v1/namespaces/default/workflows/membership-{uuid.uuid4()}"
    for call, said in (
        ("terminate", {"reason": "Kanari is a member"}),
        ("cancel", {"reason": "Kanari is a member"}),
        ("signal/resign", {"input": [{}], "control": "Kanari"}),
    ):
        answer = await gateway.client().post(f"{base}/{call}", json=said, headers=headers)
        assert answer.status_code == 200, answer.text
    assert len(seen) == 3
    assert not [one for one in seen if b"Kanari" in one]
    _, *ended = await access_log.read(shared_pool, subject=subject)
    assert [one.why for one in ended] == ["Kanari is a member"] * 2
