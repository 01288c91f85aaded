"""Who may not know who is hidden does not read it in an answer either, whichever way they ask."""

import asyncio
import json
import uuid
from base64 import b64decode, b64encode
from typing import Any

import pytest
from httpx2 import ASGITransport
from temporalio.api.common.v1 import Payload

from activities.access import log as access_log
from schemas.access.roles import AccessRole
from schemas.access.shown import shown_to
from tests.access.asking import bearer, opened, settings
from tests.access.test_api import api, applying, begun
from tests.access.test_reading import NOWHERE
from tests.life import PATIENCE_SECONDS

__all__ = ["api"]

AT = "2027-01-04T10:00:00Z"
REJECTED = {"name": "set_hidden", "at": AT, "reason": "Kanari", "confidential": True}
LATE = {"name": "reserve_insurance", "at": AT, "reason": "received_on: is missing"}
UPCOMING = {"recorded_on": "2027-01-04", "decided_by": "Kanari", "effective_on": "2027-03-01"}
TERM = {"amount_ore": 100, "cadence": "monthly", "payer": "direct", "valid_from": "2027-01-01"}

STATE: dict[str, Any] = {
    "membership_id": "membership-7",
    "stage": "active",
    "category": "ordinary",
    "hidden": True,
    "branch": "Kanari",
    "member_number": "00000007",
    "faults": ["Kanari"],
    "awaiting": [
        {"role": "employer", "what": "answer_payroll_request", "since": AT},
        {"role": "insurance_office", "what": "record_insurance_notice", "since": AT},
    ],
    "terms": [{"kind": "central_dues", **TERM}, {"kind": "insurance_premium", **TERM}],
    "insurance": {"status": "covered"},
    "first_invoice": {"number": "Kanari"},
    "payroll": {"status": "stopped"},
    "pays_by": "invoice",
    "employments": [{"id": "Kanari"}],
    "upcoming": [{"kind": "set_hidden", **UPCOMING}, {"kind": "report_pension", **UPCOMING}],
    "rejected_messages": [
        REJECTED,
        {**LATE, "confidential": False},
        {**LATE, "confidential": None},
    ],
}
OFFICE = {
    "membership_id": "membership-7",
    "stage": "active",
    "category": "ordinary",
    "member_number": "00000007",
    "awaiting": [STATE["awaiting"][1]],
    "terms": [STATE["terms"][1]],
    "insurance": {"status": "covered"},
    "upcoming": [STATE["upcoming"][1]],
    "rejected_messages": [{**LATE, "confidential": False}],
}
"""What the insurance office reads: not one word more."""
PREVIEW: dict[str, Any] = {
    "says": "was reserved",
    "state": STATE,
    "letters": [{"audience": one} for one in ("member", "employer", "branch", "insurance_office")],
    "invoice": {"lines": ["Kanari"]},
}
MEMBERSHIP = f"membership-{uuid.uuid4()}"
PATH = f"/api/v1/namespaces/default/workflows/{MEMBERSHIP}/query"


def short(value: Any) -> Any:
    """How Temporal writes plain JSON."""
    return [value]


def in_full(value: Any, encoding: bytes = b"json/plain") -> Any:
    """How it writes the same where that is asked for."""
    data = b64encode(json.dumps(value).encode()).decode()
    return {"payloads": [{"metadata": {"encoding": b64encode(encoding).decode()}, "data": data}]}


async def asked(pool: Any, codec: Any, role: str, query: str, said: Any) -> Any:
    """What somebody is told of what Temporal answers."""

    async def temporal(_scope: Any, _receive: Any, send: Any) -> None:
        body = json.dumps({"queryResult": said}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    made = settings(ui_url=NOWHERE, http_api_url=NOWHERE)
    gateway = opened(pool, made, codec=codec, upstream=ASGITransport(temporal))
    async with gateway.client(headers=bearer(role)) as client:
        answer = await client.post(f"{PATH}/{query}", json={"query": {}})
    assert answer.status_code == 200, answer.text
    found = answer.json()["queryResult"]
    if isinstance(found, list):
        return found
    return [json.loads(b64decode(one["data"])) for one in found.get("payloads", [])]


@pytest.mark.parametrize("form", [short, in_full, "encrypted"])
async def test_the_insurance_office_reads_what_cover_depends_on(shared_pool, keys, form):
    """Neither flag, employer, branch nor payer, in any form an answer comes in; others do."""
    written: dict[str, Any] = {}
    for query, said in (("state", STATE), ("preview", PREVIEW)):
        if form == "encrypted":
            plain = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(said).encode())
            [sealed] = await keys.encode([plain], MEMBERSHIP)
            parts = {name: b64encode(value).decode() for name, value in sealed.metadata.items()}
            data = b64encode(sealed.data).decode()
            written[query] = {"payloads": [{"metadata": parts, "data": data}]}
        else:
            written[query] = form(said)
    office = "insurance_office"
    assert await asked(shared_pool, keys, office, "state", written["state"]) == [OFFICE]
    [preview] = await asked(shared_pool, keys, office, "preview", written["preview"])
    assert preview == {
        "says": "was reserved",
        "state": OFFICE,
        "letters": [{"audience": "member"}, {"audience": "insurance_office"}],
        "invoice": None,
    }
    for role in ("caseworker", "system"):
        assert await asked(shared_pool, keys, role, "state", written["state"]) == [STATE]


async def test_an_answer_that_can_not_be_read_is_left_out(shared_pool, keys):
    """What nobody has looked through goes to nobody who may not have all."""
    for said in (in_full(STATE, b"binary/plain"), {"payloads": 7}, ["Kanari"], "Kanari", None):
        assert await asked(shared_pool, keys, "insurance_office", "state", said) == []


def test_a_branch_reads_nothing_of_who_has_wished_to_be_hidden():
    """Of an open member of its own all else: a refused wish is a wish, and so is one ahead."""
    branch = frozenset({AccessRole.BRANCH})
    shown = shown_to(branch, "state", STATE)
    assert shown == STATE | {
        "upcoming": [STATE["upcoming"][1]],
        "rejected_messages": [{**LATE, "confidential": False}],
    }
    assert shown_to(branch | {AccessRole.CASEWORKER}, "state", STATE) == STATE


async def test_from_the_answer_to_a_wish_on_a_branch_sees_nobody(shared_pool):
    """Invariant 12: neither a hidden member nor one who is about to be."""
    for number, (hidden, hiding, seen) in enumerate(
        [(False, False, False), (True, False, True), (False, True, True)]
    ):
        member = f"membership-{uuid.uuid4()}"
        await shared_pool.execute(
            "INSERT INTO memberships (membership_id, stage, outcome, hidden, hiding, received_at,"
            " received_on, last_decision)"
            " VALUES ($1, 'ended', 'invalid', $2, $3, '2026-01-02', '2026-01-02', 1)",
            member,
            hidden,
            hiding,
        )
        assert (await access_log.seen_as(shared_pool, member))[1] is seen, number


async def test_a_hidden_applicant_on_the_server(api):
    """By the API as by Temporal's own: the office is told nothing, the union's staff is."""
    async with api.client(headers=bearer("system")) as client:
        address = await begun(client, applying(hidden=True))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await client.get(address)).json()["stage"] == "received":
                await asyncio.sleep(0.05)  # a start is answered before it is read
    member = address.rsplit("/", 1)[1]
    query = f"/api/v1/namespaces/default/workflows/{member}/query/state"
    told = {}
    for role in ("insurance_office", "caseworker"):
        async with api.client(headers=bearer(role)) as client:
            own = (await client.get(address)).json()
            theirs = (await client.post(query, json={"query": {}})).json()["queryResult"]
        told[role] = (own, theirs[0])
    assert [one["hidden"] for one in told["caseworker"]] == [True, True]
    for answer in told["insurance_office"]:
        assert answer["stage"] == "under_review"
        assert not {"hidden", "branch", "employments", "payroll"} & answer.keys()
