"""What is sent to Temporal, read as the request it is and written anew: nothing else gets through.

Temporal's gateways read a field in two spellings, from the body and from the address. Here a
request is read once, by Temporal's own definitions, and what goes on is written from that.
"""

import hmac
import json
import math
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import request_response_pb2

from schemas import names
from schemas.access.update_ids import bound_to
from workers.gateway.calls import Call, type_of
from workers.gateway.guard import too_big, unreadable
from workers.gateway.refusals import Refused, bad_request
from workers.gateway.taken import CONFLICT, KINDS, OF_AN_UPDATE, REUSE, TAKEN

Json = dict[str, Any]

LARGEST_SAID = 256 * 1024
"""Bytes of a message. A worker repeats to Temporal the updates that it takes, up to ten at a time;
what is too large together is refused and tried again for ever, and the workflow stands still."""

KEPT_ELSEWHERE = "see the access log"
"""What stands in a history where somebody gave a reason to end a run."""


class Sending:
    """A request with a body, as it will go on.

    Attributes:
        started: the type of the workflow that it starts; empty: it starts none.
        why: the reason it gives.
    """

    def __init__(self, call: Call, message: Any) -> None:
        self._call = call
        self._message = message
        self.started = message.workflow_type.name if call.name == "StartWorkflowExecution" else ""
        self.why = str(getattr(message, "reason", ""))
        if self.why:
            # Histories keep it in plain text, and for ever: the access log does, encrypted.
            message.reason = KEPT_ELSEWHERE
        if "control" in message.DESCRIPTOR.fields_by_name:
            message.ClearField("control")

    @property
    def payloads(self) -> list[Payload]:
        """What is said to the workflow: the application, a message, what a query is asked with."""
        found = self._arguments()
        return list(found.payloads) if found is not None else []

    def replace(self, payloads: Sequence[Payload]) -> None:
        """Say it in other payloads: stamped, encrypted."""
        found = self._arguments()
        if found is not None and payloads:
            del found.payloads[:]
            found.payloads.extend(payloads)

    def check_size(self, said: Sequence[Payload]) -> None:
        """Refuse what is said where there is too much of it; a query leaves nothing in a history.

        Args:
            said: the arguments in the clear.

        Raises:
            Refused: it is several arguments, or one that is too large.
        """
        if self._call.name == "QueryWorkflow":
            return
        if len(said) > 1:
            raise bad_request(
                "several_arguments",
                "Send one argument: a message is one JSON object.",
                "Send ett argument: en melding er ett JSON-objekt.",
            )
        if sum(payload.ByteSize() for payload in said) > LARGEST_SAID:
            raise too_big()

    def sent_by(self, subject: str, key: str, said: Sequence[Payload]) -> None:
        """Have Temporal's history name who is behind it, whoever it claimed to be.

        Args:
            subject: of who sends it.
            key: of the gateway, without which nobody tries out what was said.
            said: the arguments in the clear.
        """
        if self._call.name == "UpdateWorkflowExecution":
            meta = self._message.request.meta
            meta.identity = subject
            # Temporal answers whoever repeats an id, and asks nobody whose it is, or what it says.
            content = _mark_of(key, said)
            meta.update_id = bound_to(meta.update_id, subject, self._call.subject or "", content)
        elif "identity" in self._message.DESCRIPTOR.fields_by_name:
            self._message.identity = subject

    def written(self) -> Json:
        """Return the body that goes on."""
        return json_format.MessageToDict(self._message)

    def _arguments(self) -> Payloads | None:
        found: Payloads | None = None
        match self._call.name:
            case "StartWorkflowExecution" | "SignalWorkflowExecution":
                found = self._message.input
            case "UpdateWorkflowExecution":
                found = self._message.request.input.args
            case "QueryWorkflow":
                found = self._message.query.query_args
        return found


def _mark_of(key: str, said: Sequence[Payload]) -> str:
    """Return a mark of what is said, the same in whichever order its fields stand."""
    mark = hmac.new(key.encode(), b"update", sha256)
    for payload in said:
        try:
            data = json.dumps(json.loads(payload.data), sort_keys=True).encode()
        except (ValueError, RecursionError):
            data = payload.data
        mark.update(sha256(data).digest())
    return mark.hexdigest()


def read(call: Call, body: bytes) -> Sending:
    """Read the body of a call.

    Raises:
        Refused: it is no request of that call, or says something that is not taken here.
    """
    message = getattr(request_response_pb2, f"{call.name}Request")()
    try:
        json_format.ParseDict(_whole(call, json_object(body)), message, ignore_unknown_fields=True)
    except (json_format.ParseError, ValueError, TypeError, RecursionError):
        raise unreadable() from None
    _address(call, message)
    _check(call, message)
    return Sending(call, message)


def json_object(body: bytes) -> Json:
    """Read JSON in which nothing is said twice: of two values each reader would take another.

    Raises:
        Refused: it is no such object.
    """
    try:
        found = json.loads(
            body or b"{}",
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_float=_number,
        )
    except (ValueError, RecursionError):
        raise unreadable() from None
    if not isinstance(found, dict):
        raise unreadable()
    return found


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(text)


def _number(text: str) -> float:
    if math.isinf(found := float(text)):
        raise ValueError("a number that is too large, and is written as none")
    return found


def _whole(call: Call, body: Json) -> Json:
    """Write arguments that stand as plain JSON as the payloads that they are short for."""
    match call.name:
        case "StartWorkflowExecution" | "SignalWorkflowExecution":
            return {**body, **_long(body, "input")}
        case "UpdateWorkflowExecution":
            request = _inner(body, "request")
            said = _inner(request, "input")
            return {**body, "request": {**request, "input": {**said, **_long(said, "args")}}}
        case "QueryWorkflow":
            query = _inner(body, "query")
            given = "query_args" if "query_args" in query else "queryArgs"
            return {**body, "query": {**query, **_long(query, given)}}
        case _:
            return body


def _inner(body: Json, name: str) -> Json:
    found = body.get(name) or {}
    if not isinstance(found, dict):
        raise unreadable()
    return found


def _long(body: Json, name: str) -> Json:
    found = body.get(name)
    if not isinstance(found, list):
        return {}
    return {name: {"payloads": [_payload(each) for each in found]}}


def _payload(value: object) -> Json:
    if isinstance(value, dict) and isinstance(value.get("metadata"), dict) and "data" in value:
        return value
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    payload = Payload(metadata={"encoding": b"json/plain"}, data=data)
    return json_format.MessageToDict(payload)


def _address(call: Call, message: Any) -> None:
    """Have a request be about what its address says, whatever its body does."""
    fields = message.DESCRIPTOR.fields_by_name
    message.namespace = call.namespace or ""
    for name in ("workflow_execution", "execution"):
        if name in fields:
            getattr(message, name).workflow_id = call.workflow_id or ""
    if "workflow_id" in fields:
        message.workflow_id = call.workflow_id or ""
    match call.name:
        case "SignalWorkflowExecution":
            message.signal_name = call.subject or ""
        case "UpdateWorkflowExecution":
            message.request.input.name = call.subject or ""
            message.request.input.ClearField("header")
        case "QueryWorkflow":
            message.query.query_type = call.subject or ""
            message.query.ClearField("header")


def _check(call: Call, message: Any) -> None:
    """Refuse what is not taken here.

    Raises:
        Refused: a field is not, or a workflow is started under an id that is none of its type's.
    """
    _check_fields(message, TAKEN.get(call.name, frozenset()))
    if call.name == "UpdateWorkflowExecution":
        _check_fields(message.request, OF_AN_UPDATE)
    if call.name == "StartWorkflowExecution":
        _check_start(call, message)


def _check_fields(message: Any, taken: frozenset[str]) -> None:
    for field, _ in message.ListFields():
        if field.name not in taken:
            raise _not_taken(field.name, "field_not_taken")


def _not_taken(name: str, code: str) -> Refused:
    return bad_request(
        code,
        f"{name} is not taken here: leave it out.",
        f"{name} tas ikke imot her: utelat feltet.",
    )


def _check_start(call: Call, message: Any) -> None:
    kind = message.workflow_type.name
    if type_of(call.workflow_id or "") != kind:
        shown = names.SHOWN.get(kind)
        told = f": a {kind} has an id such as {shown}" if shown else ""
        raise _wrong_id(told)
    if message.workflow_id_reuse_policy not in REUSE:
        raise _not_taken("This workflow_id_reuse_policy", "policy_not_taken")
    if message.workflow_id_conflict_policy not in CONFLICT:
        raise _not_taken("This workflow_id_conflict_policy", "policy_not_taken")
    _check_queue(message)


def _check_queue(message: Any) -> None:
    """Have a workflow run where its workers are: another queue, or one process's, loses it."""
    asked = message.task_queue
    of_all = asked.kind in KINDS and not asked.normal_name
    if asked.name not in {"", names.MEMBERSHIP_QUEUE} or not of_all:
        raise bad_request(
            "wrong_queue",
            f"The task queue is {names.MEMBERSHIP_QUEUE}.",
            f"Oppgavekøen er {names.MEMBERSHIP_QUEUE}.",
        )
    message.task_queue.CopyFrom(TaskQueue(name=names.MEMBERSHIP_QUEUE))


def _wrong_id(told: str) -> Refused:
    return bad_request(
        "wrong_id",
        f"The id is none of that type of workflow{told}.",
        f"Id-en hører ikke til den typen arbeidsflyt{told}.",
    )
