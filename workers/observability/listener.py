"""A small HTTP listener in each process, for operators: alive, ready, and what is measured.

It asks nobody who they are: it listens on this machine alone unless told otherwise, and answers
nothing that is about a person.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from workers.errors import UserError
from workers.observability.readiness import READY, Readiness

MOST_AT_ONCE = 20
"""Connections; one more is answered 503 at once."""

STARTED_SECONDS = 0.01
"""How often it is asked whether it listens: it tells nobody."""


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of Prometheus' text format, as the client and Temporal's core write it."""

Metrics = Callable[[], Awaitable[bytes]]
"""Makes the page of what is measured."""


@asynccontextmanager
async def listening(
    address: tuple[str, int] | None, readiness: Readiness, metrics: Metrics
) -> AsyncIterator[None]:
    """Answer ``/live``, ``/ready`` and ``/metrics`` for as long as the process works.

    Args:
        address: host and port; None: nothing is listened on.
        readiness: of the process.
        metrics: makes the page of what is measured.

    Raises:
        UserError: the port can't be listened on.
    """
    if address is None:
        yield
        return
    server = _Server(_config(application(readiness, metrics)))
    serving = asyncio.create_task(server.serve(sockets=[listening_socket(*address)]))
    try:
        while not server.started:
            await asyncio.sleep(STARTED_SECONDS)
        yield
    finally:
        server.should_exit = True
        await serving


def application(readiness: Readiness, metrics: Metrics) -> Starlette:
    """Return what is answered at each address."""

    async def live(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_request: Request) -> Response:
        parts = await readiness.parts()
        well = all(said == READY for said in parts.values())
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"ready": well, "parts": parts}, status_code=status)

    async def measured(_request: Request) -> Response:
        return Response(await metrics(), media_type=CONTENT_TYPE)

    return Starlette(
        routes=[Route("/live", live), Route("/ready", ready), Route("/metrics", measured)]
    )


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UserError: another program has the port, or the machine has no such address.
    """
    try:
        found = socket.create_server((host, port))
    except OSError:
        raise UserError(
            f"{host}:{port} can't be listened on: another program has it, or it is no address of "
            "this machine."
        ) from None
    return found


class _Server(uvicorn.Server):
    """A server beside others: SIGTERM and SIGINT are the process's own."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=1,
    )
