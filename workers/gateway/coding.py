"""What the gateway does to payloads on their way: who sends them is stamped in, then encrypted."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from temporalio.api.common.v1 import Payload

from schemas.access.signing import SigningKey, stamped
from schemas.access.stamps import Actor
from workers.gateway.callers import Caller


class Codec(Protocol):
    """Encrypts for a workflow, and decrypts whatever can be."""

    async def encode(self, payloads: Sequence[Payload], workflow_id: str) -> list[Payload]:
        """Return payloads that only the keys of a workflow open."""

    async def decode(
        self, payloads: Sequence[Payload], workflow_id: str | None = None
    ) -> list[Payload]:
        """Return payloads in the clear; what can't be opened, or is another's, as it is."""

    async def owners(self, payloads: Sequence[Payload]) -> list[str | None]:
        """Return whose key opens each payload; None: it is plain, or none does."""


class Stamper(Protocol):
    """Says in a payload who sends it."""

    def stamp(
        self, payload: Payload, caller: Caller, *, namespace: str, workflow_id: str, message: str
    ) -> Payload:
        """Return a payload with the stamp of its sender."""


class Stamps:
    """Stamps with the gateway's own key, which says of anybody who they are.

    Args:
        key: of the gateway.
    """

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def stamp(
        self, payload: Payload, caller: Caller, *, namespace: str, workflow_id: str, message: str
    ) -> Payload:
        """Return a payload that says who sends it, to whom and when."""
        actor = Actor(
            subject=caller.subject,
            name=caller.name,
            roles=caller.roles,
            branch=caller.branch,
            # When it was sent, by which a stamp expires: no date of business.
            issued_at=datetime.now(UTC),
            nonce=secrets.token_urlsafe(16),
        )
        told = stamped(
            payload.data,
            actor,
            namespace=namespace,
            workflow_id=workflow_id,
            message=message,
            key=self._key,
        )
        found = Payload()
        found.CopyFrom(payload)
        for name, value in told.items():
            found.metadata[name] = value
        return found


class Plain:
    """Where nothing is encrypted."""

    async def encode(self, payloads: Sequence[Payload], workflow_id: str) -> list[Payload]:  # noqa: ARG002 - of the protocol
        """Return payloads as they are."""
        return list(payloads)

    async def decode(
        self,
        payloads: Sequence[Payload],
        workflow_id: str | None = None,  # noqa: ARG002 - of the protocol
    ) -> list[Payload]:
        """Return payloads as they are."""
        return list(payloads)

    async def owners(self, payloads: Sequence[Payload]) -> list[str | None]:
        """Return that no key opens any."""
        return [None for _ in payloads]
