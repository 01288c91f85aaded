"""The local mail sink as a part of the stack: keeps every mail as a file and delivers none."""

import asyncio
import sys
from pathlib import Path

from workers.stack.parts import Command, Part
from workers.stack.ports import HOST, free_port


class MailSink(Part):
    """A mail server for one machine, with a page that shows what arrived.

    Args:
        mail_dir: Where each mail is kept as an .eml file, one per Message-ID.
        log_file: Where the sink writes its log.
        smtp_port: Where it takes mail, on 127.0.0.1; a free port when left out.
        page_port: Where it shows them; a free port when left out.
    """

    def __init__(
        self,
        mail_dir: Path,
        log_file: Path,
        *,
        smtp_port: int | None = None,
        page_port: int | None = None,
    ) -> None:
        super().__init__("mail sink", log_file)
        self.mail_dir = mail_dir.absolute()
        self.smtp_port = smtp_port or free_port()
        self.page_port = page_port or free_port()
        self.url = f"http://{HOST}:{self.page_port}"

    async def prepare(self) -> Command:
        """Make the folder of the mails and say how to run the sink."""
        self.mail_dir.mkdir(parents=True, exist_ok=True)
        arguments = (str(self.mail_dir), str(self.smtp_port), str(self.page_port))
        return Command((sys.executable, "-P", "-m", "workers.stack.mail_process", *arguments))

    async def answers(self) -> bool:
        """Whether it takes mail and shows its page."""
        return await _listens(self.smtp_port) and await _listens(self.page_port)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
