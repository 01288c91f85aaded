"""Tokens of systems: JWTs of the issuer, made for us, signed by a key that it publishes."""

import time
from http import HTTPStatus
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from workers.gateway.callers import Caller, NobodyOfOurs, caller_of
from workers.gateway.refusals import Refused, Sentence
from workers.gateway.settings import GatewaySettings

ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]
"""Of public keys alone: under one that is shared, whoever checks tokens could make them."""

CLOCKS_DIFFER_SECONDS = 60
KEYS_LAST_SECONDS = 600.0
"""A key that the issuer takes back counts no longer than that."""
ASKED_AGAIN_SECONDS = 10.0
"""How soon keys are asked for again for one that is unknown: tokens are anybody's to make."""
LONGEST_TOKEN = 8_000


class Issuer:
    """The provider's own word on itself, and its keys.

    Args:
        settings: which one it is.
        client: how it is reached.
    """

    def __init__(self, settings: GatewaySettings, client: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._client = client
        self._keys: KeySet | None = None
        self._asked = 0.0

    @property
    def metadata_url(self) -> str:
        """Where it says what it does."""
        return f"{self._settings.issuer or ''}".rstrip("/") + "/.well-known/openid-configuration"

    async def caller(self, token: str) -> Caller:
        """Return whom a token stands for.

        Raises:
            Refused: it is none of the issuer's for us, or the issuer does not answer.
        """
        if len(token) > LONGEST_TOKEN:
            raise _refused()
        try:
            found = await self._decoded(token)
            self._registry().validate(found.claims)
            return caller_of(found.claims, self._settings)
        except (JoseError, NobodyOfOurs, ValueError, TypeError, RecursionError):
            raise _refused() from None

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=CLOCKS_DIFFER_SECONDS,
            iss={"essential": True, "value": self._settings.issuer or ""},
            aud={"essential": True, "value": self._settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._key_set(KEYS_LAST_SECONDS), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            keys = await self._key_set(ASKED_AGAIN_SECONDS)
            return jwt.decode(token, keys, algorithms=ALGORITHMS)

    async def _key_set(self, newer_than: float) -> KeySet:
        if self._keys is None or time.monotonic() - self._asked > newer_than:
            self._asked = time.monotonic()
            try:
                metadata = await self._json(self.metadata_url)
                self._keys = KeySet.import_key_set(await self._json(metadata["jwks_uri"]))
            except (httpx2.HTTPError, JoseError, KeyError, ValueError, TypeError):
                if self._keys is None:
                    raise not_answering() from None
        return self._keys

    async def _json(self, url: str) -> Any:
        answer = await self._client.get(url)
        answer.raise_for_status()
        return answer.json()


def not_answering() -> Refused:
    """Return the refusal while the provider can't be reached."""
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "issuer_unavailable",
        Sentence(
            "The login provider does not answer: try again in a moment.",
            "Innloggingstjenesten svarer ikke: prøv igjen om litt.",
        ),
    )


def _refused() -> Refused:
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "invalid_token",
        Sentence(
            "The token is not one that counts here: it is forged, has expired, or is for another.",
            "Adgangstegnet gjelder ikke her: det er forfalsket, utløpt eller laget for andre.",
        ),
    )
