"""What production asks of the connections to PostgreSQL and Temporal: nobody else reads along.

Both carry who is a member. On this machine, by a loopback address or a socket, nobody else does.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from temporalio.envconfig import ClientConnectConfig

from workers.errors import UserError

THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
VERIFIED = "verify-full"
"""The one `sslmode` that looks who the server is; the others take anybody's word for it."""


def is_this_machine(host: str) -> bool:
    """Tell whether a host is reached without leaving this machine."""
    return host.startswith("/") or host.strip("[]").rstrip(".").lower() in THIS_MACHINE


def with_secrets(database_url: str, variables: Mapping[str, str]) -> str:
    """Return a database's URL with the password and the authority that are given beside it.

    Raises:
        UserError: the URL has a password of its own, or names nobody whose the password is.
    """
    password, authority = variables.get("DATABASE_PASSWORD"), variables.get("DATABASE_CA_PATH")
    url = database_url
    if password:
        scheme, rest = url.split("://", 1)
        user, at, place = rest.partition("@")
        if not at or ":" in user:
            raise UserError(
                "DATABASE_PASSWORD is the password of the user whom DATABASE_URL names without "
                "one, as in postgresql://medlemsflyt_operator@host:5432/medlemsflyt."
            )
        url = f"{scheme}://{user}:{quote(password, safe='')}@{place}"
    if authority:
        mark = "&" if urlsplit(url).query else "?"
        url += f"{mark}sslmode={VERIFIED}&sslrootcert={quote(authority)}"
    return url


def without_password(database_url: str) -> str:
    """Return a database's URL as it may be shown."""
    parts = urlsplit(database_url)
    user, at, place = parts.netloc.rpartition("@")
    shown = parse_qs(parts.query)
    shown.pop("password", None)
    return parts._replace(
        netloc=user.partition(":")[0] + at + place, query=urlencode(shown, doseq=True, safe="/")
    ).geturl()


def require_protected_database(url: str, variables: Mapping[str, str]) -> None:
    """Refuse a database of another machine whose certificate is not looked at.

    Raises:
        UserError: saying what to set.
    """
    mode = _of_query(url, "sslmode") or variables.get("PGSSLMODE")
    far = [host for host in _hosts(url, variables) if not is_this_machine(host)]
    if far and mode != VERIFIED:
        raise UserError(
            f"DATABASE_URL would reach {far[0]} without knowing that it is the database, or in "
            "the clear, which production refuses: set DATABASE_CA_PATH to the file of the "
            "authority that signed its certificate."
        )


def require_protected_temporal(config: ClientConnectConfig) -> None:
    """Refuse a Temporal server of another machine that does not know who we are.

    Raises:
        UserError: saying what to set.
    """
    host = config.get("target_host", "").rpartition(":")[0]
    tls = config.get("tls")
    known = bool(config.get("api_key")) or bool(getattr(tls, "client_cert", None))
    if is_this_machine(host) or (known and tls is not False):
        return
    raise UserError(
        f"TEMPORAL_ADDRESS={config.get('target_host')} would be reached by anybody who finds it, "
        "which production refuses: set TEMPORAL_TLS_CLIENT_CERT_PATH and _KEY_PATH to our own "
        "certificate (mTLS), or TEMPORAL_API_KEY."
    )


def _hosts(url: str, variables: Mapping[str, str]) -> Iterator[str]:
    """Yield the hosts of a database's URL, read as its driver reads them; of none, a socket."""
    place = urlsplit(url).netloc.rpartition("@")[2]
    for one in place.split(",") if place else ():
        bracketed, _, _ = one.partition("]")
        yield bracketed.strip("[") if one.startswith("[") else one.partition(":")[0]
    if not place:
        elsewhere = _of_query(url, "host") or variables.get("PGHOST") or "/"
        yield from elsewhere.split(",")


def _of_query(url: str, name: str) -> str | None:
    return parse_qs(urlsplit(url).query).get(name, [None])[-1]
