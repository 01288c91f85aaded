"""Addresses that everybody on the way reads as one and the same."""

import re
from urllib.parse import unquote

from workers.gateway.refusals import Refused, bad_request

_TURNS = re.compile(r"[\\\x00-\x1f\x7f-\x9f]")
"""A backslash is a slash to some, and control characters are cut out by others."""


def is_one_name(part: str) -> bool:
    """Tell whether a part of an address is one name, also to whoever decodes it once more.

    Args:
        part: between two slashes, decoded.
    """
    return all(_is_name(text) and "/" not in text for text in (part, unquote(part)))


def plain_page(path: str) -> str:
    """Return the path of a page that leads nowhere else, whoever reads it.

    Args:
        path: decoded.

    Raises:
        Refused: it goes up, or holds what is read in more than one way, or is no page.
    """
    for text in (path, unquote(path)):
        *above, last = text.split("/")[1:]
        known = all(map(_is_name, above)) and (not last or _is_name(last))
        # Below it the UI asks Temporal, with rights that are the UI's own.
        if not known or [*above, last][0].casefold() == "api":
            raise wrong_address()
    return path


def wrong_address() -> Refused:
    """Return the refusal of an address that is not read in one way alone."""
    return bad_request(
        "wrong_address",
        "This address is not taken here.",
        "Denne adressen tas ikke imot her.",
    )


def _is_name(part: str) -> bool:
    return bool(part.strip(".")) and not _TURNS.search(part)
