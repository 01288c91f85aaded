"""One life is one trace, from who starts it to the rows it leaves; it tells of nobody."""

import asyncio
import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags, TraceState
from temporalio.api.common.v1 import Payload
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.converter import DataConverter, DefaultPayloadConverter
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.database.pool import open_pool
from tests.clock import today
from tests.life import Life, application
from tests.replay.corpus import CORPUS, failures, replayer
from tests.stack.test_variables import PRODUCTION
from workers import notifications, persistence, versions, workflows
from workers.errors import UserError
from workers.observability.shown_spans import Shown, shown
from workers.observability.traced import Lines
from workers.observability.tracing import Carrier, Tracing, exporter_to, exporting, statement_name
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import load_settings
from workers.stack import TemporalServer

CANARY = "Kanarifugl"
"""Stands in whatever a sender chooses: names, texts, headers, ids of updates."""

EMPTY_PROFILE = {"TEMPORAL_CONFIG_FILE": "/dev/null"}


@dataclass
class Collector:
    """A collector of traces: what has come to it, as bytes and as spans."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        """All of them."""
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """One that listens on this machine."""
    found = Collector()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_values: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Lived:
    """A life that was traced, and all that was sent of it."""

    life: Life
    spans: list[Span]
    sent: bytes


@pytest.fixture(scope="module")
async def lived(collector, postgres, migrated, letters, mail_sink, tmp_path_factory) -> Lived:
    """A canary of a name applies, is approved, hides, and sends what is none of ours."""
    tracing = Tracing(exporting(exporter_to(collector.url)))
    url = await postgres.create_database(f"traced_{uuid.uuid4().hex}", template=migrated)
    log = tmp_path_factory.mktemp("traced") / "temporal.log"
    async with (
        TemporalServer(log, ui=False) as server,
        await open_pool(url, told=tracing.statement) as pool,
    ):

        async def client(converter) -> Client:
            return await Client.connect(
                server.address, data_converter=converter, interceptors=[tracing]
            )

        deciding, acting = await client(workflows.CONVERTER), await client(ACTIVITIES_CONVERTER)
        await versions.promote(deciding, "dev", unseen=True)
        rooms = persistence.rooms(pool, acting, allow_synthetic_ids=True)
        async with (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(pool, letters)),
        ):
            sender = await client(DataConverter.default)
            form = application(applicant={"name": f"{CANARY} Hansen"})
            handle = await sender.start_workflow(
                "Membership", form, id=f"membership-{uuid.uuid4()}", task_queue="membership"
            )
            no_skipper: Any = None
            life = Life(handle, no_skipper, pool, mail_sink.mail_dir)
            await send_what_is_none_of_ours(sender, handle.id)
            await handle.execute_update(
                "decide_application", {"decision": "approve", "caseworker": CANARY}, id=CANARY
            )
            hiding = {"hidden": True, "effective_on": f"{today()}"}
            await handle.execute_update("set_hidden", hiding)
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update(f"set_{CANARY}", {})
            assert await handle.query("state")
        await asyncio.to_thread(tracing.provider.shutdown)
    return Lived(life, collector.spans, b"".join(collector.bodies))


async def send_what_is_none_of_ours(sender: Client, workflow_id: str) -> None:
    """Signals with headers that no tracer wrote: one that can't be read, one with words in it."""
    converter = DefaultPayloadConverter()
    words = {"traceparent": CANARY, "baggage": f"name={CANARY}", "tracestate": CANARY}
    for header in (
        Payload(metadata={"encoding": b"json/plain"}, data=CANARY.encode()),
        Payload(metadata={"encoding": CANARY.encode()}, data=b"{}"),
        *converter.to_payloads([words, [CANARY], None]),
    ):
        request = SignalWorkflowExecutionRequest(
            namespace=sender.namespace, signal_name=f"tell_{CANARY}"
        )
        request.workflow_execution.workflow_id = workflow_id
        request.header.fields["_tracer-data"].CopyFrom(header)
        await sender.workflow_service.signal_workflow_execution(request)


def named(spans: list[Span], name: str) -> list[Span]:
    """Return the spans of a name."""
    return [span for span in spans if span.name == name]


def test_start_workflow_activity_and_statement_are_one_trace(lived):
    """Each stands under what asked for it: the statement, its activity, the workflow, the start."""
    by_id = {span.span_id: span for span in lived.spans}
    (start,) = named(lived.spans, "StartWorkflow:Membership")
    assert not start.parent_span_id
    statements = [
        span
        for span in lived.spans
        if span.name.startswith("sql ") and span.trace_id == start.trace_id
    ]
    ways = set()
    for statement in statements:
        way = [statement]
        while way[-1].parent_span_id:
            way.append(by_id[way[-1].parent_span_id])
        ways.add(tuple(span.name for span in way))
    for activity, statement in (
        ("receive_application", "insert_membership"),
        ("record_decision", "insert_decision"),
    ):
        asked = (f"RunActivity:{activity}", f"StartActivity:{activity}", "StartWorkflow:Membership")
        assert any(way[1:] == asked for way in ways), (activity, statement, ways)
    whose = {
        attribute.value.string_value
        for span in lived.spans
        for attribute in span.attributes
        if attribute.key == "temporalWorkflowID"
    }
    assert lived.life.handle.id in whose


def test_nobody_stands_in_what_is_sent(lived):
    """No name, no address, no message, no parameter; that somebody has hidden least of all."""
    form = lived.sent.decode("utf-8", errors="replace").lower()
    for word in (CANARY, "example.org", "hansen", "set_hidden", "hidden", "decide_application"):
        assert word.lower() not in form, word
    assert {span.name for span in lived.spans} >= {"HandleUpdate", "HandleSignal", "ValidateUpdate"}


async def test_recorded_histories_replay_with_it_on():
    """A span is no command: what was recorded without any goes on, and is not told twice."""
    kept = InMemorySpanExporter()
    tracing = Tracing(SimpleSpanProcessor(Shown(kept)))
    assert await failures(replayer(mutations=[tracing]), CORPUS) == {}


def test_a_span_is_shown_by_closed_lists():
    """What a library writes of an exception, and what came from elsewhere, is left out."""
    kept = InMemorySpanExporter()
    tracer = Tracing(SimpleSpanProcessor(kept)).tracer
    words = TraceState([("a", CANARY)])
    elsewhere = SpanContext(3, 4, is_remote=True, trace_flags=TraceFlags(1), trace_state=words)
    chosen = {
        "temporalWorkflowID": f"membership-{CANARY}",
        "temporalRunID": CANARY,
        "temporalUpdateID": CANARY,
        "db.query.text": CANARY,
        "error.type": f"{CANARY} 1",
    }
    links = [Link(elsewhere, {"name": CANARY})]
    span = tracer.start_span(f"RunActivity:{CANARY} Hansen", links=links, attributes=chosen)
    span.add_event(CANARY, {"name": CANARY})
    span.record_exception(RuntimeError(CANARY))
    span.set_status(Status(StatusCode.ERROR, CANARY))
    span.end()
    (whole,) = kept.get_finished_spans()
    assert CANARY in whole.to_json()
    found = shown(whole)
    said = f"{found.to_json()} {found.status.description} {found.links}"
    assert CANARY not in said
    assert found.name == "RunActivity"
    assert found.status.status_code is StatusCode.ERROR
    assert found.events[-1].attributes == {"error.type": "RuntimeError"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BEGIN;", "BEGIN"),
        ("  select secret from members", "SELECT"),
        ("SET LOCAL work_mem = '64MB'", "SET"),
        ("Kari Nordmann", "other"),
        ("", "other"),
    ],
)
def test_a_statement_without_a_name_is_told_by_its_verb(text, name):
    """Never by its text, which somebody may have put together."""
    assert statement_name(text) == name


def test_a_header_of_our_own_is_read():
    """What a tracer of ours wrote is taken, and nothing that stands beside it."""
    parent = f"00-{1:032x}-{2:016x}-01"
    payloads = DefaultPayloadConverter().to_payloads([{"traceparent": parent, "baggage": "a=b"}])
    assert Carrier().from_payloads(payloads) == [{"traceparent": parent}]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "collector:4318", "http://"])
def test_where_traces_go_is_an_address(url):
    """Nowhere unless it is said, and then to an address of HTTP."""
    assert load_settings(EMPTY_PROFILE).traces_url is None
    with pytest.raises(UserError, match="MEDLEMSFLYT_TRACES_URL must be the address"):
        load_settings({**EMPTY_PROFILE, "MEDLEMSFLYT_TRACES_URL": url})


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://127.0.0.1:4318/v1/traces", True),
        ("https://collector.example.org/v1/traces", True),
        ("http://collector.example.org/v1/traces", False),
    ],
)
def test_in_production_nobody_reads_along(url, taken):
    """Ids of memberships leave the machine under TLS only."""
    given = {**PRODUCTION, "MEDLEMSFLYT_TRACES_URL": url}
    if taken:
        assert load_settings(given).traces_url == url
    else:
        with pytest.raises(UserError, match="MEDLEMSFLYT_TRACES_URL would tell in the clear"):
            load_settings(given)


class Last(ActivityInboundInterceptor):
    """Stands behind what is tested: an activity that says what its lines would say."""

    def __init__(self) -> None:
        """Stand before nothing."""

    async def execute_activity(self, _input: ExecuteActivityInput) -> object:
        """Return what is added to each line."""
        return structlog.contextvars.get_contextvars()


@pytest.mark.parametrize(
    ("workflow_id", "said"),
    [
        (f"membership-{uuid.UUID(int=16)}", {"workflow_id": f"membership-{uuid.UUID(int=16)}"}),
        (f"membership-{CANARY}", {}),
    ],
)
async def test_a_line_says_which_run_and_which_attempt(workflow_id, said):
    """And no id that somebody has chosen, which may be a name."""
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info,
        workflow_id=workflow_id,
        workflow_type="Membership",
        activity_type="record_decision",
        attempt=3,
    )

    async def run() -> object:
        last: Any = None
        return await Lines().intercept_activity(Last()).execute_activity(last)

    assert await environment.run(run) == {"activity": "record_decision", "attempt": 3, **said}
    assert structlog.contextvars.get_contextvars() == {}


SCRIPT = """
import sys
from workers.logging import LogFormat, configure_logging
import workers.connecting, workers.database, workers.running
assert not any(name.startswith("opentelemetry") for name in sys.modules)
configure_logging(LogFormat.JSON)
import structlog
log = structlog.stdlib.get_logger("workers")
log.info("before")
from opentelemetry.sdk.trace import TracerProvider
with TracerProvider().get_tracer("a").start_as_current_span("b"):
    log.info("within")
"""


def test_a_line_names_its_trace_and_nothing_is_loaded_without_one():
    """Whoever does not trace pays nothing for it."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    before, within = (json.loads(line) for line in done.stderr.splitlines())
    assert "trace_id" not in before
    assert len(within["trace_id"]) == 32
