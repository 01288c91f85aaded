"""`medlemsflyt worker`: one worker process."""

import asyncio
import importlib
import logging
import os
import socket
import time
from typing import Annotated

import typer
from temporalio.service import RPCError

from workers.cli.shared.printing import say
from workers.connecting import connect
from workers.errors import UserError
from workers.logging import configure_logging
from workers.pollers import pollers
from workers.settings import Settings, load_settings
from workers.stack.processes import TASK_QUEUES, WorkerKind
from workers.versions import promote as make_current

CHECK_WINDOW_SECONDS = 120
"""A waiting worker asks again within about a minute."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)


def worker(
    kind: Annotated[WorkerKind, typer.Argument(help="Which kind of work this process does.")],
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Start nothing; say whether such a worker of this machine is at work."
        ),
    ] = False,
    promote: Annotated[
        bool,
        typer.Option(
            "--promote",
            help="Start nothing; give new runs to this build, whose workers are at work already.",
        ),
    ] = False,
) -> None:
    """Run one worker until SIGTERM or Ctrl-C; settings come from the environment."""
    settings = load_settings()
    if check:
        asyncio.run(_check(settings, kind))
        return
    if promote:
        asyncio.run(_promote(settings, kind))
        return
    configure_logging(settings.log_format)
    # Each worker's libraries are loaded only in its own process.
    importlib.import_module(f"workers.{kind}").main(settings)
    # A clean end skips the interpreter's own: threads of Temporal's core that are still finishing
    # would sometimes abort the process there, with a code that looks like a crash.
    logging.shutdown()
    os._exit(0)


async def _promote(settings: Settings, kind: WorkerKind) -> None:
    """Make a build current once its workers are at work.

    Raises:
        UserError: When Temporal does not answer, or no worker of this build was ever seen.
    """
    if kind is not WorkerKind.WORKFLOWS:
        raise UserError("Only workflows workers have builds: `medlemsflyt worker workflows`.")
    try:
        client = await connect(settings)
        await make_current(client, settings.build_id, settings.deployment)
    except RPCError as error:
        raise UserError(
            f"Build {settings.build_id} was not made current: {error.message}. Start its worker "
            "first, or name another build with MEDLEMSFLYT_BUILD_ID."
        ) from error
    except RuntimeError as error:
        raise UserError(f"Temporal does not answer: {error}.") from error
    say(f"New runs are given to build {settings.build_id}.")


async def _check(settings: Settings, kind: WorkerKind) -> None:
    """The health check of containers.

    Raises:
        UserError: When Temporal does not answer, or no such worker of this machine asked for work.
    """
    queue = TASK_QUEUES[kind]
    try:
        client = await connect(settings)
        found = await pollers(client, queue, since=time.time() - CHECK_WINDOW_SECONDS)
    except RuntimeError as error:
        raise UserError(f"Temporal does not answer: {error}.") from error
    here = f"@{socket.gethostname()}"
    if not any(here in poller.identity for poller in found):
        raise UserError(f"No worker of this machine asks {queue} for work: start it.")
