"""What leaves the house of a span: which step of which run took how long, and never about whom.

Whatever a library or a sender puts into a span besides is left out: texts of exceptions, names of
messages (that of a wish to hide would tell of it), ids that somebody chose.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, Status
from opentelemetry.util.types import AttributeValue

from schemas.names import FORMS

_TYPES = "|".join(FORMS)
_OWN_IDS = re.compile("|".join(f"(?:{form})" for form in FORMS.values()))
_RUN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")

_NAMES = re.compile(
    rf"(?:(?:Start|Run|Complete|SignalWithStart)Workflow|Start\w*Workflow):(?:{_TYPES})"
    # Activities are asked for by workflows, and statements named by our files.
    rf"|(?:Start|Run)Activity:{_WORD.pattern}|sql [A-Za-z_]{{1,80}}"
)

EVENT = "exception"
"""What every event is called: there is no other."""

ERROR_TYPE = "error.type"
DATABASE = "db.system.name"

_SHOWN: Mapping[str, Callable[[str], object]] = {
    "temporalWorkflowID": _OWN_IDS.fullmatch,
    "temporalRunID": _RUN_ID.fullmatch,
    ERROR_TYPE: _WORD.fullmatch,
    DATABASE: _WORD.fullmatch,
}
"""By attribute: what a value of it looks like that says nothing about anybody."""


class Shown(SpanExporter):
    """Exports what may be shown of spans.

    Args:
        exporter: what sends them.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        return self._exporter.export([shown(span) for span in spans])

    def shutdown(self) -> None:
        """End the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self._exporter.force_flush(timeout_millis)


def shown(span: ReadableSpan) -> ReadableSpan:
    """Return a span without what may be about somebody."""
    return ReadableSpan(
        name=_name(span.name),
        context=_bare(span.get_span_context()),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes=_attributes(span.attributes),
        events=[Event(EVENT, _attributes(event.attributes)) for event in span.events],
        links=[Link(found) for link in span.links if (found := _bare(link.context)) is not None],
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _name(name: str) -> str:
    if _NAMES.fullmatch(name):
        return name
    prefix = name.partition(":")[0]
    return prefix if _WORD.fullmatch(prefix) else "span"


def _attributes(found: Mapping[str, AttributeValue] | None) -> dict[str, str]:
    given = dict(found or {})
    if "exception.type" in given:
        given[ERROR_TYPE] = str(given["exception.type"]).rpartition(".")[2]
    return {
        name: value
        for name, value in given.items()
        if name in _SHOWN and isinstance(value, str) and _SHOWN[name](value)
    }


def _bare(context: SpanContext | None) -> SpanContext | None:
    """Return where a span stands, without the words that came along with it from elsewhere."""
    if context is None:
        return None
    return SpanContext(
        context.trace_id, context.span_id, context.is_remote, trace_flags=context.trace_flags
    )
