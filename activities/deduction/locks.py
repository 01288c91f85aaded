"""Returns that come locked, as their lists went out: opened with the employer's own password."""

import io
import re

from msoffcrypto.exceptions import DecryptionError, FileFormatError, ParseError
from msoffcrypto.format.ooxml import OOXMLFile

from activities.shared.workbook import BROKEN_ARCHIVE

_LOCK = b"\xd0\xcf\x11\xe0"
_PACKAGE = "EncryptedPackage".encode("utf-16-le")

MOST_ROUNDS = 1_000_000
"""Of making a key from a password: a spreadsheet takes 100,000, a hostile file any number."""

_UNREADABLE = (*BROKEN_ARCHIVE, DecryptionError, FileFormatError, ParseError)
"""What the libraries raise for broken files: whatever it is, it is not opened."""


def is_locked(content: bytes) -> bool:
    """Tell whether a file is a workbook under a password."""
    return content.startswith(_LOCK) and _PACKAGE in content


def payer_in(name: str) -> str | None:
    """Return the payer number that a list's file name begins with, also of a copy of it."""
    number = list_in(name)
    return number[:8] if number is not None else None


def list_in(name: str) -> str | None:
    """Return the number of a list that is its file's name, also of a copy of it."""
    found = re.search(r"(?<![0-9])[0-9]{8}-[1-9][0-9]{0,5}(?![0-9])", name)
    return found[0] if found is not None else None


def unlocked(content: bytes, password: str) -> bytes | None:
    """Return what a locked workbook holds, or None if the password does not open it.

    A key takes a tenth of a second: not for the event loop.
    """
    out = io.BytesIO()
    try:
        book = OOXMLFile(io.BytesIO(content))
        if book.type != "agile" or book.info["spinValue"] > MOST_ROUNDS:
            return None
        book.load_key(password=password, verify_password=True)
        book.decrypt(out)
    except _UNREADABLE:
        return None
    return out.getvalue()
