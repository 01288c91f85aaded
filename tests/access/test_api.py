"""The API of other systems: a life by HTTP, with problems that have codes."""

import asyncio
import json
import uuid
from dataclasses import replace

import pytest
from openapi_spec_validator import validate

from schemas.membership.messages import MESSAGES
from schemas.membership.published_examples import EXAMPLE_APPLICATION
from tests import clock
from tests.access.asking import bearer, opened, settings
from tests.access.conftest import ADDRESSES
from tests.access.making import GATEWAY
from tests.life import PATIENCE_SECONDS
from workers.gateway.api import codes
from workers.gateway.coding import Stamps

MEMBERSHIPS = "/api/v1/memberships"
EVENTS = "/api/v1/events"
PROBLEM = "application/problem+json"


@pytest.fixture
def api(its_pool, temporal, letters, workers):  # noqa: ARG001 - they must be at work
    """A gateway with an API, in front of a Temporal whose workers are at work."""
    made = settings(ui_url=temporal.http_url, http_api_url=temporal.http_url)
    found = opened(its_pool, made, stamper=Stamps(GATEWAY), letters=letters)
    return replace(found, address=f"192.0.2.{next(ADDRESSES)}")


def applying(**changes):
    """An application of somebody whom no other test knows."""
    applicant = EXAMPLE_APPLICATION["applicant"] | {
        "name": f"Kari {uuid.uuid4().hex}",
        "email": f"{uuid.uuid4().hex}@example.org",
    }
    return EXAMPLE_APPLICATION | {"applicant": applicant} | changes


def keyed(key=None):
    """The header with a key, of its own where none is given."""
    return {"idempotency-key": key or str(uuid.uuid4())}


async def begun(client, application=None):
    """Start a membership, and return its address."""
    answer = await client.post(MEMBERSHIPS, json=application or applying(), headers=keyed())
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def problem(answer, code):
    """Return a refusal, once it is a problem of a kind."""
    assert answer.headers["content-type"] == PROBLEM
    found = answer.json()
    assert (answer.status_code, found["status"]) == (codes.CODES[code][0],) * 2
    assert found["code"] == code, found
    assert found["type"] == f"urn:medlemsflyt:problem:{code}"
    return found


async def test_a_life_by_the_api(api):
    """Started, approved, read, with its letters: each write counts once under its key."""
    await clock.within_a_day()
    key, application = str(uuid.uuid4()), applying()
    async with api.client(headers=bearer("system")) as system:
        first = await system.post(MEMBERSHIPS, json=application, headers=keyed(key))
        again = await system.post(MEMBERSHIPS, json=application, headers=keyed(key))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"] == f"membership-{key}"
    one = first.headers["location"]
    decision = {"decision": "approve", "caseworker": "ola"}
    async with api.client(headers=bearer("caseworker")) as desk:
        approved = [
            await desk.post(f"{one}/messages/decide_application", json=decision, headers=keyed(key))
            for _ in range(2)
        ]
        assert [answer.status_code for answer in approved] == [200, 200]
        assert approved[0].json() == approved[1].json()
        state = (await desk.get(one)).json()
        why = (await desk.get(f"{one}/explain")).json()
        ahead = (await desk.get(f"{one}/forecast")).json()
        letters = (await desk.get(f"{one}/documents")).json()["items"]
        invoice = next(one for one in letters if one["template"] == "first_invoice")
        read = (await desk.get(f"{one}/documents/{invoice['id']}")).json()
        file = await desk.get(f"{one}/documents/{invoice['id']}/files/0")
    assert state["stage"] == "onboarding"
    assert "caseworker" in {line["decided_by"] for line in why["lines"]}
    assert ahead["steps"]
    assert application["applicant"]["name"] in read["text"]
    assert file.content.startswith(b"%PDF")


async def test_what_is_wrong_has_a_code(api):
    """A fault names its field, and nothing that was sent is repeated."""
    async with api.client(headers=bearer("caseworker")) as client:
        wrong = applying(category="pensjonist") | {"kanari": "Kanari"}
        faulty = await client.post(MEMBERSHIPS, json=wrong, headers=keyed())
        assert len(problem(faulty, "invalid_application")["faults"]) == 2
        assert "anari" not in faulty.text
        one = await begun(client)
        say = f"{one}/messages/"
        sent = [
            ("invalid_message", say + "decide_application", {"decision": "aprove"}, keyed()),
            ("refused", say + "grant_leave", LEAVE, keyed()),
            ("unknown_message", say + "promote", {}, keyed()),
            ("not_allowed", say + "record_payment", {}, keyed()),
            ("invalid_request", say + "decide_application", {}, {}),
            ("invalid_request", say + "decide_application", {}, keyed("Ola Nordmann")),
            ("invalid_request", MEMBERSHIPS, applying(), keyed("not-a-uuid")),
        ]
        for code, path, body, headers in sent:
            found = problem(await client.post(path, json=body, headers=headers), code)
            assert min(len(found["detail"]), len(found["melding"])) > 0
            assert "Ola Nordmann" not in json.dumps(found)
        raw = await client.post(
            say + "decide_application",
            content=b'{"a":1,"a":2}',
            headers=keyed() | {"content-type": "application/json"},
        )
        problem(raw, "unreadable")
        unknown = f"{MEMBERSHIPS}/membership-{uuid.uuid4()}"
        problem(await client.get(unknown), "not_found")
        problem(
            await client.post(f"{unknown}/messages/reopen", json={}, headers=keyed()), "not_found"
        )
        problem(await client.get(f"{MEMBERSHIPS}?changed_since=Kanari"), "unknown_cursor")
        problem(await client.get(f"{EVENTS}?after=Kanari"), "unknown_cursor")
        problem(await client.get(f"{EVENTS}?type=Kanari"), "invalid_request")
        problem(await client.get(f"{MEMBERSHIPS}/Kanari"), "invalid_request")
        over = await client.post(say + "withdraw_application", json={}, headers=keyed())
        assert over.status_code == 200, over.text
        problem(await client.post(say + "withdraw_application", json={}, headers=keyed()), "ended")
        assert (await client.get(one)).json()["outcome"] == "withdrawn"
    async with api.client() as stranger:
        problem(await stranger.get(one), "not_logged_in")
        problem(await stranger.get(f"{MEMBERSHIPS}/Kanari"), "not_logged_in")


LEAVE = {"from_on": "2026-03-01", "until_on": "2026-09-01", "caseworker": "ola"}


async def test_who_has_changed_since(api):
    """Whoever asks again hears of what came in between; of hidden ones, who may know them.

    And whoever asks for events, of what has happened.
    """
    await clock.within_a_day()
    async with api.client(headers=bearer("caseworker")) as desk:
        before = await last_page(desk)
        known = await happened(desk, "0")
        ids = {hidden: await approved(desk, hidden=hidden) for hidden in (False, True)}
        # A page ends before the oldest open transaction of the server: other tests have theirs.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await changes(desk, before)).keys() >= set(ids.values()):
                await asyncio.sleep(0.05)
        assert {found[one]["stage"] for one in ids.values()} == {"onboarding"}
        told = await happened(desk, known[-1]["next"])
        for one in ids.values():
            theirs = [event["type"] for page in told for event in page["items"]
                      if event["subject"] == one]  # fmt: skip
            assert [name.rsplit(".", 1)[1] for name in theirs] == [
                "application_received", "application_approved", "invoice_issued"
            ][: len(theirs)]  # fmt: skip
            assert len(theirs) >= 2
    async with api.client(headers=bearer("system")) as system:
        found = await changes(system, before)
        assert (ids[False] in found, ids[True] in found) == (True, False)
        told = await happened(system, known[-1]["next"], type="application_approved")
        subjects = {event["subject"] for page in told for event in page["items"]}
        assert (ids[False] in subjects, ids[True] in subjects) == (True, False)
    async with api.client(headers=bearer("branch", branch="OSLO")) as branch:
        problem(await branch.get(MEMBERSHIPS), "not_allowed")
        problem(await branch.get(EVENTS), "not_allowed")


async def happened(client, after, **asked):
    """All pages of events behind a cursor."""
    pages = []
    while not pages or pages[-1]["more"]:
        params = {"after": after, "limit": 1000, **asked}
        pages.append((await client.get(EVENTS, params=params)).json())
        after = pages[-1]["next"]
    return pages


async def approved(desk, **changes):
    """Start and approve somebody, and return the membership's id."""
    one = await begun(desk, applying(**changes))
    answer = await desk.post(
        f"{one}/messages/decide_application",
        json={"decision": "approve", "caseworker": "ola"},
        headers=keyed(),
    )
    assert answer.status_code == 200, answer.text
    return one.rsplit("/", 1)[1]


async def following(client, page):
    """The page after one."""
    asked = {"changed_since": page["next"], "limit": 1000}
    return (await client.get(MEMBERSHIPS, params=asked)).json()


async def last_page(client):
    """The page after which nothing has changed yet."""
    page = (await client.get(MEMBERSHIPS)).json()
    while page["more"]:
        page = await following(client, page)
    return page


async def changes(client, page):
    """All that has changed since a page, by id."""
    found = {}
    while True:
        page = await following(client, page)
        found |= {item["id"]: item for item in page["items"]}
        if not page["more"]:
            return found


async def test_the_document_tells_of_everything(api):
    """OpenAPI 3.1, anybody's to read; each message that somebody may send has an address."""
    async with api.client() as stranger:
        found = (await stranger.get("/api/v1/openapi.json")).json()
    validate(found)
    assert found["openapi"] == "3.1.0"
    names = {path.rpartition("/messages/")[2] for path in found["paths"] if "/messages/" in path}
    assert names == MESSAGES.keys() - {"report_arrears", "end_duplicate", "reprice"}
    for path, operations in found["paths"].items():
        for operation in operations.values():
            assert PROBLEM in operation["responses"]["default"]["content"], path
