"""Ways around the tables of roles: an address or body that means more than it seems is refused."""

import json

import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload

from tests.access.asking import bearer, opened, settings
from tests.access.conftest import NOWHERE
from workers.gateway.calls import call_of

WORKFLOWS = "/api/v1/namespaces/default/workflows"
ONE = "membership-0b5e1f9c-41f5-4a51-9f0e-6f2d2a9b7c12"
OTHER = "membership-0b5e1f9c-41f5-4a51-9f0e-6f2d2a9b7c13"
GOES_ON = (502, "upstream_unavailable")
"""What is passed on here: nothing answers there."""


def outcome(answer):
    """Return the status and the reason."""
    return answer.status_code, answer.json()["reason"]


async def asked(gateway, path, role="caseworker", **claims):
    """Return what becomes of a page."""
    return outcome(await gateway.client().get(path, headers=bearer(role, **claims)))


async def posted(gateway, path, body, role="team_lead"):
    """Return what becomes of a body."""
    return outcome(await gateway.client().post(path, json=body, headers=bearer(role)))


@pytest.mark.parametrize(
    "start",
    ["/x/%2e%2e", "/.%2e", "/%2e", "/_app/%2e%2e", "/x%2f..%2f", "/x/%252e%252e", "/x/%25252e/%2e",
     "/x%5c..", "/x/..%5c", "/x%00", "/x%0d", "/%2f", "/_app/%2f", "/API", "/%61%70%69x/%2e%2e",
     "/%2561pi"],
)  # fmt: skip
async def test_no_page_leads_to_what_the_ui_asks(gateway, start):
    """Dots, slashes and letters in disguise: a page stays a page, whoever asks."""
    assert await asked(gateway, f"{start}{WORKFLOWS}") == (400, "wrong_address")


@pytest.mark.parametrize(
    "path",
    ["/", "/namespaces/default/workflows", f"/namespaces/default/workflows/{ONE}/run/history",
     "/_app/immutable/nodes/0.a-b_c.js", "/namespaces/default/task-queues/a%20b@c:1/"],
)  # fmt: skip
async def test_pages_are_shown_to_whoever_has_a_role(gateway, path):
    """And to nobody else, with however good a token."""
    assert await asked(gateway, path) == GOES_ON
    assert await asked(gateway, path, roles=["nobody"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    "odd",
    [f"{ONE}%2Fhistory", f"{ONE}%252Fhistory", f"{ONE}%5Chistory", f"{ONE}%0A", f"{ONE}%00",
     "%2e%2e", "%252e", "...", ""],
)  # fmt: skip
async def test_a_part_of_an_address_is_one_part(gateway, odd):
    """An id that Temporal would read as an id and more is none of any call's."""
    assert call_of("GET", f"{WORKFLOWS}/{odd}") is None
    assert call_of("POST", f"{WORKFLOWS}/{ONE}/signal/{odd}") is None
    assert await asked(gateway, f"{WORKFLOWS}/{ONE}%2Fhistory") == (403, "not_allowed")
    assert await asked(gateway, f"{WORKFLOWS}/{ONE}") == GOES_ON


REUSE, CONFLICT = "WORKFLOW_ID_REUSE_POLICY_", "WORKFLOW_ID_CONFLICT_POLICY_"
POLICY, QUEUE = (400, "policy_not_taken"), (400, "wrong_queue")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"workflowIdReusePolicy": f"{REUSE}TERMINATE_IF_RUNNING"}, POLICY),
        ({"workflow_id_reuse_policy": 4}, POLICY),
        ({"workflowIdReusePolicy": 5}, POLICY),
        ({"workflowIdConflictPolicy": f"{CONFLICT}TERMINATE_EXISTING"}, POLICY),
        ({"workflow_id_conflict_policy": 3}, POLICY),
        ({"workflowIdConflictPolicy": 4}, POLICY),
        ({"workflowIdReusePolicy": f"{REUSE}REJECT_DUPLICATE"}, GOES_ON),
        ({"workflowIdReusePolicy": f"{REUSE}ALLOW_DUPLICATE"}, GOES_ON),
        ({"workflowIdReusePolicy": f"{REUSE}ALLOW_DUPLICATE_FAILED_ONLY"}, GOES_ON),
        ({"workflowIdConflictPolicy": f"{CONFLICT}FAIL"}, GOES_ON),
        ({"workflowIdConflictPolicy": f"{CONFLICT}USE_EXISTING"}, GOES_ON),
        ({"taskQueue": {"name": "membership"}}, GOES_ON),
        ({"taskQueue": {"name": "membership", "kind": "TASK_QUEUE_KIND_NORMAL"}}, GOES_ON),
        ({"taskQueue": {"name": "elsewhere"}}, QUEUE),
        ({"taskQueue": {"name": "membership", "kind": "TASK_QUEUE_KIND_STICKY"}}, QUEUE),
        ({"taskQueue": {"name": "membership", "normalName": "elsewhere"}}, QUEUE),
    ],
)
async def test_a_start_ends_nothing(gateway, said, found):
    """Whoever may start may not end what runs by starting it anew, nor have it run elsewhere."""
    body = {"workflowType": {"name": "Membership"}, "input": [{}], **said}
    assert await posted(gateway, f"{WORKFLOWS}/{ONE}", body, "system") == found


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("terminate", {"details": {"payloads": [{"data": "S2FuYXJp"}]}}),
        ("terminate", {"links": [{}]}),
        ("cancel", {"links": [{}]}),
        ("reset", {"postResetOperations": [{}]}),
        ("update/correct_details", {"request": {"completionCallbacks": [{}]}}),
        ("update/correct_details", {"request": {"links": [{}]}}),
    ],
)
async def test_nothing_is_said_beside(gateway, call, said):
    """What is not in the table of a call's fields is refused, within an update too."""
    path = f"{WORKFLOWS}/{ONE}/{call}"
    assert await posted(gateway, path, said) == (400, "field_not_taken")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("terminate", {"reason": "test", "firstExecutionRunId": "r"}),
        ("cancel", {"reason": "test", "requestId": "r"}),
        ("reset", {"reason": "test", "workflowTaskFinishEventId": "4", "requestId": "r"}),
    ],
)
async def test_what_the_ui_says_is_taken(gateway, call, said):
    """A reason, an id of the request, where to go back to."""
    assert await posted(gateway, f"{WORKFLOWS}/{ONE}/{call}", said) == GOES_ON


async def test_what_one_membership_hides_is_not_sent_to_another(shared_pool, keys):
    """Only what `/encode` locked is opened on its way; nothing that a history holds, or within."""
    made = settings(ui_url=NOWHERE, http_api_url=NOWHERE)
    gateway = opened(shared_pool, made, codec=keys)
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b"{}")

    async def sent(payload):
        body = {"input": {"payloads": [json_format.MessageToDict(payload)]}}
        path = f"{WORKFLOWS}/{OTHER}/signal/record_death"
        return await posted(gateway, path, body, "caseworker")

    async def for_sending(payload):
        body = json.loads(json_format.MessageToJson(payload))
        answer = await gateway.client().post(
            "/encode", json={"payloads": [body]}, headers=bearer("caseworker")
        )
        [locked] = answer.json()["payloads"]
        return json_format.ParseDict(locked, Payload())

    refused = (400, "encrypted_elsewhere")
    for owner in (ONE, OTHER, "dues-run-2026-12"):
        [hidden] = await keys.encode([plain], owner)
        assert await sent(hidden) == refused
        assert await sent(await for_sending(hidden)) == refused
    assert await sent(plain) == GOES_ON
    assert await sent(await for_sending(plain)) == GOES_ON
