"""Where letters are written: in a thread, or, for a mailing, in processes of their own.

Jinja and Typst keep a core busy. In a thread they hold up every dialogue with the mail server and
the database; a process has its own templates and fonts, and keeps them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TypeVar

from activities.letters.cases import LetterContext, OpenLetter
from activities.letters.compose import Money, compose
from activities.letters.errors import NotTaken
from activities.letters.mail import Mail
from activities.letters.recipients import Recipient
from activities.letters.settings import NotificationSettings
from activities.shared.processes import own_processes

Done = TypeVar("Done")

Write = Callable[
    [OpenLetter, LetterContext, Recipient, Money, NotificationSettings],
    Awaitable[tuple[Mail, int]],
]
"""What ``compose`` does, awaited."""


async def write_in_thread(
    letter: OpenLetter,
    case: LetterContext,
    recipient: Recipient,
    money: Money,
    settings: NotificationSettings,
) -> tuple[Mail, int]:
    """Write a letter as ``compose`` does; the loop goes on meanwhile."""
    return await asyncio.to_thread(compose, letter, case, recipient, money, settings)


class Writers:
    """Processes that write letters; none is started before there is a letter to write."""

    def __init__(self) -> None:
        self._processes: ProcessPoolExecutor | None = None

    async def write(
        self,
        letter: OpenLetter,
        case: LetterContext,
        recipient: Recipient,
        money: Money,
        settings: NotificationSettings,
    ) -> tuple[Mail, int]:
        """Write a letter as ``compose`` does.

        Raises:
            NotWritten: as ``compose`` says.
            NotTaken: the process was ended in the middle; new ones write what comes next.
        """
        # They need not know how to get into the mail server.
        known = replace(settings, username=None, password=None)
        return await self.run(compose, letter, case, recipient, money, known)

    async def run(self, work: Callable[..., Done], *arguments: object) -> Done:
        """Have one of the processes do something.

        Raises:
            NotTaken: it was ended in the middle.
        """
        if self._processes is None:
            self._processes = own_processes()
        processes = self._processes
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(processes, work, *arguments)
        except BrokenProcessPool:
            if self._processes is processes:
                self.close()
        raise NotTaken("the process that wrote it was ended")

    def close(self) -> None:
        """End the processes once they have written what they were given."""
        if self._processes is not None:
            self._processes.shutdown(wait=False)
            self._processes = None
