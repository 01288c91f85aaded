"""Clients that know no keys, and the Temporal command line, at a stack that encrypts (ADR 80)."""

import json
import subprocess
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest

from tests.e2e.conftest import RunningStack
from tests.life import application
from workers.gateway.identity import kept
from workers.gateway.identity.provider import signed
from workers.gateway.settings import DEFAULT_AUDIENCE
from workers.stack.extra import temporal_program

NAME = "Kanarifugl Uten Nøkkel"

APPROVAL = {"decision": "approve", "caseworker": "ola"}


@pytest.fixture
def member(stack: RunningStack) -> str:
    """Somebody who has applied by Temporal's HTTP API."""
    membership_id = f"membership-{uuid.uuid4()}"
    stack.start(membership_id, application(applicant={"name": NAME}))
    return membership_id


def temporal(stack: RunningStack, *arguments: str, role: str | None = None) -> str:
    """Return what the Temporal command line prints, with the codec server for a role's token."""
    command = [
        temporal_program(),
        *arguments,
        "--address",
        stack.record["temporal_address"],
        "-o",
        "json",
    ]
    if role is not None:
        command += ["--codec-endpoint", stack.record["codec_url"]]
        command += ["--codec-auth", f"Bearer {token(stack, role)}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def token(stack: RunningStack, role: str) -> str:
    """Return what `medlemsflyt token` prints."""
    identity = kept.load(stack.folder / kept.FILE)
    claims = {"sub": f"{role}:kari", "name": "kari", "roles": [role]}
    return signed(identity, f"{stack.record['gateway_url']}{kept.PATH}", DEFAULT_AUDIENCE, claims)


def history(stack: RunningStack, member: str, role: str | None = None) -> str:
    """Return the history of the run that is open, as the command line shows it."""
    return temporal(stack, "workflow", "show", "-w", member, role=role)


def test_what_is_asked_plainly_is_answered_plainly(stack: RunningStack, member: str) -> None:
    """Queries and updates, over HTTP and by the command line; histories are cipher text."""
    assert stack.state(member)["stage"] in {"received", "under_review"}
    body = {"request": {"meta": {"updateId": "u-1"}, "input": {"args": [APPROVAL]}}}
    answer = stack.post(f"{member}/update/decide_application", body)
    assert answer["outcome"]["success"] == [
        {"applied": True, "stage": "onboarding", "says": "approved as ordinary"}
    ]
    found = json.loads(temporal(stack, "workflow", "query", "-w", member, "--type", "state"))
    assert found["queryResult"][0]["stage"] == "onboarding"
    assert "YmluYXJ5L2VuY3J5cHRlZA==" in history(stack, member)  # binary/encrypted


def test_the_command_line_goes_by_the_codec_server(stack: RunningStack, member: str) -> None:
    """It reads histories and sends what `/encode` encrypted, as far as its token's role may."""
    stack.state(member)
    assert NAME not in history(stack, member)
    readable = history(stack, member, role="auditor")
    assert "YmluYXJ5L2VuY3J5cHRlZA==" not in readable
    answer = temporal(
        stack, *("workflow", "update", "execute", "-w", member, "--name", "withdraw_application"),
        *("--input", '{"reason": "angret"}'), role="caseworker",
    )  # fmt: skip
    assert json.loads(answer)["result"]["applied"] is True
    state: dict[str, Any] = stack.state(member)
    assert (state["outcome"], state["rejected_messages"]) == ("withdrawn", None)


def test_who_has_no_token_is_told_nothing(stack: RunningStack) -> None:
    """The codec server answers nobody whom it does not know, and serves nothing else."""
    for path, status in (("/decode", 401), ("/api/v1/namespaces", 421), ("/login", 421)):
        request = urllib.request.Request(
            stack.record["codec_url"] + path,
            data=b'{"payloads":[]}',
            headers={"Content-Type": "application/json"},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        refused.value.close()
        assert refused.value.code == status, path


def test_who_decides_through_the_gateway_is_who_was_there(stack: RunningStack, member: str) -> None:
    """The gateway of `dev` stamps: whatever name a message has, its sender decided."""
    body = {"request": {"meta": {"updateId": "u"}, "input": {"args": [APPROVAL]}}}
    request = urllib.request.Request(
        f"{stack.record['gateway_url']}/api/v1/namespaces/default/workflows/{member}"
        "/update/decide_application",
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token(stack, 'caseworker')}",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.load(answer)["outcome"]["success"][0]["applied"] is True
    [explained] = stack.post(f"{member}/query/explain", {})["queryResult"]
    assert '"decided_by": "kari"' in json.dumps(explained)
    assert '"decided_by": "ola"' not in json.dumps(explained)
