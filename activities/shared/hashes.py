"""Content hashes: they tell a repetition from a contradiction."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel


def content_hash(content: BaseModel | list[Any]) -> str:
    """Return the SHA-256 of a contract model, or of a list of plain values, in hexadecimal.

    Fields with their default value are left out: a worker with a newer contract, which adds
    such fields, still recognises what an older one wrote.
    """
    plain = (
        content.model_dump(mode="json", exclude_defaults=True)
        if isinstance(content, BaseModel)
        else content
    )
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def letter_message_id(membership_id: str, key: str) -> str:
    """Return the left part of a letter's Message-ID: the same for every copy of the letter."""
    return hashlib.sha256(f"{membership_id}\n{key}".encode()).hexdigest()[:40]
