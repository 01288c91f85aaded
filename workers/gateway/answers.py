"""What comes back from Temporal's HTTP API, in the clear for whoever asked.

Temporal writes payloads that are plain JSON as that JSON, and what it can't read in full. What is
decrypted here is written as it would have been, had it never been encrypted.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from schemas.access.update_ids import as_sent
from workers.gateway.coding import Codec

ENCODING = "encoding"
ENCRYPTED = b"binary/encrypted"
MESSAGE_TYPE = "messageType"
ENCODED_ATTRIBUTES = "encodedAttributes"
UPDATE = b'"updateRef"'

Put = Callable[[Any], None]


class _Long(Exception):
    """A payload has no short form."""


@dataclass(frozen=True)
class _Place:
    """Where payloads stand in an answer: several, or one by itself."""

    put: Put
    payloads: Sequence[Payload]
    several: bool


async def in_the_clear(content: bytes, codec: Codec, *, short: bool = True) -> bytes:
    """Return an answer with its payloads decrypted, in the form that Temporal gives them.

    What can't be decrypted stays as it came.

    Args:
        content: of the answer.
        codec: what decrypts.
        short: whether plain JSON stands as such; False: whoever asked wants all in full.
    """
    try:
        found = json.loads(content)
    except ValueError:
        return content
    places: list[_Place] = []
    _look(found, places)
    if not places:
        return content
    decoded = iter(await codec.decode([one for place in places for one in place.payloads]))
    for place in places:
        opened = [next(decoded) for _ in place.payloads]
        place.put(_several(opened, short=short) if place.several else _one(opened[0], short=short))
    return json.dumps(found).encode()


def under_its_own_id(content: bytes) -> bytes:
    """Return the answer to an update with the id that its sender gave it."""
    if UPDATE not in content:
        return content
    try:
        found = json.loads(content)
    except ValueError:
        return content
    named = found.get("updateRef") if isinstance(found, dict) else None
    if not isinstance(named, dict) or not isinstance(named.get("updateId"), str):
        return content
    named["updateId"] = as_sent(named["updateId"])
    return json.dumps(found).encode()


def _look(found: Any, places: list[_Place]) -> None:
    """Collect what is encrypted anywhere in an answer, with how to put something in its place."""
    if not isinstance(found, dict | list):
        return
    each = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in list(each):
        payloads = _payloads(value)
        if payloads is None:
            _look(value, places)
        else:
            put = _telling(found) if key == ENCODED_ATTRIBUTES else _putting(found, key)
            places.append(_Place(put, payloads, several="payloads" in value))


def _putting(holder: Any, key: Any) -> Put:
    def put(value: Any) -> None:
        holder[key] = value

    return put


def _telling(failure: Any) -> Put:
    """Return what lets a failure say what it said before it was encrypted."""

    def put(value: Any) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("message"), str):
            failure[ENCODED_ATTRIBUTES] = value
            return
        del failure[ENCODED_ATTRIBUTES]
        failure["message"] = value["message"]
        if isinstance(value.get("stack_trace"), str):
            failure["stackTrace"] = value["stack_trace"]

    return put


def _payloads(value: Any) -> Sequence[Payload] | None:
    """Return the payloads that a value is, if one of them is encrypted."""
    if not isinstance(value, dict):
        return None
    try:
        if value.keys() == {"payloads"}:
            found = list(json_format.ParseDict(value, Payloads()).payloads)
        elif {"metadata", "data"} <= value.keys():
            found = [json_format.ParseDict(value, Payload())]
        else:
            return None
    except (json_format.ParseError, ValueError, TypeError):
        return None
    return found if any(one.metadata.get(ENCODING) == ENCRYPTED for one in found) else None


def _several(payloads: Sequence[Payload], *, short: bool) -> Any:
    if short:
        try:
            return [_short(one) for one in payloads]
        except _Long:
            pass
    return json_format.MessageToDict(Payloads(payloads=payloads))


def _one(payload: Payload, *, short: bool) -> Any:
    if short:
        try:
            return _short(payload)
        except _Long:
            pass
    return json_format.MessageToDict(payload)


def _short(payload: Payload) -> Any:
    """Return a payload as Temporal shortens it.

    Raises:
        _Long: it is something else than JSON, or something is said beside it, such as a stamp.
    """
    metadata = dict(payload.metadata)
    encoding = metadata.pop(ENCODING, b"")
    if encoding == b"binary/null":
        return None
    if encoding == b"json/plain" and not metadata:
        return _json(payload.data)
    if encoding == b"json/protobuf" and metadata.keys() == {MESSAGE_TYPE}:
        found = _json(payload.data)
        if isinstance(found, dict):
            return {**found, "_protoMessageType": metadata[MESSAGE_TYPE].decode()}
    raise _Long


def _json(data: bytes) -> Any:
    try:
        found = json.loads(data)
        json.dumps(found, allow_nan=False)
    except (ValueError, RecursionError):
        raise _Long from None
    return found
