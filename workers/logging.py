"""Structured logs: dotted events with opaque ids, readable on a terminal, JSON elsewhere.

No line holds a local variable, a row or a message (invariant 14): of what failed it says the type,
the frames, and the text only where that is ours.
"""

import asyncio
import logging
import sys
from enum import StrEnum
from typing import Any

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer, JSONRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from schemas.shared.redaction import redacted

QUOTING = frozenset({"asyncio", "temporalio.worker._workflow_instance"})
"""Loggers of event loops: below its first line a message of theirs quotes what failed."""


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


def configure_logging(log_format: LogFormat, *, level: int = logging.INFO) -> None:
    """Send the events of structlog and of the standard library's loggers to stderr, in one format.

    Args:
        log_format: Console for people, JSON for machines (one object a line).
        level: Lowest level that is written, of `logging`'s numbers.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_trace,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    rendering: list[Processor] = (
        [ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback)]
        if log_format is LogFormat.CONSOLE
        else [ExceptionRenderer(ExceptionDictTransformer(show_locals=False)), JSONRenderer()]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                redact,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep values out of a line, whoever logs it: a processor of structlog."""
    found: Any = event.get("exc_info")
    if found:
        error = sys.exc_info()[1] if found is True else found
        error = error[1] if isinstance(error, tuple) else error
        copy = redacted(error) if isinstance(error, BaseException) else None
        event["exc_info"] = copy and (type(copy), copy, copy.__traceback__)
    if event.get("logger") in QUOTING:
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Name the trace of a line, where this process traces: a processor of structlog."""
    tracing = sys.modules.get("opentelemetry.trace")
    if tracing is not None:
        standing = tracing.get_current_span().get_span_context()
        if standing.is_valid:
            event["trace_id"] = format(standing.trace_id, "032x")
    return event


def log_failed_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Have an event loop tell of tasks that nobody awaits without quoting what they hold."""
    log = structlog.stdlib.get_logger("workers")

    def tell(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        log.error("task.failed", exc_info=context.get("exception"))

    loop.set_exception_handler(tell)
