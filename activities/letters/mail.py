"""A mail as bytes that depend on nothing but the letter: no clock, no random boundary."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from functools import lru_cache

import idna

from activities.letters.mail_bytes import Attachment, body, header
from activities.letters.render import Text
from schemas.shared.calendar import OSLO, oslo_date, start_of

_ADDRESSES = frozenset({"From", "To", "Reply-To"})


@dataclass(frozen=True)
class Mail:
    """A mail ready to send.

    Attributes:
        utf8: the address itself is not ASCII, so the mail server must know SMTPUTF8.
    """

    sender: str
    recipient: str
    content: bytes
    utf8: bool


def make_mail(
    text: Text,
    *,
    sender: str,
    reply_to: str,
    recipient: str,
    reference: str,
    at: datetime,
    attachments: tuple[Attachment, ...] = (),
    repeats: str | None = None,
    shown: str = "",
) -> Mail:
    """Return a letter as a mail.

    Args:
        text: what it says.
        sender, reply_to, recipient: addresses.
        reference: opaque; becomes the left part of the Message-ID.
        at: the Date header; aware.
        attachments: in the order they are shown.
        repeats: the reference of the letter that is sent again by this one.
        shown: the name that mail readers show as the sender.

    Raises:
        ValueError: an address is not one.
    """
    to = _ascii_domain(recipient)
    utf8 = not to.isascii()
    headers = (
        ("From", _ascii_domain(sender)),
        ("To", to),
        ("Reply-To", _ascii_domain(reply_to)),
        ("Subject", text.subject),
        ("Date", format_datetime(at.astimezone(OSLO))),
        ("Message-ID", f"<{reference}@{_ascii_domain(sender).rpartition('@')[2]}>"),
        ("Auto-Submitted", "auto-generated"),
        # Some servers answer "out of office" unless told not to.
        ("X-Auto-Response-Suppress", "All"),
        # Some relays put a Message-ID of their own; this one stays.
        ("X-Reference", repeats or reference),
    )
    head = b"".join(
        header(
            name,
            value,
            utf8=utf8,
            address=name in _ADDRESSES and value.isascii(),
            shown=shown if name == "From" else "",
        )
        for name, value in headers
    )
    content = head + body(text.plain, text.html, attachments, reference, utf8=utf8)
    return Mail(sender=_ascii_domain(sender), recipient=to, content=content, utf8=utf8)


def dated(sent_on: date | None, decided_at: datetime) -> datetime:
    """Return a letter's Date header: the same for every copy, and never in the future.

    Args:
        sent_on: the day the letter first went out.
        decided_at: the moment of the decision that called for it.

    Returns:
        The moment of the decision if the letter went out that day, else the day's first moment.
    """
    if sent_on is None or oslo_date(decided_at) == sent_on:
        return decided_at.replace(microsecond=0)
    return start_of(sent_on)


@lru_cache(maxsize=1024)
def ascii_domain(domain: str) -> str:
    """Return a domain as it is looked up.

    Raises:
        ValueError: it is not a domain.
    """
    return idna.encode(domain, uts46=True, transitional=False).decode("ascii")


_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@\x00-\x1f]+@[^\s<>,;:\"()\[\]\\@\x00-\x1f]+")


def _ascii_domain(address: str) -> str:
    """Return an address with its domain as mail servers know it: æ.example as xn--6ca.example.

    By IDNA 2008: straße.example and strasse.example are two domains, and may be two owners'.

    Raises:
        ValueError: it is not one plain address.
    """
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not an e-mail address")
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"
