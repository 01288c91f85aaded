"""The Temporal server with its UI and HTTP API as a child process: `temporal server start-dev`."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workers.search_attributes import register_search_attributes
from workers.settings import DEFAULT_NAMESPACE
from workers.stack.extra import temporal_program
from workers.stack.parts import Command, Part, PartFailedError
from workers.stack.ports import HOST, LOCAL_NAMES, free_port

_SPEED = {
    # Without these every hop costs 50 ms and every timer a second, which is the dev server's
    # consideration for disks and not ours.
    "history.timerProcessorMaxTimeShift": '"1ms"',
    "history.transferProcessorMaxPollRPS": "5000",
    "history.timerProcessorMaxPollRPS": "5000",
    # A run that ends within its first second would leave the next one waiting that second out,
    # and unable to answer: a demo approves sooner than any caseworker.
    "history.workflowIdReuseMinimalInterval": '"1ms"',
    # A run is gone only once the queues have noted how far they are, which they do twice a minute.
    "history.transferProcessorUpdateAckInterval": '"1s"',
    "history.visibilityProcessorUpdateAckInterval": '"1s"',
}
_TIME_SKIPPING = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    # The server takes a run that began in skipped time for one from the future, and has the run
    # that continues it wait until then, past every deadline in between: less than any such wait
    # (228 years) means none. tests/membership/test_whole_life.py fails without.
    "history.workflowIdReuseMinimalInterval": '"-2000000h"',
}


@dataclass(frozen=True)
class TemporalPorts:
    """Where the server listens, on 127.0.0.1."""

    frontend: int
    ui: int
    http: int


STARTS = 3
"""Attempts at a start: two servers rarely want the same port three times."""


def _free_ports() -> TemporalPorts:
    return TemporalPorts(free_port(), free_port(), free_port())


class TemporalServer(Part):
    """One Temporal dev server.

    Args:
        log_file: Where the server writes its log.
        ports: Where it listens; free ports when left out.
        database_file: Keeps its state there across restarts; in memory when left out.
        time_skipping: Whether workflows may be fast-forwarded.
        ui: False leaves the web UI out.
        metrics_port: Where it tells what it measures; any free port when left out.
    """

    def __init__(
        self,
        log_file: Path,
        *,
        ports: TemporalPorts | None = None,
        database_file: Path | None = None,
        time_skipping: bool = False,
        ui: bool = True,
        metrics_port: int | None = None,
    ) -> None:
        super().__init__("Temporal", log_file)
        self._given_ports = ports
        self.namespace = DEFAULT_NAMESPACE
        self._listen_on(ports or _free_ports())
        self._database_file = database_file
        self._time_skipping = time_skipping
        self._ui = ui
        self.metrics_port = metrics_port

    def _listen_on(self, ports: TemporalPorts) -> None:
        self.ports = ports
        self.address = f"{HOST}:{ports.frontend}"
        self.ui_url = f"http://{HOST}:{ports.ui}"
        self.http_url = f"http://{HOST}:{ports.http}"

    async def start(self) -> None:
        """Start the server; once more when it falls while it starts.

        It looks for free ports of its own for its inner services, as ours do: between finding and
        taking one, another server of this machine may have taken it.

        Raises:
            PartFailedError: When it does not stand after some attempts either.
        """
        for _ in range(STARTS - 1):
            try:
                return await super().start()
            except PartFailedError as error:
                if not error.ended:
                    raise
            self._listen_on(self._given_ports or _free_ports())
        return await super().start()

    async def prepare(self) -> Command:
        """Say how to run the server; its database mends itself after a crash.

        It looks for garbage a third as often as Go would: a quarter of its time, where it keeps
        everything in memory.
        """
        values = {
            **_SPEED,
            **(_TIME_SKIPPING if self._time_skipping else {}),
            # A name that somebody has led here (DNS rebinding) is not answered to.
            "frontend.httpAllowedHosts": json.dumps(local_hosts(self.ports.http)),
        }
        dynamic = [
            word for pair in values.items() for word in ("--dynamic-config-value", "=".join(pair))
        ]
        argv = [
            *(temporal_program(), "server", "start-dev", "--ip", HOST),
            *("--port", str(self.ports.frontend), "--http-port", str(self.ports.http)),
            *("--log-level", "warn", "--log-format", "json"),
            *dynamic,
        ]
        if self._ui:
            argv += ["--ui-port", str(self.ports.ui), "--ui-disable-news-fetch"]
        else:
            argv += ["--headless"]
        if self.metrics_port is not None:
            argv += ["--metrics-port", str(self.metrics_port)]
        if self._database_file is not None:
            self._database_file.parent.mkdir(parents=True, exist_ok=True)
            argv += ["--db-filename", str(self._database_file)]
            # Survives the death of the server; a power cut may cost the last moments.
            argv += ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"]
        return Command(tuple(argv), env={"GOGC": os.environ.get("GOGC", "300")})

    async def answers(self) -> bool:
        """Whether it serves the namespace and knows our search attributes, adding them if not."""
        try:
            client = await self.connect()
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=self.namespace)
            )
            await register_search_attributes(client)
        except (RPCError, RuntimeError):
            return False
        return True

    async def connect(self) -> Client:
        """A plain client of this server, without the service's converters and interceptors."""
        return await Client.connect(self.address, namespace=self.namespace)


def local_hosts(port: int) -> list[str]:
    """Return what a program or a browser of this machine calls a server on a port here."""
    return [f"{name}:{port}" for name in LOCAL_NAMES]
