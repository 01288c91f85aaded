"""What kinds of values variables have, and what is said of one that can't be read."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from workers.errors import UserError


class Environment(StrEnum):
    """Where this process runs; production refuses what only tests may do."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


Choice = TypeVar("Choice", bound=StrEnum)


def choice(variables: Mapping[str, str], name: str, default: Choice) -> Choice:
    """Return the one of the default's kind that is named.

    Raises:
        UserError: it is none of them.
    """
    value = variables.get(name, default)
    try:
        return type(default)(value)
    except ValueError:
        allowed = ", ".join(type(default))
        raise UserError(f"{name} must be one of {allowed}, not {value!r}.") from None


def switch(variables: Mapping[str, str], name: str, default: bool) -> bool:
    """Return whether it is on.

    Raises:
        UserError: it is neither 0 nor 1.
    """
    value = variables.get(name, str(int(default)))
    if value not in {"0", "1"}:
        raise UserError(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def path(variables: Mapping[str, str], name: str) -> Path | None:
    """Return the path that is named, of a folder or a file.

    Raises:
        UserError: it does not begin at the root.
    """
    value = variables.get(name)
    if value is None:
        return None
    named = Path(value)
    if not named.is_absolute():
        raise UserError(f"{name} must be a path from the root, not {value!r}.")
    return named


def listen(variables: Mapping[str, str], name: str) -> tuple[str, int] | None:
    """Return the host and port that are named; a port alone is of this machine only.

    Raises:
        UserError: it is neither.
    """
    value = variables.get(name)
    if value is None:
        return None
    try:
        parts = urlsplit(f"//{value if ':' in value else f'127.0.0.1:{value}'}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or port is None or parts.path:
        raise UserError(f"{name} must be a port, or host:port, not {value!r}.")
    return host, port


def own(variables: Mapping[str, str], name: str, development: str, environment: Environment) -> str:
    """A value with a harmless default on a developer's machine, and none in production."""
    value = variables.get(name)
    if value is not None:
        return value
    if environment is Environment.PRODUCTION:
        raise UserError(f"{name} is not set: production has no default for it.")
    return development


def said(variables: Mapping[str, str], name: str) -> str | None:
    """Return what letters say if it is set.

    Raises:
        UserError: a letter can't say it.
    """
    value = variables.get(name)
    if value is None:
        return None
    if not value.isprintable():
        raise UserError(f"{name} must be one line of text.")
    if name.endswith("_URL") and not re.fullmatch(r"https?://[^\s<>]+", value):
        raise UserError(f"{name} must be an address that begins with https://, not {value!r}.")
    return value
