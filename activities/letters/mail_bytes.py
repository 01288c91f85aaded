"""The bytes of a mail, as the library would write them, at a tenth of its price.

The library parses and folds forty headers and wraps a PDF line by line, anew for each mail. What
is the same from mail to mail is asked of it once; ``tests/letters/test_mail.py`` compares the two.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.quoprimime import body_encode
from functools import lru_cache

_WIDTH = SMTP.max_line_length or 0
_BASE64_WIDTH = _WIDTH // 4 * 4

_END = b"\r\n"

# What needs neither folding nor quoting, as nearly all addresses and all references do not.
_PLAIN = re.compile(r"<?[\w+-]+(\.[\w+-]+)*(@[\w-]+(\.[\w-]+)*)?>?", re.ASCII)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter."""

    filename: str
    maintype: str
    subtype: str
    content: bytes


def header(name: str, value: str, *, utf8: bool, address: bool = False, shown: str = "") -> bytes:
    """Return a header's lines.

    Args:
        name: of the header.
        value: unfolded.
        utf8: the mail server takes headers in UTF-8.
        address: it is one plain address, and is refused if it is not.
        shown: the name that stands before an address.

    Raises:
        ValueError, email.errors.MessageError: it can't be a header.
    """
    line = f"{name}: {value}"
    if not shown and len(line) <= _WIDTH and _PLAIN.fullmatch(value):
        return line.encode() + _END
    return _folded(name, value, utf8, address, shown)


@lru_cache(maxsize=1024)
def _folded(name: str, value: str, utf8: bool, address: bool, shown: str) -> bytes:
    policy = SMTPUTF8 if utf8 else SMTP
    known: str | Address = Address(shown, addr_spec=value) if address else value
    return policy.fold_binary(*policy.header_store_parse(name, known))


def body(
    plain: str, html: str, attachments: Sequence[Attachment], reference: str, *, utf8: bool
) -> bytes:
    """Return all that follows a mail's own headers.

    Args:
        plain, html: the same words.
        attachments: in the order they are shown.
        reference: opaque; what the parts are told apart by.
        utf8: the mail server takes headers in UTF-8.
    """
    texts = (_text("plain", plain), _text("html", html))
    if not attachments:
        return b"MIME-Version: 1.0\r\n" + _together("alternative", texts, f"={reference}=0")
    files = (_file(each, utf8=utf8) for each in attachments)
    parts = (_together("alternative", texts, f"={reference}=1"), *files)
    return b"MIME-Version: 1.0\r\n" + _together("mixed", parts, f"={reference}=0")


def _together(kind: str, parts: Sequence[bytes], boundary: str) -> bytes:
    line = f'Content-Type: multipart/{kind}; boundary="{boundary}"'
    if len(line) > _WIDTH:
        line = line.replace("; ", ";\r\n ", 1)
    between = f"\r\n--{boundary}"
    opening = f"{line}\r\n{between}\r\n".encode()
    return opening + f"{between}\r\n".encode().join(parts) + f"{between}--\r\n".encode()


def _text(subtype: str, said: str) -> bytes:
    lines = b"\n".join(said.encode().splitlines()) + b"\n"
    encoded = body_encode(lines.decode("latin-1"), _WIDTH, "\r\n").encode()
    return _text_head(subtype) + encoded


@lru_cache
def _text_head(subtype: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
    head += "Content-Transfer-Encoding: quoted-printable\r\n"
    # The library says so of all parts but the first.
    return (head + ("" if subtype == "plain" else "MIME-Version: 1.0\r\n") + "\r\n").encode()


def _file(attachment: Attachment, *, utf8: bool) -> bytes:
    head = _file_head(attachment.filename, attachment.maintype, attachment.subtype, utf8)
    encoded = b64encode(attachment.content)
    lines = range(0, len(encoded), _BASE64_WIDTH)
    return head + b"".join(encoded[first : first + _BASE64_WIDTH] + _END for first in lines)


@lru_cache
def _file_head(filename: str, maintype: str, subtype: str, utf8: bool) -> bytes:
    part = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    part.set_content(
        b"",
        maintype=maintype,
        subtype=subtype,
        disposition="attachment",
        filename=filename,
        params={"charset": "utf-8"} if maintype == "text" else None,
    )
    return bytes(part).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
