"""The local identity as it is kept: users, a client for systems and keys, in the owner's file."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey

from schemas.access.roles import GRANTED, AccessRole
from workers.errors import UserError

FILE = "identity.json"
PATH = "/identity"
"""Below which the gateway of one machine is its own provider."""

EXAMPLE_BRANCH = "OSLO"

NAMES: Mapping[AccessRole, str] = {
    AccessRole.CASEWORKER: "Ola Saksbehandler",
    AccessRole.TEAM_LEAD: "Tone Teamleder",
    AccessRole.INSURANCE_OFFICE: "Frida Forsikring",
    AccessRole.BRANCH: "Leif Lokallag",
    AccessRole.AUDITOR: "Rita Revisor",
    AccessRole.DATA_PROTECTION_OFFICER: "Per Personvern",
}
"""Nobody's names: the users of a developer's machine, one for each role that people have."""


@dataclass(frozen=True)
class User:
    """Somebody who can log in."""

    username: str
    password: str
    name: str
    roles: tuple[str, ...]
    branch: str | None = None


@dataclass(frozen=True)
class Identity:
    """All of the local identity.

    Attributes:
        key: what tokens are signed with: a private key of P-256 as a JWK.
        session_key: what the gateway signs cookies with.
        client_secret: of the gateway with the provider.
        system_id: of the client that stands for other systems.
    """

    key: dict[str, Any]
    session_key: str
    client_secret: str
    system_id: str
    system_secret: str
    users: tuple[User, ...]

    def user(self, username: str, password: str) -> User | None:
        """Return whom a name and a password belong to."""
        for user in self.users:
            same = secrets.compare_digest(user.password.encode(), password.encode())
            if user.username == username and same:
                return user
        return None


def make() -> Identity:
    """Return a new identity: a user for each role, with passwords made by chance."""
    return Identity(
        key=ECKey.generate_key("P-256", {"kid": secrets.token_hex(8)}).as_dict(private=True),
        session_key=secrets.token_urlsafe(32),
        client_secret=secrets.token_urlsafe(24),
        system_id="system",
        system_secret=secrets.token_urlsafe(24),
        users=tuple(
            User(
                username=str(role),
                password=secrets.token_urlsafe(9),
                name=NAMES[role],
                roles=(str(role),),
                branch=EXAMPLE_BRANCH if role is AccessRole.BRANCH else None,
            )
            for role in AccessRole
            if role in GRANTED and role in NAMES
        ),
    )


def keep(path: Path, identity: Identity) -> None:
    """Write an identity for the owner's eyes only, all of it or nothing."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(json.dumps(asdict(identity), indent=2, ensure_ascii=False) + "\n")
    draft.replace(path)


def load(path: Path) -> Identity:
    """Read an identity.

    Raises:
        UserError: there is none, or it can't be read.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        users = tuple(User(**{**user, "roles": tuple(user["roles"])}) for user in found["users"])
        return Identity(**{**found, "users": users})
    except FileNotFoundError:
        raise UserError(f"{path} is not there: `medlemsflyt dev` makes it.") from None
    except (OSError, ValueError, TypeError, KeyError):
        raise UserError(
            f"{path} can't be read: delete it, and `medlemsflyt dev` makes it anew."
        ) from None


def ready(path: Path) -> tuple[Identity, bool]:
    """Return the identity of a folder, made if there is none yet, and whether it is new."""
    if path.exists():
        return load(path), False
    found = make()
    keep(path, found)
    return found, True
