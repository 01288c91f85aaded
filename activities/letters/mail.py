"""A mail as bytes that depend on nothing but the letter: no clock, no random boundary."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

import idna

from activities.letters.render import Text
from schemas.shared.calendar import OSLO, oslo_date, start_of
from schemas.shared.vocabulary import Language


class _Headers(HeaderRegistry):
    """Makes the class of a header once, where the library does for each of a mail's forty."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = super().__getitem__(name)
        return self._made[name]


_POLICY = SMTP.clone(header_factory=_Headers())
_POLICY_UTF8 = SMTPUTF8.clone(header_factory=_Headers())


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter."""

    filename: str
    maintype: str
    subtype: str
    content: bytes


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
    language: Language,
    *,
    sender: str,
    reply_to: str,
    recipient: str,
    reference: str,
    at: datetime,
    attachments: tuple[Attachment, ...] = (),
    repeats: str | None = None,
) -> Mail:
    """Return a letter as a mail.

    Args:
        text: what it says.
        language: what it is written in.
        sender, reply_to, recipient: addresses.
        reference: opaque; becomes the left part of the Message-ID.
        at: the Date header; aware.
        attachments: in the order they are shown.
        repeats: the reference of the letter that is sent again by this one.

    Raises:
        ValueError: an address is not one.
    """
    to = _ascii_domain(recipient)
    utf8 = not to.isascii()
    message = EmailMessage(policy=_POLICY_UTF8 if utf8 else _POLICY)
    message["From"] = Address(addr_spec=_ascii_domain(sender))
    message["To"] = to if utf8 else Address(addr_spec=to)
    message["Reply-To"] = Address(addr_spec=_ascii_domain(reply_to))
    message["Subject"] = text.subject
    message["Date"] = format_datetime(at.astimezone(OSLO))
    message["Message-ID"] = f"<{reference}@{_ascii_domain(sender).rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    # Some servers answer "out of office" unless told not to.
    message["X-Auto-Response-Suppress"] = "All"
    # Some relays put a Message-ID of their own; this one stays.
    message["X-Reference"] = repeats or reference
    message["Content-Language"] = str(language)
    message.set_content(text.plain, cte="quoted-printable")
    message.add_alternative(text.html, subtype="html", cte="quoted-printable")
    for each in attachments:
        message.add_attachment(
            each.content,
            maintype=each.maintype,
            subtype=each.subtype,
            filename=each.filename,
            params={"charset": "utf-8"} if each.maintype == "text" else None,
        )
    parts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(parts):
        part.set_boundary(f"={reference}={number}")
    return Mail(sender=_ascii_domain(sender), recipient=to, content=bytes(message), utf8=utf8)


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
