"""A real SMTP server on loopback that a test can make difficult."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


def all_said(mail: EmailMessage) -> str:
    """Return what a mail says: its headers, names of files and texts, and no file's bytes.

    As it travels a text may be encoded, and the bytes of a file, which are random where it is
    locked, may spell anything.
    """
    heads = [f"{name}: {value}" for part in mail.walk() for name, value in part.items()]
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*heads, *texts])


@dataclass(frozen=True)
class Received:
    """A mail as it came in: the envelope's recipient, and the bytes."""

    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def text(self, kind: str = "plain") -> str:
        """The body of one kind."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())

    def attachment(self) -> EmailMessage:
        """The one attached file."""
        (part,) = self.message.iter_attachments()
        assert isinstance(part, EmailMessage)
        return part


@dataclass
class MailServer:
    """Keeps what it takes.

    Attributes:
        answers: what to say to the next recipients instead of "250 OK".
        data_answers: what to say to the next mails instead of "250 OK"; they are not kept.
        on_recipient: called when a recipient has been named, before the sender hears of it.
        on_mail: called when a mail has been kept, before the sender hears of it.
        silent: mails that are kept without an answer, by breaking the connection.
        sessions: how many connections there have been.
    """

    port: int = 0
    mails: list[Received] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    on_recipient: Callable[[], Awaitable[None]] | None = None
    on_mail: Callable[[], Awaitable[None]] | None = None
    silent: int = 0
    sessions: int = 0

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        """Count a connection."""
        del server, envelope
        session.host_name = hostname
        self.sessions += 1
        return lines

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer a recipient."""
        del server, session, options
        if self.on_recipient is not None:
            await self.on_recipient()
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        del session
        if self.data_answers:
            return self.data_answers.pop(0)
        content = envelope.original_content
        assert content is not None
        self.mails.append(Received(envelope.rcpt_tos[0], content))
        if self.on_mail is not None:
            await self.on_mail()
        if self.silent and isinstance(server.transport, asyncio.WriteTransport):
            self.silent -= 1
            server.transport.abort()
        return "250 OK"

    def to(self, recipient: str) -> list[Received]:
        """What came for one address."""
        return [mail for mail in self.mails if mail.recipient == recipient]


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """Run a mail server until the block is left."""
    handler = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="mail.example", enable_SMTPUTF8=True, loop=loop),
        host="127.0.0.1",
        port=0,
    )
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        server.close()
