"""The local login provider: OpenID Connect's code flow with PKCE, and client credentials.

It speaks what the gateway needs and a real provider offers, no more; production refuses it.
"""

import base64
import binascii
import secrets
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import APIRouter
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from workers.gateway.guard import Limiter
from workers.gateway.identity import kept
from workers.gateway.identity.kept import Identity, User
from workers.gateway.refusals import bad_request, page
from workers.gateway.settings import GatewaySettings

CODE_LASTS_SECONDS = 60
TOKEN_LASTS_SECONDS = 3600
PASSED_ON = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
    *("code_challenge", "code_challenge_method"),
)
"""What the form of a login carries from the request to its answer."""


@dataclass(frozen=True)
class _Code:
    user: User
    asked: dict[str, str]
    until: float = field(default_factory=lambda: time.monotonic() + CODE_LASTS_SECONDS)


class Provider:
    """The provider of one machine.

    Args:
        settings: of the gateway that it is part of.
        identity: who can log in.
        limiter: counts attempts at passwords.
    """

    def __init__(self, settings: GatewaySettings, identity: Identity, limiter: Limiter) -> None:
        self._settings = settings
        self._identity = identity
        self._limiter = limiter
        self._codes: dict[str, _Code] = {}

    def routes(self) -> APIRouter:
        """Return its addresses."""
        router = APIRouter(prefix=kept.PATH, include_in_schema=False)
        router.add_api_route("/.well-known/openid-configuration", self.metadata, methods=["GET"])
        router.add_api_route("/jwks", self.keys, methods=["GET"])
        router.add_api_route("/authorize", self.ask, methods=["GET"])
        router.add_api_route("/authorize", self.answer, methods=["POST"])
        router.add_api_route("/token", self.token, methods=["POST"])
        router.add_api_route("/logout", self.logout, methods=["GET"])
        return router

    async def metadata(self) -> Response:
        """Say what it does, and where."""
        issuer = self._settings.issuer
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "end_session_endpoint": f"{issuer}/logout",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def keys(self) -> Response:
        """Publish the key that signs."""
        key = ECKey.import_key(self._identity.key)
        return JSONResponse({"keys": [key.as_dict(private=False) | {"use": "sig", "alg": "ES256"}]})

    async def ask(self, request: Request) -> Response:
        """Ask for a name and a password."""
        asked = self._asked(dict(request.query_params))
        return page("identity.html", asked=asked, wrong=False)

    async def answer(self, request: Request) -> Response:
        """Send whoever knows the password back with a code."""
        await self._limiter.stranger(request)
        form = await _form(request)
        asked = self._asked(form)
        name = form.get("username", "")
        await self._limiter.attempt(name)
        user = self._identity.user(name, form.get("password", ""))
        if user is None:
            await self._limiter.wrong(name)
            return page("identity.html", status=HTTPStatus.FORBIDDEN, asked=asked, wrong=True)
        code = secrets.token_urlsafe(24)
        now = time.monotonic()
        self._codes = {key: kept for key, kept in self._codes.items() if kept.until > now}
        self._codes[code] = _Code(user, asked)
        answered = {"code": code, "state": asked["state"], "iss": self._settings.issuer}
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode(answered)}", HTTPStatus.SEE_OTHER
        )

    def _asked(self, given: dict[str, str]) -> dict[str, str]:
        """Return what is asked for, once it is our gateway that asks.

        Raises:
            Refused: it is not, or without a proof of who will bring the code back.
        """
        asked = {name: given.get(name, "") for name in PASSED_ON}
        expected = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": f"{self._settings.url}/login/callback",
            "code_challenge_method": "S256",
        }
        if any(asked[name] != value for name, value in expected.items()) or not (
            asked["code_challenge"] and asked["state"]
        ):
            raise bad_request(
                "wrong_login",
                "This is no login of the gateway's.",
                "Dette er ingen innlogging herfra.",
            )
        return asked

    async def token(self, request: Request) -> Response:
        """Give tokens for a code, or to the client that stands for other systems."""
        await self._limiter.stranger(request)
        form = await _form(request)
        client, identity = _client(request), self._identity
        match form.get("grant_type"):
            case "authorization_code" if _is(
                client, self._settings.client_id, identity.client_secret
            ):
                return self._for_a_code(form)
            case "client_credentials" if _is(client, identity.system_id, identity.system_secret):
                claims = {"sub": self._identity.system_id, "roles": ["system"]}
                return _tokens({"access_token": self._signed(self._settings.audience, claims)})
        return _refused("invalid_client")

    def _for_a_code(self, form: dict[str, str]) -> Response:
        kept = self._codes.pop(form.get("code", ""), None)
        if kept is None or kept.until < time.monotonic():
            return _refused("invalid_grant")
        challenge = create_s256_code_challenge(form.get("code_verifier", ""))
        if (challenge, form.get("redirect_uri")) != (
            kept.asked["code_challenge"],
            kept.asked["redirect_uri"],
        ):
            return _refused("invalid_grant")
        user = kept.user
        claims = {"sub": user.username, "name": user.name, "roles": list(user.roles)}
        if user.branch:
            claims["branch"] = user.branch
        return _tokens(
            {
                "access_token": self._signed(self._settings.audience, claims),
                "id_token": self._signed(
                    self._settings.client_id, claims | {"nonce": kept.asked["nonce"]}
                ),
            }
        )

    async def logout(self, request: Request) -> Response:
        """End nothing, since nothing lasts here; go back."""
        wanted = request.query_params.get("post_logout_redirect_uri")
        back = f"{self._settings.url}/logged-out"
        return RedirectResponse(wanted if wanted == back else self._settings.url)

    def _signed(self, audience: str, claims: dict[str, Any]) -> str:
        return signed(self._identity, self._settings.issuer or "", audience, claims)


def signed(identity: Identity, issuer: str, audience: str, claims: dict[str, Any]) -> str:
    """Return a token.

    Args:
        identity: whose key signs it.
        issuer: whose word it is.
        audience: for whom.
        claims: what it says beside.
    """
    now = int(time.time())
    key = ECKey.import_key(identity.key)
    header = {"alg": "ES256", "kid": identity.key["kid"], "typ": "JWT"}
    times = {"iat": now, "exp": now + TOKEN_LASTS_SECONDS}
    return jwt.encode(header, {**claims, **times, "iss": issuer, "aud": audience}, key)


async def _form(request: Request) -> dict[str, str]:
    text = (await request.body()).decode("utf-8", "replace")
    return {name: values[0] for name, values in parse_qs(text).items()}


def _client(request: Request) -> tuple[str, str] | None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(name), unquote(secret)


def _is(client: tuple[str, str] | None, name: str, secret: str) -> bool:
    """Tell whether a client is known, in the same time however much of the secret is right."""
    given, word = client or ("", "")
    return secrets.compare_digest(word.encode(), secret.encode()) and given == name


def _tokens(tokens: dict[str, str]) -> Response:
    return JSONResponse(
        {**tokens, "token_type": "Bearer", "expires_in": TOKEN_LASTS_SECONDS},
        headers={"Cache-Control": "no-store"},
    )


def _refused(why: str) -> Response:
    return JSONResponse({"error": why}, HTTPStatus.BAD_REQUEST)
