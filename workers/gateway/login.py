"""Logging in and out: OpenID Connect's authorization code flow with PKCE, by Authlib."""

from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import structlog
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from fastapi import APIRouter
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from activities.access import log as access_log
from workers.gateway import sessions
from workers.gateway.callers import Caller, NobodyOfOurs, caller_of
from workers.gateway.guard import Limiter
from workers.gateway.logbook import Logbook
from workers.gateway.refusals import Refused, Sentence, forbidden, page
from workers.gateway.settings import GatewaySettings
from workers.gateway.tokens import CLOCKS_DIFFER_SECONDS, Issuer, not_answering

log = structlog.stdlib.get_logger("gateway")


class Login:
    """The pages of logging in and out.

    Args:
        settings: of the gateway.
        issuer: who vouches for people.
        logbook: where logins are kept.
        limiter: counts attempts.
        transport: how the issuer is reached; None: over the network.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        issuer: Issuer,
        logbook: Logbook,
        limiter: Limiter,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._logbook = logbook
        self._limiter = limiter
        self._app: StarletteOAuth2App = OAuth().register(
            "issuer",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_metadata_url=issuer.metadata_url,
            client_kwargs={
                "scope": "openid profile",
                "code_challenge_method": "S256",
                "transport": transport,
                "timeout": 10,
            },
        )

    def routes(self) -> APIRouter:
        """Return the pages."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/login", self.login, methods=["GET"])
        router.add_api_route("/login/callback", self.callback, methods=["GET"])
        router.add_api_route("/me", self.me, methods=["GET"])
        router.add_api_route("/logout", self.logout, methods=["POST"])
        router.add_api_route("/logged-out", self.logged_out, methods=["GET"])
        return router

    async def login(self, request: Request) -> Response:
        """Send a browser to the provider, to come back to the page it wanted."""
        await self._limiter.stranger(request)
        there = await sessions.current(request, self._logbook.pool)
        if there is not None and "again" not in request.query_params:
            # The UI leads here from whatever is refused: a provider that remembers people would
            # send them straight back, for ever.
            return page("already.html", status=HTTPStatus.FORBIDDEN, name=there.name)
        if there is not None:
            # Whoever has a copy of the cookie that is given up has nothing.
            await self._end(there)
        request.session.clear()
        request.session["next"] = local_path(request.query_params.get("next", "/"))
        try:
            answer: Response = await self._app.authorize_redirect(
                request, f"{self._settings.url}/login/callback"
            )
        except (httpx2.HTTPError, ValueError, KeyError, RuntimeError):
            raise not_answering() from None
        return answer

    async def callback(self, request: Request) -> Response:
        """Take the provider's word on who has come back, and begin a session."""
        await self._limiter.stranger(request)
        wanted = local_path(str(request.session.get("next", "/")))
        caller = await self._vouched(request)
        if not caller.roles:
            await self._logbook.write(caller, "login", "login", refused="no_role")
            raise forbidden(
                "no_role",
                "You are logged in with the provider, and have no role here: ask your team lead.",
                "Du er logget inn, men har ingen rolle her: spør teamlederen din.",
            )
        await self._logbook.write(caller, "login", "login")
        caller = sessions.begin(request, caller)
        answer = RedirectResponse(wanted, HTTPStatus.SEE_OTHER)
        set_csrf(answer, self._settings, caller)
        return answer

    async def _vouched(self, request: Request) -> Caller:
        """Return who the provider says it is.

        Raises:
            Refused: it does not answer, or not for this browser, this client and this attempt.
        """
        try:
            token = await self._app.authorize_access_token(
                request, leeway=CLOCKS_DIFFER_SECONDS, claims_options=self._claims_options()
            )
            return caller_of(token["userinfo"], self._settings)
        except httpx2.HTTPError:
            raise not_answering() from None
        except (OAuthError, JoseError, NobodyOfOurs, KeyError, ValueError, TypeError) as error:
            # The text may quote what the browser sent.
            log.warning("login.refused", error=type(error).__name__)
            request.session.clear()
            raise _not_logged_in() from None

    def _claims_options(self) -> dict[str, dict[str, object]]:
        return {
            "iss": {"essential": True, "values": [self._settings.issuer]},
            "aud": {"essential": True, "values": [self._settings.client_id]},
            "nonce": {"essential": True},
        }

    async def me(self, request: Request) -> Response:
        """Show who is logged in, with a button that logs them out."""
        caller = await self._present(request)
        token = sessions.csrf_token(self._settings, caller.session or "")
        return page("me.html", name=caller.name, roles=sorted(caller.roles), csrf=token)

    async def logout(self, request: Request) -> Response:
        """End the session here, and with the provider where it has a page for that."""
        caller = await self._present(request)
        form = parse_qs((await request.body()).decode("ascii", "replace"))
        if not sessions.is_ours(self._settings, caller, form.get("csrf", [""])[0]):
            raise csrf_missing()
        await self._logbook.write(caller, "logout", "logout")
        await self._end(caller)
        request.session.clear()
        answer = RedirectResponse(await self._farewell(), HTTPStatus.SEE_OTHER)
        answer.delete_cookie(sessions.CSRF_COOKIE)
        return answer

    async def _end(self, caller: Caller) -> None:
        await access_log.end_login(self._logbook.pool, caller.session or "", datetime.now(UTC))

    async def _farewell(self) -> str:
        here = f"{self._settings.url}/logged-out"
        try:
            metadata = await self._app.load_server_metadata()
        except (httpx2.HTTPError, ValueError):
            return here
        end = metadata.get("end_session_endpoint")
        if not end:
            return here
        asked = {"post_logout_redirect_uri": here, "client_id": self._settings.client_id}
        return f"{end}?{urlencode(asked)}"

    async def logged_out(self) -> Response:
        """Say that it is done."""
        return page("logged_out.html")

    async def _present(self, request: Request) -> Caller:
        caller = await sessions.current(request, self._logbook.pool)
        if caller is None:
            raise not_logged_in()
        return caller


def local_path(wanted: str) -> str:
    """Return the page to come back to: of ours, whatever an address asks for."""
    parts = urlsplit(wanted)
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if local and not parts.netloc and "\\" not in wanted else "/"


def set_csrf(answer: Response, settings: GatewaySettings, caller: Caller) -> None:
    """Give the pages of the Temporal UI what they send with every write."""
    answer.set_cookie(
        sessions.CSRF_COOKIE,
        sessions.csrf_token(settings, caller.session or ""),
        secure=settings.secure,
        samesite="strict",
    )


def not_logged_in() -> Refused:
    """Return the refusal of whoever has neither a session nor a token."""
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "not_logged_in",
        Sentence("Log in first.", "Logg inn først."),
    )


def csrf_missing() -> Refused:
    """Return the refusal of a write that no page of ours has sent."""
    return forbidden(
        "csrf",
        "This was not sent by a page of ours: load the page anew and try again.",
        "Dette ble ikke sendt fra en av våre sider: last siden på nytt og prøv igjen.",
    )


def _not_logged_in() -> Refused:
    return forbidden(
        "login_failed",
        "The login did not succeed: begin again.",
        "Innloggingen lyktes ikke: begynn på nytt.",
    )
