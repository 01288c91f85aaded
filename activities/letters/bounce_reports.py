"""Mails that tell what became of a mail: delivery status notifications, read without trust.

Source: RFC 3464 (the report), RFC 3462 (its envelope), RFC 3834 (automatic answers); and what
servers send that know none of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import StrEnum

from activities.letters.replies import Part, Reply, enhanced_in

REFERENCE = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-f])")
"""What a letter of ours is known by: the left part of its Message-ID, and its X-Reference."""

_NAMED = re.compile(rb"(?im)^[ >|]*(?:message-id:\s*<|x-reference:\s*)([0-9a-f]{32,40})\b")
_SMTP_CODE = re.compile(r"(?<!\d)([45]\d\d)(?=[ \-])")


class DeliveryStatus(StrEnum):
    """What a mail tells. ``nothing``: it is no report, or can't be read as one."""

    FAILED = "failed"
    OTHERWISE = "otherwise"
    ANSWER = "answer"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Report:
    """A mail as it was read.

    Attributes:
        references: letters it may be about, the likeliest first.
        reply: what the last server said, of a failure.
    """

    told: DeliveryStatus
    references: tuple[str, ...] = ()
    reply: Reply | None = None


def read_report(content: bytes) -> Report:
    """Read a mail that came to the sender's mailbox."""
    mail = message_from_bytes(content)
    fields = list(_fields(mail))
    references = _references(mail, content)
    actions = {_text(block, "Action").casefold() for block in fields} - {""}
    if "failed" in actions:
        failed = next(b for b in fields if _text(b, "Action").casefold() == "failed")
        return Report(DeliveryStatus.FAILED, references, _reply(failed))
    if actions:
        return Report(DeliveryStatus.OTHERWISE, references)
    if mail.get("X-Failed-Recipients") is not None:
        # Exim, where it sends no report of the standard's kind.
        return Report(DeliveryStatus.FAILED, references, _reply_in(_plain(mail)))
    # Postfix calls its reports automatic answers, too: one cut short is none for that.
    answers = _text(mail, "Auto-Submitted").casefold().startswith("auto-replied")
    if answers and mail.get_content_type() != "multipart/report":
        return Report(DeliveryStatus.ANSWER, references)
    return Report(DeliveryStatus.NOTHING, references)


def _fields(mail: Message) -> Iterator[Message]:
    """Yield the groups of fields of a report: one about it, one for each recipient."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            yield from (group for group in groups if isinstance(group, Message))


def _references(mail: Message, content: bytes) -> tuple[str, ...]:
    """Return what a report says of the mail it returns: its headers, or what looks like them."""
    found: list[str] = []
    for group in _fields(mail):
        found += REFERENCE.findall(_text(group, "Original-Envelope-Id"))
    for part in mail.walk():
        if part is not mail and part.get_content_type() == "message/rfc822":
            for returned in part.get_payload():
                if isinstance(returned, Message):
                    found += REFERENCE.findall(_text(returned, "Message-ID"))
                    found += REFERENCE.findall(_text(returned, "X-Reference"))
    # Headers alone (text/rfc822-headers), a report cut short, a copy quoted in the text.
    found += [name.decode("ascii") for name in _NAMED.findall(content)]
    return tuple(dict.fromkeys(found))


def _reply(group: Message) -> Reply:
    """Return what the last server said: its own words first, the reporter's status else."""
    said = _text(group, "Diagnostic-Code")
    status = enhanced_in(_text(group, "Status"))
    reply = _reply_in(said)
    vague = status is None or status.endswith(".0.0")
    enhanced = reply.enhanced or (None if vague else status)
    return Reply(reply.code, enhanced, Part.RECIPIENT)


def _reply_in(text: str) -> Reply:
    code = _SMTP_CODE.search(text)
    enhanced = enhanced_in(text)
    # Whoever gives no code has given the letter up all the same.
    return Reply(int(code.group(1)) if code else 550, enhanced, Part.RECIPIENT)


def _plain(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload.decode("utf-8", errors="replace")
    return ""


def _text(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())
