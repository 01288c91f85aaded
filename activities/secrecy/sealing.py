"""AES-256-GCM, by the library ``cryptography``: what was sealed opens whole or not at all."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.secrecy.errors import Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12
"""Random for each text: one key seals far fewer than the 2^32 texts that this is safe for."""


def new_key() -> bytes:
    """Return a random key."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def seal(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    """Encrypt data.

    Args:
        key: ``KEY_BYTES`` of them.
        data: what is hidden.
        bound_to: what must be named again to open it, and is not in it.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, bound_to)


def opened(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Return what was sealed.

    Raises:
        Unreadable: it was cut, changed, bound to something else, or sealed by another key.
    """
    nonce, hidden = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, hidden, bound_to)
    except (InvalidTag, ValueError):
        raise Unreadable("what was sealed can't be opened") from None
