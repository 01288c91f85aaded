"""How the gateway is served: by a key of its own, and nobody says where they come from."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from tests.access.asking import bearer, opened, settings
from workers.errors import UserError
from workers.gateway import guard
from workers.gateway.connections import Connection
from workers.gateway.serving import require_key, server_of
from workers.settings import Environment, resolve_settings
from workers.stack.ports import HOST


async def where(scope: Any, _receive: Any, send: Any) -> None:
    """Answer with the address that a call comes from."""
    address = f"{scope['client'][0]} {scope['scheme']}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": address})


async def test_a_header_does_not_say_who_is_counted():
    """Each call would otherwise be another stranger's, and no limit would ever be reached."""
    listening = socket.create_server((HOST, 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(server_of(where))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)  # uvicorn tells nobody that it listens
        async with httpx2.AsyncClient() as client:
            said = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "https"}
            answer = await client.get(f"http://{HOST}:{port}/", headers=said)
    finally:
        server.should_exit = True
        await serving
    assert answer.text == f"{HOST} http"


class Served:
    """A gateway that listens on a socket, and somebody who opens connections to it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.head = f"POST /decode HTTP/1.1\r\nHost: {HOST}:{port}\r\n".encode()
        self.well = f"GET /healthz HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode()
        token = bearer("auditor", issuer=f"http://{HOST}:{port}")["authorization"]
        self.body_to_come = (
            self.head
            + (
                f"Authorization: {token}\r\nContent-Type: application/json\r\n"
                "Content-Length: 900\r\n\r\n{"
            ).encode()
        )

    async def answered(self, *said: bytes) -> bytes:
        """Say one thing after the other, and return what comes until the line is cut."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        found = b""
        try:
            async with asyncio.timeout(10):
                for one in said:
                    writer.write(one)
                    if one is self.well:
                        found = await reader.readuntil(b"ok")
                with contextlib.suppress(ConnectionError):
                    found += await reader.read()
        finally:
            writer.close()
        return found


@pytest.fixture
async def served(shared_pool: Any, monkeypatch: Any) -> AsyncIterator[Served]:
    """A gateway with little patience."""
    monkeypatch.setattr(Connection, "head_seconds", 0.3)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.3)
    listening = socket.create_server((HOST, 0))
    port = listening.getsockname()[1]
    url = f"http://{HOST}:{port}"
    made = settings(url=url, issuer=f"{url}/identity")
    server = uvicorn.Server(server_of(opened(shared_pool, made).app))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)  # uvicorn tells nobody that it listens
        yield Served(port)
    finally:
        server.should_exit = True
        await serving


async def test_who_says_nothing_is_hung_up_on(served):
    """Neither a head that never ends, nor a second one on the same line, keeps a line open."""
    assert await served.answered() == b""
    assert await served.answered(served.head) == b""
    assert (await served.answered(served.well, served.head)).startswith(b"HTTP/1.1 200")


async def test_a_body_that_stops_is_refused(served, caplog):
    """It is told so; who goes away before is told nothing, and leaves no traceback in the log."""
    found = await served.answered(served.body_to_come)
    assert found.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in found
    for _ in range(3):
        _, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(served.body_to_come)
        await writer.drain()
        writer.close()
    assert (await served.answered(served.well, served.head)).startswith(b"HTTP/1.1 200")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_one_address_does_not_take_all_lines(served, monkeypatch):
    """Beyond its share a new line is cut, and once one is free it is taken again."""
    monkeypatch.setattr(Connection, "most_of_one", 1)
    _, first = await asyncio.open_connection(HOST, served.port)
    first.write(served.head)
    await first.drain()
    assert await served.answered(served.head) == b""
    assert not (await served.answered(served.head)).startswith(b"HTTP/1.1 200")
    first.close()
    await first.wait_closed()
    async with asyncio.timeout(10):
        while Connection.open_by_address:
            await asyncio.sleep(0.01)  # the server tells nobody that it has noticed
    assert (await served.answered(served.well)).startswith(b"HTTP/1.1 200")


def test_production_stamps():
    """A gateway without a key would pass everything on in nobody's name."""
    there = resolve_settings(None, environ={})
    require_key(there)
    real = replace(there, environment=Environment.PRODUCTION)
    with pytest.raises(UserError, match="MEDLEMSFLYT_SIGNING_KEY_FILE is not set"):
        require_key(real)
    require_key(replace(real, signing_key_file=Path("key.json")))
