"""What the gateway is told: where it stands, what is behind it, and who vouches for people.

Read by `workers/settings` for every process; only the gateway insists on what it needs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from workers.errors import UserError

DEFAULT_URL = "http://127.0.0.1:8233"
DEFAULT_UI = "http://127.0.0.1:8080"
DEFAULT_HTTP_API = "http://127.0.0.1:7243"
DEFAULT_CLIENT = "medlemsflyt-gateway"
DEFAULT_AUDIENCE = "medlemsflyt"
DEFAULT_RATE = "1200/minute"
SHORTEST_KEY = 32


@dataclass(frozen=True)
class GatewaySettings:
    """The gateway's own settings.

    Attributes:
        url: what browsers and systems call it, without a path.
        listen: host and port that it listens on; those of ``url`` where left out.
        codec_url: a second address, which answers ``/encode`` and ``/decode`` alone, if any.
        ui_url: the Temporal UI behind it.
        http_api_url: Temporal's HTTP API behind it.
        issuer: who logs people in, and gives tokens to systems.
        client_id: what the issuer knows the gateway by.
        audience: whom a system's token must be made for.
        roles_claim: where roles or groups stand in a token, with dots between levels.
        branch_claim: where the branch of somebody of a branch stands.
        roles: by a group of the issuer's, the role of ours; empty: they are called the same.
        rate: how many requests one caller may make, as in ``1200/minute``.
        session_key: what cookies are signed with.
        identity_file: the local identity of a developer's machine.
    """

    url: str = DEFAULT_URL
    listen: str = ""
    codec_url: str | None = None
    ui_url: str = DEFAULT_UI
    http_api_url: str = DEFAULT_HTTP_API
    issuer: str | None = None
    client_id: str = DEFAULT_CLIENT
    client_secret: str | None = field(default=None, repr=False)
    audience: str = DEFAULT_AUDIENCE
    roles_claim: str = "roles"
    branch_claim: str = "branch"
    roles: Mapping[str, str] = field(default_factory=dict)
    rate: str = DEFAULT_RATE
    session_key: str | None = field(default=None, repr=False)
    identity_file: Path | None = None

    @property
    def host(self) -> str:
        """The name and port that requests must be addressed to."""
        return urlsplit(self.url).netloc

    @property
    def codec_host(self) -> str | None:
        """The name and port of the second address."""
        return urlsplit(self.codec_url).netloc if self.codec_url else None

    @property
    def secure(self) -> bool:
        """Whether browsers reach it under TLS."""
        return self.url.startswith("https://")

    @property
    def address(self) -> tuple[str, int]:
        """The host and port to listen on."""
        parts = urlsplit(f"//{self.listen}" if self.listen else self.url)
        return parts.hostname or "127.0.0.1", parts.port or (443 if self.secure else 80)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """All hosts and ports to listen on."""
        if self.codec_url is None:
            return [self.address]
        parts = urlsplit(self.codec_url)
        return [self.address, (parts.hostname or "127.0.0.1", parts.port or 80)]


def gateway_settings(variables: Mapping[str, str], *, production: bool) -> GatewaySettings:
    """Read the gateway's settings.

    Args:
        variables: those of the environment that are set.
        production: refuses what only a developer's machine may do.

    Raises:
        UserError: Naming the variable that is wrong.
    """
    found = GatewaySettings(
        url=_origin(variables, "MEDLEMSFLYT_GATEWAY_URL", DEFAULT_URL),
        listen=_listen(variables),
        codec_url=_codec_url(variables),
        ui_url=_origin(variables, "MEDLEMSFLYT_GATEWAY_UI", DEFAULT_UI),
        http_api_url=_origin(variables, "MEDLEMSFLYT_GATEWAY_HTTP_API", DEFAULT_HTTP_API),
        issuer=_issuer(variables),
        client_id=variables.get("MEDLEMSFLYT_OIDC_CLIENT_ID", DEFAULT_CLIENT),
        client_secret=variables.get("MEDLEMSFLYT_OIDC_CLIENT_SECRET"),
        audience=variables.get("MEDLEMSFLYT_OIDC_AUDIENCE", DEFAULT_AUDIENCE),
        roles_claim=variables.get("MEDLEMSFLYT_OIDC_ROLES_CLAIM", "roles"),
        branch_claim=variables.get("MEDLEMSFLYT_OIDC_BRANCH_CLAIM", "branch"),
        roles=_roles(variables.get("MEDLEMSFLYT_OIDC_ROLES", "")),
        rate=_rate(variables),
        session_key=_session_key(variables),
        identity_file=_identity_file(variables),
    )
    if found.audience == found.client_id:
        raise UserError(
            "MEDLEMSFLYT_OIDC_AUDIENCE must not be the client id: a token that a login brings is "
            "no token of a system."
        )
    if production:
        _refuse_examples(found)
    return found


def require_gateway(settings: GatewaySettings) -> None:
    """Insist on what the gateway can't be run without.

    Raises:
        UserError: Naming the variable that is missing.
    """
    for name, value in (
        ("MEDLEMSFLYT_OIDC_ISSUER", settings.issuer),
        ("MEDLEMSFLYT_OIDC_CLIENT_SECRET", settings.client_secret),
        ("MEDLEMSFLYT_GATEWAY_KEY", settings.session_key),
    ):
        if not value:
            raise UserError(
                f"{name} is not set: the gateway needs it. On one machine `medlemsflyt dev` runs a "
                "gateway with users of its own."
            )


def _refuse_examples(settings: GatewaySettings) -> None:
    """Refuse what is meant for a developer's machine.

    Raises:
        UserError: Naming the variable and what to set it to.
    """
    if settings.identity_file is not None:
        raise UserError(
            "MEDLEMSFLYT_IDENTITY_FILE is refused in production, where a provider of the union's "
            "own logs people in: unset it, and name that with MEDLEMSFLYT_OIDC_ISSUER."
        )
    if settings.codec_url is not None:
        raise UserError(
            "MEDLEMSFLYT_GATEWAY_CODEC is refused in production, where one address is published: "
            "unset it, and name the gateway's own to the Temporal command line."
        )
    if not settings.secure and settings.url != DEFAULT_URL:
        raise UserError(
            "MEDLEMSFLYT_GATEWAY_URL must begin with https:// in production: passwords and what is "
            "known of members would be sent in the clear."
        )
    if settings.issuer is not None and not settings.issuer.startswith("https://"):
        raise UserError("MEDLEMSFLYT_OIDC_ISSUER must begin with https:// in production.")


def _origin(variables: Mapping[str, str], name: str, default: str) -> str:
    value = variables.get(name, default).rstrip("/")
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?", value):
        raise UserError(
            f"{name} must be an address without a path, as in https://medlem.example.org, "
            f"not {value!r}."
        )
    return value


def _codec_url(variables: Mapping[str, str]) -> str | None:
    value = variables.get("MEDLEMSFLYT_GATEWAY_CODEC")
    return None if value is None else _origin(variables, "MEDLEMSFLYT_GATEWAY_CODEC", value)


def _listen(variables: Mapping[str, str]) -> str:
    value = variables.get("MEDLEMSFLYT_GATEWAY_LISTEN", "")
    if value and not re.fullmatch(r"[A-Za-z0-9.\-]+:[0-9]{1,5}", value):
        raise UserError(
            f"MEDLEMSFLYT_GATEWAY_LISTEN must be a host and a port, as in 0.0.0.0:8233, "
            f"not {value!r}."
        )
    return value


def _issuer(variables: Mapping[str, str]) -> str | None:
    value = variables.get("MEDLEMSFLYT_OIDC_ISSUER")
    if value is not None and not re.fullmatch(r"https?://[^\s?#]+", value):
        raise UserError(
            f"MEDLEMSFLYT_OIDC_ISSUER must be the provider's address, as in "
            f"https://login.example.org/realms/union, not {value!r}."
        )
    return value


def _roles(text: str) -> dict[str, str]:
    pairs = [pair.strip() for pair in text.split(",") if pair.strip()]
    if not all(re.fullmatch(r"[^=]+=[a-z_]+", pair) for pair in pairs):
        raise UserError(
            "MEDLEMSFLYT_OIDC_ROLES must be groups and roles, as in "
            f"saksbehandlere=caseworker,ledere=team_lead, not {text!r}."
        )
    return dict(pair.rsplit("=", 1) for pair in pairs)


def _rate(variables: Mapping[str, str]) -> str:
    value = variables.get("MEDLEMSFLYT_GATEWAY_RATE", DEFAULT_RATE)
    if not re.fullmatch(r"[1-9][0-9]{0,6}/(second|minute|hour)", value):
        raise UserError(f"MEDLEMSFLYT_GATEWAY_RATE must be as in {DEFAULT_RATE}, not {value!r}.")
    return value


def _session_key(variables: Mapping[str, str]) -> str | None:
    value = variables.get("MEDLEMSFLYT_GATEWAY_KEY")
    if value is not None and len(value) < SHORTEST_KEY:
        raise UserError(
            f"MEDLEMSFLYT_GATEWAY_KEY must have at least {SHORTEST_KEY} characters, made by chance."
        )
    return value


def _identity_file(variables: Mapping[str, str]) -> Path | None:
    value = variables.get("MEDLEMSFLYT_IDENTITY_FILE")
    return Path(value) if value else None
