"""The lines of an OCR giro file, as senders, editors and transfers have left them."""

from collections.abc import Iterator

WIDTH = 80
_MARK = b"\xef\xbb\xbf"
_OF_BLANKS = frozenset({"30", "31", "32", "70"})
"""Types of record that blanks fill up: a KID may be missing at their end."""


def lines_of(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield each line that is not empty, with its number, in 80 characters if it can be.

    Whatever ends the lines; without a mark of UTF-8 at the beginning, or Ctrl-Z and NUL at the end.
    """
    start = len(_MARK) if content.startswith(_MARK) else 0
    end = len(content.rstrip(b" \t\r\n\x1a\0"))
    newline = b"\n" if content.find(b"\n", start, end) >= 0 else b"\r"
    if content.find(newline, start, end) < 0:
        yield from _cut(content[start:end])
        return
    number = 0
    while start < end:
        stop = content.find(newline, start, end)
        stop = end if stop < 0 else stop
        number += 1
        if line := content[start:stop].rstrip(b" \t\r\x1a"):
            for record in _apart(line):
                yield number, _whole(record)
        start = stop + 1


def _apart(line: bytes) -> Iterator[bytes]:
    """Yield the records of a line: two where files were joined without an end of line."""
    while len(line) > WIDTH and line[WIDTH : WIDTH + 2] == b"NY":
        yield line[:WIDTH]
        line = line[WIDTH:]
    yield line


def _cut(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that has no ends of lines."""
    for number, start in enumerate(range(0, len(content), WIDTH), start=1):
        yield number, _whole(content[start : start + WIDTH])


def _whole(line: bytes) -> str:
    """Return a line with what was stripped from its end."""
    text = line.decode("iso-8859-1")
    if len(text) > WIDTH:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return text
    if len(text) == WIDTH:
        return text
    return text.ljust(WIDTH, " " if text[6:8] in _OF_BLANKS else "0")
