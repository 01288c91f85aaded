"""The gateway's process: opens what it needs, and serves until it is told to stop."""

import asyncio
import logging

import httpx2
import uvicorn
from starlette.types import ASGIApp

from activities.database.pool import open_pool
from workers import encryption
from workers.errors import UserError
from workers.gateway.app import Parts, application
from workers.gateway.coding import Stamps
from workers.gateway.connections import Connection
from workers.gateway.identity import kept
from workers.gateway.settings import require_gateway
from workers.logging import configure_logging
from workers.notifications import printing_of
from workers.observability.core import page_of
from workers.observability.listener import listening, listening_socket
from workers.observability.metrics import registry
from workers.observability.readiness import Look, NotReady, Readiness, migrated
from workers.settings import Environment, Settings
from workers.signing import sender_of

LONGEST_ADDRESS = 256 * 1024
"""The Temporal UI asks for the page of a membership in an address that holds all of it."""
CONNECTIONS = 4
MOST_AT_ONCE = 500
"""Calls under way and connections that stand open; one more is answered 503 at once."""
GRACE_SECONDS = 5


def main(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        UserError: a setting is missing or wrong.
    """
    require_gateway(settings.gateway)
    require_key(settings)
    configure_logging(settings.log_format)
    # Both log addresses, which say who is looked at.
    for name in ("httpx2", "httpcore2", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(_serve(settings))


def require_key(settings: Settings) -> None:
    """Insist in production on a key to stamp with: who decided would be proven by nothing.

    Raises:
        UserError: there is none.
    """
    if settings.environment is Environment.PRODUCTION and settings.signing_key_file is None:
        raise UserError(
            "MEDLEMSFLYT_SIGNING_KEY_FILE is not set: in production the gateway stamps what it "
            "passes on with who is logged in."
        )


async def _serve(settings: Settings) -> None:
    sender = sender_of(settings)
    path = settings.gateway.identity_file
    async with (
        encryption.opened(settings) as codec,
        await open_pool(
            settings.require_database_url(),
            size=CONNECTIONS,
            transaction_pooling=settings.transaction_pooling,
            words=encryption.words_by(codec),
        ) as pool,
    ):
        parts = Parts(
            pool=pool,
            namespace=settings.temporal["namespace"],
            identity=kept.load(path) if path else None,
            codec=codec,
            stamper=Stamps(sender.key) if sender else None,
            letters=printing_of(settings),
            allow_synthetic_ids=settings.allow_synthetic_ids,
        )
        app = application(settings.gateway, parts)
        sockets = [listening_socket(host, port) for host, port in settings.gateway.addresses]
        readiness = Readiness()
        readiness.watch("database", migrated(pool))
        readiness.watch("temporal", _answering(settings.gateway.http_api_url))
        if codec is not None:
            readiness.watch("keys", codec.ring.reach)
        async with listening(settings.health_listen, readiness, page_of(registry())):
            await uvicorn.Server(server_of(app)).serve(sockets=sockets)


def _answering(url: str) -> Look:
    """Return the look at Temporal's HTTP API."""

    async def look() -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            try:
                answer = await client.get(f"{url}/api/v1/system-info")
            except httpx2.HTTPError as error:
                raise NotReady(f"does not answer ({type(error).__name__})") from None
        if answer.is_server_error:
            raise NotReady(f"answers {answer.status_code}")

    return look


def server_of(app: ASGIApp) -> uvicorn.Config:
    """Return how an application is served."""
    return uvicorn.Config(
        app,
        http=Connection,
        # Nothing here speaks it: whoever asks for it is answered as if they had not.
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever says in a header where they come from would be counted as somebody else.
        proxy_headers=False,
        limit_concurrency=MOST_AT_ONCE,
        lifespan="off",
        h11_max_incomplete_event_size=LONGEST_ADDRESS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
