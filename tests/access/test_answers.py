"""What programs read of Temporal's HTTP API: the same, whether histories are encrypted or not."""

import json
import uuid
from base64 import b64encode

import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from workers.gateway.answers import in_the_clear


async def encrypted(keys, *payloads):
    """Return payloads as they stand in a history of somebody's own."""
    return await keys.encode(payloads, f"membership-{uuid.uuid4()}")


def of(data, encoding="json/plain", **more):
    """Return a payload."""
    metadata = {"encoding": encoding.encode(), **{k: v.encode() for k, v in more.items()}}
    return Payload(metadata=metadata, data=data.encode())


def full(*payloads):
    """Return payloads as Temporal writes what it can't shorten."""
    return json_format.MessageToDict(Payloads(payloads=payloads))


STATE = of('{"number": 7, "name": "Bjørg \\ud800", "notes": []}')
READ = {"number": 7, "name": "Bjørg \ud800", "notes": []}
PROTO = of('{"name": "x"}', "json/protobuf", messageType="temporal.api.common.v1.WorkflowType")
BYTES = of("x", "binary/plain")
STAMPED = of("1", **{"medlemsflyt-actor": "{}"})


@pytest.mark.parametrize(
    ("payloads", "shown"),
    [
        ([STATE], [READ]),
        ([of("3"), of("", "binary/null")], [3, None]),
        ([PROTO], [{"name": "x", "_protoMessageType": "temporal.api.common.v1.WorkflowType"}]),
        ([of("3"), BYTES], full(of("3"), BYTES)),
        ([STAMPED], full(STAMPED)),
        ([of("NaN")], full(of("NaN"))),
        ([of("1e999")], full(of("1e999"))),
        ([of("{")], full(of("{"))),
        ([of("[" * 5000)], full(of("[" * 5000))),
    ],
)
async def test_an_answer_is_as_it_would_be_unencrypted(keys, payloads, shown):
    """Of a query and of an update: plain JSON as such, all else in full."""
    hidden = full(*await encrypted(keys, *payloads))
    answer = {"queryResult": hidden, "outcome": {"success": hidden}, "stage": "COMPLETED"}
    found = json.loads(await in_the_clear(json.dumps(answer).encode(), keys))
    assert found == {"queryResult": shown, "outcome": {"success": shown}, "stage": "COMPLETED"}


async def test_whoever_asks_for_all_gets_all(keys):
    """Without the shorthand payloads come as they were written, in base64."""
    hidden = full(*await encrypted(keys, STATE))
    content = json.dumps({"queryResult": hidden}).encode()
    found = json.loads(await in_the_clear(content, keys, short=False))
    assert found == {"queryResult": full(STATE)}


async def test_plain_and_encrypted_side_by_side(keys):
    """One argument that somebody sent in the clear leaves the others no cipher text."""
    [hidden] = await encrypted(keys, of("1"))
    content = json.dumps({"input": full(hidden, of("2"))}).encode()
    assert json.loads(await in_the_clear(content, keys)) == {"input": [1, 2]}


async def test_a_field_of_one_payload(keys):
    """Such as one of a memo: the value itself, and no list."""
    [hidden] = await encrypted(keys, STATE)
    content = json.dumps({"fields": {"a": json_format.MessageToDict(hidden)}}).encode()
    assert json.loads(await in_the_clear(content, keys)) == {"fields": {"a": READ}}


async def test_a_failure_says_why(keys):
    """What it said stands where programs look for it."""
    [said] = await encrypted(keys, of('{"message": "no such month", "stack_trace": ""}'))
    failure = {
        "message": "Encoded failure",
        "encodedAttributes": json_format.MessageToDict(said),
        "applicationFailureInfo": {"type": "Refused"},
    }
    content = json.dumps({"outcome": {"failure": failure}}).encode()
    assert json.loads(await in_the_clear(content, keys))["outcome"]["failure"] == {
        "message": "no such month",
        "stackTrace": "",
        "applicationFailureInfo": {"type": "Refused"},
    }


@pytest.mark.parametrize(
    "content",
    [
        b"3",
        b"null",
        b"not json",
        b'{"payloads": 3, "metadata": {}, "data": 1}',
        json.dumps(full(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"x"))).encode(),
        json.dumps({"data": b64encode(b"x").decode(), "metadata": {"encoding": "!"}}).encode(),
    ],
)
async def test_what_can_not_be_opened_stays_as_it_came(keys, content):
    """Foreign cipher text, and what is no payload at all."""
    assert await in_the_clear(content, keys) == content
