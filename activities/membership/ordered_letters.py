"""The rows of ordered letters."""

from collections.abc import Iterable
from typing import Any

from activities.shared.hashes import letter_message_id
from schemas.membership.decision import Letter


def letter_rows(membership_id: str, letters: Iterable[Letter]) -> list[dict[str, Any]]:
    """Return the rows of ``letters`` for what a decision calls for, as plain JSON values.

    Each remembers its place: letters go out in the order the decision listed them. One that
    names no employer is given the present one by the database.
    """
    return [
        {
            **letter.model_dump(mode="json", exclude={"employer"}),
            "employer_orgnr": letter.employer.orgnr if letter.employer else None,
            "employer_name": letter.employer.name if letter.employer else None,
            "place": place,
            "message_id": letter_message_id(membership_id, letter.key),
        }
        for place, letter in enumerate(letters, start=1)
    ]
