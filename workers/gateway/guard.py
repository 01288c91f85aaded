"""What every request must be before anybody looks at it: addressed to us, small, from our pages."""

import asyncio
import hashlib
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workers.doors import is_this_machine
from workers.gateway import refusals
from workers.gateway.refusals import Refused, Sentence, bad_request, forbidden
from workers.gateway.sessions import CSRF_HEADER
from workers.gateway.settings import GatewaySettings

log = structlog.stdlib.get_logger("gateway")

LARGEST_BODY = 2 * 1024 * 1024
"""Temporal takes no larger payload either."""

BODY_SECONDS = 20.0
"""How long all of a body may take: a phone sends 2 MB in less."""

STRANGERS_RATE = "120/minute"
"""What one address may ask for without a login: passwords can't be tried fast."""

WRONG_RATE = "10/minute"
"""How many wrong passwords a name may be tried with, from however many addresses."""

FORMS = ("/logout", "/identity/authorize", "/identity/token")
"""What takes a form of HTML's, and no JSON; each checks more than that."""

DESK = "/desk/"
"""So do all pages below it."""

CODEC = ("/encode", "/decode")
"""What a second address answers, if there is one."""

JSON, FORM, TEXT = "application/json", "application/x-www-form-urlencoded", "text/plain"
READING = {"GET", "HEAD", "OPTIONS"}
POLICY = "content-security-policy"


class Limiter:
    """Counts what callers ask for; too much is refused.

    Args:
        settings: how much is too much.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._callers = parse(settings.rate)
        self._strangers = parse(STRANGERS_RATE)
        self._wrong = parse(WRONG_RATE)

    async def caller(self, subject: str) -> None:
        """Count a request of somebody who is known.

        Raises:
            Refused: it is one too many.
        """
        if not await self._limiter.hit(self._callers, "caller", subject):
            raise _too_many()

    async def stranger(self, request: Request) -> None:
        """Count a request of somebody who is not known yet, by the address it comes from.

        Raises:
            Refused: it is one too many.
        """
        address = request.client.host if request.client else ""
        if not await self._limiter.hit(self._strangers, "stranger", address):
            raise _too_many()

    async def attempt(self, name: str) -> None:
        """See that a name may be tried with one more password.

        Raises:
            Refused: too many have been wrong, whether there is such a name or not.
        """
        if not await self._limiter.test(self._wrong, "wrong", _known_as(name)):
            raise _too_many()

    async def wrong(self, name: str) -> None:
        """Count a password that was none of a name's."""
        await self._limiter.hit(self._wrong, "wrong", _known_as(name))


class Guard:
    """The outermost layer: refuses what no later one should have to think of.

    Args:
        app: what comes after it.
        settings: where the gateway stands.
    """

    def __init__(self, app: ASGIApp, settings: GatewaySettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body bounded, with our headers on the answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request = Request(scope)
        shielded = self._shielded(send)
        try:
            moved = self._moved(request)
            if moved is not None:
                await moved(scope, receive, shielded)
                return
            self._check(request)
        except Refused as refused:
            log.info("request.refused", code=refused.code, status=int(refused.status))
            await refusals.answer(request, refused)(scope, receive, shielded)
            return
        await self._app(scope, _bounded(receive), shielded)

    def _moved(self, request: Request) -> Response | None:
        """Send a browser of this machine to the one name that its login counts for."""
        own = urlsplit(self._settings.url)
        names = {own.hostname or "", _hostname(request.headers.get("host", ""))}
        both_here = all(is_this_machine(name) for name in names)
        if len(names) == 1 or not both_here or request.method not in READING:
            return None
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(self._settings.url + path, HTTPStatus.TEMPORARY_REDIRECT)

    def _check(self, request: Request) -> None:
        """Refuse what is not addressed to us, comes from elsewhere, or can't be read.

        Raises:
            Refused: with why.
        """
        hosts = request.headers.getlist("host")
        codec_only = request.url.path in CODEC and hosts == [self._settings.codec_host]
        if hosts != [self._settings.host] and not codec_only:
            raise Refused(
                HTTPStatus.MISDIRECTED_REQUEST,
                "wrong_host",
                Sentence(
                    "This address does not answer to that name.",
                    "Denne adressen svarer ikke på det navnet.",
                ),
            )
        if request.method not in READING:
            self._check_origin(request)
            self._check_type(request)
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            raise too_big()

    def _check_origin(self, request: Request) -> None:
        origins = request.headers.getlist("origin")
        foreign = any(origin != self._settings.url for origin in origins)
        if foreign or request.headers.get("sec-fetch-site", "same-origin") not in {
            "same-origin",
            "none",
        }:
            raise forbidden(
                "wrong_origin",
                "A page from elsewhere may send nothing here.",
                "En side fra et annet sted kan ikke sende noe hit.",
            )

    def _check_type(self, request: Request) -> None:
        types = request.headers.getlist("content-type")
        given = types[0].partition(";")[0].strip().lower() if len(types) == 1 else ""
        path = request.url.path
        allowed = FORM if path in FORMS or path.startswith(DESK) else JSON
        if given == TEXT and allowed == JSON and self._asked_leave(request):
            return
        if given != allowed:
            raise Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "wrong_content_type",
                Sentence(
                    f"Send this with Content-Type: {allowed}.",
                    f"Send dette med Content-Type: {allowed}.",
                ),
            )

    def _asked_leave(self, request: Request) -> bool:
        """Tell whether a browser had to ask before it sent this: the stock UI calls its JSON text.

        No page of elsewhere can add that header without our leave, which nobody gets; whether the
        token in it is right is looked at later.
        """
        return CSRF_HEADER in request.headers and request.headers.get("origin") == (
            self._settings.url
        )

    def _shielded(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers():
                    # The desk's pages bring a policy of their own, which is narrower; the UI's
                    # one that is wider.
                    headers.setdefault(name, value)
            await send(message)

        return sending

    def _headers(self) -> Iterable[tuple[str, str]]:
        yield POLICY, policy(self._settings)
        # What is said of members is kept by no browser and nobody on the way; files of the UI's
        # and the desk's say themselves for how long.
        yield "Cache-Control", "no-store"
        yield "X-Frame-Options", "SAMEORIGIN"
        yield "X-Content-Type-Options", "nosniff"
        yield "Referrer-Policy", "same-origin"
        yield "Cross-Origin-Opener-Policy", "same-origin"
        yield "Cross-Origin-Resource-Policy", "same-origin"
        if self._settings.secure:
            yield "Strict-Transport-Security", "max-age=31536000"


def policy(settings: GatewaySettings, *, inline_scripts: bool = False) -> str:
    """Return what a page may load and run, as a browser is told.

    Args:
        settings: where the gateway stands, and where one logs in.
        inline_scripts: whether scripts may stand within it.
    """
    issuer = urlsplit(settings.issuer or "")
    elsewhere = f" {issuer.scheme}://{issuer.netloc}" if issuer.netloc else ""
    inline = " 'unsafe-inline'" if inline_scripts else ""
    return (
        f"default-src 'self'; script-src 'self'{inline}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; manifest-src 'self' data:; "
        "object-src 'none'; base-uri 'self'; frame-ancestors 'self'; "
        f"form-action 'self'{elsewhere}"
    )


def _known_as(name: str) -> str:
    """Return something short for a name, which whoever tries it may make as long as they like."""
    return hashlib.sha256(name.encode()).hexdigest()


def _hostname(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _bounded(receive: Receive) -> Receive:
    """Return what receives a body no larger and no slower than allowed, whatever its header says.

    After its end, who waits learns that the caller has gone, however long that takes.
    """
    taken, more = 0, True
    loop = asyncio.get_running_loop()
    until = loop.time() + BODY_SECONDS

    async def receiving() -> Message:
        nonlocal taken, more
        try:
            async with asyncio.timeout_at(until if more else None):
                message = await receive()
        except TimeoutError:
            raise _too_slow() from None
        more = message.get("more_body", False)
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise too_big()
        return message

    return receiving


def _too_slow() -> Refused:
    return Refused(
        HTTPStatus.REQUEST_TIMEOUT,
        "too_slow",
        Sentence("That took too long to come.", "Det tok for lang tid før alt kom."),
    )


def too_big() -> Refused:
    """Return the refusal of a body, or a message, that is larger than any of ours."""
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_big",
        Sentence("That is too big to be sent here.", "Dette er for stort til å sendes hit."),
    )


def _too_many() -> Refused:
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many",
        Sentence("Too many requests: wait a minute.", "For mange forespørsler: vent et minutt."),
    )


def unreadable() -> Refused:
    """Return the refusal of a body that is no JSON object."""
    return bad_request(
        "unreadable", "The body is no JSON that can be read.", "Innholdet er ikke lesbar JSON."
    )
