"""What a query answers to who may not know all of it, in whichever form Temporal gives it."""

import json
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from schemas.access.shown import QUERIES, shown_to
from schemas.names import WorkflowType
from workers.gateway.answers import ENCODING
from workers.gateway.callers import Caller
from workers.gateway.calls import Call

Json = dict[str, Any]

RESULT = "queryResult"


def narrowed(caller: Caller, call: Call, content: bytes) -> bytes:
    """Return the answer to a call, in the clear, with no more of it than somebody may read.

    An answer that can't be read so is left out.
    """
    query = call.subject or ""
    if call.name != "QueryWorkflow" or query not in QUERIES:
        return content
    if call.workflow_type != WorkflowType.MEMBERSHIP:
        return content
    try:
        found = json.loads(content)
    except ValueError:
        return content
    if isinstance(found, dict) and RESULT in found:
        found[RESULT] = _result(found[RESULT], lambda said: shown_to(caller.roles, query, said))
    return json.dumps(found).encode()


def _result(said: Any, narrow: Callable[[Json], Json]) -> Any:
    if isinstance(said, list):
        return [narrow(one) for one in said if isinstance(one, dict)]
    try:
        given = json_format.ParseDict(said if isinstance(said, dict) else {}, Payloads())
    except json_format.ParseError:
        given = Payloads()
    kept = [one for each in given.payloads for one in _payload(each, narrow)]
    return json_format.MessageToDict(Payloads(payloads=kept))


def _payload(payload: Payload, narrow: Callable[[Json], Json]) -> list[Payload]:
    try:
        value = json.loads(payload.data)
    except ValueError:
        return []
    if payload.metadata.get(ENCODING) != b"json/plain" or not isinstance(value, dict):
        return []
    data = json.dumps(narrow(value)).encode()
    return [Payload(metadata=payload.metadata, data=data)]
