"""A consumer's receiver: it keeps what it is sent, and answers as it is told."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
SECRETS = {"MEDLEMSFLYT_WEBHOOK_CRM": SECRET, "MEDLEMSFLYT_WEBHOOK_CRM_2": OTHER}
AT_CRM = "env:MEDLEMSFLYT_WEBHOOK_CRM"
AT_CRM_2 = "env:MEDLEMSFLYT_WEBHOOK_CRM_2"


@dataclass
class Receiver:
    """What has come, and what is answered."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], Any] | None = None
    """Awaited before an answer is given."""
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)
    """Headers and bodies of all that has come, taken or not."""
    taken: list[dict[str, Any]] = field(default_factory=list)
    """The events of those that were answered by a success, in order."""

    async def answer(self, request: web.Request) -> web.Response:
        """Keep a request once its signature holds."""
        body = await request.text()
        headers = {name.lower(): value for name, value in request.headers.items()}
        found = Webhook(SECRET).verify(body, headers)
        self.requests.append((headers, body))
        if self.before is not None:
            await self.before()
        status = self.status
        if 200 <= status < 300:
            self.taken += found if isinstance(found, list) else [found]
        return web.Response(status=status, headers=self.headers)

    @property
    def decisions(self) -> list[tuple[str, int]]:
        """Of whom, and which decision, each that was taken is."""
        return [(one["subject"], one["data"]["decision"]) for one in self.taken]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen on this machine."""
    found = Receiver()
    app = web.Application()
    app.router.add_post("/events", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    found.url = f"http://127.0.0.1:{port}/events"
    try:
        yield found
    finally:
        await runner.cleanup()
