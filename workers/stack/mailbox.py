"""A folder of mails: one .eml file per Message-ID, read back for people to look at."""

import email
import email.policy
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}")

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    number: int
    """Its place among the mail's attachments, from 0."""
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A mail as a person reads it."""

    name: str
    """The name of its file, without .eml."""
    received_at: datetime
    message: EmailMessage

    def header(self, name: str) -> str:
        """A header's text; empty when the mail has none of that name."""
        return str(self.message.get(name, ""))

    def body(self, kind: str) -> str | None:
        """The text of one kind, `plain` or `html`; None when the mail has none."""
        part = self.message.get_body(preferencelist=(kind,))
        return None if part is None else str(part.get_content())

    def attachments(self) -> list[Attachment]:
        """The attached files, in their order."""
        return [
            Attachment(
                number,
                part.get_filename() or f"attachment-{number + 1}",
                part.get_content_type(),
                _bytes(part),
            )
            for number, part in enumerate(self.message.iter_attachments())
        ]


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


class Mailbox:
    """The mails in a folder. Every write is whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep a mail exactly as it came.

        The file's name is derived from the Message-ID, so a mail that is delivered again takes its
        own place instead of appearing twice. A mail without one is known by its content.

        Args:
            content: The mail, headers and body.

        Returns:
            The name of its file, without .eml.
        """
        headers = BytesHeaderParser().parsebytes(_END_OF_HEADERS.split(content, maxsplit=1)[0])
        identity = str(headers.get("Message-ID", "")).strip().encode() or content
        name = hashlib.sha256(identity).hexdigest()[:32]
        handle, draft = tempfile.mkstemp(dir=self._folder, prefix=".incoming-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(draft).replace(self._folder / f"{name}.eml")
        return name

    def newest_first(self) -> list[Mail]:
        """All mails, the one that arrived last first."""
        mails = [self._read(path) for path in self._folder.glob("*.eml")]
        return sorted(mails, key=lambda mail: mail.received_at, reverse=True)

    def find(self, name: str) -> Mail | None:
        """The mail of that name; None when there is none."""
        path = self._folder / f"{name}.eml"
        return self._read(path) if _NAME.fullmatch(name) and path.exists() else None

    def _read(self, path: Path) -> Mail:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        received_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Mail(path.stem, received_at, message)
