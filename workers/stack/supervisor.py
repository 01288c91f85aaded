"""Keeps the parts of the stack running: what dies is started again, after a growing pause."""

import asyncio
import time
from collections.abc import Callable

from workers.stack.parts import Part, PartFailedError, last_lines

FIRST_PAUSE_SECONDS = 0.2
MAX_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""What ran this long and then dies starts again after the first pause."""
DEATHS_BEFORE_LOG = 3
"""After so many deaths in a row, and every tenth after that, the end of the log is shown."""

Report = Callable[[str], None]
"""Takes a line for the person who watches the stack."""


class Supervisor:
    """Watches parts and starts them again until it is stopped.

    Args:
        report: Told of every death and return.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._watchers: dict[Part, asyncio.Task[None]] = {}

    async def watch(self, *parts: Part) -> None:
        """Keep parts running from now on, starting those that are not; return when all answer."""
        first_answers = []
        for part in parts:
            answered = asyncio.Event()
            self._watchers[part] = asyncio.create_task(self._keep(part, answered))
            first_answers.append(answered.wait())
        await asyncio.gather(*first_answers)

    async def stop(self, *parts: Part) -> None:
        """Stop parts, all at once, and watch them no longer."""
        watchers = [self._watchers.pop(part) for part in parts if part in self._watchers]
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        await asyncio.gather(*(part.stop() for part in parts))

    async def _keep(self, part: Part, answered: asyncio.Event) -> None:
        deaths = 0
        while True:
            began = time.monotonic()
            end = await self._one_run(part, answered, deaths)
            deaths = 1 if time.monotonic() - began > STEADY_SECONDS else deaths + 1
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (deaths - 1), MAX_PAUSE_SECONDS)
            self._report(f"{end}; starting it again in {pause:.1f} s")
            if deaths == DEATHS_BEFORE_LOG or deaths % 10 == 0:
                self._report(f"{part.log_file} ends with:\n{last_lines(part.log_file)}")
            await asyncio.sleep(pause)

    async def _one_run(self, part: Part, answered: asyncio.Event, deaths: int) -> str:
        """Start a part unless it runs, wait for its end, and say how it ended."""
        try:
            if part.process is None or part.process.returncode is not None:
                await part.start()
        except PartFailedError as error:
            return error.what
        answered.set()
        if deaths:
            self._report(f"{part.name} is back")
        # A part that has started has a process.
        code = await part.process.wait() if part.process else 0
        return (
            f"{part.name} was killed by signal {-code}"
            if code < 0
            else (f"{part.name} ended with exit code {code}")
        )
