"""Posting events: one signed request; its answer decides whether they are taken."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpcore2
from pydantic import TypeAdapter

from activities.events.addresses import GuardedNetwork, NotAllowed, check_url
from activities.events.signing import NoSecret, read_secret, signature
from schemas.events.cloud_event import CloudEvent
from schemas.events.delivery import Trouble

POST_SECONDS = 15.0
"""Whoever needs longer to say that an event is kept is down. Less than a transaction may idle."""

CONNECT_SECONDS = 5.0

MOST_WAITED = 86_400
"""A day: a consumer that asks to be left alone for longer is asked again after that."""

MOST_READ = 65_536
"""Bytes of an answer, which nobody needs: a longer one costs the connection."""

ONE = "application/cloudevents+json; charset=utf-8"
BATCH = "application/cloudevents-batch+json; charset=utf-8"

GONE = 410

_BATCHES = uuid.UUID("6d1f2f0e-4e3b-4a35-9a0e-5b7d0c8f2a64")
_EVENTS: TypeAdapter[tuple[CloudEvent, ...]] = TypeAdapter(tuple[CloudEvent, ...])


@dataclass(frozen=True)
class Destination:
    """Where events go, and how.

    Attributes:
        secrets: where they are; the first is the present one.
        batched: as a batch, even of one.
    """

    url: str
    secrets: tuple[str, ...]
    batched: bool = False


@dataclass(frozen=True)
class Answer:
    """What became of a post.

    Attributes:
        trouble: None: they are taken.
        status: what was answered, if anything was.
        wait_seconds: for how long we are asked to wait.
    """

    trouble: Trouble | None = None
    status: int | None = None
    wait_seconds: int | None = None

    @property
    def gone(self) -> bool:
        """Whether nobody is there any more who wants events."""
        return self.status == GONE


class Poster:
    """Posts events over connections that it keeps."""

    def __init__(self, *, anywhere: bool) -> None:
        """Open nothing yet.

        Args:
            anywhere: on a developer's machine, also without TLS and inside.
        """
        self._anywhere = anywhere
        self._pool = httpcore2.AsyncConnectionPool(
            max_connections=50,
            max_keepalive_connections=10,
            keepalive_expiry=30,
            network_backend=GuardedNetwork(anywhere=anywhere),
        )

    async def __aenter__(self) -> Self:
        """Be ready."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def post(self, to: Destination, events: Sequence[CloudEvent]) -> Answer:
        """Post one event, or a batch; it is never followed elsewhere, and tried once.

        Args:
            to: where.
            events: at least one; more than one only to who takes batches.
        """
        try:
            check_url(to.url, anywhere=self._anywhere)
            secrets = [read_secret(one) for one in to.secrets]
        except NotAllowed:
            return Answer(Trouble.NOT_ALLOWED)
        except NoSecret:
            return Answer(Trouble.UNSIGNED)
        body = body_of(events, batched=to.batched)
        # The moment of posting: a receiver holds it against its own clock (Standard Webhooks).
        at, message_id = datetime.now(UTC), message_id_of(events, batched=to.batched)
        headers = [
            ("content-type", BATCH if to.batched else ONE),
            ("user-agent", "Medlemsflyt"),
            ("webhook-id", message_id),
            ("webhook-timestamp", str(int(at.timestamp()))),
            ("webhook-signature", signature(secrets, message_id, at, body)),
        ]
        try:
            async with asyncio.timeout(POST_SECONDS):
                return await self._answer(to.url, headers, body.encode())
        except NotAllowed:
            return Answer(Trouble.NOT_ALLOWED)
        except (TimeoutError, httpcore2.TimeoutException):
            return Answer(Trouble.TIMEOUT)
        # What stands in the way of a connection is of many kinds: no name, no TLS, no HTTP.
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
            return Answer(Trouble.UNREACHABLE)

    async def _answer(self, url: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        timeout = {"connect": CONNECT_SECONDS, "read": POST_SECONDS, "write": POST_SECONDS}
        async with self._pool.stream(
            "POST", url, headers=headers, content=body, extensions={"timeout": timeout}
        ) as response:
            read = 0
            async for chunk in response.aiter_stream():
                read += len(chunk)
                if read > MOST_READ:
                    break
            asked = [value for name, value in response.headers if name.lower() == b"retry-after"]
        if 200 <= response.status < 300:
            return Answer(status=response.status)
        return Answer(Trouble.ANSWER, response.status, wait_of(asked[0]) if asked else None)


def body_of(events: Sequence[CloudEvent], *, batched: bool) -> str:
    """Return what is posted: CloudEvents as JSON, one or an array of them."""
    if batched:
        return _EVENTS.dump_json(tuple(events), exclude_none=True).decode()
    (event,) = events
    return event.model_dump_json(exclude_none=True)


def message_id_of(events: Sequence[CloudEvent], *, batched: bool) -> str:
    """Return ``webhook-id``: the event's own, or one made of all that a batch holds."""
    if not batched:
        return events[0].id
    return str(uuid.uuid5(_BATCHES, " ".join(event.id for event in events)))


def wait_of(retry_after: bytes) -> int | None:
    """Read ``Retry-After``: seconds, or a date; None where it is neither."""
    text = retry_after.decode("ascii", "replace").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), MOST_WAITED)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        return None
    # An HTTP date is by the clock on the wall; only how long to wait comes of it.
    seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(int(seconds), 0), MOST_WAITED)
