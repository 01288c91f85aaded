"""Sessions of browsers: who is logged in stands in a signed cookie, and in what makes it count."""

import hashlib
import hmac
import secrets
import time
from typing import Any

import asyncpg
from starlette.requests import Request

from activities.access import log as access_log
from activities.access.log import LOGIN_LASTS, LOGIN_RESTS
from schemas.access.roles import known_roles
from workers.gateway.callers import Caller
from workers.gateway.settings import GatewaySettings

CSRF_COOKIE, CSRF_HEADER = "_csrf", "x-csrf-token"
"""What the Temporal UI reads and sends with every write."""

SEEN_EVERY = 300.0
"""Seconds between two notes in the cookie that somebody is still there."""


def cookie_name(settings: GatewaySettings) -> str:
    """Return what the cookie is called: under TLS no other host can set one of this name."""
    return "__Host-medlemsflyt" if settings.secure else "medlemsflyt"


def csrf_token(settings: GatewaySettings, session_id: str) -> str:
    """Return what a page of ours sends with a write, and a page from elsewhere can't know."""
    key = (settings.session_key or "").encode()
    return hmac.new(key, b"csrf " + session_id.encode(), hashlib.sha256).hexdigest()


def begin(request: Request, caller: Caller) -> Caller:
    """Log somebody in: under a new session, whatever was in the cookie before."""
    session_id, now = secrets.token_urlsafe(24), time.time()
    request.session.clear()
    request.session["login"] = {
        "id": session_id,
        "subject": caller.subject,
        "name": caller.name,
        "roles": sorted(caller.roles),
        "branch": caller.branch,
        "until": now + LOGIN_LASTS.total_seconds(),
        "seen": now,
    }
    return Caller(caller.subject, caller.name, caller.roles, caller.branch, session_id)


async def current(request: Request, pool: asyncpg.Pool) -> Caller | None:
    """Return who is logged in; None: nobody, not any more, or the cookie is not ours."""
    login: dict[str, Any] | None = request.session.get("login")
    now = time.time()
    if login is None or login["until"] < now:
        return None
    # A cookie of an older version does not say when it was seen.
    seen = float(login.get("seen", 0.0))
    if now - seen > LOGIN_RESTS.total_seconds():
        return None
    if await access_log.is_ended(pool, login["id"]):
        return None
    if now - seen > SEEN_EVERY:
        request.session["login"] = {**login, "seen": now}
    roles = known_roles(login["roles"])
    return Caller(login["subject"], login["name"], roles, login["branch"], login["id"])


def is_ours(settings: GatewaySettings, caller: Caller, given: str) -> bool:
    """Tell whether a write comes from a page of ours; a token needs no such proof."""
    if caller.session is None:
        return True
    return hmac.compare_digest(csrf_token(settings, caller.session).encode(), given.encode())
