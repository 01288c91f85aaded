"""Passes a request on to Temporal's UI or HTTP API, and the answer back."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from workers.gateway.addresses import wrong_address
from workers.gateway.refusals import Refused, Sentence

PATIENCE = httpx2.Timeout(connect=5, read=90, write=30, pool=10)
"""An update and the next event of a history are waited for; Temporal itself gives up before."""

PASSED_ON = (
    *("accept", "accept-encoding", "accept-language", "if-none-match", "if-modified-since"),
    "caller-type",
)
"""What the request says beside; no cookie, no token, nobody's address."""

PASSED_BACK = (
    *("content-type", "content-encoding", "content-length", "cache-control", "etag"),
    *("last-modified", "vary", "location", "retry-after", "content-security-policy"),
)
"""What the answer says beside; whatever belongs to one connection is none of it."""


class Upstream:
    """What stands behind the gateway.

    Args:
        client: how it is reached.
    """

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def stream(
        self, request: Request, url: str, *, headers: Mapping[str, str], body: Any = None
    ) -> Response:
        """Pass a request on, and its answer back while it comes.

        Args:
            request: as it came.
            url: where it goes.
            headers: to add to those that are passed on.
            body: to send as JSON.

        Raises:
            Refused: nobody answers there, or the address would lead elsewhere.
        """
        found = await self._send(request, url, headers=headers, body=body)
        kept = {name: found.headers[name] for name in PASSED_BACK if name in found.headers}
        return StreamingResponse(
            _raw(found), found.status_code, kept, background=BackgroundTask(found.aclose)
        )

    async def whole(
        self, request: Request, url: str, *, headers: Mapping[str, str], body: Any = None
    ) -> tuple[int, bytes]:
        """Pass a request on, and return the status and all of the answer.

        Raises:
            Refused: nobody answers there.
        """
        found = await self._send(request, url, headers=headers, body=body)
        try:
            return found.status_code, await found.aread()
        except httpx2.HTTPError:
            raise _gone() from None
        finally:
            await found.aclose()

    async def _send(
        self, request: Request, url: str, *, headers: Mapping[str, str], body: Any
    ) -> httpx2.Response:
        passed = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        query = request.scope["query_string"].decode(errors="replace")
        asked = f"{url}?{query}" if query else url
        going = self._client.build_request(
            request.method, asked, headers={**passed, **headers}, json=body
        )
        if going.url.path != unquote(urlsplit(url).path):
            raise wrong_address()
        try:
            return await self._client.send(going, stream=True)
        except httpx2.TimeoutException:
            raise Refused(
                HTTPStatus.GATEWAY_TIMEOUT,
                "upstream_slow",
                Sentence(
                    "Temporal takes too long to answer: try again in a moment.",
                    "Temporal bruker for lang tid på å svare: prøv igjen om litt.",
                ),
            ) from None
        except httpx2.HTTPError:
            raise _gone() from None


async def _raw(found: httpx2.Response) -> AsyncIterator[bytes]:
    async for part in found.aiter_raw():
        yield part


def _gone() -> Refused:
    return Refused(
        HTTPStatus.BAD_GATEWAY,
        "upstream_unavailable",
        Sentence(
            "Temporal does not answer just now: try again in a moment.",
            "Temporal svarer ikke akkurat nå: prøv igjen om litt.",
        ),
    )
