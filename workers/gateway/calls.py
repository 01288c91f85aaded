"""Which of Temporal's calls a request is, by Temporal's own definitions; any other is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, unquote

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from temporalio.api.operatorservice.v1 import service_pb2 as operator_service
from temporalio.api.workflowservice.v1 import service_pb2 as workflow_service

from schemas import names
from workers.gateway.addresses import is_one_name

PREFIX = "/api/v1/"
"""What both the UI and the HTTP API answer below."""


@dataclass(frozen=True)
class Call:
    """One call of Temporal's, as a request makes it.

    Attributes:
        name: as Temporal names it, such as ``SignalWorkflowExecution``.
        namespace: where; None: it is about the server.
        workflow_id: whom it is about, if it is about one.
        subject: the name of the message or query, if it has one.
        path: where it goes, each part of it written in the one way.
    """

    name: str
    namespace: str | None
    workflow_id: str | None
    subject: str | None
    path: str

    @property
    def workflow_type(self) -> str:
        """The type of workflow that an id belongs to; empty: to none of ours."""
        return type_of(self.workflow_id or "")


@dataclass(frozen=True)
class _Address:
    method: str
    call: str
    parts: tuple[str, ...]
    """Each a word, or the name of a field in braces."""


_WORKFLOW = ("workflow_id", "execution.workflow_id", "workflow_execution.workflow_id")
_SUBJECT = ("signal_name", "request.input.name", "query.query_type")


def type_of(workflow_id: str) -> str:
    """Return the type of workflow that an id belongs to by its form; empty: to none of ours."""
    found = (kind for kind, form in names.FORMS.items() if re.fullmatch(form, workflow_id))
    return str(next(found, ""))


def call_of(method: str, raw_path: str) -> Call | None:
    """Return the call that a request makes.

    Args:
        method: of HTTP.
        raw_path: as it was sent, not decoded. A slash within an id is refused: here it is none
            between parts, and to Temporal it is one.
    """
    parts = [unquote(part) for part in raw_path.split("/")[1:]]
    for address in _addresses():
        if address.method == method and len(address.parts) == len(parts):
            found = _fields(address.parts, parts)
            if found is not None:
                return Call(
                    name=address.call,
                    namespace=found.get("namespace"),
                    workflow_id=_first(found, _WORKFLOW),
                    subject=_first(found, _SUBJECT),
                    path="/" + "/".join(quote(part, safe="") for part in parts),
                )
    return None


def _first(found: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    return next((found[name] for name in wanted if name in found), None)


def _fields(pattern: tuple[str, ...], parts: list[str]) -> dict[str, str] | None:
    found = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{"):
            if not is_one_name(part):
                return None
            found[expected[1:-1]] = part
        elif expected != part:
            return None
    return found


@cache
def _addresses() -> tuple[_Address, ...]:
    services = (
        workflow_service.DESCRIPTOR.services_by_name["WorkflowService"],
        operator_service.DESCRIPTOR.services_by_name["OperatorService"],
    )
    return tuple(
        _Address(method.upper(), call.name, tuple(path.split("/")[1:]))
        for service in services
        for call in service.methods
        for method, path in _rules(call.GetOptions().Extensions[annotations_pb2.http])
        if path.startswith(PREFIX)
    )


def _rules(rule: HttpRule) -> Iterator[tuple[str, str]]:
    for each in (rule, *rule.additional_bindings):
        method = each.WhichOneof("pattern")
        if method is not None:
            yield method, getattr(each, method)
