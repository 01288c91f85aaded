"""How the gateway is served: by a key of its own, and nobody says where they come from."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from workers.errors import UserError
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


def test_production_stamps():
    """A gateway without a key would pass everything on in nobody's name."""
    there = resolve_settings(None, environ={})
    require_key(there)
    real = replace(there, environment=Environment.PRODUCTION)
    with pytest.raises(UserError, match="MEDLEMSFLYT_SIGNING_KEY_FILE is not set"):
        require_key(real)
    require_key(replace(real, signing_key_file=Path("key.json")))
