"""XML of a bank as transfers and other programs leave it: what is around it, and its letters."""

import re

_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""", re.IGNORECASE
)
_AROUND = b" \t\r\n\0\x1a"
_LATIN = frozenset({"ISO-8859-1", "ISO-8859-15", "WINDOWS-1252"})
"""What files of UTF-8 call themselves as well; a text of letters beyond ASCII is hardly both."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def without_surroundings(content: bytes) -> bytes:
    """Return a document without blanks, marks and ends of files around it: XML takes none."""
    if content.startswith(_UTF_16):
        return content
    return content.removeprefix(b"\xef\xbb\xbf").strip(_AROUND)


def mended_encoding(content: bytes) -> str | None:
    """Return the encoding of a document that is not in the one it declares; None: it is.

    Args:
        content: without its surroundings.
    """
    if content.startswith(_UTF_16):
        return None
    declared = _DECLARED.match(content)
    name = declared[1].decode().upper() if declared else "UTF-8"
    if name.startswith("UTF-16"):
        return "UTF-8"
    if name in _LATIN:
        return "UTF-8" if not content.isascii() and _is_utf_8(content) else None
    if name not in {"UTF-8", "UTF8", "US-ASCII", "ASCII"}:
        return None
    if not _is_utf_8(content):
        return "windows-1252"
    return None if name == "UTF-8" else "UTF-8"


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
