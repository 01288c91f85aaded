"""Connections that are opened and not used: hung up on, so that they keep nobody else out.

uvicorn waits without end for the rest of a request's head. A body is waited for by the guard.
"""

import asyncio
from collections import Counter
from typing import Any, ClassVar

import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""How long the head of a request may take, from the first byte of it, or from the connection on."""

MOST_OF_ONE = 250
"""Connections from one address at a time: half of all, so that none keeps everybody else out; a
proxy in front of the gateway is one address."""

log = structlog.stdlib.get_logger("gateway")


class Connection(H11Protocol):
    """One connection, as uvicorn serves it, with an end to its patience."""

    head_seconds = HEAD_SECONDS
    most_of_one = MOST_OF_ONE
    open_by_address: ClassVar[Counter[str]] = Counter()

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self._waiting: asyncio.TimerHandle | None = None
        self._counted: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count a connection by where it is from, and wait for its first request."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self.open_by_address[address] >= self.most_of_one:
            log.warning("connection.refused", code="too_many")
            transport.abort()
            return
        self._counted = address
        self.open_by_address[address] += 1
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; once it is a whole head, nothing is waited for here."""
        if self._idle:
            self._wait()
        super().data_received(data)
        if not self._idle:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._wait_no_more()
        if self._counted is not None:
            self.open_by_address[self._counted] -= 1
            if not self.open_by_address[self._counted]:
                del self.open_by_address[self._counted]
            self._counted = None
        super().connection_lost(exc)

    @property
    def _idle(self) -> bool:
        """Whether no request is under way whose head has come."""
        cycle: Any = self.cycle  # None before the first request
        return cycle is None or cycle.response_complete is True

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.head_seconds, self._hang_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _hang_up(self) -> None:
        self._waiting = None
        if self._idle:
            log.info("connection.refused", code="too_slow")
            self.transport.abort()
