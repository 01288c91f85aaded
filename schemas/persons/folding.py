"""Names and addresses without the differences that tell nobody apart."""

import re
import unicodedata

from anyascii import anyascii

from schemas.shared.texts import seen

MAX_NAME = 200
"""Characters of a name (``schemas.shared.base.Line``). Putting many marks of one letter in order
costs the square of their number: what is longer, in an employer's file, is nobody's name."""

_ONE_LETTER = (("aa", "a"), ("ae", "a"), ("oe", "o"))
"""Å, Æ and Ø are written so where the keyboard has none, and å, ä and ö fold to one letter."""

_STREET = re.compile(r"(?:gaten|gata|gate|gt)(?=[0-9/]|$)")
_ROAD = re.compile(r"(?:veien|vegen|vei|veg|vn)(?=[0-9/]|$)")
_DWELLING = re.compile(r"h[0-9]{4}$")


def name_key(name: str) -> str:
    """Return a name without case, superfluous spaces and ways of writing the same letter.

    What can't be seen in it tells nobody apart.
    """
    return " ".join(unicodedata.normalize("NFKC", seen(name[:MAX_NAME])).casefold().split())


def name_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a name in plain letters: ``Åse-Marie O'Neil`` is ase, marie, oneil.

    A name without any letter known has its key for its only part.
    """
    key = name_key(name)
    return tuple(re.findall(r"[a-z0-9]+", _plain(key))) or (key,)


def address_key(line: str, postcode: str) -> str:
    """Return an address without the ways of writing one street.

    ``Storgata 1 B`` and ``Storgt. 1b, H0201`` are one, in the same post town.

    Args:
        line: street and number.
        postcode: as it is written in its country.
    """
    street = "".join(re.findall(r"[a-z0-9]+", _plain(name_key(line))))
    street = _ROAD.sub("v", _STREET.sub("g", _DWELLING.sub("", street)))
    return f"{street}/{''.join(name_key(postcode).split())}"


def _plain(key: str) -> str:
    """Return a key in the letters a to z, with one spelling of the Norwegian three."""
    plain = anyascii(key).lower().replace("'", "")
    for written, letter in _ONE_LETTER:
        plain = plain.replace(written, letter)
    return plain
