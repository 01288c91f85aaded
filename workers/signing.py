"""The keys that messages are stamped with and looked at by, from their files."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Annotated, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from activities.shared.signatures import Signatures
from activities.shared.stamping import Sender
from schemas.access.roles import AccessRole
from schemas.access.signing import Ring, SigningKey, Voucher
from schemas.access.stamps import Identifier, KeyId
from schemas.shared.base import Line
from workers.errors import UserError
from workers.settings import Settings

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


T = TypeVar("T")


def _read(path: Path, kind: TypeAdapter[T]) -> T:
    try:
        return kind.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        # Without its reason, which would quote a key.
        raise UserError(f"{path} is no file of keys as docs/for-operators.md shows it.") from None
