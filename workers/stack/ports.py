"""The ports of the one-machine stack, and a clear word when one of them is taken."""

import asyncio
import socket
import time
from dataclasses import dataclass
from typing import Self

from workers.errors import UserError

HOST = "127.0.0.1"
LOCAL_NAMES = ("localhost", HOST)
"""What a browser on this machine calls it; a page from elsewhere may have led another name here."""
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Ports:
    """Where each part listens, on 127.0.0.1; PostgreSQL has a Unix socket instead of a port."""

    temporal: int = 7233
    ui: int = 8233
    http: int = 7243
    smtp: int = 1025
    mail_page: int = 8025
    codec: int = 8234

    @classmethod
    def shifted(cls, offset: int) -> Self:
        """The default ports, each moved by the offset.

        Raises:
            UserError: When that leaves the range of ports.
        """
        numbers = {name: port + offset for name, port in vars(cls()).items()}
        if min(numbers.values()) < 1 or max(numbers.values()) > HIGHEST_PORT:
            raise UserError(
                f"--port-offset {offset} moves a port out of 1 to {HIGHEST_PORT}: "
                f"choose one between 0 and {HIGHEST_PORT - max(vars(cls()).values())}."
            )
        return cls(**numbers)

    async def claim(self, *, patience: float = 0) -> None:
        """Check that every port the stack is about to use is free.

        Args:
            patience: Seconds to wait for ports that a stack which was killed is just giving up.

        Raises:
            UserError: Naming the port and what wanted it.
        """
        wanted = {
            "Temporal": self.temporal,
            "the gateway": self.ui,
            "Temporal's HTTP API": self.http,
            "the mail sink": self.smtp,
            "the mail page": self.mail_page,
            "the codec server": self.codec,
        }
        deadline = time.monotonic() + patience
        for what, port in wanted.items():
            while not _is_free(port):
                if time.monotonic() >= deadline:
                    raise UserError(
                        f"Port {port}, wanted by {what}, is taken by another program: stop that "
                        f"program, or move all ports with --port-offset, e.g. --port-offset 100."
                    )
                await asyncio.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on at this moment, for a server of a test."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    try:
        # Reuses addresses that only wait for late packets, as servers do.
        with socket.create_server((HOST, port), reuse_port=False):
            return True
    except OSError:
        return False
