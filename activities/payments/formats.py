"""The formats of the bank's files: one table of them, and which one a file is in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from activities.payments.camt import read_camt
from activities.payments.ocr import read_ocr
from activities.payments.transactions import BankTransaction, Faults, FileRefused

MAX_BYTES = 64 * 2**20
"""400,000 payments of OCR giro in one file. One is kept whole, and read whole into memory."""

_TWO_BYTES = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, in which XML may be."""

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "zstd",
}


@dataclass(frozen=True)
class Format:
    """A format of the bank's files.

    Attributes:
        name: what reports call it; it never changes.
        title: what the bank and the operators call it.
        mark: for people: what a file of it is known by.
        encoding: what to ask the bank for.
        sniff: tells by the first bytes, spaces and marks aside, whether a file is in it.
        read: yields the transactions in the bank's order, given the content, our account and the
            business date; what is wrong goes to the faults.
    """

    name: str
    title: str
    mark: str
    encoding: str
    sniff: Callable[[bytes], bool]
    read: Callable[[bytes, str, date, Faults], Iterator[BankTransaction]]


READERS = (
    Format(
        name="ocr",
        title="OCR giro",
        mark="lines that begin with NY",
        encoding="ISO-8859-1 (OCR giro)",
        # Some transfers put a line of their own in front.
        sniff=lambda start: start.startswith(b"NY") or b"\nNY000010" in start,
        read=read_ocr,
    ),
    Format(
        name="camt",
        title="camt.054 or camt.053",
        mark="XML",
        encoding="UTF-8 (XML)",
        sniff=lambda start: start.startswith(b"<"),
        read=read_camt,
    ),
)
"""All formats that are read; the first that knows a file takes it."""


def format_of(content: bytes, faults: Faults) -> Format:
    """Return the format of a file.

    Raises:
        FileRefused: it can't be read at all, or is in none of ``READERS``.
    """
    content = content.rstrip(b"\0")
    start = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.startswith(_TWO_BYTES):
        start = content[:1024].decode("utf-16", errors="replace").lstrip().encode()
    found = next((reader for reader in READERS if reader.sniff(start)), None)
    is_xml = content.startswith(_TWO_BYTES) and found is not None and start.startswith(b"<")
    unreadable = None if is_xml and len(content) <= MAX_BYTES else _unreadable(content)
    if found is not None and unreadable is None:
        return found
    known = " nor ".join(f"{reader.title} ({reader.mark})" for reader in READERS)
    faults.add("", unreadable or f"it is neither {known}")
    raise FileRefused(faults)


def _unreadable(content: bytes) -> str | None:
    """Return why a file can't be read at all, whatever its format, or None."""
    if not content.strip():
        return "it is empty: ask the bank to send it again"
    if len(content) > MAX_BYTES:
        return f"it has more than {MAX_BYTES // 2**20} MB: ask the bank to split it"
    for magic, packed in _PACKED.items():
        if content.startswith(magic):
            return f"it is packed ({packed}): unpack it and send what is inside"
    if content.startswith(_TWO_BYTES) or b"\0" in content:
        wanted = " or ".join(reader.encoding for reader in READERS)
        return f"it holds NUL bytes, as UTF-16 does: ask for {wanted}"
    return None
