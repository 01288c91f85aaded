"""The contract as other systems use it: the page for them, run command by command."""

import asyncio
import base64
import json
import re
import shutil
import uuid
from typing import Any

import aiohttp
import pytest

from schemas.membership.messages import MESSAGES
from tests.commands import ROOT, run_process
from tests.life import PATIENCE_SECONDS, application

PAGE = ROOT / "docs" / "for-other-systems.md"
BLOCKS = re.findall(r"```(sh|http)\n(.*?)```\n(?:```json\n(.*?)```)?", PAGE.read_text(), re.DOTALL)


def commands(block):
    """Return the commands of a block, those over several lines as one."""
    joined = re.sub(r"(\\|\|)\n\s*", lambda end: "| " if end[1] == "|" else "", block)
    return [line for line in joined.splitlines() if line.strip()]


def differences(said, found, where="$"):
    """Yield where an answer differs from what the page says; … stands for anything."""
    if isinstance(said, dict) and isinstance(found, dict):
        for key, value in said.items():
            yield from differences(value, found.get(key, "absent"), f"{where}.{key}")
    elif isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
        for number, (one, other) in enumerate(zip(said, found, strict=True)):
            yield from differences(one, other, f"{where}[{number}]")
    elif said not in ("…", found):
        yield f"{where}: the page says {said!r}, the answer is {found!r}"


@pytest.fixture
async def http(stack):
    """A session with the HTTP API."""
    async with aiohttp.ClientSession(stack.http_url) as session:
        yield session


async def read(answer):
    """Return an answer's JSON: Temporal calls its type ``*``, which most clients don't take."""
    return await answer.json(content_type=None)


async def settled(session, workflow_id):
    """Wait until a membership has dealt with what it was started with."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            path = f"/api/v1/namespaces/default/workflows/{workflow_id}/query/state"
            async with session.post(path, json={}) as answer:
                state = (await read(answer))["queryResult"][0]
            if state["stage"] != "received":
                return state
            await asyncio.sleep(0.1)


async def test_every_command_on_the_page_for_other_systems_works(http, environ, tmp_path):
    """In the page's order: each command exits with 0, each request is answered as it says."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    assert {kind for kind, _, _ in BLOCKS} == {"sh", "http"}
    for kind, block, said in BLOCKS:
        if kind == "sh":
            for command in commands(block):
                ran = await asyncio.to_thread(
                    run_process, "bash", "-c", command, environ=environ, cwd=tmp_path
                )
                assert ran.code == 0, f"{command}\n{ran.out}\n{ran.err}"
            continue
        head, body = block.split("\n\n", 1)
        method, path = head.split()
        async with http.request(method, path, json=json.loads(body)) as answer:
            found = await read(answer)
            assert answer.status == 200, (path, found)
        assert list(differences(json.loads(said), found)) == [], path
        if path.count("/") == 6:  # a start: the page's reader is slower than its test
            await settled(http, path.rsplit("/", 1)[1])


def test_the_page_shows_every_way_in():
    """Start, signal, update and query, in each of the three ways; the page stays short."""
    text = PAGE.read_text()
    for part in (
        *("medlemsflyt apply", "medlemsflyt send", "medlemsflyt show", "medlemsflyt schema"),
        *("/signal/", "/update/", "/query/state", '"requestId"', '"meta"'),
        *("workflow start", "workflow signal", "update execute", "execute-update-with-start"),
        "temporal workflow query",
    ):
        assert part in text
    assert len(text.splitlines()) < 170


def test_the_page_lists_every_message_and_the_additions():
    """Whoever writes the other end finds each name, and what the contract did not have."""
    text = PAGE.read_text()
    table = text[text.index("## The messages") : text.index("## HTTP")]
    named = [
        name for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in cells(cell)
    ]
    assert sorted(named) == sorted(MESSAGES)
    assert named[-4:] == ["withdraw_change", "report_arrears", "end_duplicate", "reprice"]
    assert "The last four are additions to the contract." in table


def cells(cell):
    """Return the names in a cell of a table."""
    return re.findall(r"`(\w+)`", cell)


def test_what_the_caseworkers_page_shows_can_be_sent():
    """Each message in its tables and blocks is one, under the name beside it."""
    text = (ROOT / "docs" / "for-caseworkers.md").read_text()
    shown = re.findall(r"\| `(\w+)` \| `(\{.*?\})`", text)
    assert {name for name, _ in shown} == {
        "change_employment",
        "grant_leave",
        "record_death",
        "reopen",
        "set_hidden",
        "withdraw_change",
    }
    decisions = re.findall(r"^ +(\{.*\})$", text, re.MULTILINE)
    for name, sent in [*shown, *(("decide_application", sent) for sent in decisions)]:
        MESSAGES[name].model_validate_json(sent)


async def temporal(environ, *arguments):
    """Run the `temporal` program."""
    return await asyncio.to_thread(
        run_process, "temporal", "workflow", *arguments, environ=environ, cwd=ROOT
    )


async def test_the_issues_own_commands_make_a_member(environ, http, tmp_path):
    """`temporal workflow start --input-file` and `signal` lead to a member in onboarding."""
    name = f"membership-{uuid.uuid4()}"
    file = tmp_path / "application.json"
    file.write_text(json.dumps(application()))
    start = ("start", "--type", "Membership", "-t", "membership", "-w", name)
    assert (await temporal(environ, *start, "--input-file", str(file))).code == 0
    approve = '{"decision":"approve","caseworker":"ola"}'
    await settled(http, name)
    signal = ("signal", "-w", name, "--name", "decide_application", "--input")
    assert (await temporal(environ, *signal, '{"decision":"aprove"}')).code == 0
    assert (await temporal(environ, *signal, approve)).code == 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (state := await settled(http, name))["stage"] != "onboarding":
            await asyncio.sleep(0.1)
    assert len(state["rejected_messages"]) == 1
    update = ("update", "execute", "-w", name, "--name", "decide_application", "--input", approve)
    refused = await temporal(environ, *update)
    assert refused.code == 1
    assert "the application has been decided" in refused.err


@pytest.mark.parametrize(
    ("message", "args", "complaint"),
    [
        ("decide_application", [{"decision": "reject", "caseworker": "o"}], "reason is required"),
        ("decide_application", [], "the message is empty"),
        ("decide_application", [{}, {}], "exactly one JSON object"),
        ("decide_application", ["approve"], "must be a JSON object"),
        (
            "resing",
            [{}],
            "known updates: [answer_payroll_request change_category change_employment choose_",
        ),
    ],
)
async def test_http_answers_wrong_updates_in_words(http, apply, message, args, complaint):
    """The status is 200, the failure's message says what is wrong, and it is our own type."""
    life = await apply(application())
    path = f"/api/v1/namespaces/default/workflows/{life.id}/update/{message}"
    request = {"meta": {"updateId": "u-1"}, "input": {"args": args}}
    async with http.post(path, json={"request": request}) as answer:
        failure = (await read(answer))["outcome"]["failure"]
    assert complaint in failure["message"]
    if message != "resing":
        assert failure["applicationFailureInfo"]["type"] == "Refused"


async def test_http_needs_meta_and_knows_no_unknown_membership(http, apply):
    """The statuses the page tells of."""
    life = await apply(application())
    path = "/api/v1/namespaces/default/workflows"
    body: dict[str, Any] = {"request": {"input": {"args": [{}]}}}
    async with http.post(f"{path}/{life.id}/update/withdraw_application", json=body) as answer:
        assert (answer.status, (await read(answer))["message"]) == (
            400,
            "Update meta is not set on request.",
        )
    body["request"]["meta"] = {"updateId": "u-1"}
    async with http.post(f"{path}/{life.id}-/update/withdraw_application", json=body) as answer:
        assert answer.status == 404
        assert "workflow not found for ID" in (await read(answer))["message"]
    for _ in range(2):  # the same update id: the first answer again, though it has ended
        async with http.post(f"{path}/{life.id}/update/withdraw_application", json=body) as answer:
            assert (await read(answer))["outcome"]["success"][0]["stage"] == "ended"
    await life.result()
    body["request"]["meta"] = {"updateId": "u-2"}
    async with http.post(f"{path}/{life.id}/update/withdraw_application", json=body) as answer:
        assert answer.status == 404
        assert "already completed" in (await read(answer))["message"]


async def test_http_starts_nothing_twice(http):
    """The same request is answered alike while its run goes on; afterwards any is a conflict."""
    nobody, path = (
        f"/api/v1/namespaces/default/workflows/membership-{uuid.uuid4()}" for _ in range(2)
    )
    body: dict[str, Any] = {
        "workflowType": {"name": "Membership"},
        "taskQueue": {"name": "membership"},
        "workflowIdReusePolicy": "WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE",
        "requestId": "r-1",
        "input": [application(category="boss")],
    }
    waits = body | {"taskQueue": {"name": "nobody"}}
    async with http.post(nobody, json=waits) as first, http.post(nobody, json=waits) as again:
        assert (first.status, again.status) == (200, 200)
        assert (await read(first))["runId"] == (await read(again))["runId"]
    async with http.post(path, json=body) as begun:
        assert begun.status == 200
    await settled(http, path.rsplit("/", 1)[1])
    for request in ("r-1", "r-2"):
        async with http.post(path, json={**body, "requestId": request}) as other:
            assert other.status == 409


async def test_http_without_shorthand_answers_exactly_as_written(http, apply):
    """An empty list is `null` in Temporal's shorthand, and a list without it."""
    life = await apply(application())
    path = f"/api/v1/namespaces/default/workflows/{life.id}/query/state"
    async with http.post(path, json={}) as short:
        assert (await read(short))["queryResult"][0]["terms"] is None
    headers = {"Accept": "application/json+no-payload-shorthand"}
    async with http.post(path, json={}, headers=headers) as exact:
        found = await read(exact)
    written = json.loads(base64.b64decode(found["queryResult"]["payloads"][0]["data"]))
    assert written == await life.state()
    assert written["terms"] == []
