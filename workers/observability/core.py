"""What Temporal's core measures of a worker, added to the process's own metrics.

The core adds up by itself and serves the sums on a port of this machine, which nobody else is told.
Handed over one by one they would cost each task some milliseconds of Python.
"""

import asyncio
import http.client

from prometheus_client import CollectorRegistry, generate_latest
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from workers.observability.listener import Metrics, listening_socket

HOST = "127.0.0.1"
STARTS = 3
"""Between finding and taking a port another program may take it."""

PATIENCE_SECONDS = 5.0


class Core:
    """The core's runtime of a process that is measured."""

    def __init__(self) -> None:
        for attempt in range(1, STARTS + 1):
            self._port = _free_port()
            config = PrometheusConfig(
                bind_address=f"{HOST}:{self._port}", durations_as_seconds=True
            )
            try:
                self.runtime = Runtime(telemetry=TelemetryConfig(metrics=config))
            except (RuntimeError, ValueError):
                if attempt == STARTS:
                    raise
            else:
                return

    def measured(self) -> bytes:
        """Return what the core has measured, in Prometheus' text format."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read()
        finally:
            connection.close()


def page_of(registry: CollectorRegistry, core: Core | None = None) -> Metrics:
    """Return what makes the page of a process, in Prometheus' text format.

    Args:
        registry: of what the process measures itself.
        core: what Temporal's core measures, where there is one.
    """

    async def page() -> bytes:
        own = generate_latest(registry)
        return own if core is None else own + await asyncio.to_thread(core.measured)

    return page


def _free_port() -> int:
    with listening_socket(HOST, 0) as probe:
        port: int = probe.getsockname()[1]
        return port
