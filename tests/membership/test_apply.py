"""`medlemsflyt apply`: applications go out as they are, and each is told of."""

import json
import uuid

from temporalio.api.enums.v1 import EventType

from tests.commands import run
from tests.life import application
from tests.runs import runs_of


def new_id():
    """Return an id nobody has."""
    return f"membership-{uuid.uuid4()}"


async def sent(client, workflow_id):
    """Return the bytes a membership was started with."""
    history, *_ = await runs_of(client.get_workflow_handle(workflow_id), client)
    begun = history.events[0]
    assert begun.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
    return begun.workflow_execution_started_event_attributes.input.payloads[0].data


async def test_an_application_starts_a_membership_and_is_sent_as_it_is(cli, client):
    """Not a byte is changed on the way: 50.10 stays 50.10, though Python would write 50.1."""
    text = json.dumps(application(), ensure_ascii=False).replace('"100"', "50.10")
    ran = await cli("apply", "-", "--json", stdin=f"\n{text} \n")
    assert ran.code == 0
    assert ran.json["started"] is True
    assert ran.json["id"].startswith("membership-")
    assert uuid.UUID(ran.json["id"].removeprefix("membership-")).version == 4
    assert ran.json["ui_url"] == (
        f"http://ui.example:8233/namespaces/default/workflows/{ran.json['id']}"
    )
    assert await sent(client, ran.json["id"]) == text.encode()


async def test_people_get_one_line_with_the_link(cli, tmp_path):
    """Without --json: the id, what became of it, and the page to open."""
    file = tmp_path / "application.json"
    file.write_text(json.dumps(application()))
    name = new_id()
    ran = await cli("apply", str(file), "--id", name, "--wait")
    assert ran.out == (
        f"{name}  under_review  http://ui.example:8233/namespaces/default/workflows/{name}\n"
    )


async def test_the_same_id_twice_is_harmless_and_said(cli, client):
    """The second start changes nothing, whether the membership is running or has ended."""
    name, first, second = new_id(), json.dumps(application()), json.dumps(application())
    assert (await cli("apply", "-", "--id", name, "--wait", stdin=first)).code == 0
    again = await cli("apply", "-", "--id", name, stdin=second)
    assert again.code == 0
    assert "was started before, so nothing was sent" in again.out
    assert await sent(client, name) == first.encode()
    await client.get_workflow_handle(name).execute_update("withdraw_application", {})
    await client.get_workflow_handle(name).result()
    ended = await cli("apply", "-", "--id", name, "--wait", "--json", stdin=second)
    assert (ended.code, ended.json["started"], ended.json["outcome"]) == (0, False, "withdrawn")
    assert await sent(client, name) == first.encode()


async def test_an_id_without_its_prefix_gets_one(cli, client):
    """Whoever has only a UUID can use it."""
    bare = str(uuid.uuid4())
    ran = await cli("apply", "-", "--id", bare, "--json", stdin=json.dumps(application()))
    assert ran.json["id"] == f"membership-{bare}"
    await client.get_workflow_handle(f"membership-{bare}").describe()


async def test_wait_tells_every_fault(cli):
    """Exit code 1 and the faults, for people and for programs."""
    wrong = json.dumps(application(category="boss", consents={"terms": False}) | {"surprise": 1})
    ran = await cli("apply", "-", "--wait", "--json", stdin=wrong)
    assert (ran.code, ran.json["stage"], ran.json["outcome"]) == (1, "ended", "invalid")
    assert [fault.split(":")[0] for fault in ran.json["faults"]] == [
        "category",
        "the message has a field that is not known",
    ]
    shown = await cli("apply", "-", "--wait", stdin='"hello"')
    assert shown.code == 1
    assert "  invalid  " in shown.out
    assert "the message must be a JSON object" in shown.out


async def test_many_applications_each_get_a_line(cli):
    """An array and JSON Lines give one line each; one that is invalid stops no other."""
    forms = [application(), "hello", *(application() for _ in range(30))]
    array = await cli("apply", "-", "--json", "--wait", stdin=json.dumps(forms))
    told = [json.loads(line) for line in array.out.splitlines()]
    assert array.code == 1
    assert len({each["id"] for each in told}) == len(forms)
    assert [each["outcome"] for each in told if each["faults"]] == ["invalid"]
    lines = await cli("apply", "-", stdin="\n".join(json.dumps(form) for form in forms[2:4]))
    assert (lines.code, lines.out.count("  started  ")) == (0, 2)
    assert lines.err == ""


async def test_one_id_for_many_is_refused(cli):
    """Before anything is sent."""
    ran = await cli("apply", "-", "--id", "x", stdin="[{}, {}]")
    assert (ran.code, ran.out) == (2, "")
    assert "names one membership" in ran.err


def test_an_id_that_is_no_uuid_is_refused(tmp_path):
    """It would end as invalid: nothing is sent, and the sentence says what an id is."""
    for given in ("1", "Kari", str(uuid.uuid4()).upper()):
        ran = run("apply", "-", "--id", given, "--data", str(tmp_path), stdin=b"{}")
        assert (ran.code, ran.out) == (2, "")
        assert "--id takes a UUID" in ran.err


def test_what_is_not_json_is_refused_before_temporal_is_asked(tmp_path):
    """Exit code 2 and one sentence, even with no server anywhere."""
    for content in (b"{", b"", b"\xff"):
        ran = run("apply", "-", "--data", str(tmp_path), stdin=content)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("\n") == 1
