"""Makes stamps for tests: a gateway's, an operator's and the service's key, and who sends."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.access.roles import AccessRole
from schemas.access.signing import SigningKey, Voucher, stamped
from schemas.access.stamps import Actor, Claims, Stamp, claims_in, stamp_in

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

GATEWAY = SigningKey("gateway-1", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FORGER = SigningKey("gateway-1", Ed25519PrivateKey.from_private_bytes(bytes(range(9, 41))))
SERVICE = SigningKey("service-1", Ed25519PrivateKey.from_private_bytes(bytes(range(5, 37))))
RING = {
    "gateway-1": Voucher(GATEWAY.public),
    "service-1": Voucher(SERVICE.public, service=True),
}


def stamp(
    to: str,
    message: str,
    data: bytes = b"{}",
    *,
    subject: str = "idp|17",
    name: str = "Ola Nordås",
    role: AccessRole = AccessRole.CASEWORKER,
    nonce: str = "n" * 22,
    at: datetime = AT,
    key: SigningKey = GATEWAY,
) -> dict[str, bytes]:
    """Return the metadata that stamps a message."""
    who = Actor(subject=subject, name=name, roles=frozenset({role}), issued_at=at, nonce=nonce)
    return stamped(data, who, namespace="default", workflow_id=to, message=message, key=key)


def as_stamp(metadata: dict[str, bytes]) -> Stamp:
    """Return metadata as a decision carries it."""
    found = stamp_in(metadata)
    assert found is not None
    return found


def claims(subject: str = "idp|17", name: str = "Ola Nordås", **other: object) -> Claims:
    """Return what somebody's stamp says."""
    made = stamp("membership-1", "m", subject=subject, name=name, **other)  # type: ignore[arg-type]
    return claims_in(as_stamp(made))
