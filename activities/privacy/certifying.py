"""The certificate of an erasure: written once, signed as the service's stamps are, and looked at.

Ed25519, with words of its own before what is signed: no stamp passes for a certificate, nor the
other way (ADR 72, ADR 78).
"""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from activities.database.pool import load_queries
from activities.privacy.holdings import count_of, places_of_people
from activities.shared.tasks import Connection
from schemas.access.signing import Ring, SigningKey
from schemas.privacy.certificate import Certificate, elsewhere, kept_of, written
from schemas.privacy.erasure import Basis, ErasureStep
from schemas.privacy.fates import STAYS

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

_PURPOSE = b"medlemsflyt erasure certificate 1\n"


class BadCertificate(Exception):
    """It is none of ours: it was changed, or signed by nobody who is believed."""


class SignedCertificate(NamedTuple):
    """A certificate as it is kept.

    Attributes:
        text: what is signed.
        signature: in base64; None: the worker that wrote it had no key.
    """

    text: str
    signature: str | None
    key_id: str | None


async def certify(connection: Connection, step: ErasureStep, key: SigningKey | None) -> None:
    """Write the certificate of an erasure, unless there is one.

    Args:
        connection: in a transaction of the caller's.
        step: of an erasure whose rows, runs and keys are gone.
        key: the service's own; None: it is kept unsigned.
    """
    found = await _SQL.read_erasure(connection, erasure_id=step.erasure_id)
    assert found is not None, "an erasure that nobody asked for"
    assert found["erased_on"] is not None, "certified before it was done"
    its = _SQL.memberships_of_erasure(connection, erasure_id=step.erasure_id)
    memberships = tuple([row["membership_id"] async for row in its])
    kept = {
        place.table: await count_of(connection, place, memberships, ())
        for place in await places_of_people(connection)
        if place.table in STAYS
    }
    text = written(
        Certificate(
            erasure_id=step.erasure_id,
            memberships=memberships,
            basis=Basis(found["basis"]),
            requested_by=found["requested_by"],
            requested_on=found["requested_on"],
            erased_on=found["erased_on"],
            erased=json.loads(found["counts"]),
            runs_deleted=found["runs_deleted"] or 0,
            keys_destroyed=found["keys_destroyed"] or 0,
            kept=kept_of(kept),
            kept_until=found["kept_until"],
            elsewhere=elsewhere(),
        )
    )
    await _SQL.keep_certificate(
        connection,
        erasure_id=step.erasure_id,
        certificate=text,
        signature=signed(text, key) if key is not None else None,
        key_id=key.key_id if key is not None else None,
        today=step.today,
    )


async def read_certificate(connection: Connection, erasure_id: str) -> SignedCertificate | None:
    """Return the certificate of an erasure, or None: it has none yet."""
    found = await _SQL.read_erasure(connection, erasure_id=erasure_id)
    if found is None or found["certificate"] is None:
        return None
    return SignedCertificate(found["certificate"], found["signature"], found["key_id"])


async def certificate_of(connection: Connection, which: str) -> SignedCertificate | None:
    """Return a certificate by its erasure's id, or by that of a membership that it is of."""
    found = await _SQL.read_tombstone(connection, membership_id=which)
    return await read_certificate(connection, found["erasure_id"] if found else which)


def signed(text: str, key: SigningKey) -> str:
    """Return the signature under a certificate, in base64."""
    return b64encode(key.private.sign(_PURPOSE + text.encode("ascii"))).decode()


def checked(certificate: SignedCertificate, ring: Ring) -> Certificate:
    """Return what a certificate says, once the service itself has signed it.

    Raises:
        BadCertificate: it is unsigned or changed, or no key of the service is known that signed it.
    """
    if certificate.signature is None or certificate.key_id is None:
        raise BadCertificate("it is not signed: the worker that wrote it had no key")
    voucher = ring.get(certificate.key_id)
    if voucher is None or not voucher.service:
        raise BadCertificate("it is signed by a key that is not known here as the service's own")
    try:
        Ed25519PublicKey.from_public_bytes(voucher.public).verify(
            b64decode(certificate.signature), _PURPOSE + certificate.text.encode("utf-8")
        )
    except (InvalidSignature, ValueError):
        raise BadCertificate("it was changed: the signature does not hold") from None
    return Certificate.model_validate_json(certificate.text)
