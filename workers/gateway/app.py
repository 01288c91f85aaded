"""The gateway's application, put together of its parts."""

from dataclasses import dataclass
from http import HTTPStatus

import asyncpg
import httpx2
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from activities.access.log import LOGIN_LASTS
from activities.letters.settings import NotificationSettings
from activities.secrecy.errors import KeyDestroyed, KeysUnavailable
from activities.shared.rulebook import RulebookReader
from workers.gateway import refusals, sessions
from workers.gateway.api.api import Api, wrong_parameter
from workers.gateway.codec import Codecs
from workers.gateway.coding import Codec, Plain, Stamper
from workers.gateway.desk.desk import Desk
from workers.gateway.export import Export
from workers.gateway.forwarding import PATIENCE, Upstream
from workers.gateway.guard import Guard, Limiter
from workers.gateway.identity.kept import Identity
from workers.gateway.identity.provider import Provider
from workers.gateway.living import Living
from workers.gateway.logbook import Logbook
from workers.gateway.login import Login
from workers.gateway.memberships import Memberships
from workers.gateway.refusals import Refused, Sentence
from workers.gateway.settings import GatewaySettings, require_gateway
from workers.gateway.through import Door, Through
from workers.gateway.tokens import Issuer

HEALTH = "/healthz"

log = structlog.stdlib.get_logger("gateway")


@dataclass(frozen=True)
class Parts:
    """What a gateway works with.

    Attributes:
        pool: of the database that the access log is in.
        namespace: of Temporal's, the only one that is reached.
        identity: the local one, of a developer's machine.
        codec: what encrypts and decrypts; None: nothing is encrypted.
        stamper: what says in a message who sends it; None: nothing does.
        letters: who we are, as letters have it; None: there is no desk, and no API.
        allow_synthetic_ids: as the workers do.
        upstream: how what is behind is reached; None: over the network.
        outside: how the issuer is reached; None: over the network.
    """

    pool: asyncpg.Pool
    namespace: str
    identity: Identity | None = None
    codec: Codec | None = None
    stamper: Stamper | None = None
    letters: NotificationSettings | None = None
    allow_synthetic_ids: bool = False
    upstream: httpx2.AsyncBaseTransport | None = None
    outside: httpx2.AsyncBaseTransport | None = None


def application(settings: GatewaySettings, parts: Parts) -> ASGIApp:
    """Return the gateway.

    Raises:
        UserError: a setting is missing that it can't be run without.
    """
    require_gateway(settings)
    limiter, logbook = Limiter(settings), Logbook(parts.pool)
    issuer = Issuer(settings, httpx2.AsyncClient(transport=parts.outside, timeout=10))
    door = Door(settings, issuer, logbook, limiter)
    codec = parts.codec or Plain()
    behind = httpx2.AsyncClient(transport=parts.upstream, timeout=PATIENCE)
    app = FastAPI(title="Medlemsflyt", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(RequestValidationError, wrong_parameter)
    app.add_exception_handler(KeysUnavailable, _keys_away)
    app.add_exception_handler(KeyDestroyed, _erased)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_api_route(HEALTH, _well, methods=["GET"], include_in_schema=False)
    if parts.identity is not None:
        app.include_router(Provider(settings, parts.identity, limiter).routes())
    app.include_router(Login(settings, issuer, logbook, limiter, parts.outside).routes())
    app.include_router(Codecs(settings, door, logbook, codec).routes())
    if parts.letters is not None:
        memberships = Memberships(
            settings.http_api_url,
            parts.namespace,
            behind,
            codec,
            parts.stamper,
            settings.session_key or "",
        )
        rulebooks = RulebookReader(allow_synthetic_ids=parts.allow_synthetic_ids)
        living = Living(parts.pool, memberships, rulebooks)
        app.include_router(
            Desk(settings, door, logbook, memberships, living, parts.letters).routes()
        )
        app.include_router(
            Api(settings, door, logbook, memberships, living, parts.letters).routes()
        )
    app.include_router(Export(settings, door, logbook).routes())
    through = Through(
        settings,
        parts.namespace,
        door,
        logbook,
        Upstream(behind),
        codec,
        parts.stamper,
        encrypting=parts.codec is not None,
    )
    app.include_router(through.routes())
    return Guard(_with_sessions(app, settings), settings)


def _with_sessions(app: ASGIApp, settings: GatewaySettings) -> ASGIApp:
    return SessionMiddleware(
        app,
        secret_key=settings.session_key or "",
        session_cookie=sessions.cookie_name(settings),
        max_age=int(LOGIN_LASTS.total_seconds()),
        # A link in a letter leads here from elsewhere, and so does the way back from the provider.
        same_site="lax",
        https_only=settings.secure,
    )


async def _well() -> Response:
    return PlainTextResponse("ok")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    log.info("request.refused", code=error.code, status=int(error.status))
    return refusals.answer(request, error)


async def _keys_away(request: Request, _error: Exception) -> Response:
    return refusals.answer(
        request,
        Refused(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "keys_unavailable",
            Sentence(
                "The keys can't be reached just now: try again in a moment.",
                "Nøklene kan ikke nås akkurat nå: prøv igjen om litt.",
            ),
        ),
    )


async def _erased(request: Request, _error: Exception) -> Response:
    return refusals.answer(
        request,
        Refused(
            HTTPStatus.GONE,
            "erased",
            Sentence("This membership was erased.", "Dette medlemskapet er slettet."),
        ),
    )


async def _gone(_request: Request, _error: Exception) -> Response:
    """Answer nobody: whoever asked has gone away before they had said what."""
    log.info("request.abandoned")
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusals.answer(
        request,
        Refused(
            HTTPStatus(error.status_code),
            "unknown_address",
            Sentence("There is nothing at this address.", "Det er ingenting på denne adressen."),
        ),
    )
