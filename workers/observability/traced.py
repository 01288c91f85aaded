"""Whether this process traces, and what its log lines say of the step that writes them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from schemas.names import FORMS, is_own_id
from workers.settings import Settings

if TYPE_CHECKING:
    from workers.observability.tracing import Tracing

_begun: dict[str, "Tracing"] = {}
"""By the collector's address: a process has one, whichever of its clients asks."""


def tracing_of(settings: Settings) -> "Tracing | None":
    """Return what traces in this process; None: nothing does."""
    url = settings.traces_url
    if url is None:
        return None
    if url not in _begun:
        # Half a second of libraries, which nobody else needs.
        from workers.observability.tracing import Tracing, exporter_to, exporting

        _begun[url] = Tracing(exporting(exporter_to(url)))
    return _begun[url]


def statements_of(settings: Settings) -> Callable[[Any], None] | None:
    """Return what is told of each statement; None: nothing is."""
    tracing = tracing_of(settings)
    return None if tracing is None else tracing.statement


def end_traces() -> None:
    """Send what has not gone yet, before a process ends."""
    for tracing in _begun.values():
        tracing.provider.shutdown()
    _begun.clear()


class Lines(Interceptor):
    """Has each line that an activity logs say whose it is: the workflow's id, and which attempt."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Stand before each activity."""
        return _Activity(next)


class _Activity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        said: dict[str, Any] = {"activity": info.activity_type, "attempt": info.attempt}
        kind, whose = info.workflow_type, info.workflow_id
        # An id that somebody chose may be a name.
        if kind in FORMS and whose is not None and is_own_id(kind, whose):
            said["workflow_id"] = whose
        with structlog.contextvars.bound_contextvars(**said):
            return await super().execute_activity(input)
