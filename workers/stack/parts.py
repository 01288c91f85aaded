"""A part of the stack: a child process that is started, asked whether it answers, and stopped."""

import abc
import asyncio
import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from workers.errors import UserError
from workers.stack import guard

POLL_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.4
"""A part that takes long is asked less often: asking seven of them was a quarter of a start."""
LAST_LINES = 12

# A child must not be led elsewhere by the settings of whoever starts the stack.
_FOREIGN_PREFIXES = ("TEMPORAL_", "SMTP_")


@dataclass(frozen=True)
class Command:
    """What to run, and as whom."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment."""
    owner: tuple[int, int] | None = None
    """User and group id to drop to; None keeps the own."""
    death_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends the child when this process is gone."""
    guarded: bool = True
    """False when the command arms the death signal itself."""

    def full_argv(self) -> tuple[str, ...]:
        """The command line, with the guard in front where one is needed."""
        if not self.guarded:
            return self.argv
        owner = "{}:{}".format(*self.owner) if self.owner else "-"
        own_pid, death_signal = str(os.getpid()), str(int(self.death_signal))
        prefix = (sys.executable, "-I", "-S", guard.__file__, own_pid, death_signal, owner)
        program = shutil.which(self.argv[0]) or self.argv[0]
        return (*prefix, program, *self.argv[1:])


def child_environment(added: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without other people's connection settings, plus what is added."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN_PREFIXES)}
    # An empty file in place of the user's profiles, which could add credentials or TLS.
    return {**kept, "TEMPORAL_CONFIG_FILE": os.devnull, "PYTHONUNBUFFERED": "1", **added}


async def run(command: Command, *, name: str, log_file: Path, timeout: float = 60) -> None:
    """Run a command that ends by itself.

    Args:
        command: What to run.
        name: What to call it in an error.
        log_file: Where its output is appended.
        timeout: Seconds after which it is ended.

    Raises:
        PartFailedError: When it exits with another code than 0, or not in time.
    """
    process = await _spawn(command, log_file)
    try:
        code = await asyncio.wait_for(process.wait(), timeout)
    except TimeoutError:
        raise PartFailedError(f"{name} took longer than {timeout:.0f} s", log_file) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if code != 0:
        raise PartFailedError(f"{name} failed with exit code {code}", log_file)


class PartFailedError(UserError):
    """A part of the stack did not come up, or a step of its set-up failed.

    Attributes:
        what: The fact, without the log.
        log_tail: The last lines of its log.
        ended: Whether its process ended by itself before it answered.
    """

    def __init__(self, what: str, log_file: Path, *, ended: bool = False) -> None:
        self.what = what
        self.ended = ended
        self.log_tail = last_lines(log_file)
        super().__init__(f"{what}; its log {log_file} ends with:\n{self.log_tail}")


def last_lines(log_file: Path, count: int = LAST_LINES) -> str:
    """The end of a log, for a person who wants to know why something stopped."""
    try:
        with log_file.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 16_384))
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-count:])


class Part(abc.ABC):
    """One child process of the stack. Use it as an async context manager, or under a supervisor."""

    stop_signal = signal.SIGTERM
    stop_seconds = 5.0
    """How long it may take to end after `stop_signal` before it is killed."""
    start_seconds = 30.0
    """How long it may take to answer; where a machine is too busy for that, twice as long next."""
    longest_start_seconds = 480.0

    def __init__(self, name: str, log_file: Path) -> None:
        self.name = name
        self.log_file = log_file
        self.started_at = 0.0
        """When the present process was started, in seconds since 1970."""
        self._patience = self.start_seconds
        self.process: asyncio.subprocess.Process | None = None

    @abc.abstractmethod
    async def prepare(self) -> Command:
        """Mend what a crash may have left, and say what to run. Called before every start."""

    @abc.abstractmethod
    async def answers(self) -> bool:
        """Whether the present process does its work already; never raises for "not yet"."""

    async def start(self) -> None:
        """Start the process and wait until it answers.

        Raises:
            PartFailedError: When it ends, or does not answer in time: within `start_seconds`, or
                twice as long as the last time if it did not then.
        """
        command = await self.prepare()
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self.started_at = time.time()
        self.process = await _spawn(command, self.log_file)
        try:
            await asyncio.wait_for(self._until_it_answers(self.process), self._patience)
        except TimeoutError:
            await self.stop()
            what = f"{self.name} does not answer after {self._patience:.0f} s"
            # Begun anew in the same time it would come no further.
            self._patience = min(self._patience * 2, self.longest_start_seconds)
            raise PartFailedError(what, self.log_file) from None
        except BaseException:
            await self.stop()
            raise
        self._patience = self.start_seconds

    async def _until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        pause = POLL_SECONDS
        while not await self.answers():
            if process.returncode is not None:
                what = f"{self.name} ended with exit code {process.returncode}"
                raise PartFailedError(what, self.log_file, ended=True)
            await asyncio.sleep(pause)
            pause = min(pause * 1.25, LONGEST_PAUSE_SECONDS)

    async def stop(self) -> None:
        """End the process: its stop signal, and SIGKILL when it takes too long. Safe to repeat."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self.stop_seconds)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()


async def _spawn(command: Command, log_file: Path) -> asyncio.subprocess.Process:
    with log_file.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *command.full_argv(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=child_environment(command.env),
            # Ctrl-C reaches the supervisor alone, which then stops its children in order.
            start_new_session=True,
        )
