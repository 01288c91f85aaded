"""Whether two who decide are one person, by their names."""

import re
import unicodedata


def same_person(one: str, other: str) -> bool:
    """Tell whether two names of who decides are one person's, as the database tells it.

    Case, blanks and points do not make another (``same_person`` in PostgreSQL).
    """
    return _key(one) == _key(other)


def _key(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).lower())
