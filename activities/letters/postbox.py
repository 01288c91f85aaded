"""The mail server, over one connection for all letters of an order."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

import aiosmtplib

from activities.letters.errors import (
    AddressRefused,
    Later,
    LetterError,
    NotTaken,
    Uncertain,
    Unreachable,
)
from activities.letters.mail import Mail, ascii_domain
from activities.letters.replies import Part, Remedy, Reply, enhanced_in, rule_of
from activities.letters.settings import NotificationSettings, Tls

_FAILURES = (aiosmtplib.SMTPException, OSError, TimeoutError)


class Postbox:
    """Takes mails to the server. Use it as an async context manager.

    Attributes:
        mails: how many it was to hand over so far.
    """

    def __init__(self, settings: NotificationSettings) -> None:
        self.mails = 0
        self._seconds = settings.smtp_seconds
        self._answer_seconds = settings.answer_seconds
        self._answer: asyncio.Task[aiosmtplib.SMTPResponse] | None = None
        self._failure: str | None = None
        self._client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password,
            use_tls=settings.tls is Tls.TLS,
            start_tls=settings.tls is Tls.STARTTLS,
            timeout=settings.smtp_seconds,
            # The machine's own name is nobody's business, and looking it up may take seconds.
            local_hostname=ascii_domain(settings.sender.rpartition("@")[2]),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            await self.close()
        elif self._client.is_connected:
            self.drop()

    async def close(self) -> None:
        """Take leave of the server, if it is there."""
        if self._client.is_connected:
            try:
                await self._client.quit()
            except (aiosmtplib.SMTPException, OSError):
                self._client.close()

    @property
    def in_order(self) -> bool:
        """Whether the server is there and nothing is under way: others may go on with it."""
        return self._client.is_connected and self._answer is None

    async def answers(self) -> bool:
        """Tell whether the server is there still, which only asking it shows."""
        if not self.in_order:
            return False
        try:
            async with asyncio.timeout(self._seconds):
                await self._client.rset()
        except _FAILURES:
            return False
        return True

    async def open(self) -> None:
        """Connect unless that has been done; one failure holds for the whole order.

        Raises:
            Unreachable: the server does not answer, or does not let us in.
        """
        if self._failure is not None:
            raise Unreachable(self._failure)
        if self._client.is_connected:
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._client.connect()
        except _FAILURES as error:
            self._failure = f"the mail server can't be reached ({_what(error)})"
        if self._failure is not None:
            self._client.close()
            raise Unreachable(self._failure)

    async def post(self, mail: Mail) -> None:
        """Hand one mail to the server; when this returns, the server has taken it.

        Raises:
            LetterError: as ``hand_over`` and ``answer`` say.
        """
        await self.hand_over(mail)
        await self.answer()

    async def hand_over(self, mail: Mail) -> None:
        """Give the server all of a mail, to the last byte; ``answer`` tells what it says to it.

        Raises:
            AddressRefused: the address takes no mail.
            NotTaken: the server did not take it this time, and certainly has not got it.
        """
        self.mails += 1
        failure = await self._hand_over(mail)
        # Raised out here, without a cause: the library's errors repeat the address.
        if failure is not None:
            raise failure

    async def answer(self) -> None:
        """Wait for the answer to a mail that was handed over: returning means that it is taken.

        Raises:
            AddressRefused, NotTaken: it is not.
            Uncertain: no answer came; it may be.
        """
        failure = await self._answered()
        if failure is not None:
            raise failure

    async def _hand_over(self, mail: Mail) -> LetterError | None:
        part = Part.SENDER
        encoding = "utf-8" if mail.utf8 else "ascii"
        try:
            async with asyncio.timeout(self._seconds):
                options = await self._options(mail)
                await self._client.mail(mail.sender, options=options, encoding=encoding)
                part = Part.RECIPIENT
                await self._client.rcpt(mail.recipient, encoding=encoding)
                part = Part.CONTENT
                await self._send_content(mail.content)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset()
            return failure_of(_reply(error, part))
        except aiosmtplib.SMTPNotSupported:
            return AddressRefused("the mail server can't write to an address with such letters")
        except ValueError:
            return AddressRefused("the address is not one")
        except _FAILURES as error:
            # Without its last line a mail is none.
            self.drop()
            return NotTaken(f"the connection broke ({type(error).__name__})")
        return None

    async def _options(self, mail: Mail) -> list[str]:
        """Return what the server must know of a mail before it comes."""
        options = []
        if self._client.supports_extension("size"):
            options.append(f"SIZE={len(mail.content)}")
        if mail.utf8:
            if not self._client.supports_extension("smtputf8"):
                raise aiosmtplib.SMTPNotSupported("SMTPUTF8")
            options.append("SMTPUTF8")
        return options

    async def _send_content(self, content: bytes) -> None:
        """Send a mail's content, and see it out of the house; the answer is waited for later.

        The library would do both in one, and whether a mail was cut off before its last line, and
        so certainly is not taken, could not be told.
        """
        begin = await self._client.execute_command(b"DATA")
        if begin.code != aiosmtplib.SMTPStatus.start_input:
            raise aiosmtplib.SMTPDataError(begin.code, begin.message)
        protocol, transport = self._client.protocol, self._client.transport
        if protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self._answer = asyncio.create_task(protocol.read_response(self._answer_seconds))
        await asyncio.sleep(0)  # it must listen before anything can be answered
        protocol.write(stuffed(content) + b".\r\n")
        while transport.get_write_buffer_size() > 0:
            if self._answer.done():
                self._answer.result()  # it broke off
            await asyncio.sleep(0.01)

    async def _answered(self) -> LetterError | None:
        assert self._answer is not None, "nothing was handed over"
        answer, self._answer = self._answer, None
        try:
            response = await answer
        except _FAILURES as error:
            self._client.close()
            return Uncertain(f"no answer came ({type(error).__name__})")
        if response.code == aiosmtplib.SMTPStatus.completed:
            return None
        if response.code == aiosmtplib.SMTPStatus.domain_unavailable:
            self._client.close()
        said = aiosmtplib.SMTPDataError(response.code, response.message)
        return failure_of(_reply(said, Part.CONTENT))

    async def _reset(self) -> None:
        """Have the server forget an envelope, so that the next letter begins anew."""
        if self._client.is_connected:
            with suppress(*_FAILURES):
                await self._client.rset()

    def drop(self) -> None:
        """Break off: what was begun is not to arrive."""
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None
        transport = self._client.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # closing would first send what still lies in the buffer
        self._client.close()


def stuffed(content: bytes) -> bytes:
    """Return a mail with each line's first dot doubled, as it goes out. Source: RFC 5321, 4.5.2."""
    return (b"\n" + content).replace(b"\n.", b"\n..")[1:]


def failure_of(reply: Reply) -> AddressRefused | NotTaken:
    """Return what an answer that is a refusal means."""
    match rule_of(reply).fate:
        case Remedy.ADDRESS:
            return AddressRefused(f"refused ({reply})")
        case Remedy.LATER:
            return Later(f"not taken ({reply})")
        case Remedy.OURS:
            return NotTaken(f"not taken ({reply})")


def _reply(error: aiosmtplib.SMTPResponseException, part: Part) -> Reply:
    return Reply(error.code, enhanced_in(str(error.message)), part)


def _what(error: Exception) -> str:
    """Return what went wrong without the server's own words."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return str(_reply(error, Part.CONNECTION))
    return type(error).__name__
