"""Stamps: who sent a message, bound to what was said, to whom and when.

A stamp stands in the metadata of the payload it belongs to, inside of what is encrypted. Its claims
are signed as the bytes they are, so that nobody has to agree on how JSON is written. Here they are
written, read and compared; ``schemas.access.signing`` signs and checks signatures, and workflows
never load it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from schemas.access.roles import AccessRole
from schemas.shared.base import Contract, Line

ACTOR_KEY = "medlemsflyt-actor"
"""In the metadata: the claims, as JSON."""

SIGNATURE_KEY = "medlemsflyt-signature"
"""In the metadata: the signature over the claims, 64 bytes."""

MAX_CLAIMS = 4_000
"""More bytes than this are no claims of ours."""

CLOCKS_DIFFER = timedelta(minutes=2)
"""Whoever stamps may have a clock that is ahead of the workflow's by so much."""

START = "start"
"""What is stamped when a workflow is started, in place of a message's name."""

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{16,64}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Actor(Contract):
    """Who sends something: a person who is logged in, or a system.

    Attributes:
        subject: who it is for ever, as the login knows them; names may be another's too.
        name: as it is shown and logged.
        branch: of whoever is a branch.
        nonce: of one message, and never of another.
    """

    subject: Identifier
    name: Line
    roles: Annotated[frozenset[AccessRole], Field(max_length=20)] = frozenset()
    branch: Annotated[str, StringConstraints(max_length=50)] | None = None
    issued_at: AwareDatetime
    nonce: Nonce


class Claims(Actor):
    """What a stamp says: an actor, and the one message it was made for.

    Attributes:
        sha256: of the payload's data.
        key_id: whose signature it is.
    """

    namespace: Identifier
    workflow_id: Identifier
    message: Identifier
    sha256: Digest
    key_id: KeyId


class Stamp(Contract):
    """A stamp as it came: what the signature is over, and the signature, both as text.

    Attributes:
        claims: JSON, as it was signed.
        signature: in hexadecimal digits.
    """

    claims: Annotated[str, StringConstraints(max_length=MAX_CLAIMS)]
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


class UsedStamp(Contract):
    """A stamp that has come, kept until it would have expired anyway.

    Attributes:
        nonce: with a digest of the signature behind a colon; older ones are the nonce alone.
    """

    nonce: str
    until: AwareDatetime


@dataclass(frozen=True)
class Signed:
    """A stamp that fits its message, with what it claims; whether it is forged is not known yet."""

    stamp: Stamp
    claims: Claims


class BadStamp(Exception):
    """A message's stamp does not hold; the text says why, and repeats nothing of it."""


def claims_for(
    actor: Actor, data: bytes, *, namespace: str, workflow_id: str, message: str, key_id: str
) -> Claims:
    """Return what the stamp of a message claims.

    Args:
        actor: who sends it.
        data: of the payload, before it is encrypted.
        namespace: of the server.
        workflow_id: whom it is sent to.
        message: the name of the signal or update, or ``START``.
        key_id: whose signature it will be.
    """
    return Claims(
        **actor.model_dump(),
        namespace=namespace,
        workflow_id=workflow_id,
        message=message,
        sha256=hashlib.sha256(data).hexdigest(),
        key_id=key_id,
    )


def written(claims: Claims) -> bytes:
    """Return claims as they are signed and sent: JSON in ASCII, in one order."""
    return json.dumps(
        {**claims.model_dump(mode="json"), "roles": sorted(claims.roles)},
        sort_keys=True,
        separators=(",", ":"),
    ).encode("ascii")


def stamp_in(metadata: Mapping[str, bytes]) -> Stamp | None:
    """Return the stamp in a payload's metadata; None: it has none.

    Raises:
        BadStamp: there is something, and it is no stamp.
    """
    claims, signature = metadata.get(ACTOR_KEY), metadata.get(SIGNATURE_KEY)
    if claims is None and signature is None:
        return None
    if not claims or not signature:
        raise BadStamp("its stamp is incomplete")
    try:
        return Stamp(claims=claims.decode("ascii"), signature=signature.hex())
    except (UnicodeDecodeError, ValidationError):
        raise BadStamp("its stamp can't be read") from None


def claims_in(stamp: Stamp) -> Claims:
    """Return what a stamp claims, whoever signed it.

    Raises:
        BadStamp: it can't be read.
    """
    try:
        return Claims.model_validate_json(stamp.claims)
    except (ValidationError, ValueError, RecursionError):
        raise BadStamp("its stamp can't be read") from None


def check_bound(
    claims: Claims, data: bytes, *, namespace: str, workflow_id: str, message: str
) -> None:
    """Check that claims were made for this message, and for no other.

    Raises:
        BadStamp: they were not.
    """
    if (claims.namespace, claims.workflow_id) != (namespace, workflow_id):
        raise BadStamp("its stamp was made for another workflow")
    if claims.message != message:
        raise BadStamp("its stamp was made for another message")
    if claims.sha256 != hashlib.sha256(data).hexdigest():
        raise BadStamp("its stamp was made for other words")


def check_fresh(claims: Claims, now: datetime, valid_for: timedelta) -> None:
    """Check that a stamp was made lately: later its message must be sent anew.

    Raises:
        BadStamp: it is too old, or dated ahead.
    """
    if claims.issued_at > now + CLOCKS_DIFFER:
        raise BadStamp("its stamp is dated ahead")
    if now - claims.issued_at > valid_for:
        raise BadStamp("its stamp has expired: send it again")


def fitting(
    metadata: Mapping[str, bytes],
    data: bytes,
    *,
    namespace: str,
    workflow_id: str,
    message: str,
    now: datetime,
    valid_for: timedelta,
) -> Signed | None:
    """Return a payload's stamp, once it fits; None: it has none.

    Raises:
        BadStamp: it does not fit.
    """
    stamp = stamp_in(metadata)
    if stamp is None:
        return None
    claims = claims_in(stamp)
    check_bound(claims, data, namespace=namespace, workflow_id=workflow_id, message=message)
    check_fresh(claims, now, valid_for)
    return Signed(stamp, claims)


USED = "its stamp was used before: send it again, stamped anew"


def used_up(
    used: tuple[UsedStamp, ...],
    signed: Signed,
    now: datetime,
    valid_for: timedelta,
    told_apart: Callable[[], bool] = lambda: True,
) -> tuple[UsedStamp, ...]:
    """Return the stamps that have come with one more, without those that have expired.

    Whether a signature holds is not known here, so one nonce under two signatures is two stamps:
    else a forged one would use up the honest one's.

    Args:
        used: those that have come.
        signed: the message that comes now.
        now: when it is taken.
        valid_for: how long a stamp holds.
        told_apart: asked where one nonce comes under two signatures; False: as older code did,
            they count as one.

    Raises:
        BadStamp: it has come before: a stamp is for one message, once.
    """
    nonce = signed.claims.nonce
    own = f"{nonce}:{hashlib.sha256(signed.stamp.signature.encode()).hexdigest()[:16]}"
    if any(one.nonce in {nonce, own} for one in used):
        raise BadStamp(USED)
    if any(one.nonce.startswith(f"{nonce}:") for one in used) and not told_apart():
        raise BadStamp(USED)
    kept = (one for one in used if one.until >= now)
    return (*kept, UsedStamp(nonce=own, until=signed.claims.issued_at + valid_for))
