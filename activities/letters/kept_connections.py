"""Connections to the mail server that are kept from one order to the next."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from activities.letters.postbox import Postbox
from activities.letters.settings import NotificationSettings

IDLE_SECONDS = 60.0
"""How long one is kept for the next order: a server may end it after five minutes of silence (RFC
5321, 4.5.3.2.7), and what stands in between earlier."""

MAILS_AT_MOST = 50
"""Letters over one connection: many servers end it after a hundred."""


class KeptConnections:
    """The connections of one process, each in the hands of one order. An async context manager.

    There are never more than orders under way at once.
    """

    def __init__(self, settings: NotificationSettings) -> None:
        self._settings = settings
        self._kept: deque[tuple[Postbox, float]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while self._kept:
            await self._kept.popleft()[0].close()

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Postbox]:
        """Lend a connection for one order; whose order fails gives none back."""
        postbox = await self._take()
        try:
            yield postbox
        except BaseException:
            postbox.drop()
            raise
        if postbox.in_order and postbox.mails < MAILS_AT_MOST:
            self._kept.append((postbox, asyncio.get_running_loop().time()))
        else:
            await postbox.close()

    async def _take(self) -> Postbox:
        """Return the connection that was used last, if it is there still, or a new one."""
        stale = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._kept and self._kept[0][1] < stale:
            await self._kept.popleft()[0].close()
        while self._kept:
            postbox, _ = self._kept.pop()
            if await postbox.answers():
                return postbox
            postbox.drop()
        return Postbox(self._settings)
