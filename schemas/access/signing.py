"""Signatures under stamps: Ed25519. Whoever only checks them holds no secret.

Not for workflows: what checks signatures there is an activity, whose answer stands in history.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.access.roles import AccessRole
from schemas.access.stamps import (
    ACTOR_KEY,
    SIGNATURE_KEY,
    Actor,
    BadStamp,
    Claims,
    Stamp,
    claims_for,
    claims_in,
    fitting,
    written,
)

_PURPOSE = b"medlemsflyt actor 1\n"
"""Before what is signed: no signature made for anything else counts here, nor the other way."""


@dataclass(frozen=True)
class SigningKey:
    """What somebody stamps with."""

    key_id: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The other half: 32 bytes, which everybody may know."""
        return self.private.public_key().public_bytes_raw()


@dataclass(frozen=True)
class Voucher:
    """A key whose signatures are believed, and of whom.

    Attributes:
        public: 32 bytes.
        subject: it vouches for this one alone; None: for whoever it says, as the gateway does.
        service: it is this service's own; no other key vouches for the service.
    """

    public: bytes
    subject: str | None = None
    service: bool = False

    def vouches_for(self, claims: Claims) -> bool:
        """Tell whether it may say this of this actor."""
        if self.service != (AccessRole.SERVICE in claims.roles):
            return False
        return self.subject is None or self.subject == claims.subject


Ring = Mapping[str, Voucher]
"""The keys that are believed, by their ids. It only grows as long as a message may be under way."""


def stamped(
    data: bytes,
    actor: Actor,
    *,
    namespace: str,
    workflow_id: str,
    message: str,
    key: SigningKey,
) -> dict[str, bytes]:
    """Return what stamps a payload: to be added to its metadata before it is encrypted.

    Args:
        data: of the payload.
        actor: who sends it; its nonce must not have been used for anything else.
        namespace: of the server.
        workflow_id: whom it is sent to.
        message: the name of the signal or update, or ``stamps.START``.
        key: whose signature it gets.
    """
    claims = written(
        claims_for(
            actor,
            data,
            namespace=namespace,
            workflow_id=workflow_id,
            message=message,
            key_id=key.key_id,
        )
    )
    return {ACTOR_KEY: claims, SIGNATURE_KEY: key.private.sign(_PURPOSE + claims)}


def check_signature(stamp: Stamp, ring: Ring) -> Claims:
    """Return what a stamp claims, once somebody who is believed has signed it.

    Raises:
        BadStamp: it can't be read, its key is not known, or its signature does not hold.
    """
    claims = claims_in(stamp)
    voucher = ring.get(claims.key_id)
    if voucher is None:
        raise BadStamp("its stamp is signed by a key that is not known here")
    try:
        signed = _PURPOSE + stamp.claims.encode("ascii")
        Ed25519PublicKey.from_public_bytes(voucher.public).verify(
            bytes.fromhex(stamp.signature), signed
        )
    except (InvalidSignature, ValueError):
        raise BadStamp("its stamp is forged: the signature does not hold") from None
    if not voucher.vouches_for(claims):
        raise BadStamp("its stamp is signed by a key that does not vouch for this actor")
    return claims


def verified(
    metadata: Mapping[str, bytes],
    data: bytes,
    *,
    namespace: str,
    workflow_id: str,
    message: str,
    now: datetime,
    valid_for: timedelta,
    ring: Ring,
) -> Claims | None:
    """Return who sent a payload, all at once; None: it has no stamp.

    Whether the nonce was used before is for whoever keeps them.

    Raises:
        BadStamp: it has one that does not hold.
    """
    signed = fitting(
        metadata,
        data,
        namespace=namespace,
        workflow_id=workflow_id,
        message=message,
        now=now,
        valid_for=valid_for,
    )
    return None if signed is None else check_signature(signed.stamp, ring)
