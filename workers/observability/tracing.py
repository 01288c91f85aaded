"""Traces: one of each life, from who starts it through its workflow and activities to PostgreSQL.

Off unless ``MEDLEMSFLYT_TRACES_URL`` says where a collector answers; nothing of this is loaded
then. What leaves the house is in ``shown_spans``.
"""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from asyncpg.connection import LoggedQuery
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio.api.common.v1 import Payload
from temporalio.contrib.opentelemetry import (
    TracingInterceptor,
    TracingWorkflowInboundInterceptor,
)
from temporalio.converter import DefaultPayloadConverter
from temporalio.worker import WorkflowInterceptorClassInput

from activities.database.pool import named_statements
from workers.observability.shown_spans import DATABASE, ERROR_TYPE, Shown

SERVICE = "medlemsflyt"

PARENT = "traceparent"
_PARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]")

VERBS = frozenset(
    {"BEGIN", "COMMIT", "COPY", "DELETE", "INSERT", "RELEASE", "ROLLBACK", "SAVEPOINT", "SELECT"}
    | {"SET", "UPDATE", "WITH"}
)


class Carrier(DefaultPayloadConverter):
    """Reads the header of a trace, which any sender can write: what is none of ours is none.

    A header that can't be read would fail a workflow's task, again and again.
    """

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Return where the sender's span stands, or nothing, once for each payload."""
        return [self._read(payload, type_hints) for payload in payloads]

    def _read(self, payload: Payload, type_hints: list[type] | None) -> dict[str, str]:
        try:
            (found,) = super().from_payloads([payload], type_hints)
        except Exception:  # noqa: BLE001 - whatever it was, it is nothing that we wrote
            return {}
        parent = found.get(PARENT) if isinstance(found, dict) else None
        return {PARENT: parent} if isinstance(parent, str) and _PARENT.fullmatch(parent) else {}


class _Inbound(TracingWorkflowInboundInterceptor):
    def __init__(self, next: Any) -> None:
        super().__init__(next)
        self.payload_converter = Carrier()
        self.text_map_propagator = TraceContextTextMapPropagator()


class Tracing(TracingInterceptor):
    """Spans of what a client sends, and of what the workers of that client do.

    Where nobody upstream has begun a trace, each step of a workflow begins one.

    Args:
        processor: takes the spans that are over.
    """

    def __init__(self, processor: SpanProcessor) -> None:
        self.provider = TracerProvider(resource=Resource({SERVICE_NAME: SERVICE}))
        self.provider.add_span_processor(processor)
        super().__init__(self.provider.get_tracer(SERVICE), always_create_workflow_spans=True)
        self.text_map_propagator = TraceContextTextMapPropagator()
        self.payload_converter = Carrier()

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[TracingWorkflowInboundInterceptor]:
        """Say which class stands before each workflow."""
        super().workflow_interceptor_class(input)
        return _Inbound

    def statement(self, done: LoggedQuery) -> None:
        """Make a span of a statement that is over; its parameters are not looked at."""
        ended = time.time_ns()
        span = self.tracer.start_span(
            f"sql {statement_name(done.query)}",
            kind=SpanKind.CLIENT,
            attributes={DATABASE: "postgresql"},
            start_time=ended - int(done.elapsed * 1e9),
        )
        if done.exception is not None:
            span.set_attribute(ERROR_TYPE, type(done.exception).__name__)
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)


def statement_name(text: str) -> str:
    """Return the name of a statement of our files, or what another one begins with."""
    named: Mapping[str, str] = named_statements()
    if text in named:
        return named[text]
    verb = re.match(r"\s*([A-Za-z]+)", text)
    word = verb[1].upper() if verb else ""
    return word if word in VERBS else "other"


def exporting(exporter: SpanExporter) -> SpanProcessor:
    """Return what hands spans on by the hundred, from a thread of its own."""
    return BatchSpanProcessor(Shown(exporter))


def exporter_to(url: str) -> SpanExporter:
    """Return what sends spans to a collector, as OTLP over HTTP."""
    return OTLPSpanExporter(endpoint=url)
