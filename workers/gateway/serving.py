"""The gateway's process: opens what it needs, and serves until it is told to stop."""

import asyncio
import logging
import socket

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
        sockets = [_listening(host, port) for host, port in settings.gateway.addresses]
        await uvicorn.Server(server_of(app)).serve(sockets=sockets)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UserError: another program has the port.
    """
    try:
        found = socket.create_server((host, port))
    except OSError:
        raise UserError(
            f"{host}:{port} can't be listened on: another program has it, or it is no address of "
            "this machine."
        ) from None
    return found


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
