"""The gateway as a part of the stack: the one door in front of the Temporal UI."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from workers.stack.parts import Command, Part
from workers.stack.ports import HOST
from workers.stack.processes import own_command


class GatewayProcess(Part):
    """The gateway, run as `medlemsflyt gateway`.

    Args:
        port: Where it listens, on 127.0.0.1.
        env: Its settings.
        log_file: Where its output goes.
    """

    stop_seconds = 8.0

    def __init__(self, port: int, env: Mapping[str, str], log_file: Path) -> None:
        super().__init__("gateway", log_file)
        self._port = port
        self._env = dict(env)

    async def prepare(self) -> Command:
        """Say how to run it; it keeps nothing that would need mending."""
        return Command(own_command("gateway"), env=self._env)

    async def answers(self) -> bool:
        """Whether it says that it is well."""
        try:
            reader, writer = await asyncio.open_connection(HOST, self._port)
        except OSError:
            return False
        try:
            address = f"{HOST}:{self._port}"
            writer.write(
                f"GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode()
            )
            return (await reader.readline()).startswith(b"HTTP/1.1 200")
        except OSError:
            return False
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
