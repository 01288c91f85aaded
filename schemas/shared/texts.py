"""Which texts are refused when they come in: those that hide what they say.

It is asked at the door and nowhere else. What came in before this was asked stands in records and
histories, and must be read back as it is.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

_FORMAT = "Cf"
_ROOM = frozenset({"Zs", "Zl", "Zp", "Cc", _FORMAT})
_MARKS = frozenset({"Mn", "Mc", "Me"})

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of what follows: it then reads as something else than it is."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs by their category, and nothing to be seen: Hangul fillers, an empty braille."""

NONCHARACTERS = "holds characters that are none (Unicode noncharacters)"
TURNING = "holds characters that turn the direction of writing"
_BLANK_MARKS = frozenset(
    "\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Marks by their category, and nothing to be seen: joiners, and selectors of a letter's form."""

_BLANK = _BLANK_LETTERS | _BLANK_MARKS
_NOTHING_BY_ITSELF = _ROOM | _MARKS

INVISIBLE = "holds nothing that can be seen"


def fault_of(text: str) -> str | None:
    """Return why a text can't be taken in, or None.

    What merely can't be seen within a text is harmless: some scripts are written with it.
    """
    if any(_is_none(char) for char in text):
        return NONCHARACTERS
    if not _TURNING.isdisjoint(text):
        return TURNING
    return INVISIBLE if text and not any(map(_is_seen, text)) else None


def faults_in_texts(value: BaseModel) -> list[str]:
    """Return one ``field: what is wrong`` sentence for each text that can't be taken in."""
    return [f"{where}: {fault}" for where, text in _texts(value) if (fault := fault_of(text))]


_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def in_xml(text: str, instead: str = "") -> str:
    """Return a text without what XML 1.0 has no place for: one such makes a file unreadable."""
    return _NO_XML.sub(instead, text)


def seen(text: str) -> str:
    """Return what can be seen of a text: without format characters, blank letters and marks."""
    # Every name that is compared comes through here, and what is ASCII can be seen.
    return text if text.isascii() else "".join(char for char in text if _stays(char))


def _stays(char: str) -> bool:
    return unicodedata.category(char) != _FORMAT and char not in _BLANK


def _is_none(char: str) -> bool:
    code = ord(char)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _is_seen(char: str) -> bool:
    """Tell whether a character leaves something on paper by itself; a mark needs a letter."""
    return unicodedata.category(char) not in _NOTHING_BY_ITSELF and char not in _BLANK_LETTERS


def _texts(value: BaseModel, where: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name, field in type(value).model_fields.items():
        path = (*where, field.alias or name)
        found: Any = getattr(value, name)
        if isinstance(found, BaseModel):
            yield from _texts(found, path)
        elif isinstance(found, str):
            yield ".".join(path), found
