"""AES-256-GCM, by the library ``cryptography``: what was sealed opens whole or not at all."""

import secrets
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.secrecy.errors import Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12
"""Random for each text: one key seals far fewer than the 2^32 texts that this is safe for."""


PACKED = b"\xff"
"""What was made smaller begins so, and no UTF-8 text or message of protobuf does."""

WORTH_PACKING = 512
"""Bytes; cipher text can't be made smaller any more, by a network, a store or a backup."""

FAST = 1
"""Of zlib's levels: the higher ones take a twentieth off, for half as much time again."""


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


def packed(data: bytes) -> bytes:
    """Return data as it is sealed: made smaller where that is worth it.

    Args:
        data: a text in UTF-8, or a message of protobuf.
    """
    if len(data) < WORTH_PACKING:
        return data
    smaller = PACKED + zlib.compress(data, FAST)
    return min(smaller, data, key=len)


def unpacked(data: bytes) -> bytes:
    """Return data as it was before ``packed``.

    Raises:
        Unreadable: it begins as if it had been made smaller, and was not.
    """
    if not data.startswith(PACKED):
        return data
    try:
        return zlib.decompress(data[len(PACKED) :])
    except zlib.error:
        raise Unreadable("what was sealed is no text and no message") from None
