"""What comes back from Temporal's HTTP API, in the clear for whoever asked."""

import json
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload

from workers.gateway.coding import Codec

ENCRYPTED = b"binary/encrypted"


async def in_the_clear(content: bytes, codec: Codec) -> bytes:
    """Return an answer with its payloads decrypted, each as plain JSON where it is that.

    What can't be decrypted stays as it came.
    """
    try:
        found = json.loads(content)
    except ValueError:
        return content
    places: list[tuple[Callable[[Any], None], Payload]] = []
    _look(found, places)
    if not places:
        return content
    decoded = await codec.decode([payload for _, payload in places])
    for (put, _), payload in zip(places, decoded, strict=True):
        put(_shown(payload))
    return json.dumps(found, ensure_ascii=False).encode()


def _look(found: Any, places: list[tuple[Callable[[Any], None], Payload]]) -> None:
    """Collect what is encrypted anywhere in an answer, with how to put something in its place."""
    each = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in list(each):
        if isinstance(value, dict | list):
            payload = _payload(value)
            if payload is None:
                _look(value, places)
            else:
                places.append((_putting(found, key), payload))


def _putting(holder: Any, key: Any) -> Callable[[Any], None]:
    def put(value: Any) -> None:
        holder[key] = value

    return put


def _payload(value: Any) -> Payload | None:
    if not isinstance(value, dict) or not {"metadata", "data"} <= value.keys():
        return None
    try:
        found = json_format.ParseDict(value, Payload())
    except (json_format.ParseError, ValueError, TypeError):
        return None
    return found if found.metadata.get("encoding") == ENCRYPTED else None


def _shown(payload: Payload) -> Any:
    if payload.metadata.get("encoding") in {b"json/plain", b"json/protobuf"}:
        return json.loads(payload.data)
    return json_format.MessageToDict(payload)
