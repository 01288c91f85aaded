"""What stands in the metadata of payloads: how they are encoded, and what we note there."""

import re
from collections.abc import Mapping

ENCODING = "encoding"
ENCRYPTED = b"binary/encrypted"
KEY_ID = "encryption-key-id"
"""Random, and says nothing of whose key it is."""

RENEWS = "medlemsflyt-renews"
"""Set by a workflow on what it hands over to its next run: a new key encrypts it and what follows.
The codec takes it off."""

CAME_PLAIN = "medlemsflyt-came-plain"
"""Set by the codec on what stands in a history in plain text; never in a history itself."""

ANSWERS_PLAIN = "medlemsflyt-answers-plain"
"""Set by a worker on what it answers to whoever asked without keys. The codec takes it off, and
leaves the answer as it is where such clients are served."""

CLOSED = (
    "can't be decrypted: it was encrypted for another workflow or by another key, or changed on "
    "its way"
)
"""What a sender is told."""

GONE = "(can't be read any more)"
"""What stands in place of a text whose key was destroyed."""

NOT_KEPT = "(not kept: the person was erased)"
"""What is kept of a text about somebody whose key was destroyed before."""


def is_key_id(value: bytes) -> bool:
    """Tell whether metadata can name a key."""
    return re.fullmatch(rb"[0-9a-f]{32}", value) is not None


def is_unreadable(metadata: Mapping[str, bytes]) -> bool:
    """Tell of a payload that the codec has passed on that it could not be decrypted."""
    return metadata.get(ENCODING) == ENCRYPTED
