"""What is held on somebody leaves by the gateway alone, for one role, and is written down (R4)."""

import json

import pytest

from activities.access import log as access_log
from activities.membership.activities import Persistence
from tests.access.asking import bearer
from tests.dues.making import joins


@pytest.fixture
async def member(shared_pool):
    """Somebody of whom something is held."""
    return await joins(Persistence(shared_pool, allow_synthetic_ids=True))


async def looks(pool, member):
    """What the access log says of reading about somebody."""
    return [
        tuple(row)
        for row in await pool.fetch(
            "SELECT subject, act, what, why, refused FROM access_log WHERE workflow_id = $1"
            " ORDER BY entry_id",
            member,
        )
    ]


async def test_a_page_from_elsewhere_has_nothing_handed_out(gateway, shared_pool, member):
    """A login alone is not enough: what is sent bears the page's own token (CSRF)."""
    browser = gateway.browser()
    await browser.log_in("data_protection_officer")
    order = {"whose": member, "why": "innsyn 18"}
    assert (await browser.client.post("/export", json=order)).status_code == 403
    assert await looks(shared_pool, member) == []
    sent = await browser.client.post("/export", json=order, headers=browser.csrf())
    assert sent.status_code == 200


async def test_the_officer_reads_it_and_it_is_kept_why(gateway, shared_pool, member):
    """By a membership or the person, as JSON or a page; nobody's id is told from a member's."""
    person = await shared_pool.fetchval(
        "SELECT person_id FROM memberships WHERE membership_id = $1", member
    )
    headers = bearer("data_protection_officer")
    async with gateway.client(headers=headers) as client:
        why = {"why": "innsyn 17"}
        by_membership = await client.post("/export", json={"whose": member, **why})
        by_person = await client.post("/export", json={"whose": person, **why})
        page = await client.post("/export", json={"whose": person, "form": "page", **why})
        nobody = await client.post(
            "/export", json={"whose": f"person-{'0' * 8}-0000-0000-0000-{'0' * 12}", **why}
        )
        no_reason = await client.post("/export", json={"whose": member})
    assert by_membership.json() == by_person.json()
    assert member in json.dumps(by_person.json()["tables"]["memberships"])
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert (nobody.status_code, no_reason.status_code) == (404, 400)
    read = ("data_protection_officer-7", "read", "person_export", "innsyn 17", None)
    assert await looks(shared_pool, member) == [read] * 3
    kept = await access_log.read(shared_pool, subject="data_protection_officer-7", refused=True)
    assert (kept[0].what, kept[0].refused) == ("person_export", "unreadable")


@pytest.mark.parametrize("role", ["caseworker", "team_lead", "auditor", "system", "branch"])
async def test_nobody_else_reads_it(gateway, shared_pool, member, role):
    """It is refused, and it is kept that it was asked for."""
    async with gateway.client(headers=bearer(role)) as client:
        answer = await client.post("/export", json={"whose": member, "why": "nysgjerrig"})
    assert answer.status_code == 403
    assert member not in answer.text
    assert await looks(shared_pool, member) == [
        (f"{role}-7", "read", "person_export", "nysgjerrig", "not_allowed")
    ]
