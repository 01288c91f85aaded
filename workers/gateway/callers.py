"""Who asks: a person who is logged in, or a system with a token, by what their provider says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.access.roles import Roles, known_roles
from workers.gateway.settings import GatewaySettings

LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Caller:
    """Whoever is behind a request.

    Attributes:
        subject: who it is for ever, as the provider knows them.
        name: as it is shown; never logged.
        branch: of whoever is of a branch.
        session: of a browser; None: a token came with the request.
    """

    subject: str
    name: str
    roles: Roles
    branch: str | None = None
    session: str | None = None


class NobodyOfOurs(Exception):
    """A provider's word names nobody whom we could know again."""


def caller_of(claims: Mapping[str, Any], settings: GatewaySettings) -> Caller:
    """Return who the provider says somebody is.

    Raises:
        NobodyOfOurs: it names no subject that can be kept.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _is_a_line(subject):
        raise NobodyOfOurs
    shown = claims.get("name") or claims.get("preferred_username") or claims.get("client_id")
    name = shown if isinstance(shown, str) and _is_a_line(shown) else subject
    branch = _at(claims, settings.branch_claim)
    return Caller(
        subject=subject,
        name=name,
        roles=known_roles(_renamed(_at(claims, settings.roles_claim), settings.roles)),
        branch=branch if isinstance(branch, str) and _is_a_line(branch) else None,
    )


def _is_a_line(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_SUBJECT


def _at(claims: Mapping[str, Any], path: str) -> object:
    """Return what stands at a place in a token: by its whole name, or level by level."""
    if path in claims:
        return claims[path]
    found: object = claims
    for level in path.split("."):
        found = found.get(level) if isinstance(found, Mapping) else None
    return found


def _renamed(groups: object, roles: Mapping[str, str]) -> list[str]:
    if isinstance(groups, str):
        groups = groups.split()
    if not isinstance(groups, list):
        return []
    named = [group for group in groups if isinstance(group, str)]
    return [roles[group] for group in named if group in roles] if roles else named
