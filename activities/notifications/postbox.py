"""The mail server, over one connection for all letters of an order."""

import asyncio
import re
from types import TracebackType
from typing import Self

import aiosmtplib

from activities.notifications.errors import NotTaken, Refused, Uncertain, Unreachable
from activities.notifications.mail import Mail, ascii_domain
from activities.notifications.settings import NotificationSettings, Tls

_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")

_ABOUT_US = frozenset({530, 534, 535, 538})
"""The server wants credentials or encryption from us: no fault of the letter (RFC 4954)."""


class Postbox:
    """Takes mails to the server. Use it as an async context manager."""

    def __init__(self, settings: NotificationSettings) -> None:
        self._seconds = settings.smtp_seconds
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
        if not self._client.is_connected:
            return
        if kind is None:
            try:
                await self._client.quit()
            except (aiosmtplib.SMTPException, OSError):
                self._client.close()
        else:
            self._client.close()

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
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._failure = f"the mail server can't be reached ({_what(error)})"
        if self._failure is not None:
            self._client.close()
            raise Unreachable(self._failure)

    async def post(self, mail: Mail) -> None:
        """Hand one mail to the server; when this returns, the server has taken it.

        Raises:
            Refused: it will never take it for this recipient.
            NotTaken: it did not take it this time.
            Uncertain: it may or may not have taken it.
        """
        failure = await self._post(mail)
        # Raised out here, without a cause: the library's errors repeat the address.
        if failure is not None:
            raise failure

    async def _post(self, mail: Mail) -> Refused | NotTaken | Uncertain | None:
        options = ["SMTPUTF8"] if mail.utf8 else []
        try:
            async with asyncio.timeout(self._seconds):
                await self._client.sendmail(
                    mail.sender, mail.recipient, mail.content, mail_options=options
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _answered(error.recipients[0], final=True)
        except aiosmtplib.SMTPDataError as error:
            return _answered(error, final=True)
        except aiosmtplib.SMTPResponseException as error:
            return _answered(error, final=False)
        except aiosmtplib.SMTPNotSupported:
            return Refused("the mail server can't write to an address with such letters")
        except ValueError:
            return Refused("the address is not one")
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            return Uncertain(f"the connection broke ({_what(error)})")
        return None


def _answered(error: aiosmtplib.SMTPResponseException, *, final: bool) -> Refused | NotTaken:
    """Return what an answer means; ``final``: it is about this letter, not about us."""
    if final and error.code >= 500 and error.code not in _ABOUT_US:
        return Refused(f"refused ({_what(error)})")
    return NotTaken(f"not taken ({_what(error)})")


def _what(error: Exception) -> str:
    """Return what went wrong without the server's own words, which may repeat the address."""
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        return type(error).__name__
    enhanced = _ENHANCED.search(str(error.message))
    return f"{error.code} {enhanced.group()}" if enhanced else str(error.code)
