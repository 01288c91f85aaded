"""The database that DATABASE_URL names.

asyncpg takes the URL as it stands, SQLAlchemy after `postgresql://` has become
`postgresql+asyncpg://`.
"""

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from workers.doors import require_protected_database, with_secrets
from workers.errors import UserError
from workers.settings.values import Environment

EXAMPLE_PASSWORD = "medlemsflyt"  # noqa: S105 - of docker-compose.yml, and refused in production
"""Defaults of docker-compose.yml, for a developer's machine."""


class Pooling(StrEnum):
    """What a connection to the database keeps between two transactions."""

    SESSION = "session"
    TRANSACTION = "transaction"


def database_url(variables: Mapping[str, str], environment: Environment) -> str | None:
    """Return the URL with the secrets that are given beside it; None: it is not set.

    Raises:
        UserError: naming the variable and what to set it to.
    """
    url = variables.get("DATABASE_URL")
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise UserError(
            "DATABASE_URL must begin with postgresql://, as in "
            "postgresql://user:password@host:5432/medlemsflyt."
        )
    if url is not None and not is_readable(url):
        # The reason stays unsaid: it may quote a piece of the password.
        raise UserError(
            "DATABASE_URL can't be read: see to its port and brackets, and write what is special "
            "in the password as %2F for a slash, %40 for an @, %23 for a #."
        )
    if url is None:
        return None
    url = with_secrets(url, variables)
    if environment is Environment.PRODUCTION:
        if EXAMPLE_PASSWORD in passwords(url):
            raise UserError(
                "DATABASE_URL has the password that everybody knows from docker-compose.yml, which "
                "production refuses: give the database's user another one, and set "
                "DATABASE_PASSWORD to it, best by a file of the secrets' folder."
            )
        require_protected_database(url, variables)
    return url


def is_readable(url: str) -> bool:
    """Tell whether a database's URL has a port that is one; of several hosts the driver tells."""
    try:
        parts = urlsplit(url)
        port = None if "," in parts.netloc else parts.port
    except ValueError:
        return False
    return port != 0


def passwords(url: str) -> set[str]:
    """Return what stands in a database's URL as a password, before the host or after the `?`."""
    parts = urlsplit(url)
    return {unquote(parts.password or ""), *parse_qs(parts.query).get("password", ())}
