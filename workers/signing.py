"""The keys that messages are stamped with and looked at by, from their files."""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Annotated, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payload

from activities.shared.signatures import Signatures
from activities.shared.stamping import Sender
from schemas.access.roles import AccessRole, Roles
from schemas.access.signing import Ring, SigningKey, Voucher
from schemas.access.stamps import BadStamp, Identifier, KeyId, stamp_in
from schemas.shared.base import Line
from workers.errors import UserError
from workers.settings import Settings
from workflows.shared.tolerance import Door

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""32 bytes in base64."""


class _Own(BaseModel):
    """The file of a private key: of the gateway, of the service, or of one operator."""

    model_config = ConfigDict(extra="forbid")

    key_id: KeyId
    private: Key
    subject: Identifier
    name: Line
    roles: frozenset[AccessRole]


class _Believed(BaseModel):
    """A public key in the file of those that are believed."""

    model_config = ConfigDict(extra="forbid")

    public: Key
    subject: Identifier | None = None
    service: bool = False


def sender_of(settings: Settings) -> Sender | None:
    """Return in whose name this process sends; None: in nobody's.

    Raises:
        UserError: the file can't be read.
    """
    if settings.signing_key_file is None:
        return None
    own = _read(settings.signing_key_file, TypeAdapter(_Own))
    private = Ed25519PrivateKey.from_private_bytes(b64decode(own.private))
    return Sender(SigningKey(own.key_id, private), own.subject, own.name, own.roles)


def subject_of(settings: Settings) -> str | None:
    """Return who this process sends for is for ever; None: nobody says, and nobody has to.

    Raises:
        UserError: the file can't be read, or there is none where who decides has to be proven.
    """
    sender = sender_of(settings)
    if sender is None and settings.require_signed_actor:
        raise UserError(
            "Nothing was changed: what two people decide about money is told apart by their keys, "
            "as production has it. Name yours with MEDLEMSFLYT_SIGNING_KEY_FILE."
        )
    return sender.subject if sender is not None else None


def ring_of(settings: Settings) -> Ring:
    """Return the keys that are believed.

    Raises:
        UserError: the file can't be read.
    """
    if settings.believed_keys_file is None:
        return {}
    found = _read(settings.believed_keys_file, TypeAdapter(dict[KeyId, _Believed]))
    return {
        key_id: Voucher(b64decode(key.public), key.subject, key.service)
        for key_id, key in found.items()
    }


def signatures_of(settings: Settings) -> Signatures:
    """Return whose stamps a worker believes, and what it signs with itself.

    Raises:
        UserError: messages must be stamped, and no key is known that could have.
    """
    ring, sender = ring_of(settings), sender_of(settings)
    if settings.require_signed_actor and not ring:
        raise UserError(
            "MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR is on, as production has it, and no key is believed: "
            "name the gateway's and the service's public keys with MEDLEMSFLYT_BELIEVED_KEYS_FILE."
        )
    return Signatures(
        ring, settings.require_signed_actor, sender.key if sender is not None else None
    )


def door_of(settings: Settings) -> Door | None:
    """Return what looks at an update before its workflow does; None: nothing has to be signed.

    Without a key that is believed it refuses what nobody has signed, and leaves it to the activity
    to tell who has.

    Raises:
        UserError: the file can't be read.
    """
    if not settings.require_signed_actor:
        return None
    return door_by(Signatures(ring_of(settings), required=True))


def door_by(signatures: Signatures) -> Door:
    """Return what looks at an update by some keys."""

    def look(payload: Payload, to: str, message: str) -> str | None:
        try:
            stamp = stamp_in(payload.metadata)
            if stamp is None or signatures.ring:
                signatures.sender(stamp, to, message)
        except BadStamp as why:
            return str(why)
        return None

    return look


def make_signing_keys(gateway: Path, service: Path, believed: Path) -> None:
    """Make the gateway's and the service's keys, and the file of those that are believed.

    A file that is there stays as it is. Each folder is closed to others.

    Args:
        gateway, service: files of private keys, each for its own process.
        believed: of the public ones, where a key of an operator may be added.
    """
    owns = (
        _made(gateway, "gateway", frozenset()),
        _made(service, "service", frozenset({AccessRole.SERVICE})),
    )
    if not believed.exists():
        _keep(believed, {own.key_id: _voucher(own) for own in owns})


def _made(path: Path, name: str, roles: Roles) -> _Own:
    if not path.exists():
        private = b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
        own = _Own(
            key_id=f"{name}-{token_hex(4)}", private=private, subject=name, name=name, roles=roles
        )
        _keep(path, own.model_dump(mode="json"))
    return _read(path, TypeAdapter(_Own))


def _voucher(own: _Own) -> dict[str, object]:
    private = Ed25519PrivateKey.from_private_bytes(b64decode(own.private))
    public = b64encode(private.public_key().public_bytes_raw()).decode()
    found = _Believed(public=public, service=AccessRole.SERVICE in own.roles)
    return found.model_dump(exclude_defaults=True)


def _keep(path: Path, found: Mapping[str, object]) -> None:
    """Write a file for the owner's eyes only, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{token_hex(4)}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(json.dumps(found, indent=2) + "\n")
    draft.replace(path)


T = TypeVar("T")


def _read(path: Path, kind: TypeAdapter[T]) -> T:
    try:
        return kind.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        # Without its reason, which would quote a key.
        raise UserError(f"{path} is no file of keys as docs/for-operators.md shows it.") from None
