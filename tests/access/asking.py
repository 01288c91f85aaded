"""A gateway in the test's own process, with its local provider, and who asks it."""

from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx2
from httpx2 import ASGITransport

from activities.letters.settings import NotificationSettings
from workers.gateway.app import Parts, application
from workers.gateway.coding import Codec, Stamper
from workers.gateway.identity import kept
from workers.gateway.identity.provider import signed
from workers.gateway.settings import GatewaySettings
from workers.stack.ports import HOST

URL = "http://127.0.0.1:8233"
IDENTITY = kept.make()

Json = dict[str, Any]


def settings(**changes: Any) -> GatewaySettings:
    """The settings of a gateway of one machine."""
    return replace(
        GatewaySettings(
            issuer=f"{URL}/identity",
            client_secret=IDENTITY.client_secret,
            session_key=IDENTITY.session_key,
        ),
        **changes,
    )


def token(role: str, *, audience: str = "medlemsflyt", issuer: str = URL, **claims: Any) -> str:
    """A token of the local provider's for a role."""
    about = {"sub": f"{role}-7", "name": role, "roles": [role], **claims}
    return signed(IDENTITY, f"{issuer}/identity", audience, about)


def bearer(role: str, **claims: Any) -> dict[str, str]:
    """The header that a token comes in."""
    return {"authorization": f"Bearer {token(role, **claims)}"}


@dataclass(frozen=True)
class Browser:
    """Somebody's browser: keeps cookies, and follows where it is sent."""

    client: httpx2.AsyncClient

    async def log_in(self, username: str) -> httpx2.Response:
        """Log a user of the local provider in, by its form."""
        form = await self.client.get("/login", headers=PAGE)
        asked = dict(form.url.params)
        password = next(user.password for user in IDENTITY.users if user.username == username)
        return await self.client.post(
            "/identity/authorize",
            data={**asked, "username": username, "password": password},
            headers={**PAGE, "origin": URL},
        )

    def csrf(self) -> dict[str, str]:
        """What the pages of the UI send with a write."""
        return {"x-csrf-token": self.client.cookies["_csrf"], "origin": URL}


PAGE = {"accept": "text/html,*/*"}


@dataclass(frozen=True)
class Gateway:
    """A gateway, and ways to ask it."""

    app: Any
    pool: asyncpg.Pool
    address: str = HOST
    """Where those who ask it are."""

    def client(self, **values: Any) -> httpx2.AsyncClient:
        """A program that asks it."""
        return httpx2.AsyncClient(
            transport=ASGITransport(self.app, client=(self.address, 1)), base_url=URL, **values
        )

    def browser(self) -> Browser:
        """A browser in front of it."""
        return Browser(self.client(follow_redirects=True))


class _Itself(httpx2.AsyncBaseTransport):
    """Leads the gateway to the provider that it serves itself."""

    app: Any = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await ASGITransport(app=self.app).handle_async_request(request)


def opened(
    pool: asyncpg.Pool,
    made: GatewaySettings,
    *,
    codec: Codec | None = None,
    stamper: Stamper | None = None,
    letters: NotificationSettings | None = None,
    upstream: httpx2.AsyncBaseTransport | None = None,
) -> Gateway:
    """Return a gateway whose provider is its own."""
    itself = _Itself()
    parts = Parts(
        pool=pool,
        namespace="default",
        identity=IDENTITY,
        codec=codec,
        stamper=stamper,
        letters=letters,
        allow_synthetic_ids=True,
        upstream=upstream,
        outside=itself,
    )
    itself.app = application(made, parts)
    return Gateway(itself.app, pool)
