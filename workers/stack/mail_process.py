"""The process behind `MailSink`: `python -m workers.stack.mail_process DIR SMTP_PORT PAGE_PORT`."""

import asyncio
import logging
import signal
import sys
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from workers.logging import LogFormat, configure_logging
from workers.stack.mail_page import mail_page
from workers.stack.mailbox import Mailbox
from workers.stack.ports import HOST

LARGEST_MAIL_BYTES = 25 * 1024 * 1024

log = structlog.stdlib.get_logger("mail")


class Keeper:
    """Takes every mail for everybody and keeps it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by the name of the SMTP command
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail; only then is it acknowledged."""
        content = envelope.content or b""
        name = self._mailbox.keep(content.encode() if isinstance(content, str) else content)
        log.info("mail.kept", file=name)
        return "250 Kept"


async def serve(mail_dir: Path, smtp_port: int, page_port: int) -> None:
    """Take mail and show it until SIGTERM or SIGINT.

    Args:
        mail_dir: The folder of the mails.
        smtp_port: Where mail is taken, on 127.0.0.1.
        page_port: Where the page is served.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    mailbox = Mailbox(mail_dir)
    session = partial(
        SMTP, Keeper(mailbox), enable_SMTPUTF8=True, data_size_limit=LARGEST_MAIL_BYTES, loop=loop
    )
    smtp = await loop.create_server(session, HOST, smtp_port)
    runner = web.AppRunner(mail_page(mailbox), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, page_port).start()
    await stopping.wait()
    smtp.close()
    await runner.cleanup()


if __name__ == "__main__":
    configure_logging(LogFormat.JSON)
    # The library logs every line of every dialogue, addresses included.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
