"""The rows of ordered letters."""

from collections.abc import Iterable
from typing import Any

from activities.persistence.hashes import letter_message_id
from schemas.decision import Letter


def letter_rows(membership_id: str, letters: Iterable[Letter]) -> list[dict[str, Any]]:
    """Return the rows of ``letters`` for what a decision calls for, as plain JSON values."""
    return [
        {
            **letter.model_dump(mode="json"),
            "message_id": letter_message_id(membership_id, letter.key),
        }
        for letter in letters
    ]
