"""Texts in the letters that banks take in payments: one other letter refuses a whole file.

Source: the basic set of ISO 20022's guidelines (EPC217-08), with the Norwegian letters that the
banks here take as well.
"""

import re
import unicodedata

from anyascii import anyascii

_NORWEGIAN = "ÆØÅæøå"
_TAKEN = re.compile(f"[^A-Za-z0-9{_NORWEGIAN}/?:().,'+ -]")
_INSTEAD = str.maketrans({"&": "+", "_": "-", "<": "(", ">": ")", "[": "(", "]": ")", ";": ","})
_RUNS = re.compile(r"/{2,}")
_READ = frozenset("LN")
"""Letters and numbers, by the head of their category: they have a spelling in others."""


def in_bank_letters(text: str, most: int, otherwise: str) -> str:
    """Return a text in the banks' letters, other alphabets spelled out: ``Щукин`` is ``Shchukin``.

    Args:
        text: whatever somebody is called, or has written.
        most: characters, counted afterwards: a letter may take several.
        otherwise: what stands there if none of it is left: an empty field refuses the file too.
    """
    plain = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    taken = _RUNS.sub("/", " ".join(_TAKEN.sub(" ", plain.translate(_INSTEAD)).split()))
    # A line that begins with these is another field to the banks' older systems.
    left = taken.lstrip("/:- ")[:most].rstrip("/ ")
    return left if any(map(str.isalnum, left)) else otherwise


def _plain(char: str) -> str:
    if char.isascii() or char in _NORWEGIAN:
        return char
    category = unicodedata.category(char)
    if category[0] in _READ or category in {"Pd", "Pi", "Pf", "Sc"}:
        return anyascii(char)
    # A mark belongs to its letter; anything else parts two words.
    return "" if category[0] == "M" or category == "Cf" else " "
