"""In whose name a message is taken that somebody has stamped (ADR 72)."""

from typing import TypeVar

from temporalio import workflow

from schemas.access.roles import AccessRole
from schemas.access.stamps import Claims
from schemas.shared.messages import Message

M = TypeVar("M", bound=Message)

FOR_OTHERS = frozenset({AccessRole.SYSTEM, AccessRole.SERVICE})
"""Whoever is nothing else passes on what a member or an employer has said."""


def in_the_name_of(message: M, claims: Claims | None) -> M:
    """Return a message with its sender as the caseworker, whatever name it came with.

    A system that passes on somebody's word names no caseworker, and becomes none.
    """
    if claims is None or "caseworker" not in type(message).model_fields:
        return message
    if getattr(message, "caseworker", None) is None and claims.roles <= FOR_OTHERS:
        return message
    return message.model_copy(update={"caseworker": claims.name})


def named_instead(message: Message, claims: Claims | None) -> str | None:
    """Return whom a message names as its caseworker, where that is not who has stamped it."""
    named: str | None = getattr(message, "caseworker", None)
    return named if claims is not None and named != claims.name else None


def sent_by_no_person(claims: Claims) -> bool:
    """Tell whether another system has stamped a message; to older code it was somebody."""
    return claims.roles <= {AccessRole.SYSTEM} and workflow.patched("systems-are-no-persons")


def told_apart() -> bool:
    """Tell whether one nonce under two signatures is two stamps; to older code it was one."""
    return workflow.patched("stamps-by-signature")
