"""The gateway's process: opens what it needs, and serves until it is told to stop."""

import asyncio
import logging

import uvicorn

from activities.database.pool import open_pool
from workers import encryption
from workers.gateway.app import Parts, application
from workers.gateway.coding import Stamps
from workers.gateway.identity import kept
from workers.gateway.settings import require_gateway
from workers.logging import configure_logging
from workers.settings import Settings
from workers.signing import sender_of

LONGEST_ADDRESS = 256 * 1024
"""The Temporal UI asks for the page of a membership in an address that holds all of it."""
CONNECTIONS = 4
GRACE_SECONDS = 5


def main(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        UserError: a setting is missing or wrong.
    """
    require_gateway(settings.gateway)
    configure_logging(settings.log_format)
    # Both log addresses, which say who is looked at.
    for name in ("httpx2", "httpcore2", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    sender = sender_of(settings)
    path = settings.gateway.identity_file
    host, port = settings.gateway.address
    async with (
        encryption.opened(settings) as codec,
        await open_pool(
            settings.require_database_url(),
            size=CONNECTIONS,
            transaction_pooling=settings.transaction_pooling,
        ) as pool,
    ):
        parts = Parts(
            pool=pool,
            namespace=settings.temporal["namespace"],
            identity=kept.load(path) if path else None,
            codec=codec,
            stamper=Stamps(sender.key) if sender else None,
        )
        config = uvicorn.Config(
            application(settings.gateway, parts),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            h11_max_incomplete_event_size=LONGEST_ADDRESS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        await uvicorn.Server(config).serve()
